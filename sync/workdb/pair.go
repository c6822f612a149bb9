package workdb

import (
	"context"
	"fmt"

	"dirbridge/sync/identity"
)

// Pair is a membership that an incremental plan compares: one that was added, or removed, in the
// directory. To may be known by its folded DN alone.
type Pair struct {
	Edge    identity.Edge
	Removed bool
}

// AddPair adds a pair.
func (w *DB) AddPair(ctx context.Context, group identity.Anchor, to identity.Ref, removed bool) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO pair VALUES(?,?,?,?,?)`,
		string(group), string(identity.Membership), string(to.Anchor),
		identity.Fold(to.DN), removed)
}

// EachPair calls fn for every pair, in order.
func (w *DB) EachPair(ctx context.Context, fn func(Pair) error) error {
	return each(ctx, w, `SELECT src, kind, a, dnf, removed FROM pair ORDER BY 1, 3, 4`, func(p *Pair) []any {
		return []any{&p.Edge.From, &p.Edge.Kind, &p.Edge.To.Anchor, &p.Edge.To.DN, &p.Removed}
	}, fn)
}

// HasPair says whether a member is added to a group.
func (w *DB) HasPair(ctx context.Context, group, member identity.Anchor) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM pair WHERE src=? AND removed=0 AND a=?`, string(group), string(member))
}

