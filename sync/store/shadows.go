package store

import (
	"context"
	"database/sql"
	"errors"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan/wire"
)

// list calls fn for every row. What it sees is the state at one moment.
func (s *SQLite) list(ctx context.Context, query string, args []any, fn func(*sql.Rows) error) error {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return s.fault(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return s.fault(err)
		}
	}
	return s.fault(rows.Err())
}

// Shadows lists all shadows in order of anchor.
func (s *SQLite) Shadows(ctx context.Context, fn func(identity.Shadow) error) error {
	return s.list(ctx, "SELECT payload FROM shadow ORDER BY anchor", nil, func(rows *sql.Rows) error {
		var payload sql.RawBytes
		if err := rows.Scan(&payload); err != nil {
			return err
		}
		sh, err := s.shadow(payload)
		if err != nil {
			return err
		}
		return fn(sh)
	})
}

// Shadow is what is remembered of one object; ok is false where that is nothing.
func (s *SQLite) Shadow(ctx context.Context, a identity.Anchor) (sh identity.Shadow, ok bool, err error) {
	var payload []byte
	err = s.read.QueryRowContext(ctx, "SELECT payload FROM shadow WHERE anchor = ?", string(a)).Scan(&payload)
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Shadow{}, false, nil
	}
	if err != nil {
		return identity.Shadow{}, false, s.fault(err)
	}
	sh, err = s.shadow(payload)
	return sh, err == nil, err
}

func (s *SQLite) shadow(payload []byte) (identity.Shadow, error) {
	d := wire.NewDecoder(payload)
	sh := d.Shadow()
	if d.Done() != nil {
		return identity.Shadow{}, s.damaged("a shadow cannot be read")
	}
	return sh, nil
}

// Containers lists the containers remembered for one directory, in the order in
// which they were given.
func (s *SQLite) Containers(ctx context.Context, directory string, fn func(identity.Container) error) error {
	const query = "SELECT anchor, dn, parent FROM container WHERE directory = ? ORDER BY place"
	return s.list(ctx, query, []any{directory}, func(rows *sql.Rows) error {
		var c identity.Container
		if err := rows.Scan(&c.Anchor, &c.DN, &c.Parent); err != nil {
			return err
		}
		return fn(c)
	})
}

// Dirty lists the anchors that the next plan must look at, and why, in order.
func (s *SQLite) Dirty(ctx context.Context, fn func(a identity.Anchor, reason string) error) error {
	return s.list(ctx, "SELECT anchor, reason FROM dirty ORDER BY anchor", nil, func(rows *sql.Rows) error {
		var a identity.Anchor
		var reason string
		if err := rows.Scan(&a, &reason); err != nil {
			return err
		}
		return fn(a, reason)
	})
}

// Value is a named value of the state, "" where it is not set.
func (s *SQLite) Value(ctx context.Context, name string) (string, error) {
	var value string
	err := s.read.QueryRowContext(ctx, "SELECT value FROM value WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, s.fault(err)
}
