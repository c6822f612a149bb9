package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// ScopeMember is a member of the group whose members the tables of scope have. Key is what the two
// tables compare.
type ScopeMember struct {
	Key string
	To  identity.Ref
}

// ScopeMemberNow is a member of either table. Was means that the group no longer has it.
type ScopeMemberNow struct {
	To  identity.Ref
	Was bool
}

// ClearScope empties both tables.
func (w *DB) ClearScope(ctx context.Context) error {
	return w.all(ctx, []string{`DELETE FROM scope_before`, `DELETE FROM scope_now`})
}

// AddScopeWas adds a remembered member.
func (w *DB) AddScopeWas(ctx context.Context, m ScopeMember) error {
	return w.addScope(ctx, "scope_before", m)
}

// AddScopeNow adds a current member.
func (w *DB) AddScopeNow(ctx context.Context, m ScopeMember) error {
	return w.addScope(ctx, "scope_now", m)
}

func (w *DB) addScope(ctx context.Context, table string, m ScopeMember) error {
	return w.exec(ctx, `INSERT OR REPLACE INTO `+table+` VALUES(?,?,?,?)`, m.Key, string(m.To.Anchor), m.To.DN, m.To.SID)
}

// ScopeUnchanged makes the remembered members the current ones.
func (w *DB) ScopeUnchanged(ctx context.Context) error {
	return w.exec(ctx, `INSERT INTO scope_now SELECT * FROM scope_before`)
}

// EachNewScopeMember calls fn for every current member that is not remembered.
func (w *DB) EachNewScopeMember(ctx context.Context, fn func(identity.Ref) error) error {
	return each(ctx, w, `SELECT a, dn, sid FROM scope_now n WHERE NOT EXISTS(SELECT 1 FROM scope_before w
		WHERE w.ref=n.ref) ORDER BY ref`, intoRef, fn)
}

// EachGoneScopeMember calls fn for every remembered member that is not current.
func (w *DB) EachGoneScopeMember(ctx context.Context, fn func(identity.Ref) error) error {
	return each(ctx, w, `SELECT a, dn, sid FROM scope_before w WHERE NOT EXISTS(SELECT 1 FROM scope_now n
		WHERE n.ref=w.ref) ORDER BY ref`, intoRef, fn)
}

func intoRef(r *identity.Ref) []any { return []any{&r.Anchor, &r.DN, &r.SID} }

// EachScopeMember calls fn for every current or remembered member.
func (w *DB) EachScopeMember(ctx context.Context, fn func(ScopeMemberNow) error) error {
	const all = `SELECT a, dn, sid, 0 FROM scope_now UNION ALL SELECT a, dn, sid, 1 FROM scope_before
		WHERE ref NOT IN (SELECT ref FROM scope_now) ORDER BY 1, 2`
	return each(ctx, w, all, func(m *ScopeMemberNow) []any {
		return append(intoRef(&m.To), &m.Was)
	}, fn)
}

// MarkPresent records that a directory reported an object as present.
func (w *DB) MarkPresent(ctx context.Context, a identity.Anchor) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO present VALUES(?)`, string(a))
}

// IsPresent says whether MarkPresent was called for an object.
func (w *DB) IsPresent(ctx context.Context, a identity.Anchor) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM present WHERE anchor=?`, string(a))
}
