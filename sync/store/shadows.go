package store

import (
	"context"
	"database/sql"
	"errors"

	"dirbridge/sync/identity"
)

// list calls fn for every row. It sees a single state of the database. An error of fn is returned
// unchanged. A damaged row is left out.
func list[T any](ctx context.Context, s *SQLite, text string, args []any, scan func(*sql.Rows) (T, error),
	fn func(T) error) error {
	return query(ctx, s, s.read, text, args, scan, fn)
}

// querier is a database, or a transaction.
type querier interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// query is list within a transaction.
func query[T any](ctx context.Context, s *SQLite, from querier, text string, args []any,
	scan func(*sql.Rows) (T, error), fn func(T) error) error {
	rows, err := from.QueryContext(ctx, text, args...)
	if err != nil {
		return s.fault(err)
	}
	defer rows.Close()
	for rows.Next() {
		t, err := scan(rows)
		if errors.Is(err, errDamagedRow) {
			continue
		}
		if err != nil {
			return s.fault(err)
		}
		if err := fn(t); err != nil {
			return err
		}
	}
	return s.fault(rows.Err())
}

// collect is list into a slice.
func collect[T any](ctx context.Context, s *SQLite, query string, args []any,
	scan func(*sql.Rows) (T, error)) ([]T, error) {
	var all []T
	err := list(ctx, s, query, args, scan, func(t T) error { all = append(all, t); return nil })
	return all, err
}

// Shadows lists all shadows sorted by anchor.
func (s *SQLite) Shadows(ctx context.Context, fn func(identity.Shadow) error) error {
	return list(ctx, s, "SELECT anchor, sums, payload FROM shadow ORDER BY anchor", nil, s.scanShadow, fn)
}

func (s *SQLite) scanShadow(rows *sql.Rows) (identity.Shadow, error) {
	var anchor string
	var sums int64
	var payload sql.RawBytes
	if err := rows.Scan(&anchor, &sums, &payload); err != nil {
		return identity.Shadow{}, err
	}
	return s.shadow(anchor, sums, payload)
}

// Rest lists the shadows that Fingerprints leaves out, sorted by anchor.
func (s *SQLite) Rest(ctx context.Context, fn func(identity.Shadow) error) error {
	const query = "SELECT anchor, sums, payload FROM shadow WHERE NOT (kind = 'user' AND state = 'live' AND id <> '') " +
		"ORDER BY anchor"
	return list(ctx, s, query, nil, s.scanShadow, func(sh identity.Shadow) error {
		if sh.Kind == identity.User && sh.State == identity.Live && sh.ID != "" { // its columns differ
			if _, err := s.recover(string(sh.Anchor)); err != nil {
				return err
			}
		}
		return fn(sh)
	})
}

// Shadow returns the shadow of one object; ok is false if there is none.
func (s *SQLite) Shadow(ctx context.Context, a identity.Anchor) (sh identity.Shadow, ok bool, err error) {
	var payload []byte
	var sums int64
	err = s.read.QueryRowContext(ctx, "SELECT sums, payload FROM shadow WHERE anchor = ?", string(a)).Scan(&sums, &payload)
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Shadow{}, false, nil
	}
	if err != nil {
		return identity.Shadow{}, false, s.fault(err)
	}
	sh, err = s.shadow(string(a), sums, payload)
	if errors.Is(err, errDamagedRow) {
		return identity.Shadow{}, false, nil
	}
	return sh, err == nil, err
}

// Containers lists the stored containers of one directory, in their original order.
func (s *SQLite) Containers(ctx context.Context, directory string, fn func(identity.Container) error) error {
	const query = "SELECT anchor, dn, parent FROM container WHERE directory = ? ORDER BY place"
	scan := func(rows *sql.Rows) (c identity.Container, err error) {
		err = rows.Scan(&c.Anchor, &c.DN, &c.Parent)
		return c, err
	}
	return list(ctx, s, query, []any{directory}, scan, fn)
}

// Dirty lists the anchors that the next plan must look at, with the reason, in order.
func (s *SQLite) Dirty(ctx context.Context, fn func(a identity.Anchor, reason string) error) error {
	type mark struct {
		anchor identity.Anchor
		reason string
	}
	scan := func(rows *sql.Rows) (m mark, err error) {
		err = rows.Scan(&m.anchor, &m.reason)
		return m, err
	}
	return list(ctx, s, "SELECT anchor, reason FROM dirty ORDER BY anchor", nil, scan,
		func(m mark) error { return fn(m.anchor, m.reason) })
}

// Value returns a named value of the state, "" if it is not set or damaged.
func (s *SQLite) Value(ctx context.Context, name string) (string, error) {
	var value string
	var have int64
	err := s.read.QueryRowContext(ctx, "SELECT value, sum FROM value WHERE name = ?", name).Scan(&value, &have)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	var sum summer
	if err == nil && sum.value(name, value) != have {
		s.damage.value(name)
		return "", nil
	}
	return value, s.fault(err)
}

// Fingerprints lists the fingerprints of all live, linked people, sorted by anchor. It reads no
// payloads, which are most of the cost of listing shadows.
func (s *SQLite) Fingerprints(ctx context.Context,
	fn func(identity.Anchor, identity.ResourceID, identity.Fingerprint) error) error {
	const query = "SELECT anchor, id, source, cloud, hashes, place, sums FROM shadow WHERE kind = 'user' AND state = " +
		"'live' AND id <> '' ORDER BY anchor"
	rows, err := s.read.QueryContext(ctx, query)
	if err != nil {
		return s.fault(err)
	}
	defer rows.Close()
	var sum summer
	for rows.Next() {
		var a identity.Anchor
		var id identity.ResourceID
		var source, cloud, hashes, place, sums int64
		if err := rows.Scan(&a, &id, &source, &cloud, &hashes, &place, &sums); err != nil {
			return s.fault(err)
		}
		if sum.shadowColumns(string(a), string(identity.User), string(id), string(identity.Live), source, cloud, hashes,
			place) != upperSum(sums) {
			if _, err := s.recover(string(a)); err != nil {
				return err
			}
		}
		if left, damaged := s.damage.leftOf(a); damaged {
			if left == nil {
				continue
			}
			if err := fn(a, left.ID, left.Fingerprint); err != nil {
				return err
			}
			continue
		}
		p := identity.Fingerprint{Source: uint64(source), Cloud: uint64(cloud), Key: uint32(uint64(hashes) >> 32),
			Manager: uint32(uint64(hashes)), DN: uint32(place)}
		if err := fn(a, id, p); err != nil {
			return err
		}
	}
	return s.fault(rows.Err())
}