// HasPairTo says the same of a member that may be known by its DN alone. The DN counts only if one
// of the two has no anchor: another object may have the name by now.
func (w *DB) HasPairTo(ctx context.Context, group identity.Anchor, to identity.Ref) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM pair WHERE src=?1 AND removed=0 AND (?2<>'' AND a=?2 OR (?2='' OR a='')
		AND dnf=?3)`,
		string(group), string(to.Anchor), identity.Fold(to.DN))
}

// AddFresh adds an edge of a group as it is in the directory.
func (w *DB) AddFresh(ctx context.Context, e identity.Edge) error {
	return w.exec(ctx, `INSERT INTO fresh VALUES(?,?,?,?)`,
		string(e.From), string(e.Kind), string(e.To.Anchor), identity.Fold(e.To.DN))
}

// AddStored adds an edge of a group as it is remembered.
func (w *DB) AddStored(ctx context.Context, e identity.Edge) error {
	return w.exec(ctx, `INSERT INTO stored VALUES(?,?,?,?)`,
		string(e.From), string(e.Kind), string(e.To.Anchor), identity.Fold(e.To.DN))
}

// SubtractEdges makes pairs of the current edges that are not stored, and of the stored edges that
// are not current. If both have an anchor, it compares anchors, because a member may have been
// renamed; otherwise DNs.
func (w *DB) SubtractEdges(ctx context.Context) error {
	const without = `INSERT OR IGNORE INTO pair SELECT x.src, x.kind, x.a, x.dnf, %d FROM %s x WHERE
	NOT EXISTS(SELECT 1 FROM %[3]s y WHERE y.src=x.src AND y.kind=x.kind AND x.a<>'' AND y.a=x.a)
	AND NOT EXISTS(SELECT 1 FROM %[3]s y WHERE y.src=x.src AND y.kind=x.kind AND (x.a='' OR y.a='') AND y.dnf=x.dnf)`
	return w.all(ctx, []string{
		`CREATE INDEX fresh_a ON fresh(src, a)`, `CREATE INDEX fresh_dn ON fresh(src, dnf)`,
		`CREATE INDEX stored_a ON stored(src, a)`, `CREATE INDEX stored_dn ON stored(src, dnf)`,
		fmt.Sprintf(without, 0, "fresh", "stored"), fmt.Sprintf(without, 1, "stored", "fresh"),
	})
}

// WantPairs adds edges of the pairs that were added.
func (w *DB) WantPairs(ctx context.Context) error {
	const added = `INSERT INTO edge SELECT substr(src,1,instr(src,':')-1), src, kind, a, dnf FROM pair WHERE removed=0`
	return w.exec(ctx, added)
}

// CompareWhole has a group compared completely, and adds its current edges.
func (w *DB) CompareWhole(ctx context.Context, group identity.Anchor) error {
	if err := w.exec(ctx, `INSERT INTO whole VALUES(?)`, string(group)); err != nil {
		return err
	}
	return w.exec(ctx, `INSERT INTO edge SELECT ?1, src, kind, a, dnf FROM fresh
		WHERE src=?2`, group.Directory(), string(group))
}

// AddNestedEdge adds a remembered edge, unless a pair removed it. A group that was read has its
// current edges: with unlessRead the edge is not added to one.
func (w *DB) AddNestedEdge(ctx context.Context, e identity.Edge, unlessRead bool) error {
	return w.exec(ctx, `INSERT INTO edge SELECT ?1,?2,?3,?4,?5 WHERE NOT (?6 AND EXISTS(SELECT 1 FROM fresh WHERE src=?2))
				AND NOT EXISTS(SELECT 1 FROM pair WHERE src=?2 AND removed=1 AND (a<>'' AND a=?4 OR (a='' OR ?4='') AND dnf=?5))`,
		e.From.Directory(), string(e.From), string(e.Kind), string(e.To.Anchor), identity.Fold(e.To.DN), unlessRead)
}

// GroupsCompared returns the groups of the pairs and edges.
func (w *DB) GroupsCompared(ctx context.Context) ([]identity.Anchor, error) {
	return list(ctx, w, `SELECT DISTINCT src FROM pair UNION SELECT DISTINCT src FROM edge`, column[identity.Anchor])
}

// EachAddedMember calls fn for every member that was added and whose anchor is known.
func (w *DB) EachAddedMember(ctx context.Context, fn func(identity.Anchor) error) error {
	return each(ctx, w, `SELECT DISTINCT a FROM pair WHERE removed=0 AND a<>''`, column[identity.Anchor], fn)
}

// Referenced returns the groups and members of the pairs and edges.
func (w *DB) Referenced(ctx context.Context) ([]identity.Anchor, error) {
	const anchors = `SELECT src FROM edge UNION SELECT to_anchor FROM edge WHERE to_anchor<>''
		UNION SELECT src FROM pair UNION SELECT a FROM pair WHERE a<>''`
	return list(ctx, w, anchors, column[identity.Anchor])
}

// UnresolvedDNs returns the folded DNs of the members of pairs and edges that have no anchor.
func (w *DB) UnresolvedDNs(ctx context.Context) ([]string, error) {
	const unresolved = `SELECT to_dnf FROM edge WHERE to_anchor='' AND to_dnf<>''
		UNION SELECT dnf FROM pair WHERE a='' AND dnf<>''`
	return list(ctx, w, unresolved, column[string])
}

// UnresolvedPairDNs returns those of the pairs alone.
func (w *DB) UnresolvedPairDNs(ctx context.Context) ([]string, error) {
	return list(ctx, w, `SELECT DISTINCT dnf FROM pair WHERE a='' AND dnf<>''`, column[string])
}

// BeginBearers makes the table of the objects that bear the DNs of pairs without an anchor, with the
// entries.
func (w *DB) BeginBearers(ctx context.Context) error {
	return w.all(ctx, []string{`CREATE TABLE bearer(dnf TEXT, anchor TEXT, dir TEXT, past INT)`,
		`INSERT INTO bearer SELECT dnf, anchor, dir, 0 FROM entry WHERE dnf IN (SELECT dnf FROM pair WHERE a='')`})
}

// AddBearer adds an object that bears a folded DN, or bore it in the past.
func (w *DB) AddBearer(ctx context.Context, dn string, a identity.Anchor, past bool) error {
	return w.exec(ctx, `INSERT INTO bearer VALUES(?,?,?,?)`, dn, string(a), a.Directory(), past)
}

// ResolvePairs gives the pairs the anchors of the bearers: their own directory takes precedence over
// others, and current DNs over previous ones, which count for removed pairs alone.
func (w *DB) ResolvePairs(ctx context.Context) error {
	return w.all(ctx, []string{
		`CREATE INDEX bearer_dn ON bearer(dnf)`,
		`UPDATE OR REPLACE pair SET a=(SELECT b.anchor FROM bearer b WHERE b.dnf=pair.dnf AND (pair.removed OR NOT b.past)
			ORDER BY b.dir<>substr(pair.src,1,instr(pair.src,':')-1), b.past, b.anchor LIMIT 1)
		WHERE a='' AND EXISTS(SELECT 1 FROM bearer b WHERE b.dnf=pair.dnf AND (pair.removed OR NOT b.past))`,
	})
}

// MatchedGroup is a group with its account.
type MatchedGroup struct {
	Anchor identity.Anchor
	ID     identity.ResourceID
}

// ComparedGroups returns the groups of the pairs and edges that have an account, or every group that
// has one.
func (w *DB) ComparedGroups(ctx context.Context, every bool) ([]MatchedGroup, error) {
	const query = `SELECT c.anchor, c.id FROM matched c WHERE c.kind='group' AND c.id<>'' AND (c.anchor IN (SELECT src
		FROM pair) OR c.anchor IN (SELECT src FROM edge) OR ?)`
	return list(ctx, w, query, func(g *MatchedGroup) []any { return []any{&g.Anchor, &g.ID} }, every)
}

// PairedAccounts returns the accounts of the members of a group's pairs.
func (w *DB) PairedAccounts(ctx context.Context, group identity.Anchor) ([]identity.ResourceID, error) {
	return list(ctx, w, `SELECT c.id FROM pair p JOIN entry s ON s.anchor=p.a OR p.a='' AND s.dnf=p.dnf
		JOIN matched c ON c.anchor=s.anchor WHERE p.src=? AND c.id<>''`,
		column[identity.ResourceID], string(group))
}

// CloudPair is a pair as the cloud knows it.
type CloudPair struct{ Group, Member identity.ResourceID }

// CloudPairs returns the pairs whose ends have accounts.
func (w *DB) CloudPairs(ctx context.Context) ([]CloudPair, error) {
	const query = `SELECT DISTINCT g.id, c.id FROM pair p JOIN matched g ON g.anchor=p.src AND g.kind='group' AND g.id<>''
		JOIN entry s ON s.anchor=p.a OR p.a='' AND s.dnf=p.dnf JOIN matched c ON c.anchor=s.anchor AND c.id<>''`
	return list(ctx, w, query, func(p *CloudPair) []any { return []any{&p.Group, &p.Member} })
}
