package store

import (
	"context"
	"database/sql"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// putDeferred replaces the deferred objects: all of them, or those with the given anchors.
func putDeferred(ctx context.Context, tx *sql.Tx, b port.Batch) error {
	if b.AllDeferred {
		if _, err := tx.ExecContext(ctx, "DELETE FROM trouble"); err != nil {
			return err
		}
	}
	into := bulk{tx: tx, head: "INSERT OR REPLACE INTO trouble (anchor, kind, key, again) VALUES "}
	for _, t := range b.Deferred {
		if err := into.add(ctx, string(t.Anchor), string(t.Kind), identity.Fold(t.Key), flag(t.Again)); err != nil {
			return err
		}
	}
	if err := into.flush(ctx); err != nil || b.AllDeferred {
		return err
	}
	return each(ctx, tx, "DELETE FROM trouble WHERE anchor = ?", b.Settled,
		func(a identity.Anchor) []any { return []any{string(a)} })
}

// Deferred lists deferred objects, each once, in no order.
func (s *SQLite) Deferred(ctx context.Context, keys []string, anchors []identity.Anchor, again bool,
	fn func(identity.Deferred) error) error {
	const columns = "SELECT anchor, kind, key, again FROM trouble WHERE "
	byKey := newWanted(keys, true)
	return s.atOnce(ctx, func(tx *sql.Tx) error {
		if again {
			if err := query(ctx, s, tx, columns+"again = 1", nil, scanDeferred, fn); err != nil {
				return err
			}
		}
		err := lookUp(ctx, s, tx, columns+"key <> '' AND key IN (", nil, byKey.values(), scanDeferred,
			func(t identity.Deferred) error {
				if again && t.Again {
					return nil // listed above
				}
				return fn(t)
			})
		if err != nil {
			return err
		}
		return lookUp(ctx, s, tx, columns+"anchor IN (", nil, distinct(anchors), scanDeferred,
			func(t identity.Deferred) error {
				if again && t.Again || byKey.has(t.Key) {
					return nil
				}
				return fn(t)
			})
	})
}

func scanDeferred(rows *sql.Rows) (t identity.Deferred, err error) {
	err = rows.Scan(&t.Anchor, &t.Kind, &t.Key, &t.Again)
	return t, err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
