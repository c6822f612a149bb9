//go:build unix

package program

import "syscall"

// noCore keeps the system from writing the program's memory, and the secrets in it, to
// disk where it crashes. One byte, other than none at all, also keeps Linux from handing
// it to a program that collects such files.
func noCore() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) == nil {
		limit.Cur = min(1, limit.Max)
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &limit)
	}
}
