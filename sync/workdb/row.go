package workdb

import "context"

// Row is an encoded row on its way to the database. Any goroutine may make one; only the one that
// plans puts it.
type Row struct {
	query string
	args  []any
}

// Put adds a row.
func (w *DB) Put(ctx context.Context, r Row) error { return w.exec(ctx, r.query, r.args...) }
