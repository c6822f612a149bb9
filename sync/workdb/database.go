package workdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/scratch"
)

// DB is the temporary database in which one plan is computed: what was read of
// both sides, joined on disk, so that memory does not grow with the directory (P9).
// It is private to the goroutine that plans, and thrown away.
type DB struct {
	db   *sql.DB
	tx   *sql.Tx
	dir  *scratch.Dir
	prep map[string]*sql.Stmt
	// Memberships wait in files: of the directories, and of the cloud.
	Edges, Held *Spool
}

// Open makes a work database in a directory of its own below dir; "" is the system's place for temporary
// files. Close takes all of it away.
func Open(dir string) (*DB, error) {
	own, err := scratch.New(dir, "dirbridge-plan-")
	if err != nil {
		return nil, fmt.Errorf("work directory: %w", err)
	}
	tmp := own.Path()
	w := &DB{dir: own, prep: map[string]*sql.Stmt{}}
	w.db, err = sql.Open("sqlite", "file:"+filepath.Join(tmp, "work.db")+
		"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-24000)&_pragma=temp_store(FILE)&_pragma=locking_mode(EXCLUSIVE)")
	if err != nil {
		w.Close()
		return nil, err
	}
	w.db.SetMaxOpenConns(1)
	// One transaction for all: with no journal a commit buys nothing but writes.
	if w.tx, err = w.db.Begin(); err == nil {
		_, err = w.tx.Exec(workSchema)
	}
	if err != nil {
		w.Close()
		return nil, w.fault(err)
	}
	if w.Edges, err = NewSpool(own, "edges"); err == nil {
		w.Held, err = NewSpool(own, "members")
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// Close removes the database and its files.
func (w *DB) Close() {
	for _, s := range w.prep {
		s.Close()
	}
	if w.tx != nil {
		w.tx.Rollback()
	}
	if w.db != nil {
		w.db.Close()
	}
	for _, s := range []*Spool{w.Edges, w.Held} {
		if s != nil {
			s.close()
		}
	}
	w.dir.Remove()
}

// Exec runs a statement, prepared once.
func (w *DB) Exec(ctx context.Context, query string, args ...any) error {
	s, ok := w.prep[query]
	if !ok {
		var err error
		if s, err = w.tx.Prepare(query); err != nil {
			return w.fault(err)
		}
		w.prep[query] = s
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := s.Exec(args...); err != nil {
		return w.fault(err)
	}
	return nil
}

// Each runs a query and calls fn for each row. fn must not write to the tables
// that the query reads.
func (w *DB) Each(ctx context.Context, query string, fn func(scan func(...any) error) error, args ...any) error {
	rows, err := w.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return w.fault(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return w.fault(rows.Err())
}

// Index makes the indexes, once the tables are full. With analyze the tables are measured too, which
// is worth it for large ones.
func (w *DB) Index(ctx context.Context, analyze bool) error {
	script := workIndexes
	if analyze {
		script += "ANALYZE;"
	}
	return w.Script(ctx, script)
}

// Script runs statements that have no arguments.
func (w *DB) Script(ctx context.Context, statements string) error {
	_, err := w.tx.ExecContext(ctx, statements)
	return w.fault(err)
}

// Number runs a query of one number.
func (w *DB) Number(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = w.tx.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, w.fault(err)
}

// Encode is JSON of a value that always has a JSON form.
func Encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sync: encode %T: %v", v, err))
	}
	return string(b)
}

// fault is an error of the work database. What does not fit its constraints was not read
// from a directory or a cloud, whose objects are distinct: the state contradicts itself, as
// a damaged one may.
func (w *DB) fault(err error) error {
	if err == nil {
		return nil
	}
	err = w.dir.Fault(fmt.Errorf("work database: %w", err))
	if !strings.Contains(err.Error(), "constraint failed") {
		return err
	}
	return &identity.Failure{Class: string(record.Hold), Err: fmt.Errorf("the state contradicts itself: %w", err), Remedy: port.RemedyState}
}

// Decode reads what encode wrote; anything else is a broken work database.
func Decode(s string, v any) error {
	if err := json.Unmarshal([]byte(s), v); err != nil {
		return fmt.Errorf("work database: %w", err)
	}
	return nil
}
