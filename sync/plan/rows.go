package plan

import (
	"context"
	"database/sql"
	"strings"
)

// perInsert is the number of rows in one statement. A hundred make writing three times as fast as
// one; more gain nothing.
const perInsert = 100

// inserter writes rows of one table in batches.
type inserter struct {
	conn    *sql.Conn
	head    string
	one     string // placeholders of a row
	columns int
	full    *sql.Stmt
	args    []any
}

func newInserter(conn *sql.Conn, t table) *inserter {
	names := t.columnNames()
	return &inserter{
		conn:    conn,
		head:    "INSERT INTO " + t.name + " (" + strings.Join(names, ", ") + ") VALUES ",
		one:     "(?" + strings.Repeat(", ?", len(names)-1) + ")",
		columns: len(names),
		args:    make([]any, 0, perInsert*len(names)),
	}
}

func (in *inserter) statement(rows int) string {
	return in.head + in.one + strings.Repeat(", "+in.one, rows-1)
}

func (in *inserter) add(seq int64, values []any) error {
	in.args = append(append(in.args, seq), values...)
	if len(in.args) < perInsert*in.columns {
		return nil
	}
	if in.full == nil {
		stmt, err := in.conn.PrepareContext(context.Background(), in.statement(perInsert))
		if err != nil {
			return err
		}
		in.full = stmt
	}
	_, err := in.full.ExecContext(context.Background(), in.args...)
	in.args = in.args[:0]
	return err
}

// flush writes the remaining rows.
func (in *inserter) flush(ctx context.Context) error {
	if len(in.args) == 0 {
		return nil
	}
	_, err := in.conn.ExecContext(ctx, in.statement(len(in.args)/in.columns), in.args...)
	in.args = in.args[:0]
	return err
}

func (in *inserter) close() {
	if in.full != nil {
		in.full.Close()
		in.full = nil
	}
}
