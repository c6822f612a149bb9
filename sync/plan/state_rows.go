package plan

import (
	"context"
	"database/sql"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan/wire"
)

// stream reads all rows of a table, in pages by seq, so that no connection is held while fn runs.
// Like ChangesFrom it never skips a row unnoticed.
func stream[T any](ctx context.Context, p *Plan, table int, columns string, scan func(*sql.Rows) (int64, T, error),
	fn func(T) error) error {
	query := columns + " WHERE seq > ? ORDER BY seq LIMIT ?"
	for after := int64(0); after < p.length[table]; {
		var some []T
		err := p.query(ctx, query, []any{after, page}, func(rows *sql.Rows) error {
			seq, t, err := scan(rows)
			if err == nil && seq != after+1 {
				err = changed(p.path, fmt.Sprintf("row %d of %s is missing", after+1, tables()[table].name))
			}
			some, after = append(some, t), seq
			return err
		})
		if err != nil {
			return err
		}
		if len(some) == 0 {
			return changed(p.path, fmt.Sprintf("rows of %s after %d are missing", tables()[table].name, after))
		}
		for _, t := range some {
			if err := fn(t); err != nil {
				return err
			}
		}
	}
	return nil
}

// within is a row of one directory.
type within[T any] struct {
	directory string
	row       T
}

// of passes the rows of one directory to fn.
func of[T any](directory string, fn func(T) error) func(within[T]) error {
	return func(w within[T]) error {
		if w.directory != directory {
			return nil
		}
		return fn(w.row)
	}
}

// Shadows calls fn for every shadow to store when the plan is applied, without a write to the
// cloud.
func (p *Plan) Shadows(ctx context.Context, fn func(identity.Shadow) error) error {
	scan := func(rows *sql.Rows) (seq int64, s identity.Shadow, err error) {
		var payload sql.RawBytes
		if err := rows.Scan(&seq, &payload); err != nil {
			return 0, s, err
		}
		d := wire.NewDecoder(payload)
		s = d.Shadow()
		if d.Done() != nil {
			return 0, s, changed(p.path, fmt.Sprintf("shadow %d cannot be read", seq))
		}
		return seq, s, nil
	}
	return stream(ctx, p, tblShadow, "SELECT seq, payload FROM shadow", scan, fn)
}

// Forgets calls fn for every anchor whose shadow is dropped when the plan is applied.
func (p *Plan) Forgets(ctx context.Context, fn func(identity.Anchor) error) error {
	scan := func(rows *sql.Rows) (seq int64, a identity.Anchor, err error) {
		err = rows.Scan(&seq, &a)
		return seq, a, err
	}
	return stream(ctx, p, tblForget, "SELECT seq, anchor FROM forget", scan, fn)
}

// Edges calls fn for every present edge of the directory.
func (p *Plan) Edges(ctx context.Context, directory string, fn func(identity.Edge) error) error {
	scan := func(rows *sql.Rows) (seq int64, w within[identity.Edge], err error) {
		e := &w.row
		err = rows.Scan(&seq, &w.directory, &e.Kind, &e.From, &e.To.Anchor, &e.To.DN, &e.To.SID)
		return seq, w, err
	}
	return stream(ctx, p, tblEdge, "SELECT seq, directory, kind, origin, anchor, dn, sid FROM edge", scan,
		of(directory, fn))
}

// Containers calls fn for every present container of the directory.
func (p *Plan) Containers(ctx context.Context, directory string, fn func(identity.Container) error) error {
	scan := func(rows *sql.Rows) (seq int64, w within[identity.Container], err error) {
		c := &w.row
		err = rows.Scan(&seq, &w.directory, &c.Anchor, &c.DN, &c.Parent)
		return seq, w, err
	}
	return stream(ctx, p, tblContainer, "SELECT seq, directory, anchor, dn, parent FROM container", scan,
		of(directory, fn))
}

// Values calls fn for every value of the state to store when the plan is applied, in order of name.
func (p *Plan) Values(ctx context.Context, fn func(name, value string) error) error {
	type pair struct{ name, value string }
	scan := func(rows *sql.Rows) (seq int64, v pair, err error) {
		err = rows.Scan(&seq, &v.name, &v.value)
		return seq, v, err
	}
	return stream(ctx, p, tblValue, "SELECT seq, name, value FROM value", scan, func(v pair) error {
		return fn(v.name, v.value)
	})
}

// EdgeChange is one added or removed edge of a directory.
type EdgeChange struct {
	Directory string
	Edge      identity.Edge
	Removed   bool
}

// EdgeChanges calls fn for every added or removed edge of all directories, in the order in which to
// apply them.
func (p *Plan) EdgeChanges(ctx context.Context, fn func(EdgeChange) error) error {
	scan := func(rows *sql.Rows) (seq int64, c EdgeChange, err error) {
		e := &c.Edge
		err = rows.Scan(&seq, &c.Directory, &e.Kind, &e.From, &e.To.Anchor, &e.To.DN, &e.To.SID, &c.Removed)
		return seq, c, err
	}
	return stream(ctx, p, tblEdgeChange, "SELECT seq, directory, kind, origin, anchor, dn, sid, removed FROM edge_change",
		scan, fn)
}

// Deferred calls fn for every deferred object to store.
func (p *Plan) Deferred(ctx context.Context, fn func(identity.Deferred) error) error {
	scan := func(rows *sql.Rows) (seq int64, t identity.Deferred, err error) {
		err = rows.Scan(&seq, &t.Anchor, &t.Kind, &t.Key, &t.Again)
		return seq, t, err
	}
	return stream(ctx, p, tblDeferred, "SELECT seq, anchor, kind, key, again FROM trouble", scan, fn)
}

// Settled calls fn for every object that is no longer deferred.
func (p *Plan) Settled(ctx context.Context, fn func(identity.Anchor) error) error {
	scan := func(rows *sql.Rows) (seq int64, a identity.Anchor, err error) {
		err = rows.Scan(&seq, &a)
		return seq, a, err
	}
	return stream(ctx, p, tblSettled, "SELECT seq, anchor FROM settled", scan, fn)
}

// ReplacesDeferred reports whether Deferred replaces all stored deferred objects.
func (p *Plan) ReplacesDeferred() bool { return p.length[tblReplaced] > 0 }
