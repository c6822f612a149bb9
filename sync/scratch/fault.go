package scratch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"dirbridge/sync/identity"
)

// Fault explains an error of a file or a database in the directory. If this machine is the cause, the
// result is an *identity.Failure with the directory and the remedy, else err itself.
func (d *Dir) Fault(err error) error { return failure(filepath.Dir(d.path), err) }

func failure(dir string, err error) error {
	var known *identity.Failure
	if err == nil || errors.As(err, &known) {
		return err
	}
	class, remedy := Fault(err)
	switch {
	case errors.Is(err, os.ErrPermission):
		class, remedy = identity.Hold, "Give the account that runs Dirbridge the right to write there."
	case errors.Is(err, syscall.ENOTDIR):
		class, remedy = identity.Hold, "Move away the file that stands where this directory is to be."
	}
	if remedy == "" {
		return err
	}
	return &identity.Failure{Class: class, Remedy: remedy, Err: fmt.Errorf("temporary files in %s: %w", dir, Plain(err))}
}

// Fault classifies an error whose cause is this machine or one of its limits, for a file or a
// database, and returns the remedy; both are "" otherwise.
func Fault(err error) (class identity.Class, remedy string) {
	if class, remedy := identity.Shortage(err); remedy != "" {
		return class, remedy
	}
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return "", ""
	}
	switch lite.Code() {
	case sqlite3.SQLITE_IOERR_SHMSIZE: // no room for the shared file
		class, remedy := identity.NoSpace()
		return class, remedy + " " + remedyDisk
	case sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_IOERR_RDLOCK, sqlite3.SQLITE_IOERR_UNLOCK,
		sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK, sqlite3.SQLITE_IOERR_SHMLOCK:
		return identity.Hold, remedyLocks
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return identity.NoSpace()
	case sqlite3.SQLITE_CANTOPEN:
		return identity.Shortage(exhausted()) // SQLite does not say why
	case sqlite3.SQLITE_IOERR:
		if class, remedy := identity.Shortage(exhausted()); remedy != "" {
			return class, remedy
		}
		return identity.Hold, remedyDisk
	}
	return "", ""
}

const remedyDisk = "Check that disk, and the limit on the size of a file " +
	"(ulimit -f, or LimitFSIZE= in its systemd unit)."

// exhausted returns why no files can be opened, or nil. SQLite needs several at once: a database,
// its log, the shared file, and the directory.
func exhausted() error {
	for range 4 {
		f, err := os.Open(os.DevNull)
		if err != nil {
			return err
		}
		defer f.Close()
	}
	return nil
}

// Plain gives an error of SQLite that an operator can do something about the words for it.
func Plain(err error) error {
	var lite *sqlite.Error
	if errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_FULL {
		return plain{"the disk that holds it is full", err}
	}
	return err
}

type plain struct {
	text string
	err  error
}

func (p plain) Error() string { return p.text }
func (p plain) Unwrap() error { return p.err }
