package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// perLookUp is the number of values in one query.
const perLookUp = 250

// Seek lists the shadows with one of the values in an index, each once, in no order.
// Case-insensitive values may be given in any case.
func (s *SQLite) Seek(ctx context.Context, by port.Index, values []string, fn func(identity.Shadow) error) error {
	if by == port.ByGUID {
		return s.seekGUID(ctx, values, fn)
	}
	in, ok := lookupFor(by)
	if !ok {
		return fmt.Errorf("shadows have no index %q", by)
	}
	wanted := newWanted(values, in.folded)
	if len(wanted) == 0 {
		return ctx.Err()
	}
	return s.atOnce(ctx, func(tx *sql.Tx) error {
		if err := s.seekMerged(ctx, tx, in, wanted, fn); err != nil {
			return err
		}
		return s.seekRest(ctx, tx, in, wanted, fn)
	})
}

// seekMerged searches the index. Only by key can it find a shadow twice, if both its applied key
// and its directory key are wanted.
func (s *SQLite) seekMerged(ctx context.Context, tx *sql.Tx, in lookup, wanted wanted,
	fn func(identity.Shadow) error) error {
	const head = "SELECT l.hash, s.anchor, s.sums, s.payload FROM lookup l CROSS JOIN hint h ON h.n = l.n CROSS JOIN " +
		"shadow s ON s.anchor = h.anchor WHERE l.hash IN ("
	hashes := wanted.hashes()
	for i, h := range hashes {
		hashes[i] = in.number<<32 | h.(int64)
	}
	type hit struct {
		hash int64
		sh   identity.Shadow
	}
	scan := func(rows *sql.Rows) (h hit, err error) {
		var anchor string
		var sums int64
		var payload sql.RawBytes
		if err := rows.Scan(&h.hash, &anchor, &sums, &payload); err != nil {
			return h, err
		}
		h.sh, err = s.shadow(anchor, sums, payload)
		return h, err
	}
	return lookUp(ctx, s, tx, head, nil, hashes, scan, func(h hit) error {
		value := in.value(&h.sh)
		if wanted.has(value) != (hashOf(value) == uint32(h.hash)) {
			return nil // listed by its value, or a hash collision
		}
		return fn(h.sh)
	})
}

// seekRest scans the hints that are not merged yet.
func (s *SQLite) seekRest(ctx context.Context, tx *sql.Tx, in lookup, wanted wanted,
	fn func(identity.Shadow) error) error {
	text := "SELECT anchor, " + in.column + ", NULL FROM hint WHERE n > (SELECT merged FROM ledger)"
	if in.number == lookKey {
		text = "SELECT anchor, key, wish FROM hint WHERE n > (SELECT merged FROM ledger)"
	}
	hashes := make(map[int64]struct{}, len(wanted))
	for v := range wanted {
		hashes[int64(hashOf(v))] = struct{}{}
	}
	type row struct {
		anchor      string
		value, wish sql.NullInt64
	}
	scan := func(rows *sql.Rows) (r row, err error) {
		err = rows.Scan(&r.anchor, &r.value, &r.wish)
		return r, err
	}
	var sure, wish []any // by value; by the directory's key only
	err := query(ctx, s, tx, text, nil, scan, func(r row) error {
		if _, ok := hashes[r.wish.Int64]; ok && r.wish.Valid {
			wish = append(wish, r.anchor)
		} else if _, ok := hashes[r.value.Int64]; ok && r.value.Valid {
			sure = append(sure, r.anchor)
		}
		return nil
	})
	if err != nil {
		return err
	}
	const head = "SELECT anchor, sums, payload FROM shadow WHERE anchor IN ("
	if err := lookUp(ctx, s, tx, head, nil, wish, s.scanShadow, fn); err != nil {
		return err
	}
	return lookUp(ctx, s, tx, head, nil, sure, s.scanShadow, func(sh identity.Shadow) error {
		if !wanted.has(in.value(&sh)) {
			return nil
		}
		return fn(sh)
	})
}

// seekGUID searches the anchors of each directory with shadows.
func (s *SQLite) seekGUID(ctx context.Context, guids []string, fn func(identity.Shadow) error) error {
	wanted := newWanted(guids, true)
	return s.atOnce(ctx, func(tx *sql.Tx) error {
		var directories []string
		err := query(ctx, s, tx, "SELECT name FROM directory WHERE shadows > 0 ORDER BY name", nil, scanText,
			func(name string) error {
				directories = append(directories, name)
				return nil
			})
		if err != nil {
			return err
		}
		for _, directory := range directories {
			var anchors []any
			for guid := range wanted {
				anchors = append(anchors, string(identity.NewAnchor(directory, guid)))
			}
			if err := lookUp(ctx, s, tx, "SELECT anchor, sums, payload FROM shadow WHERE anchor IN (", nil, anchors,
				s.scanShadow, fn); err != nil {
				return err
			}
		}
		return nil
	})
}

// wanted is a set of values to look up.
type wanted map[string]struct{}

func newWanted(values []string, folded bool) wanted {
	w := make(wanted, len(values))
	for _, v := range values {
		if folded {
			v = identity.Fold(v)
		}
		if v != "" {
			w[v] = struct{}{}
		}
	}
	return w
}

func (w wanted) has(value string) bool {
	_, ok := w[value]
	return ok
}

// hashes returns the hashes of the values, each once and in the order of the index.
func (w wanted) hashes() []any {
	all := make([]uint32, 0, len(w))
	for v := range w {
		all = append(all, hashOf(v))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	args := make([]any, len(all))
	for i, h := range all {
		args[i] = int64(h)
	}
	return args
}

// values returns the values, sorted.
func (w wanted) values() []any {
	args := make([]any, 0, len(w))
	for _, v := range slices.Sorted(maps.Keys(w)) {
		args = append(args, v)
	}
	return args
}

// atOnce runs fn in a transaction, which sees a single state.
func (s *SQLite) atOnce(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.fault(err)
	}
	defer tx.Rollback() // nothing was written
	return fn(tx)
}

// lookUp runs a query that ends in "IN (" for all values, in several queries if necessary. args
// come before the values.
func lookUp[T any](ctx context.Context, s *SQLite, tx *sql.Tx, head string, args, values []any,
	scan func(*sql.Rows) (T, error), fn func(T) error) error {
	for some := range slices.Chunk(values, perLookUp) {
		text := head + marks(len(some)) + ")"
		if err := query(ctx, s, tx, text, slices.Concat(args, some), scan, fn); err != nil {
			return err
		}
	}
	return nil
}

// marks are n placeholders, at least one.
func marks(n int) string { return "?" + strings.Repeat(", ?", n-1) }

func scanText(rows *sql.Rows) (text string, err error) {
	err = rows.Scan(&text)
	return text, err
}
