package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"dirbridge/sync/identity"
	"dirbridge/sync/scratch"
)

// Why the state cannot be used; each is in the chain of an *identity.Failure.
var (
	ErrForeign = errors.New("is not a state database of Dirbridge")
	ErrNewer   = errors.New("was written by a newer version of Dirbridge")
	ErrDamaged = errors.New("is damaged")
	// ErrReplaced: nothing more is recorded, because no later run would find it.
	ErrReplaced = errors.New("was removed or replaced while it was in use")
)

const (
	remedyForeign = "If it belongs to another program, set connector.state_dir to a directory of Dirbridge's own. If " +
		"it was Dirbridge's, it is damaged. "
	remedyNewer    = "Start the version of Dirbridge that wrote it, or a later one."
	remedyReplaced = "Nothing further is written. See that one Dirbridge alone uses this directory and that nothing " +
		"cleans it up, then start again: the next run looks at what became of the last writes."
	remedyRights = "Give the account that runs Dirbridge the right to write this file and its directory."
	remedyBusy   = "See which other process holds it open, and try again."
)

func (s *SQLite) failure(class identity.Class, err error, remedy string) error {
	return &identity.Failure{Class: class, Remedy: remedy, Err: fmt.Errorf("state database %s %w", s.path, err)}
}

// rebuild is the remedy for an unreadable state. Links can be found again without it.
func (s *SQLite) rebuild() string {
	name := filepath.Base(s.path)
	return fmt.Sprintf(
		"Stop Dirbridge and move %s, %s-wal and %s-shm to another directory. Then make a dry run (dirbridge plan): "+
			"everyone is matched again, and no "+
			"account that exists is added again. If so, go on with dirbridge sync --full. docs/recovery.md says more.",
		s.path, name, name)
}

func (s *SQLite) damaged(detail string) error {
	return s.failure(identity.Hold, fmt.Errorf("%w (%s)", ErrDamaged, detail), s.rebuild())
}

// fault words an error of SQLite or the file system, with a remedy. Errors of callbacks and of the
// context are returned unchanged.
func (s *SQLite) fault(err error) error {
	var known *identity.Failure
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	cannot := func(remedy string) error {
		return s.failure(identity.Hold, fmt.Errorf("cannot be read or written: %w", err), remedy)
	}
	switch {
	case errors.Is(err, os.ErrPermission), errors.Is(err, syscall.ENOTDIR):
		return cannot(remedyRights)
	}
	if class, remedy := scratch.Fault(err); remedy != "" {
		return s.failure(class, fmt.Errorf("cannot be read or written: %w", scratch.Plain(err)), remedy)
	}
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		// database/sql has no type for a value that does not fit its column. The tables are STRICT,
		// so only a damaged file has one.
		if strings.HasPrefix(err.Error(), "sql: Scan error") {
			return s.damaged(err.Error())
		}
		return err
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return s.failure(identity.Hold, ErrForeign, remedyForeign+s.rebuild())
	case sqlite3.SQLITE_CORRUPT:
		return s.failure(identity.Hold, fmt.Errorf("%w: %w", ErrDamaged, err), s.rebuild())
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH:
		return cannot(remedyRights)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return s.failure(identity.Retry, fmt.Errorf("is in use by another process: %w", err), remedyBusy)
	}
	// The queries are fixed, so an error about a missing table or column, or an impossible value,
	// means a damaged file.
	return s.failure(identity.Hold, fmt.Errorf("cannot be used: %w", err),
		"Start again. If it stays, the file is damaged: "+lower(s.rebuild()))
}

func lower(sentence string) string { return strings.ToLower(sentence[:1]) + sentence[1:] }
