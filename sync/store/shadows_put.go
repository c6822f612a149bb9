package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan/wire"
)

// putShadows writes shadows and then forgets some. It writes in order of anchor, the order of the
// table: several times as fast for many.
func putShadows(ctx context.Context, tx *sql.Tx, shadows []identity.Shadow, gone []identity.Anchor) error {
	if len(shadows)+len(gone) == 0 {
		return nil
	}
	l, err := openLedger(ctx, tx)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(inOrder(shadows), perInsert) {
		if err := putSome(ctx, tx, l, some); err != nil {
			return err
		}
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	for some := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(gone))), perInsert) {
		if err := forget(ctx, tx, l, some); err != nil {
			return err
		}
	}
	return l.close(ctx, tx)
}

// inOrder sorts the shadows by anchor and keeps the last one of each.
func inOrder(shadows []identity.Shadow) []*identity.Shadow {
	order := make([]*identity.Shadow, len(shadows))
	for i := range shadows {
		order[i] = &shadows[i]
	}
	slices.SortStableFunc(order, func(a, b *identity.Shadow) int { return cmp.Compare(a.Anchor, b.Anchor) })
	last := order[:0]
	for i, sh := range order {
		if i+1 == len(order) || order[i+1].Anchor != sh.Anchor {
			last = append(last, sh)
		}
	}
	return last
}

func putSome(ctx context.Context, tx *sql.Tx, l *ledger, some []*identity.Shadow) error {
	anchors := make([]any, len(some))
	for i, sh := range some {
		if sh.Anchor == "" {
			return errors.New("a shadow has no anchor")
		}
		anchors[i] = string(sh.Anchor)
	}
	olds, err := entries(ctx, tx, anchors)
	if err != nil {
		return err
	}
	var enc wire.Encoder
	var sum summer
	for _, sh := range some {
		e, err := l.write(ctx, sh, olds[sh.Anchor])
		if err != nil {
			return err
		}
		enc.Reset()
		enc.Shadow(sh)
		anchor, kind, id, state := string(sh.Anchor), string(sh.Kind), string(sh.ID), string(sh.State)
		source, cloud, hashes, place := int64(sh.Fingerprint.Source), int64(sh.Fingerprint.Cloud),
			joinSums(sh.Fingerprint.Key, sh.Fingerprint.Manager), int64(sh.Fingerprint.DN)
		sums := joinSums(sum.shadowColumns(anchor, kind, id, state, source, cloud, hashes, place),
			sum.shadowPayload(anchor, enc.Bytes()))
		if err := l.shadows.add(ctx, anchor, kind, id, state, source, cloud, hashes, place,
			e.hint, e.sum, e.linked, slices.Clone(enc.Bytes()), sums); err != nil {
			return err
		}
	}
	return nil
}

func forget(ctx context.Context, tx *sql.Tx, l *ledger, anchors []identity.Anchor) error {
	olds, err := entries(ctx, tx, distinct(anchors))
	if err != nil {
		return err
	}
	for a, old := range olds {
		if err := l.drop(ctx, a, old); err != nil {
			return err
		}
	}
	return each(ctx, tx, "DELETE FROM shadow WHERE anchor = ?", anchors, func(a identity.Anchor) []any {
		return []any{string(a)}
	})
}

// entry is the ledger's data of one shadow; the zero entry is none.
type entry struct {
	hint, sum, linked int64
}

// entries returns the entries of those anchors that have shadows.
func entries(ctx context.Context, tx *sql.Tx, anchors []any) (map[identity.Anchor]entry, error) {
	rows, err := tx.QueryContext(ctx, "SELECT anchor, hint, looks, linked FROM shadow WHERE anchor IN ("+
		marks(len(anchors))+")", anchors...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	olds := map[identity.Anchor]entry{}
	for rows.Next() {
		var a identity.Anchor
		var e entry
		if err := rows.Scan(&a, &e.hint, &e.sum, &e.linked); err != nil {
			return nil, err
		}
		olds[a] = e
	}
	return olds, rows.Err()
}
