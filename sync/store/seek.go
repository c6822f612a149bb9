package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// perLookUp is how many values one query looks for.
const perLookUp = 250

// Seek lists the shadows that have one of the values in an index, each once, in no
// order. Values that are compared without regard to letter case may be given in any.
func (s *SQLite) Seek(ctx context.Context, by sync.Index, values []string, fn func(identity.Shadow) error) error {
	if by == sync.ByGUID {
		return s.seekGUID(ctx, values, fn)
	}
	column, of, folded := "", func(*identity.Shadow) string { return "" }, false
	switch by {
	case sync.ByID:
		column, of = "by_id", func(sh *identity.Shadow) string { return string(sh.ID) }
	case sync.ByKey:
		column, of, folded = "by_key", appliedKey, true
	case sync.ByDN:
		column, of, folded = "by_dn", func(sh *identity.Shadow) string { return identity.Fold(sh.DN) }, true
	case sync.ByManager:
		column, of = "by_manager", func(sh *identity.Shadow) string { return sh.Applied.First(schema.Manager) }
	case sync.ByParent:
		column, of = "by_parent", func(sh *identity.Shadow) string { return string(sh.Parent) }
	default:
		return fmt.Errorf("shadows have no index %q", by)
	}
	wanted := newWanted(values, folded)
	return s.atOnce(ctx, func(tx *sql.Tx) error {
		err := lookUp(ctx, s, tx, "SELECT payload FROM shadow WHERE "+column+" IN (", nil, wanted.hashes(), s.scanShadow, func(sh identity.Shadow) error {
			if !wanted.has(of(&sh)) {
				return nil
			}
			return fn(sh)
		})
		if err != nil || by != sync.ByKey {
			return err
		}
		return lookUp(ctx, s, tx, "SELECT payload FROM shadow WHERE by_wish IN (", nil, wanted.hashes(), s.scanShadow, func(sh identity.Shadow) error {
			if wanted.has(of(&sh)) {
				return nil // listed above
			}
			return fn(sh)
		})
	})
}

// seekGUID looks in each directory that has shadows, by their anchors.
func (s *SQLite) seekGUID(ctx context.Context, guids []string, fn func(identity.Shadow) error) error {
	wanted := newWanted(guids, true)
	return s.atOnce(ctx, func(tx *sql.Tx) error {
		var directories []string
		err := query(ctx, s, tx, "SELECT name FROM directory WHERE shadows > 0 ORDER BY name", nil, scanText, func(name string) error {
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
			if err := lookUp(ctx, s, tx, "SELECT payload FROM shadow WHERE anchor IN (", nil, anchors, s.scanShadow, fn); err != nil {
				return err
			}
		}
		return nil
	})
}

// wanted is a set of values that are looked for.
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

// hashes are those of the values, each once and in order, which is that of the index.
func (w wanted) hashes() []any {
	all := make([]uint32, 0, len(w))
	for v := range w {
		all = append(all, keyHash(v))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	args := make([]any, len(all))
	for i, h := range all {
		args[i] = int64(h)
	}
	return args
}

// values are the values themselves, in order.
func (w wanted) values() []any {
	args := make([]any, 0, len(w))
	for _, v := range slices.Sorted(maps.Keys(w)) {
		args = append(args, v)
	}
	return args
}

// atOnce runs fn in a transaction that sees the state at one moment.
func (s *SQLite) atOnce(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.fault(err)
	}
	defer tx.Rollback() // nothing was written
	return fn(tx)
}

// lookUp runs a query that ends in "IN (" for all the values, so many at a time. args
// are for what stands before.
func lookUp[T any](ctx context.Context, s *SQLite, tx *sql.Tx, head string, args, values []any, scan func(*sql.Rows) (T, error), fn func(T) error) error {
	for some := range slices.Chunk(values, perLookUp) {
		text := head + "?" + strings.Repeat(", ?", len(some)-1) + ")"
		if err := query(ctx, s, tx, text, slices.Concat(args, some), scan, fn); err != nil {
			return err
		}
	}
	return nil
}

func scanText(rows *sql.Rows) (text string, err error) {
	err = rows.Scan(&text)
	return text, err
}
