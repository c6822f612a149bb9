package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan/wire"
	"dirbridge/sync/port"
)

// Damaged gives what was found not to be what was written, since the database was opened;
// with all set every shadow is looked at first. Until it is written again or forgotten,
// readings give what is left of it.
func (s *SQLite) Damaged(ctx context.Context, all bool) (port.Damage, error) {
	if all {
		if err := list(ctx, s, shadowRows, nil, checkRow, func(c checked) error {
			if !c.whole {
				s.damage.shadow(c.anchor, c.left)
			}
			return nil
		}); err != nil {
			return port.Damage{}, err
		}
	}
	return s.damage.list(), nil
}

// shadowRows reads all that the sums of shadows are taken of.
const shadowRows = "SELECT anchor, kind, id, state, source, cloud, hashes, place, sums, payload FROM shadow"

// checked is a row of shadow that was looked at whole.
type checked struct {
	anchor identity.Anchor
	whole  bool
	left   *identity.Shadow // where it is not whole
}

// checkRow looks at a row. Where the columns are damaged the payload holds the same and
// more; where the payload is, they still tell whose account it is. A person in grace
// without the time since when is of no use to the purge, and left out.
func checkRow(rows *sql.Rows) (c checked, err error) {
	var anchor, kind, id, state string
	var source, cloud, hashes, place, sums int64
	var payload sql.RawBytes
	if err := rows.Scan(&anchor, &kind, &id, &state, &source, &cloud, &hashes, &place, &sums, &payload); err != nil {
		return c, err
	}
	var sum summer
	c.anchor = identity.Anchor(anchor)
	columns := sum.shadowColumns(anchor, kind, id, state, source, cloud, hashes, place) == above(sums)
	sh, ok := decodeShadow(anchor, sums, payload)
	switch c.whole = columns && ok; {
	case c.whole:
	case ok:
		c.left = &sh
	case columns && state == string(identity.Live):
		c.left = &identity.Shadow{Anchor: c.anchor, Kind: identity.Kind(kind), ID: identity.ResourceID(id), State: identity.Live, Active: true}
	}
	return c, nil
}

// decodeShadow reads a payload; ok is false where it is not what was written.
func decodeShadow(anchor string, sums int64, payload []byte) (sh identity.Shadow, ok bool) {
	var sum summer
	if sum.shadowPayload(anchor, payload) != below(sums) {
		return sh, false
	}
	d := wire.NewDecoder(payload)
	sh = d.Shadow()
	return sh, d.Done() == nil && string(sh.Anchor) == anchor
}

// shadow is what a reading gives of a row: errDamagedRow where nothing is left of it.
func (s *SQLite) shadow(anchor string, sums int64, payload []byte) (identity.Shadow, error) {
	left, damaged := s.damage.leftOf(identity.Anchor(anchor))
	if !damaged {
		if sh, ok := decodeShadow(anchor, sums, payload); ok {
			return sh, nil
		}
		var err error
		if left, err = s.salvage(anchor); err != nil {
			return identity.Shadow{}, err
		}
	}
	if left == nil {
		return identity.Shadow{}, errDamagedRow
	}
	return *left, nil
}

// salvage looks at the whole of a row that a reading of a part found damaged, and notes
// what is left of it.
func (s *SQLite) salvage(anchor string) (left *identity.Shadow, err error) {
	err = list(context.Background(), s, shadowRows+" WHERE anchor = ?", []any{anchor}, checkRow, func(c checked) error {
		left = c.left
		return nil
	})
	if err == nil {
		s.damage.shadow(identity.Anchor(anchor), left)
	}
	return left, err
}

// migrateSums gives the rows that a version without sums wrote theirs. Of the journal
// only what is written from now on has them: what is there is history.
func migrateSums(ctx context.Context, tx *sql.Tx) error {
	type row struct {
		key  string
		sums int64
	}
	var sum summer
	// A statement of a transaction cannot read on while another writes the same rows, so
	// it goes by pieces, in the order of the table.
	each := func(query, update string, scan func(*sql.Rows) (row, error)) error {
		for last, n := "", perSum; n == perSum; {
			var some []row
			rows, err := tx.QueryContext(ctx, query, last, perSum)
			if err != nil {
				return err
			}
			for rows.Next() {
				r, err := scan(rows)
				if err != nil {
					return errors.Join(err, rows.Close())
				}
				some, last = append(some, r), r.key
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				return err
			}
			n = len(some)
			stmt, err := tx.PrepareContext(ctx, update)
			if err != nil {
				return err
			}
			for _, r := range some {
				if _, err := stmt.ExecContext(ctx, r.sums, r.key); err != nil {
					return errors.Join(err, stmt.Close())
				}
			}
			if err := stmt.Close(); err != nil {
				return err
			}
		}
		return nil
	}
	err := each("SELECT anchor, kind, id, state, source, cloud, hashes, place, payload FROM shadow WHERE anchor > ? ORDER BY anchor LIMIT ?",
		"UPDATE shadow SET sums = ? WHERE anchor = ?", func(rows *sql.Rows) (r row, err error) {
			var kind, id, state string
			var source, cloud, hashes, place int64
			var payload sql.RawBytes
			err = rows.Scan(&r.key, &kind, &id, &state, &source, &cloud, &hashes, &place, &payload)
			r.sums = two(sum.shadowColumns(r.key, kind, id, state, source, cloud, hashes, place), sum.shadowPayload(r.key, payload))
			return r, err
		})
	if err != nil {
		return fmt.Errorf("sums of shadows: %w", err)
	}
	return each("SELECT name, value FROM value WHERE name > ? ORDER BY name LIMIT ?", "UPDATE value SET sum = ? WHERE name = ?",
		func(rows *sql.Rows) (r row, err error) {
			var value string
			err = rows.Scan(&r.key, &value)
			r.sums = sum.value(r.key, value)
			return r, err
		})
}

// perSum is how many rows migrateSums holds at once.
const perSum = 2000
