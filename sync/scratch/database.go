package scratch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Database is an SQLite database for temporary data: one connection and one transaction, without
// durability. Its errors pass through the fault function of OpenDatabase.
type Database struct {
	db       *sql.DB
	tx       *sql.Tx
	prepared map[string]*sql.Stmt
	fault    func(error) error
}

// OpenDatabase creates a database at path, and runs the setup before the transaction begins. cache
// is in KiB.
func OpenDatabase(path string, cache int, setup string, fault func(error) error) (*Database, error) {
	db, err := OpenSQLite(path, cache)
	if err != nil {
		return nil, fault(err)
	}
	d := &Database{db: db, prepared: map[string]*sql.Stmt{}, fault: fault}
	if _, err = db.Exec(setup); err == nil {
		// Without a journal, a commit only costs writes: one transaction for everything.
		d.tx, err = db.Begin()
	}
	if err != nil {
		d.Close()
		return nil, fault(err)
	}
	return d, nil
}

// OpenSQLite opens a file with a single connection and the settings of a Database.
func OpenSQLite(path string, cache int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", fmt.Sprintf("file:%s?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)"+
		"&_pragma=cache_size(-%d)&_pragma=temp_store(FILE)&_pragma=locking_mode(EXCLUSIVE)", path, cache))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// Exec runs a statement, prepared once.
func (d *Database) Exec(ctx context.Context, query string, args ...any) error {
	s, ok := d.prepared[query]
	if !ok {
		var err error
		if s, err = d.tx.Prepare(query); err != nil {
			return d.fault(err)
		}
		d.prepared[query] = s
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := s.Exec(args...)
	return d.fault(err)
}

// Script runs statements without arguments.
func (d *Database) Script(ctx context.Context, statements string) error {
	_, err := d.tx.ExecContext(ctx, statements)
	return d.fault(err)
}

// Each runs a query and calls fn for each row. fn must not write to the tables that the query reads.
func (d *Database) Each(ctx context.Context, query string, fn func(scan func(...any) error) error,
	args ...any) (err error) {
	rows, err := d.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return d.fault(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return d.fault(rows.Err())
}

// Row reads the only row of a query.
func (d *Database) Row(ctx context.Context, query string, args []any, into ...any) error {
	return d.fault(d.tx.QueryRowContext(ctx, query, args...).Scan(into...))
}

// Commit ends the transaction; only Close may follow.
func (d *Database) Commit() error {
	d.closeStatements()
	err := d.tx.Commit()
	d.tx = nil
	return d.fault(err)
}

// Close closes the database. Its file stays.
func (d *Database) Close() {
	d.closeStatements()
	if d.tx != nil {
		d.tx.Rollback()
	}
	d.db.Close()
}

func (d *Database) closeStatements() {
	for _, s := range d.prepared {
		s.Close()
	}
	clear(d.prepared)
}
