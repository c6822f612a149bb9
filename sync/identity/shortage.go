package identity

import (
	"errors"
	"syscall"
)

// Shortage classifies an error whose cause is this machine or one of its limits, rather than the
// directory or the cloud, and returns the remedy. class is that of a Failure. Both are "" for any
// other error.
func Shortage(err error) (class Class, remedy string) {
	switch {
	case errors.Is(err, syscall.EMFILE):
		return Retry,
			"This process has as many files open as it may. Raise the limit (ulimit -n, or LimitNOFILE= in its systemd " +
				"unit), and start it again."
	case errors.Is(err, syscall.ENFILE):
		return Retry,
			"This machine has as many files open as it may. Close other programs, or raise the limit (sysctl fs.file-max)."
	case errors.Is(err, syscall.ENOSPC):
		return NoSpace()
	case errors.Is(err, syscall.EDQUOT):
		return Hold,
			"Free space, or raise the disk quota of the account that runs Dirbridge; nothing of the unfinished write was kept."
	case errors.Is(err, syscall.EFBIG):
		return Hold,
			"Raise the limit on the size of a file (ulimit -f, or LimitFSIZE= in its systemd unit); nothing of the " +
				"unfinished write was kept."
	case errors.Is(err, syscall.EROFS):
		return Hold,
			"It is on a read-only file system. Mount it for writing; where that comes back, look for errors of the disk in " +
				"the system's log."
	}
	return "", ""
}

// NoSpace is the Shortage of a full disk.
func NoSpace() (class Class, remedy string) {
	return Hold, "Free space on the disk that holds it; nothing of the unfinished write was kept."
}
