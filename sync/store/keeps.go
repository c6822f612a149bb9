package store

import (
	"context"
	"database/sql"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// putKeeps records which accounts are kept from the purge. A forgotten shadow loses its keep: there
// is nothing left to purge.
func putKeeps(ctx context.Context, tx *sql.Tx, b port.Batch) error {
	into := bulk{tx: tx, head: "INSERT OR REPLACE INTO keep (anchor, who, reason, at, until) VALUES "}
	for _, k := range b.Keeps {
		until := int64(0)
		if !k.Until.IsZero() {
			until = nanos(k.Until)
		}
		if err := into.add(ctx, string(k.Anchor), k.By, k.Reason, nanos(k.At), until); err != nil {
			return err
		}
	}
	if err := into.flush(ctx); err != nil {
		return err
	}
	for _, gone := range [][]identity.Anchor{b.Released, b.Forget} {
		if err := each(ctx, tx, "DELETE FROM keep WHERE anchor = ?", gone, func(a identity.Anchor) []any {
			return []any{string(a)}
		}); err != nil {
			return err
		}
	}
	return nil
}

// Keeps lists all keeps sorted by anchor, expired ones included.
func (s *SQLite) Keeps(ctx context.Context, fn func(identity.Keep) error) error {
	return s.atOnce(ctx, func(tx *sql.Tx) error {
		return query(ctx, s, tx, "SELECT anchor, who, reason, at, until FROM keep ORDER BY anchor", nil, scanKeep, fn)
	})
}

func scanKeep(rows *sql.Rows) (k identity.Keep, err error) {
	var at, until int64
	err = rows.Scan(&k.Anchor, &k.By, &k.Reason, &at, &until)
	k.At, k.Until = instant(at), time.Time{}
	if until != 0 {
		k.Until = instant(until)
	}
	return k, err
}
