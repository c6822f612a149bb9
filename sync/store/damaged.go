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

// Damaged lists the rows that were found damaged since the database was opened. With all set it
// checks every shadow first. Until a damaged row is written again or forgotten, readings return
// what is left of it.
func (s *SQLite) Damaged(ctx context.Context, all bool) (port.Damage, error) {
	if all {
		if err := list(ctx, s, shadowRows, nil, checkRow, func(c checkedRow) error {
			if !c.intact {
				s.damage.shadow(c.anchor, c.left)
			}
			return nil
		}); err != nil {
			return port.Damage{}, err
		}
	}
	return s.damage.list(), nil
}

// shadowRows reads everything that the sums of a shadow cover.
const shadowRows = "SELECT anchor, kind, id, state, source, cloud, hashes, place, sums, payload FROM shadow"

// checkedRow is a shadow row that was checked completely.
type checkedRow struct {
	anchor identity.Anchor
	intact bool
	left   *identity.Shadow // if it is damaged
}

// checkRow checks a row. If the columns are damaged, the payload has the same data and more; if the
// payload is damaged, the columns still have the link. A person in grace without a start time is
// useless for the purge, and left out.
func checkRow(rows *sql.Rows) (c checkedRow, err error) {
	var anchor, kind, id, state string
	var source, cloud, hashes, place, sums int64
	var payload sql.RawBytes
	if err := rows.Scan(&anchor, &kind, &id, &state, &source, &cloud, &hashes, &place, &sums, &payload); err != nil {
		return c, err
	}
	var sum summer
	c.anchor = identity.Anchor(anchor)
	columns := sum.shadowColumns(anchor, kind, id, state, source, cloud, hashes, place) == upperSum(sums)
	sh, ok := decodeShadow(anchor, sums, payload)
	switch c.intact = columns && ok; {
	case c.intact:
	case ok:
		c.left = &sh
	case columns && state == string(identity.Live):
		c.left = &identity.Shadow{Anchor: c.anchor, Kind: identity.Kind(kind), ID: identity.ResourceID(id),
			State: identity.Live, Active: true}
	}
	return c, nil
}

// decodeShadow decodes a payload; ok is false if it is damaged.
func decodeShadow(anchor string, sums int64, payload []byte) (sh identity.Shadow, ok bool) {
	var sum summer
	if sum.shadowPayload(anchor, payload) != lowerSum(sums) {
		return sh, false
	}
	d := wire.NewDecoder(payload)
	sh = d.Shadow()
	return sh, d.Done() == nil && string(sh.Anchor) == anchor
}

// shadow returns a row for a reading: errDamagedRow if nothing is left of it.
func (s *SQLite) shadow(anchor string, sums int64, payload []byte) (identity.Shadow, error) {
	left, damaged := s.damage.leftOf(identity.Anchor(anchor))
	if !damaged {
		if sh, ok := decodeShadow(anchor, sums, payload); ok {
			return sh, nil
		}
		var err error
		if left, err = s.recover(anchor); err != nil {
			return identity.Shadow{}, err
		}
	}
	if left == nil {
		return identity.Shadow{}, errDamagedRow
	}
	return *left, nil
}

// recover checks a complete row after a reading of a part found it damaged, and records what is
// left.
func (s *SQLite) recover(anchor string) (left *identity.Shadow, err error) {
	err = list(context.Background(), s, shadowRows+" WHERE anchor = ?", []any{anchor}, checkRow, func(c checkedRow) error {
		left = c.left
		return nil
	})
	if err == nil {
		s.damage.shadow(identity.Anchor(anchor), left)
	}
	return left, err
}

// migrateSums adds sums to the rows of a version without them. In the journal only new rows get
// sums: the others are history.
func migrateSums(ctx context.Context, tx *sql.Tx) error {
	type row struct {
		key  string
		sums int64
	}
	var sum summer
	// Within a transaction a statement cannot read rows while another writes them, so the migration
	// goes in pieces, in the order of the table.
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
	err := each(
		"SELECT anchor, kind, id, state, source, cloud, hashes, place, payload FROM shadow WHERE anchor > ? ORDER BY "+
			"anchor LIMIT ?",
		"UPDATE shadow SET sums = ? WHERE anchor = ?", func(rows *sql.Rows) (r row, err error) {
			var kind, id, state string
			var source, cloud, hashes, place int64
			var payload sql.RawBytes
			err = rows.Scan(&r.key, &kind, &id, &state, &source, &cloud, &hashes, &place, &payload)
			r.sums = joinSums(sum.shadowColumns(r.key, kind, id, state, source, cloud, hashes, place),
				sum.shadowPayload(r.key, payload))
			return r, err
		})
	if err != nil {
		return fmt.Errorf("sums of shadows: %w", err)
	}
	return each("SELECT name, value FROM value WHERE name > ? ORDER BY name LIMIT ?",
		"UPDATE value SET sum = ? WHERE name = ?",
		func(rows *sql.Rows) (r row, err error) {
			var value string
			err = rows.Scan(&r.key, &value)
			r.sums = sum.value(r.key, value)
			return r, err
		})
}

// perSum is the number of rows that migrateSums holds at once.
const perSum = 2000
