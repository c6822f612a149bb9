//go:build unix

package store

import (
	"errors"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// unwritable says why the database, or what SQLite keeps beside it, cannot be written; nil
// where it can, or is not there yet.
func unwritable(path string) error {
	for _, p := range []string{filepath.Dir(path), path} {
		if err := unix.Access(p, unix.W_OK); errors.Is(err, unix.EROFS) || errors.Is(err, unix.EACCES) {
			return err
		}
	}
	return nil
}
