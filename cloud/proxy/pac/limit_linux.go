package pac

import "golang.org/x/sys/unix"

// limitMemory has the kernel refuse memory beyond a bound that one allocation could pass before
// watchMemory looks. The runtime then ends the process.
func limitMemory() {
	_ = unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: 4 * maxMemory, Max: 4 * maxMemory})
}
