package workdb

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// AddUnmatched adds an account that no directory knows, or that is left unchanged.
func (w *DB) AddUnmatched(ctx context.Context, u plan.Unmatched) error {
	return w.exec(ctx, `INSERT INTO unmatched VALUES(?,?,?,?,?,?,?,?)`,
		identity.Fold(u.Key), string(u.ID), string(u.Kind), u.Key, u.Name,
		u.Active, u.Admin, u.Kept)
}

// EachUnmatchedAccount calls fn for every account that AddUnmatched added, in order of key.
func (w *DB) EachUnmatchedAccount(ctx context.Context, fn func(plan.Unmatched) error) error {
	return each(ctx, w, `SELECT id, kind, key, name, active, admin, kept
		FROM unmatched ORDER BY keyf, rowid`, func(u *plan.Unmatched) []any {
		return []any{&u.ID, &u.Kind, &u.Key, &u.Name, &u.Active, &u.Admin, &u.Kept}
	}, fn)
}
