package diff

import (
	"context"
	"dirbridge/sync/workdb"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
)

// A membership is drift if the directory says the same about it as at the last run, and the cloud
// does not. The remembered edges are what the directory said then.
//
// Not every remembered edge was applied. The edges of a group with a failed or excluded change (it
// is dirty), of a deferred object, and of accounts that were not linked, or in grace, at the last
// run prove nothing: a difference there counts as the directory's.

// settledEnds selects, from came and went, the memberships between objects that were linked and
// well at the last run. An object without a shadow in the work database, but with a link, has not
// changed since. Nothing is known about a directory whose edges were never remembered.
const settledEnds = ` x.gid<>'' AND x.mid<>''
	AND EXISTS(SELECT 1 FROM matched c WHERE c.anchor=x.g AND c.how='` + workdb.ByLink + `') AND EXISTS(SELECT 1 FROM matched c WHERE c.anchor=x.m AND c.how='` + workdb.ByLink + `')
	AND NOT EXISTS(SELECT 1 FROM shadow WHERE shadow.anchor=x.g AND (shadow.state<>'live' OR shadow.id<>x.gid))
	AND NOT EXISTS(SELECT 1 FROM shadow WHERE shadow.anchor=x.m AND (shadow.state<>'live' OR shadow.id<>x.mid))
	AND NOT EXISTS(SELECT 1 FROM unsettled u WHERE u.anchor IN (x.g, x.m))
	AND EXISTS(SELECT 1 FROM edged e WHERE e.dir=substr(x.g,1,instr(x.g,':')-1))`

// wasFlat is wantFlat for the remembered edges.
const wasFlat = `CREATE TABLE wasin AS WITH RECURSIVE walk(g, m) AS (
	SELECT src, a FROM was
	UNION SELECT w.g, l.a FROM walk w JOIN was l ON l.src=w.m)
SELECT DISTINCT g, m FROM walk`

// markMemberDrift marks, in came and went, the memberships that were changed in the cloud by hand.
func markMemberDrift(ctx context.Context, d *stage.Draft) error {
	n, err := d.Work.Number(ctx, `SELECT (SELECT count(*) FROM came x WHERE x.gid<>'' AND x.mid<>'') + (SELECT count(*) FROM went)`)
	if err != nil || n == 0 {
		return err
	}
	for _, q := range []string{`CREATE TABLE unsettled(anchor TEXT PRIMARY KEY) WITHOUT ROWID`, `CREATE TABLE was(src TEXT, a TEXT)`, `CREATE TABLE edged(dir TEXT)`} {
		if err := d.Work.Exec(ctx, q); err != nil {
			return err
		}
	}
	if err := unsettled(ctx, d); err != nil {
		return err
	}
	if err := rememberedMembers(ctx, d); err != nil {
		return err
	}
	for _, dir := range d.Header.Directories {
		if have, err := d.Env.Store.Value(ctx, facts.EdgesValue+dir.Name); err != nil {
			return err
		} else if have != "" {
			if err := d.Work.Exec(ctx, `INSERT INTO edged VALUES(?)`, dir.Name); err != nil {
				return err
			}
		}
	}
	wasIn := `CREATE TABLE wasin AS SELECT DISTINCT src AS g, a AS m FROM was`
	if d.Env.Policy.Flatten {
		wasIn = wasFlat
	}
	for _, q := range []string{
		`CREATE INDEX was_src ON was(src)`, wasIn, `CREATE INDEX wasin_g ON wasin(g, m)`,
		`UPDATE came AS x SET drift=1 WHERE` + settledEnds + ` AND EXISTS(SELECT 1 FROM wasin w WHERE w.g=x.g AND w.m=x.m)`,
		`UPDATE went AS x SET drift=1 WHERE` + settledEnds + ` AND NOT EXISTS(SELECT 1 FROM wasin w WHERE w.g=x.g AND w.m=x.m)`,
	} {
		if err := d.Work.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// unsettled selects the objects that still have something to do.
func unsettled(ctx context.Context, d *stage.Draft) error {
	if err := d.Work.Exec(ctx, `INSERT INTO unsettled SELECT anchor FROM unanswered`); err != nil {
		return err
	}
	put := func(a identity.Anchor) error {
		return d.Work.Exec(ctx, `INSERT OR IGNORE INTO unsettled VALUES(?)`, string(a))
	}
	if err := d.Env.Store.Dirty(ctx, func(a identity.Anchor, _ string) error { return put(a) }); err != nil {
		return err
	}
	return d.Env.Store.AllDeferred(ctx, func(t identity.Deferred) error { return put(t.Anchor) })
}

// rememberedMembers loads the remembered memberships of the groups in question; of all groups, if
// nested groups are flattened.
func rememberedMembers(ctx context.Context, d *stage.Draft) error {
	put := func(e identity.Edge) error {
		if e.Kind != identity.Membership || e.To.Anchor == "" {
			return nil
		}
		return d.Work.Exec(ctx, `INSERT INTO was VALUES(?,?)`, string(e.From), string(e.To.Anchor))
	}
	if d.Env.Policy.Flatten {
		return d.Env.Store.Edges(ctx, "", put)
	}
	const many = 500
	for after := identity.Anchor(""); ; {
		var groups []identity.Anchor
		err := d.Work.Each(ctx, `SELECT g FROM came WHERE gid<>'' AND mid<>'' AND g>?1 UNION SELECT g FROM went WHERE g>?1 ORDER BY 1 LIMIT ?2`, func(scan func(...any) error) error {
			var g identity.Anchor
			err := scan(&g)
			groups = append(groups, g)
			return err
		}, string(after), many)
		if err != nil || len(groups) == 0 {
			return err
		}
		after = groups[len(groups)-1]
		if err := d.Env.Store.EdgesFrom(ctx, groups, put); err != nil {
			return err
		}
	}
}
