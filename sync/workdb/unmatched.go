package workdb

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// AddUnmatched adds an account that no directory knows, or that is left unchanged.
func (w *DB) AddUnmatched(ctx context.Context, u plan.Unmatched) error {
	return w.exec(ctx, `INSERT INTO unmatched VALUES(?,?)`, identity.Fold(u.Key), Encode(u))
}

// EachUnmatchedAccount calls fn for every account that AddUnmatched added, in order of key.
func (w *DB) EachUnmatchedAccount(ctx context.Context, fn func(plan.Unmatched) error) error {
	return eachEncoded(ctx, w, `SELECT json FROM unmatched ORDER BY keyf, rowid`, fn)
}
