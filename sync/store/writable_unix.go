//go:build unix

package store

import (
	"errors"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// writeObstacle says why the database, or a file that SQLite keeps beside it, cannot be written; nil
// if it can, or does not exist yet.
func writeObstacle(path string) error {
	for _, p := range []string{filepath.Dir(path), path} {
		if err := unix.Access(p, unix.W_OK); errors.Is(err, unix.EROFS) || errors.Is(err, unix.EACCES) {
			return err
		}
	}
	return nil
}
