package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// Renew stores a shadow with the plan although nothing is written. It is encoded as the plan file
// stores it.
func (w *DB) Renew(ctx context.Context, s identity.Shadow) error {
	return w.exec(ctx, `INSERT OR REPLACE INTO renewed VALUES(?,?)`, string(s.Anchor), w.encoder.Shadow(s))
}

// EachRenewed calls fn for every encoded shadow that Renew stored, in order of anchor.
func (w *DB) EachRenewed(ctx context.Context, fn func(shadow []byte) error) error {
	return each(ctx, w, `SELECT payload FROM renewed ORDER BY anchor`, column[[]byte], fn)
}

// Forget ends the link of an object with the plan.
func (w *DB) Forget(ctx context.Context, a identity.Anchor) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO forgotten VALUES(?)`, string(a))
}

// ForgetPreviousOwners ends the links of the objects whose account is taken over.
func (w *DB) ForgetPreviousOwners(ctx context.Context) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO forgotten SELECT was FROM matched WHERE was<>''`)
}

// EachForgotten calls fn for every object whose link ends, in order of anchor.
func (w *DB) EachForgotten(ctx context.Context, fn func(identity.Anchor) error) error {
	return each(ctx, w, `SELECT anchor FROM forgotten ORDER BY anchor`, column[identity.Anchor], fn)
}

// IsForgotten says whether the link of an object ends.
func (w *DB) IsForgotten(ctx context.Context, a identity.Anchor) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM forgotten WHERE anchor=?`, string(a))
}

// LookAgain makes the next run check an object, whatever changes until then.
func (w *DB) LookAgain(ctx context.Context, a identity.Anchor, kind identity.Kind) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO again VALUES(?,?)`, string(a), string(kind))
}

// LooksAgain says whether the next run checks an object.
func (w *DB) LooksAgain(ctx context.Context, a identity.Anchor) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM again WHERE anchor=?`, string(a))
}

// LookAgainAtUnlinked makes the next run check the matched objects that were not linked before.
func (w *DB) LookAgainAtUnlinked(ctx context.Context) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO again SELECT anchor, kind FROM matched WHERE how<>'link'`)
}

// LookAgainAtAbsent makes the next run check the shadows of a directory without an entry.
func (w *DB) LookAgainAtAbsent(ctx context.Context, directory string) error {
	const query = `INSERT OR IGNORE INTO again SELECT anchor, kind FROM shadow
		WHERE substr(anchor,1,length(?1)+1)=?1||':' AND anchor NOT IN (SELECT anchor FROM entry)`
	return w.exec(ctx, query, directory)
}
