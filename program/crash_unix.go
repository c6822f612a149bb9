//go:build unix

package program

import "syscall"

// noCore keeps the system from writing the program's memory, and the secrets in it, to disk after a
// crash. A limit of one byte, unlike zero, also keeps Linux from piping the dump to a program that
// collects it.
func noCore() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) == nil {
		limit.Cur = min(1, limit.Max)
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &limit)
	}
}
