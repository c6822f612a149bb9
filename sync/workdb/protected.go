package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// Protect keeps a resource from being written or counted as unmatched.
func (w *DB) Protect(ctx context.Context, kind identity.Kind, id identity.ResourceID) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO protected VALUES(?,?)`, string(kind), string(id))
}

// ProtectLinked protects every linked account.
func (w *DB) ProtectLinked(ctx context.Context) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO protected SELECT kind, id FROM shadow WHERE id<>''`)
}

// ProtectIfAdded protects an account if a shadow that was added has it.
func (w *DB) ProtectIfAdded(ctx context.Context, kind identity.Kind, id identity.ResourceID) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO protected SELECT kind, id FROM shadow
		WHERE kind=? AND id=?`, string(kind), string(id))
}

// ForgetProtected forgets the shadows whose account is protected.
func (w *DB) ForgetProtected(ctx context.Context) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO forgotten SELECT anchor FROM shadow
		WHERE EXISTS(SELECT 1 FROM protected p WHERE p.kind=shadow.kind AND p.id=shadow.id)`)
}

// Want keeps the account of a missing object as it is, because another object claims it.
func (w *DB) Want(ctx context.Context, kind identity.Kind, id identity.ResourceID) error {
	if id == "" {
		return nil
	}
	return w.exec(ctx, `INSERT OR IGNORE INTO wanted VALUES(?,?)`, string(kind), string(id))
}

// Guard puts a resource out of reach, because the configuration protects it.
func (w *DB) Guard(ctx context.Context, kind identity.Kind, id identity.ResourceID) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO guarded VALUES(?,?)`, string(kind), string(id))
}

// IsGuarded says whether a resource is out of reach.
func (w *DB) IsGuarded(ctx context.Context, kind identity.Kind, id identity.ResourceID) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM guarded WHERE kind=? AND id=?`, string(kind), string(id))
}

// LeaveGuarded protects what is out of reach, drops its matches, and remembers whose they were.
func (w *DB) LeaveGuarded(ctx context.Context) error {
	return w.all(ctx, []string{
		`INSERT OR IGNORE INTO protected SELECT kind, id FROM guarded`,
		`INSERT OR IGNORE INTO wanted SELECT kind, id FROM guarded`,
		`INSERT OR IGNORE INTO off_limits SELECT c.anchor, c.id FROM matched c JOIN guarded g ON g.kind=c.kind AND g.id=c.id`,
		`INSERT OR IGNORE INTO conflicting SELECT anchor FROM off_limits`,
		`DELETE FROM matched WHERE anchor IN (SELECT anchor FROM off_limits)`,
	})
}

// OffLimits returns the account that an object would have if it were not out of reach, or "".
func (w *DB) OffLimits(ctx context.Context, a identity.Anchor) (id identity.ResourceID, err error) {
	err = each(ctx, w, `SELECT id FROM off_limits WHERE anchor=?`,
		column[identity.ResourceID], func(v identity.ResourceID) error {
			id = v
			return nil
		}, string(a))
	return id, err
}
