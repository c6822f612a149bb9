package store

import (
	"context"
	"database/sql"
	"errors"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// changeEdges adds and removes single edges, in order.
func changeEdges(ctx context.Context, tx *sql.Tx, changes []port.EdgeChange) error {
	if len(changes) == 0 {
		return nil
	}
	add, err := tx.PrepareContext(ctx,
		"INSERT OR IGNORE INTO edge (directory, kind, origin, anchor, dn, sid, goal) VALUES (?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer add.Close()
	remove, err := tx.PrepareContext(ctx,
		"DELETE FROM edge WHERE directory = ? AND kind = ? AND origin = ? AND anchor = ? AND dn = ? AND sid = ?")
	if err != nil {
		return err
	}
	defer remove.Close()
	for _, c := range changes {
		e := c.Edge
		args := []any{c.Directory, string(e.Kind), string(e.From), string(e.To.Anchor), e.To.DN, e.To.SID}
		if c.Removed {
			_, err = remove.ExecContext(ctx, args...)
		} else {
			_, err = add.ExecContext(ctx, append(args, edgeEndHash(e.To))...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// EdgesFrom lists the edges from these objects, of any directory and kind, in no order.
func (s *SQLite) EdgesFrom(ctx context.Context, from []identity.Anchor, fn func(identity.Edge) error) error {
	origins := distinct(from)
	return s.atOnce(ctx, func(tx *sql.Tx) error {
		// The key begins with directory and kind, which have few values: each pair is one step, and
		// the edges of an object are adjacent within it.
		var directory, kind string
		for {
			err := tx.QueryRowContext(ctx, `SELECT directory, kind FROM edge WHERE (directory, kind) > (?, ?)
				ORDER BY directory, kind LIMIT 1`, directory, kind).Scan(&directory, &kind)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			if err != nil {
				return s.fault(err)
			}
			head := "SELECT kind, origin, anchor, dn, sid FROM edge WHERE directory = ? AND kind = ? AND origin IN ("
			if err := lookUp(ctx, s, tx, head, []any{directory, kind}, origins, scanEdge, fn); err != nil {
				return err
			}
		}
	})
}

// EdgesTo lists the edges whose other end is one of these anchors or, unresolved, one of these DNs,
// in no order.
func (s *SQLite) EdgesTo(ctx context.Context, anchors []identity.Anchor, dns []string,
	fn func(identity.Edge) error) error {
	resolved, unresolved := make(wanted, len(anchors)), newWanted(dns, true)
	all := make(wanted, len(anchors)+len(dns))
	for _, a := range anchors {
		if a != "" {
			resolved[string(a)], all[string(a)] = struct{}{}, struct{}{}
		}
	}
	for dn := range unresolved {
		all[dn] = struct{}{}
	}
	return s.atOnce(ctx, func(tx *sql.Tx) error {
		const head = "SELECT kind, origin, anchor, dn, sid FROM edge WHERE goal IN ("
		return lookUp(ctx, s, tx, head, nil, all.hashes(), scanEdge, func(e identity.Edge) error {
			if e.To.Anchor != "" && resolved.has(string(e.To.Anchor)) || e.To.Anchor == "" &&
				unresolved.has(identity.Fold(e.To.DN)) {
				return fn(e)
			}
			return nil
		})
	})
}

// distinct returns the anchors, each once.
func distinct(anchors []identity.Anchor) []any {
	seen := make(wanted, len(anchors))
	var args []any
	for _, a := range anchors {
		if !seen.has(string(a)) {
			seen[string(a)] = struct{}{}
			args = append(args, string(a))
		}
	}
	return args
}
