package workdb

import (
	"context"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// GuardCount is one thing that a guard counts of a change: a row each, because counting and grouping
// by cause is the database's work. Subject is an attribute or a group, and Name is what it is called.
type GuardCount struct {
	Rule          string
	Kind          identity.Kind
	Subject, Name string
	Anchor        identity.Anchor
	ID            identity.ResourceID
	Cause         string
}

// AddGuardCount adds one.
func (w *DB) AddGuardCount(ctx context.Context, n GuardCount) error {
	return w.exec(ctx, `INSERT INTO guard_count VALUES(?,?,?,?,?,?,?,?)`,
		n.Rule, n.Anchor.Directory(), string(n.Kind), n.Subject, n.Name, string(n.Anchor), string(n.ID), n.Cause)
}

// CountLacking adds, under a rule, the linked objects of a state that lack a required attribute. Of
// people whose account is inactive it adds only those that lack the attribute alsoInactive.
func (w *DB) CountLacking(ctx context.Context, rule string, state identity.State, alsoInactive string) error {
	return w.exec(ctx, `INSERT INTO guard_count SELECT DISTINCT ?, l.dir, l.kind, l.attr, l.attr, shadow.anchor,
		shadow.id, 'have no '||l.attr||' any more that can be read'
		FROM lacking l CROSS JOIN shadow ON shadow.anchor=l.anchor WHERE shadow.id<>'' AND shadow.state=?
			AND (shadow.kind<>'user' OR json_extract(shadow.json,'$.active') OR l.attr=?)`,
		rule, string(state), alsoInactive)
}

// GuardRuleCount is how often a rule counted.
func (w *DB) GuardRuleCount(ctx context.Context, rule string) (int64, error) {
	return w.number(ctx, `SELECT count(*) FROM guard_count WHERE rule=?`, rule)
}

// DropGuardCounts removes what a rule counted of an object.
func (w *DB) DropGuardCounts(ctx context.Context, rule string, a identity.Anchor) error {
	return w.exec(ctx, `DELETE FROM guard_count WHERE rule=? AND anchor=?`, rule, string(a))
}

// DropCountsOfFirstLinks removes what a rule counted of objects that the GUID or the key matched.
func (w *DB) DropCountsOfFirstLinks(ctx context.Context, rule string) error {
	return w.exec(ctx, `DELETE FROM guard_count WHERE rule=? AND EXISTS(SELECT 1 FROM matched c
		WHERE c.anchor=guard_count.anchor AND c.how IN (?,?))`,
		rule, ByExternal, ByKey)
}

// DropCountsWithoutRole removes what a rule counted of accounts that do not have a role.
func (w *DB) DropCountsWithoutRole(ctx context.Context, rule string, role identity.Tri) error {
	return w.exec(ctx, `DELETE FROM guard_count WHERE rule=? AND NOT EXISTS(SELECT 1 FROM resource r
		WHERE r.kind='user' AND r.id=guard_count.id AND r.admin=?)`,
		rule, int(role))
}

// GuardTotal is how much a rule counted of one directory and kind, and of one subject if it is
// grouped by subjects.
type GuardTotal struct {
	Rule, Directory string
	Kind            identity.Kind
	Subject         string
	Count           int64
}

// GuardTotals returns the totals of some rules.
func (w *DB) GuardTotals(ctx context.Context, rules ...string) ([]GuardTotal, error) {
	in, args := among(rules)
	query := `SELECT rule, dir, kind, count(*) FROM guard_count WHERE rule ` + in + ` GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`
	return list(ctx, w, query, func(t *GuardTotal) []any {
		return []any{&t.Rule, &t.Directory, &t.Kind, &t.Count}
	}, args...)
}

// GuardTotalsBySubject returns the totals of some rules for each subject, largest first.
func (w *DB) GuardTotalsBySubject(ctx context.Context, rules ...string) ([]GuardTotal, error) {
	in, args := among(rules)
	query := `SELECT rule, dir, kind, subject, count(*) FROM guard_count
		WHERE rule ` + in + ` GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 5 DESC, 4`
	return list(ctx, w, query, func(t *GuardTotal) []any {
		return []any{&t.Rule, &t.Directory, &t.Kind, &t.Subject, &t.Count}
	}, args...)
}

// among is the condition of a column that has one of these values.
func among(values []string) (in string, args []any) {
	for _, v := range values {
		args = append(args, v)
	}
	return `IN (` + strings.TrimSuffix(strings.Repeat(`?,`, len(values)), `,`) + `)`, args
}

// GroupTotal is how much a rule counted of one group.
type GroupTotal struct {
	Directory string
	Group     identity.Anchor
	Name      string
	ID        identity.ResourceID
	Count     int64
}

// EachGroupTotal calls fn for every group of which a rule counted something, largest first.
func (w *DB) EachGroupTotal(ctx context.Context, rule string, fn func(GroupTotal) error) error {
	const query = `SELECT dir, subject, min(name), min(id), count(*) FROM guard_count
		WHERE rule=? GROUP BY 1, 2 ORDER BY 5 DESC, 3`
	return each(ctx, w, query, func(g *GroupTotal) []any {
		return []any{&g.Directory, &g.Group, &g.Name, &g.ID, &g.Count}
	}, fn, rule)
}

// Counted selects what one rule counted, and if they are not nil, of one kind, directory and subject.
type Counted struct {
	Rule      string
	Kind      *identity.Kind
	Directory *string
	Subject   *string
}

func (c Counted) restrict() (where string, args []any) {
	where, args = `rule=?`, []any{c.Rule}
	if c.Kind != nil {
		where, args = where+` AND kind=?`, append(args, string(*c.Kind))
	}
	if c.Directory != nil {
		where, args = where+` AND dir=?`, append(args, *c.Directory)
	}
	if c.Subject != nil {
		where, args = where+` AND subject=?`, append(args, *c.Subject)
	}
	return where, args
}

// EachCause calls fn for every cause of what was counted, most frequent first.
func (w *DB) EachCause(ctx context.Context, of Counted, fn func(plan.CauseCount) error) error {
	where, args := of.restrict()
	return each(ctx, w, `SELECT cause, count(*) FROM guard_count
		WHERE `+where+` GROUP BY cause ORDER BY 2 DESC, 1`, func(c *plan.CauseCount) []any {
		return []any{&c.Cause, &c.Count}
	}, fn, args...)
}

// CountedNames returns the first names of what was counted.
func (w *DB) CountedNames(ctx context.Context, of Counted, most int) ([]string, error) {
	where, args := of.restrict()
	return list(ctx, w, `SELECT name FROM guard_count WHERE `+where+`
		ORDER BY name LIMIT ?`, column[string], append(args, most)...)
}
