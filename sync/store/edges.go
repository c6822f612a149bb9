package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// putEdges replaces the edges of directories. The new edges go to a temporary table first, which is
// neither logged nor synced, so that the database is written only where an edge was added or
// removed: usually few.
func putEdges(ctx context.Context, tx *sql.Tx, sets map[string]port.EdgeSet) error {
	if len(sets) == 0 {
		return nil
	}
	const empty = `
		DROP TABLE IF EXISTS temp.incoming;
		CREATE TEMP TABLE incoming (kind TEXT, origin TEXT, anchor TEXT, dn TEXT, sid TEXT, goal INTEGER,
			PRIMARY KEY (kind, origin, anchor, dn, sid)) WITHOUT ROWID`
	for _, directory := range slices.Sorted(maps.Keys(sets)) {
		if _, err := tx.ExecContext(ctx, empty); err != nil {
			return err
		}
		if err := takeEdges(ctx, tx, sets[directory]); err != nil {
			return err
		}
		if err := mergeEdges(ctx, tx, directory); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, "DROP TABLE temp.incoming")
	return err
}

// mergeEdges replaces the edges of a directory by the new ones. Once all of them are inserted,
// equal counts prove that there is no other edge to remove.
func mergeEdges(ctx context.Context, tx *sql.Tx, directory string) error {
	const (
		insert = `
			INSERT OR IGNORE INTO edge (directory, kind, origin, anchor, dn, sid, goal)
			SELECT ?1, kind, origin, anchor, dn, sid, goal FROM temp.incoming ORDER BY kind, origin, anchor, dn, sid`
		same = `SELECT (SELECT count(*) FROM edge WHERE directory = ?1) = (SELECT count(*) FROM temp.incoming)`
		drop = `
			DELETE FROM edge WHERE directory = ?1 AND NOT EXISTS (
				SELECT 1 FROM temp.incoming n WHERE n.kind = edge.kind AND n.origin = edge.origin
					AND n.anchor = edge.anchor AND n.dn = edge.dn AND n.sid = edge.sid)`
	)
	most, err := mostlyNew(ctx, tx)
	if err != nil {
		return err
	}
	statements := []string{insert}
	if most {
		// The index has another order: rebuilding it sorts once, while inserting each edge would
		// write a page of it.
		statements = []string{"DROP INDEX edge_goal", insert, indexEdges}
	}
	for _, q := range statements {
		args := []any{}
		if q == insert {
			args = append(args, directory)
		}
		if _, err := tx.ExecContext(ctx, q, args...); err != nil {
			return err
		}
	}
	var done bool
	if err := tx.QueryRowContext(ctx, same, directory).Scan(&done); err != nil || done {
		return err
	}
	_, err = tx.ExecContext(ctx, drop, directory)
	return err
}

// mostlyNew reports whether the new edges are many, and most of all there will be.
func mostlyNew(ctx context.Context, tx *sql.Tx) (most bool, err error) {
	const query = `SELECT n > 10000 AND (SELECT count(*) FROM edge) < n / 2 FROM (SELECT count(*) AS n FROM temp.incoming)`
	err = tx.QueryRowContext(ctx, query).Scan(&most)
	return most, err
}

func takeEdges(ctx context.Context, tx *sql.Tx, set port.EdgeSet) error {
	if set == nil {
		return nil
	}
	into := bulk{tx: tx, head: "INSERT OR IGNORE INTO temp.incoming (kind, origin, anchor, dn, sid, goal) VALUES "}
	err := set(func(e identity.Edge) error {
		return into.add(ctx, string(e.Kind), string(e.From), string(e.To.Anchor), e.To.DN, e.To.SID, edgeEndHash(e.To))
	})
	if err != nil {
		return err
	}
	return into.flush(ctx)
}

// Edges lists all edges of one directory ("" for all), sorted by directory, kind and origin. An
// edge that was given twice is listed once.
func (s *SQLite) Edges(ctx context.Context, directory string, fn func(identity.Edge) error) error {
	query, args := "SELECT kind, origin, anchor, dn, sid FROM edge", []any(nil)
	if directory != "" {
		query, args = query+" WHERE directory = ?", []any{directory}
	}
	return list(ctx, s, query+" ORDER BY directory, kind, origin, anchor, dn, sid", args, scanEdge, fn)
}

func scanEdge(rows *sql.Rows) (e identity.Edge, err error) {
	err = rows.Scan(&e.Kind, &e.From, &e.To.Anchor, &e.To.DN, &e.To.SID)
	return e, err
}
