package synctest

import (
	"os"
	"syscall"
)

// UseMemoryDisk puts the temporary directories of a test program, and of the processes that it
// starts, into memory where the machine has a file system there with room: the tests then spend
// half as much time in the kernel. What a power failure leaves is played by tests that cut the
// files, not by the disk. TMPDIR overrides it, and with real servers nothing changes, because their
// files are in the temporary directory, too. Call it from TestMain.
func UseMemoryDisk() {
	const dir, room = "/dev/shm", 2 << 30 // bytes
	if os.Getenv("TMPDIR") != "" || os.Getenv("DIRBRIDGE_LAB") != "" {
		return
	}
	var disk syscall.Statfs_t
	if syscall.Statfs(dir, &disk) != nil || disk.Bavail*uint64(disk.Bsize) < room {
		return
	}
	_ = os.Setenv("TMPDIR", dir) // without it, the tests are only slower
}
