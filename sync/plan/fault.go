package plan

import (
	"errors"
	"fmt"
	"os"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"dirbridge/sync/identity"
	"dirbridge/sync/scratch"
)

// Why a file cannot be used as a plan. Each is in the chain of an *identity.Failure of class hold,
// with the remedy.
var (
	ErrNotPlan = errors.New("is not a plan file")
	ErrChanged = errors.New("was changed or cut short since the plan was made")
	ErrNewer   = errors.New("was made by a newer version of Dirbridge")
	ErrOlder   = errors.New("was made by an older version of Dirbridge")
)

const (
	remedyNotPlan = "Name a file that \"dirbridge plan --out FILE\" wrote."
	remedyChanged = "Nothing of it can be trusted: make the plan again with \"dirbridge plan --out FILE\"."
	remedyNewer   = "Update Dirbridge, or make the plan again with this version."
	remedyOlder   = "Make the plan again with \"dirbridge plan --out FILE\"."
	remedyRights  = "Give the account that runs Dirbridge the right to this file and its directory."
)

func failure(path string, err error, remedy string) error {
	return &identity.Failure{Class: identity.Hold, Remedy: remedy, Err: fmt.Errorf("plan file %s %w", path, err)}
}

func notPlan(path string) error { return failure(path, ErrNotPlan, remedyNotPlan) }

// changed means that the file is not as it was sealed; detail is for messages.
func changed(path, detail string) error {
	return failure(path, fmt.Errorf("%w (%s)", ErrChanged, detail), remedyChanged)
}

// fault words an error of SQLite or the file system, with a remedy.
func fault(path string, err error) error {
	var known *identity.Failure
	if err == nil || errors.As(err, &known) {
		return err
	}
	cannot := func(remedy string) error {
		return failure(path, fmt.Errorf("cannot be read or written: %w", err), remedy)
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return failure(path, fmt.Errorf("is not there: %w", err), "Check the name of the file.")
	case errors.Is(err, os.ErrPermission):
		return cannot(remedyRights)
	}
	if class, remedy := scratch.Fault(err); remedy != "" {
		return &identity.Failure{Class: class, Remedy: remedy,
			Err: fmt.Errorf("plan file %s cannot be read or written: %w", path, scratch.Plain(err))}
	}
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return fmt.Errorf("plan file %s: %w", path, err)
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return notPlan(path)
	case sqlite3.SQLITE_CORRUPT:
		return changed(path, "its pages do not fit together")
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH:
		return cannot(remedyRights)
	}
	return fmt.Errorf("plan file %s: %w", path, err)
}
