package store

import (
	"context"
	"database/sql"
	"strings"
)

// perInsert is the number of rows in one statement.
const perInsert = 100

// bulk writes rows of one table in batches within a transaction.
type bulk struct {
	tx      *sql.Tx
	head    string // "INSERT ... VALUES "
	tail    string // the part after the values
	columns int
	full    *sql.Stmt
	args    []any
}

func (b *bulk) statement(rows int) string {
	one := "(?" + strings.Repeat(", ?", b.columns-1) + ")"
	return b.head + one + strings.Repeat(", "+one, rows-1) + b.tail
}

func (b *bulk) add(ctx context.Context, values ...any) error {
	b.columns = len(values)
	b.args = append(b.args, values...)
	if len(b.args) < perInsert*b.columns {
		return nil
	}
	if b.full == nil {
		// closed with the transaction
		stmt, err := b.tx.PrepareContext(ctx, b.statement(perInsert))
		if err != nil {
			return err
		}
		b.full = stmt
	}
	_, err := b.full.ExecContext(ctx, b.args...)
	b.args = b.args[:0]
	return err
}

func (b *bulk) flush(ctx context.Context) error {
	if len(b.args) == 0 {
		return nil
	}
	_, err := b.tx.ExecContext(ctx, b.statement(len(b.args)/b.columns), b.args...)
	b.args = b.args[:0]
	return err
}
