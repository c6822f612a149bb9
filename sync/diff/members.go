package diff

import (
	"context"
	"fmt"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/read"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// memberTables resolve the directory's edges to objects of this plan. "want" has the members that
// each matched group should have; this plan may add a member's account, which then has no id yet.
//
// An edge whose end is out of scope, or has a problem, or is missing, wants nothing and forbids
// nothing: such a member keeps the memberships that it has.
//
// CROSS JOIN here and below keeps the order of the tables: SQLite's statistics of their sizes are
// older than the rows of people who are only referred to, and with them it would join all people
// with all people.
var memberTables = []string{
	`CREATE INDEX cloud_member_g ON cloud_member(gid, mid)`,
	`CREATE TABLE link(src TEXT, dst TEXT, kind TEXT)`,
	// A DN of its own directory before the same DN of another one.
	`UPDATE edge SET to_anchor=coalesce((SELECT x.anchor FROM entry x WHERE x.dnf=edge.to_dnf AND x.dir=edge.dir), '') WHERE to_anchor='' AND to_dnf<>''`,
	`UPDATE edge SET to_anchor=coalesce((SELECT min(x.anchor) FROM entry x WHERE x.dnf=edge.to_dnf), '') WHERE to_anchor='' AND to_dnf<>''`,
	`INSERT INTO link SELECT DISTINCT e.src, t.anchor, t.kind FROM edge e CROSS JOIN entry t ON t.anchor=e.to_anchor WHERE e.kind='member' AND e.to_anchor<>''`,
	`CREATE INDEX link_src ON link(src)`,
}

const wantKeep = `CREATE TABLE want AS SELECT DISTINCT l.src AS g, g.id AS gid, l.dst AS m, c.id AS mid, l.kind AS mkind
FROM link l CROSS JOIN matched g ON g.anchor=l.src AND g.kind='group' CROSS JOIN matched c ON c.anchor=l.dst`

// wantFlat walks nested groups down to people, from the compared groups. UNION drops what was met
// already, which ends a cycle of groups.
const wantFlat = `CREATE TABLE want AS WITH RECURSIVE walk(g, m, kind) AS (
	SELECT src, dst, kind FROM link WHERE %s
	UNION SELECT w.g, l.dst, l.kind FROM walk w JOIN link l ON l.src=w.m WHERE w.kind='group')
SELECT DISTINCT w.g AS g, g.id AS gid, w.m AS m, c.id AS mid, w.kind AS mkind
FROM walk w CROSS JOIN matched g ON g.anchor=w.g AND g.kind='group' CROSS JOIN matched c ON c.anchor=w.m WHERE w.kind='user'`

// Members compares memberships. Members that are not linked are left unchanged.
func Members(ctx context.Context, d *stage.Draft) error {
	if err := read.SumMatches(ctx, d); err != nil {
		return err
	}
	if clean, err := d.Env.Store.Value(ctx, facts.MembersValue); err != nil || clean == read.MembersDigest(d) {
		return err // the same as when there was nothing to do
	}
	if err := read.ReferencedRows(ctx, d); err != nil {
		return err
	}
	if err := referencedFrozen(ctx, d); err != nil {
		return err
	}
	if err := relate(ctx, d); err != nil {
		return err
	}
	return CompareMembers(ctx, d)
}

// CompareMembers plans from the tables of memberships, which are filled.
func CompareMembers(ctx context.Context, d *stage.Draft) error {
	want := wantKeep
	if d.Env.Policy.Flatten {
		compared := `1`
		if !d.Coverage.Listed() {
			// The other groups are there only for their contents: their members in the cloud were
			// not read.
			compared = `src IN (SELECT anchor FROM whole)`
		}
		want = fmt.Sprintf(wantFlat, compared)
	}
	if err := read.ResolveForeign(ctx, d, "edge", "to_anchor", "to_dnf"); err != nil {
		return err
	}
	for _, q := range append(append([]string{}, memberTables...), want, `CREATE INDEX want_g ON want(gid, mid)`) {
		if err := d.Work.Exec(ctx, q); err != nil {
			return err
		}
	}
	const came = `CREATE TABLE came AS SELECT w.g, w.gid, w.m, w.mid, w.mkind, gs.key AS gkey, gs.dn AS gdn, ms.key AS mkey, 0 AS drift
FROM want w CROSS JOIN entry gs ON gs.anchor=w.g CROSS JOIN entry ms ON ms.anchor=w.m
WHERE w.mid='' OR w.gid='' OR NOT EXISTS(SELECT 1 FROM cloud_member WHERE cloud_member.gid=w.gid AND cloud_member.mid=w.mid)`
	// Only a matched member that is linked and has no problem may be removed. CROSS JOIN keeps
	// SQLite from trying every person with every group.
	const gone = ` FROM cloud_member
CROSS JOIN matched g ON g.kind='group' AND g.id=cloud_member.gid AND g.id<>'' CROSS JOIN matched c ON c.kind IN ('user','group') AND c.id=cloud_member.mid AND c.id<>''
CROSS JOIN entry gs ON gs.anchor=g.anchor CROSS JOIN entry ms ON ms.anchor=c.anchor
WHERE NOT EXISTS(SELECT 1 FROM want w WHERE w.gid=cloud_member.gid AND w.mid=cloud_member.mid)`
	left := `CREATE TABLE went AS SELECT DISTINCT g.anchor AS g, g.id AS gid, c.anchor AS m, c.id AS mid, c.kind AS mkind, gs.key AS gkey, gs.dn AS gdn, ms.key AS mkey, 0 AS drift` + gone
	if d.Env.Policy.Flatten && !d.Header.Complete {
		// The members of a nested group that was not read are unknown; once it is read, these
		// groups need not have changed.
		if err := d.Work.Exec(ctx, `INSERT OR IGNORE INTO again SELECT DISTINCT g.anchor, g.kind`+gone); err != nil {
			return err
		}
		left += ` AND 0`
	}
	for _, q := range []string{came, left} {
		if err := d.Work.Exec(ctx, q); err != nil {
			return err
		}
	}
	if err := markMemberDrift(ctx, d); err != nil {
		return err
	}
	if err := memberChanges(ctx, d, "came", plan.Change{Action: plan.Add, Phase: plan.MemberAdds},
		"a member in the directory", "taken out of the group in the cloud since the last run"); err != nil {
		return err
	}
	return memberChanges(ctx, d, "went", plan.Change{Action: plan.Remove, Phase: plan.MemberRemoves},
		"no longer a member in the directory", "put into the group in the cloud since the last run")
}

// relate puts the memberships into their tables. It leaves out directories that could not be read
// completely.
func relate(ctx context.Context, d *stage.Draft) error {
	d.Related = true
	err := d.Work.Edges.Each(ctx, 5, func(v []string) error {
		if d.Frozen[v[0]] {
			return nil
		}
		return d.Work.Exec(ctx, `INSERT INTO edge VALUES(?,?,?,?,?)`, v[0], v[1], v[2], v[3], v[4])
	})
	if err != nil {
		return err
	}
	return d.Work.Held.Each(ctx, 2, func(v []string) error {
		return d.Work.Exec(ctx, `INSERT INTO cloud_member VALUES(?,?)`, v[0], v[1])
	})
}

// memberChanges plans the contents of a table of memberships. like is what all of them have in
// common; byHand is the reason of those that are drift.
func memberChanges(ctx context.Context, d *stage.Draft, table string, like plan.Change, reason, byHand string) error {
	return d.Work.Each(ctx, `SELECT g, gid, m, mid, mkind, gkey, gdn, mkey, drift FROM `+table, func(scan func(...any) error) error {
		c := like
		c.Kind, c.Reason = identity.Member, reason
		if err := scan(&c.Anchor, &c.ID, &c.Member, &c.MemberID, &c.MemberKind, &c.Key, &c.DN, &c.MemberKey,
			&c.Drift); err != nil {
			return err
		}
		if c.Drift {
			c.Reason = byHand
		}
		if c.Action == plan.Add {
			d.Header.Counts.Members.Add++
		} else {
			d.Header.Counts.Members.Remove++
		}
		d.Header.Drift.Count(&c)
		return AddChange(ctx, d, c, identity.Fold(c.MemberKey))
	})
}

// referencedFrozen adds rows for the people of directories that could not be read, as remembered: a
// group of another directory decides which of them are its members.
func referencedFrozen(ctx context.Context, d *stage.Draft) error {
	if d.Header.Complete {
		return nil
	}
	const query = `SELECT json FROM shadow WHERE kind='user' AND state='live' AND id<>'' AND anchor>? AND anchor NOT IN (SELECT anchor FROM entry) ORDER BY anchor LIMIT 500`
	for after := identity.Anchor(""); ; {
		var some []identity.Shadow
		err := d.Work.Each(ctx, query, func(scan func(...any) error) error {
			var js string
			var s identity.Shadow
			if err := scan(&js); err != nil {
				return err
			}
			err := workdb.Decode(js, &s)
			some = append(some, s)
			return err
		}, string(after))
		if err != nil || len(some) == 0 {
			return err
		}
		for _, s := range some {
			if after = s.Anchor; d.WasRead(after.Directory()) {
				continue
			}
			if err := read.ReferencedRow(ctx, d, s); err != nil {
				return err
			}
		}
	}
}
