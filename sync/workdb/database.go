package workdb

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/scratch"
)

// DB is the temporary database in which one plan is computed. It joins what was read of both sides
// on disk, so that memory does not grow with the directory (P9). Only the goroutine that plans uses
// it, and it is removed afterwards.
type DB struct {
	db  *scratch.Database
	dir *scratch.Dir
	// Memberships wait in files: edges of the directories, members of the cloud.
	edges, members *spool
	encoder        plan.Encoder
}

// Open makes a work database in a new directory below dir; "" is the system's temporary directory.
// Close removes all of it.
func Open(dir string) (*DB, error) {
	own, err := scratch.New(dir, "dirbridge-plan-")
	if err != nil {
		return nil, fmt.Errorf("work directory: %w", err)
	}
	w := &DB{dir: own}
	if w.db, err = scratch.OpenDatabase(filepath.Join(own.Path(), "work.db"), 24000, "", w.fault); err == nil {
		err = w.db.Script(context.Background(), workSchema)
	}
	if err == nil {
		w.edges, err = newSpool(own, "edges")
	}
	if err == nil {
		w.members, err = newSpool(own, "members")
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// Close removes the database and its files.
func (w *DB) Close() {
	if w.db != nil {
		w.db.Close()
	}
	for _, s := range []*spool{w.edges, w.members} {
		if s != nil {
			s.close()
		}
	}
	w.dir.Remove()
}

// Index creates the indexes once the tables are full. With analyze it also collects table
// statistics, which is worthwhile for large tables.
func (w *DB) Index(ctx context.Context, analyze bool) error {
	script := workIndexes
	if analyze {
		script += "ANALYZE;"
	}
	return w.db.Script(ctx, script)
}

// Encode returns the JSON of a value that always has a JSON form.
func Encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sync: encode %T: %v", v, err))
	}
	return string(b)
}

// fault explains an error of the work database. A row that violates a constraint did not come from
// a directory or a cloud, whose objects are distinct: the state contradicts itself, as a damaged
// one may.
func (w *DB) fault(err error) error {
	if err == nil {
		return nil
	}
	err = w.dir.Fault(fmt.Errorf("work database: %w", err))
	if !strings.Contains(err.Error(), "constraint failed") {
		return err
	}
	return &identity.Failure{Class: identity.Hold, Err: fmt.Errorf("the state contradicts itself: %w", err),
		Remedy: port.RemedyState}
}

// Decode reads what Encode wrote; an error means a broken work database.
func Decode(s string, v any) error {
	if err := json.Unmarshal([]byte(s), v); err != nil {
		return fmt.Errorf("work database: %w", err)
	}
	return nil
}
