//go:build unix

package scratch

import (
	"os"

	"golang.org/x/sys/unix"
)

// tryLock locks the open file, or fails at once where another opening of it is locked.
func tryLock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
