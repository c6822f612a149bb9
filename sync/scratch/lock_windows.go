package scratch

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// tryLock locks the open file, or fails at once if another opening of it is locked. The locked byte
// is beyond the end of any file: on Windows no other handle, not even of this process, could write
// to a locked part.
func tryLock(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1 << 30})
}

func isHeld(err error) bool {
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING)
}
