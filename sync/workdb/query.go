package workdb

import "context"

// each reads the rows of a query as values of T: into says where the columns go, in their order.
func each[T any](ctx context.Context, w *DB, query string, into func(*T) []any, fn func(T) error, args ...any) error {
	return w.db.Each(ctx, query, func(scan func(...any) error) error {
		var row T
		if err := scan(into(&row)...); err != nil {
			return err
		}
		return fn(row)
	}, args...)
}

// list returns all rows of a query: for those of a page, or of which there are few.
func list[T any](ctx context.Context, w *DB, query string, into func(*T) []any, args ...any) (out []T, err error) {
	err = each(ctx, w, query, into, func(row T) error {
		out = append(out, row)
		return nil
	}, args...)
	return out, err
}

// column is where the only column of a query goes.
func column[T any](row *T) []any { return []any{row} }

// eachEncoded reads the rows of a query whose only column is what Encode wrote.
func eachEncoded[T any](ctx context.Context, w *DB, query string, fn func(T) error, args ...any) error {
	return each(ctx, w, query, column[string], func(text string) error {
		var v T
		if err := Decode(text, &v); err != nil {
			return err
		}
		return fn(v)
	}, args...)
}

// all runs statements, one after the other, with the same arguments.
func (w *DB) all(ctx context.Context, statements []string, args ...any) error {
	for _, s := range statements {
		if err := w.exec(ctx, s, args...); err != nil {
			return err
		}
	}
	return nil
}

// exec runs a statement, prepared once.
func (w *DB) exec(ctx context.Context, statement string, args ...any) error {
	return w.db.Exec(ctx, statement, args...)
}

// number runs a query that returns one number.
func (w *DB) number(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = w.db.Row(ctx, query, args, &n)
	return n, err
}

// any says whether a query that returns one number returns more than 0.
func (w *DB) any(ctx context.Context, query string, args ...any) (bool, error) {
	n, err := w.number(ctx, query, args...)
	return n > 0, err
}
