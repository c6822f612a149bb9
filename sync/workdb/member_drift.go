package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// settledEnds selects, from member_added and member_removed, the memberships between objects that were linked and
// well at the last run. An object without a shadow in the work database, but with a link, has not
// changed since. Nothing is known about a directory whose edges were never remembered.
const settledEnds = ` x.gid<>'' AND x.mid<>''
	AND EXISTS(SELECT 1 FROM matched c WHERE c.anchor=x.g AND c.how='` + ByLink + `')
		AND EXISTS(SELECT 1 FROM matched c WHERE c.anchor=x.m AND c.how='` + ByLink + `')
	AND NOT EXISTS(SELECT 1 FROM shadow WHERE shadow.anchor=x.g AND (shadow.state<>'live' OR shadow.id<>x.gid))
	AND NOT EXISTS(SELECT 1 FROM shadow WHERE shadow.anchor=x.m AND (shadow.state<>'live' OR shadow.id<>x.mid))
	AND NOT EXISTS(SELECT 1 FROM unsettled u WHERE u.anchor IN (x.g, x.m))
	AND EXISTS(SELECT 1 FROM edged e WHERE e.dir=substr(x.g,1,instr(x.g,':')-1))`

// wasFlat is wantFlat for the remembered edges.
const wasFlat = `CREATE TABLE was_member AS WITH RECURSIVE walk(g, m) AS (
	SELECT src, a FROM was
	UNION SELECT w.g, l.a FROM walk w JOIN was l ON l.src=w.m)
SELECT DISTINCT g, m FROM walk`

// HasMemberDifferences says whether any membership could have been changed by hand.
func (w *DB) HasMemberDifferences(ctx context.Context) (bool, error) {
	return w.any(ctx, `SELECT (SELECT count(*) FROM member_added x
		WHERE x.gid<>'' AND x.mid<>'') + (SELECT count(*) FROM member_removed)`)
}

// BeginMemberDrift makes the tables of what is remembered of the memberships. The objects of
// unanswered writes are unsettled.
func (w *DB) BeginMemberDrift(ctx context.Context) error {
	return w.all(ctx, []string{`CREATE TABLE unsettled(anchor TEXT PRIMARY KEY) WITHOUT ROWID`, `CREATE TABLE was(src
		TEXT, a TEXT)`, `CREATE TABLE edged(dir TEXT)`,
		`INSERT INTO unsettled SELECT anchor FROM unanswered`})
}

// MarkUnsettled records that an object still has something to do.
func (w *DB) MarkUnsettled(ctx context.Context, a identity.Anchor) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO unsettled VALUES(?)`, string(a))
}

// AddRemembered adds a membership as it was at the last run.
func (w *DB) AddRemembered(ctx context.Context, group, member identity.Anchor) error {
	return w.exec(ctx, `INSERT INTO was VALUES(?,?)`, string(group), string(member))
}

// MarkRemembered records that the edges of a directory are remembered.
func (w *DB) MarkRemembered(ctx context.Context, directory string) error {
	return w.exec(ctx, `INSERT INTO edged VALUES(?)`, directory)
}

// DifferingGroups returns a page of the groups with memberships to add or remove, in order.
func (w *DB) DifferingGroups(ctx context.Context, after identity.Anchor, most int) ([]identity.Anchor, error) {
	return list(ctx, w, `SELECT g FROM member_added WHERE gid<>'' AND mid<>'' AND g>?1
		UNION SELECT g FROM member_removed WHERE g>?1 ORDER BY 1 LIMIT ?2`,
		column[identity.Anchor], string(after), most)
}

// MarkMemberDrift marks the memberships that were changed in the cloud by hand.
func (w *DB) MarkMemberDrift(ctx context.Context, flatten bool) error {
	wasIn := `CREATE TABLE was_member AS SELECT DISTINCT src AS g, a AS m FROM was`
	if flatten {
		wasIn = wasFlat
	}
	return w.all(ctx, []string{
		`CREATE INDEX was_src ON was(src)`, wasIn, `CREATE INDEX was_member_g ON was_member(g, m)`,
		`UPDATE member_added AS x SET drift=1 WHERE` + settledEnds + ` AND EXISTS(SELECT 1 FROM was_member w
			WHERE w.g=x.g AND w.m=x.m)`,
		`UPDATE member_removed AS x SET drift=1 WHERE` + settledEnds + ` AND NOT EXISTS(SELECT 1 FROM was_member w
			WHERE w.g=x.g AND w.m=x.m)`,
	})
}
