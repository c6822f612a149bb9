package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"dirbridge/sync/identity"
)

// ledger keeps hints and counts consistent with the shadows of one transaction.
type ledger struct {
	next, merged, stale int64
	directories         map[string]*directoryCount // additions to the counts
	shadows, hints      bulk
	deleteHint          *sql.Stmt
}

type directoryCount struct{ shadows, people, active int64 }

func openLedger(ctx context.Context, tx *sql.Tx) (*ledger, error) {
	l := &ledger{directories: map[string]*directoryCount{},
		shadows: bulk{tx: tx, head: `INSERT OR REPLACE INTO shadow
			(anchor, kind, id, state, source, cloud, hashes, place, hint, looks, linked, payload, sums) VALUES `},
		hints: bulk{tx: tx, head: "INSERT INTO hint (n, anchor, id, key, wish, dn, manager, parent, sid) VALUES "}}
	if err := tx.QueryRowContext(ctx, "SELECT next, merged, stale FROM ledger").Scan(&l.next, &l.merged,
		&l.stale); err != nil {
		return nil, err
	}
	var err error
	l.deleteHint, err = tx.PrepareContext(ctx, "DELETE FROM hint WHERE n = ?") // closed with the transaction
	return l, err
}

// write stores a shadow in place of the old entry.
func (l *ledger) write(ctx context.Context, sh *identity.Shadow, old entry) (entry, error) {
	h := hintOf(sh)
	e := entry{hint: old.hint, sum: h.sum(), linked: linked(sh)}
	l.count(sh.Anchor, old, e)
	if old.hint != 0 && old.sum == e.sum {
		return e, nil
	}
	if err := l.forgetHint(ctx, old); err != nil {
		return e, err
	}
	l.next++
	e.hint = l.next
	return e, l.hints.add(ctx, append([]any{e.hint, string(sh.Anchor)}, h.columns()...)...)
}

// drop removes a shadow.
func (l *ledger) drop(ctx context.Context, a identity.Anchor, old entry) error {
	l.count(a, old, entry{})
	return l.forgetHint(ctx, old)
}

func (l *ledger) forgetHint(ctx context.Context, old entry) error {
	if old.hint == 0 {
		return nil
	}
	if old.hint <= l.merged {
		l.stale++
	}
	_, err := l.deleteHint.ExecContext(ctx, old.hint)
	return err
}

func (l *ledger) count(a identity.Anchor, old, e entry) {
	t := l.directories[a.Directory()]
	if t == nil {
		t = &directoryCount{}
		l.directories[a.Directory()] = t
	}
	t.shadows += flag(e.sum != 0) - flag(old.sum != 0)
	t.people += flag(e.linked > 0) - flag(old.linked > 0)
	t.active += flag(e.linked == 2) - flag(old.linked == 2)
}

// flush writes the waiting shadows and hints.
func (l *ledger) flush(ctx context.Context) error {
	if err := l.shadows.flush(ctx); err != nil {
		return err
	}
	return l.hints.flush(ctx)
}

// close writes the pending rows, the counts and the ledger itself.
func (l *ledger) close(ctx context.Context, tx *sql.Tx) error {
	if err := l.flush(ctx); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(l.directories)) {
		t := l.directories[name]
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO directory (name, shadows, people, active) VALUES (?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET
				shadows = shadows + excluded.shadows, people = people + excluded.people,
				active = active + excluded.active`,
			name, t.shadows, t.people, t.active); err != nil {
			return err
		}
	}
	if err := l.merge(ctx, tx); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE ledger SET next = ?, merged = ?, stale = ?", l.next, l.merged, l.stale)
	return err
}
