package scratch

import (
	"errors"
	"os"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"dirbridge/sync/identity"
)

// Fault says how an error behaves where this machine, or a limit of it, refused a file or
// a database, and what to do about it; "" and "" where that is not the reason.
func Fault(err error) (class, remedy string) {
	if class, remedy := identity.Shortage(err); remedy != "" {
		return class, remedy
	}
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return "", ""
	}
	switch lite.Code() {
	case sqlite3.SQLITE_IOERR_SHMSIZE: // no room for what the processes share
		return identity.NoSpace()
	case sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_IOERR_RDLOCK, sqlite3.SQLITE_IOERR_UNLOCK, sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK, sqlite3.SQLITE_IOERR_SHMLOCK:
		return "hold", remedyLocks
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return identity.NoSpace()
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR:
		// SQLite keeps to itself why. What no file at all can be opened for is no matter of
		// rights.
		f, err := os.Open(os.DevNull)
		if err != nil {
			return identity.Shortage(err)
		}
		f.Close()
	}
	return "", ""
}
