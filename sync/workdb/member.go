package workdb

import (
	"context"
	"fmt"

	"dirbridge/sync/identity"
)

// memberTables resolve the directory's edges to objects of this plan. "wanted_member" has the members that
// each matched group should have; this plan may add a member's account, which then has no id yet.
//
// An edge whose end is out of scope, or has a problem, or is missing, wants nothing and forbids
// nothing: such a member keeps the memberships that it has.
//
// CROSS JOIN here and below keeps the order of the tables: SQLite's statistics of their sizes are
// older than the rows of people who are only referred to, and with them it would join all people
// with all people.
func memberTables() []string {
	return []string{
		`CREATE INDEX cloud_member_g ON cloud_member(gid, mid)`,
		`CREATE TABLE link(src TEXT, dst TEXT, kind TEXT)`,
		// A DN of its own directory before the same DN of another one.
		`UPDATE edge SET to_anchor=coalesce((SELECT x.anchor FROM entry x
			WHERE x.dnf=edge.to_dnf AND x.dir=edge.dir), '') WHERE to_anchor='' AND to_dnf<>''`,
		`UPDATE edge SET to_anchor=coalesce((SELECT min(x.anchor) FROM entry x WHERE x.dnf=edge.to_dnf), '')
			WHERE to_anchor='' AND to_dnf<>''`,
		`INSERT INTO link SELECT DISTINCT e.src, t.anchor, t.kind FROM edge e CROSS JOIN entry t ON t.anchor=e.to_anchor
			WHERE e.kind='member' AND e.to_anchor<>''`,
		`CREATE INDEX link_src ON link(src)`,
	}
}

const wantKeep = `CREATE TABLE wanted_member AS SELECT DISTINCT l.src AS g, g.id AS gid, l.dst AS m, c.id AS mid,
	l.kind AS mkind
FROM link l CROSS JOIN matched g ON g.anchor=l.src AND g.kind='group' CROSS JOIN matched c ON c.anchor=l.dst`

// wantFlat walks nested groups down to people, from the compared groups. UNION drops what was met
// already, which ends a cycle of groups.
const wantFlat = `CREATE TABLE wanted_member AS WITH RECURSIVE walk(g, m, kind) AS (
	SELECT src, dst, kind FROM link WHERE %s
	UNION SELECT w.g, l.dst, l.kind FROM walk w JOIN link l ON l.src=w.m WHERE w.kind='group')
SELECT DISTINCT w.g AS g, g.id AS gid, w.m AS m, c.id AS mid, w.kind AS mkind
FROM walk w CROSS JOIN matched g ON g.anchor=w.g AND g.kind='group' CROSS JOIN matched c ON c.anchor=w.m
	WHERE w.kind='user'`

// Nesting says what becomes of nested groups.
type Nesting int

const (
	KeepNesting    Nesting = iota // they are members
	Flatten                       // their people are members
	FlattenCompare                // the same, for the groups that are compared completely alone
)

// WantMembers finds out which members each matched group should have. The edges are complete.
func (w *DB) WantMembers(ctx context.Context, nested Nesting) error {
	want := wantKeep
	switch nested {
	case Flatten:
		want = fmt.Sprintf(wantFlat, `1`)
	case FlattenCompare:
		want = fmt.Sprintf(wantFlat, `src IN (SELECT anchor FROM whole)`)
	}
	return w.all(ctx, append(memberTables(), want, `CREATE INDEX wanted_member_g ON wanted_member(gid, mid)`))
}

const memberAdded = `CREATE TABLE member_added AS SELECT w.g, w.gid, w.m, w.mid, w.mkind, gs.key AS gkey,
	gs.dn AS gdn, ms.key AS mkey, 0 AS drift
FROM wanted_member w CROSS JOIN entry gs ON gs.anchor=w.g CROSS JOIN entry ms ON ms.anchor=w.m
WHERE w.mid='' OR w.gid='' OR NOT EXISTS(SELECT 1 FROM cloud_member
	WHERE cloud_member.gid=w.gid AND cloud_member.mid=w.mid)`

// gone are the unwanted memberships of the cloud. Only a matched member that is linked and has no
// problem may be removed. CROSS JOIN keeps SQLite from trying every person with every group.
const gone = ` FROM cloud_member
CROSS JOIN matched g ON g.kind='group' AND g.id=cloud_member.gid AND g.id<>''
	CROSS JOIN matched c ON c.kind IN ('user','group') AND c.id=cloud_member.mid AND c.id<>''
CROSS JOIN entry gs ON gs.anchor=g.anchor CROSS JOIN entry ms ON ms.anchor=c.anchor
WHERE NOT EXISTS(SELECT 1 FROM wanted_member w WHERE w.gid=cloud_member.gid AND w.mid=cloud_member.mid)`

// LookAgainAtUnwanted makes the next run check the groups that have unwanted members.
func (w *DB) LookAgainAtUnwanted(ctx context.Context) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO again SELECT DISTINCT g.anchor, g.kind`+gone)
}

// CompareMembers fills the tables of members to add and to remove; of those to remove only if
// remove is set.
func (w *DB) CompareMembers(ctx context.Context, remove bool) error {
	removed := `CREATE TABLE member_removed AS SELECT DISTINCT g.anchor AS g, g.id AS gid, c.anchor AS m, c.id AS mid,
		c.kind AS mkind, gs.key AS gkey, gs.dn AS gdn, ms.key AS mkey, 0 AS drift` + gone
	if !remove {
		removed += ` AND 0`
	}
	return w.all(ctx, []string{memberAdded, removed})
}

// MemberDifference is a membership that is to be added or removed. An id is "" if the plan adds the
// resource. Drift means that it was changed in the cloud by hand.
type MemberDifference struct {
	Group      identity.Anchor
	GroupID    identity.ResourceID
	Member     identity.Anchor
	MemberID   identity.ResourceID
	MemberKind identity.Kind
	GroupKey   string
	GroupDN    string
	MemberKey  string
	Drift      bool
}

func (m *MemberDifference) columns() []any {
	return []any{&m.Group, &m.GroupID, &m.Member, &m.MemberID, &m.MemberKind, &m.GroupKey, &m.GroupDN, &m.MemberKey,
		&m.Drift}
}

// EachMemberToAdd calls fn for every membership to add.
func (w *DB) EachMemberToAdd(ctx context.Context, fn func(MemberDifference) error) error {
	return each(ctx, w, `SELECT g, gid, m, mid, mkind, gkey, gdn, mkey, drift
		FROM member_added`, (*MemberDifference).columns, fn)
}

// EachMemberToRemove calls fn for every membership to remove.
func (w *DB) EachMemberToRemove(ctx context.Context, fn func(MemberDifference) error) error {
	return each(ctx, w, `SELECT g, gid, m, mid, mkind, gkey, gdn, mkey, drift
		FROM member_removed`, (*MemberDifference).columns, fn)
}
