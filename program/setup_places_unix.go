//go:build unix

package program

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// usableBy tells why an account cannot use a file or folder of its own: it must own it, because only
// the owner may read it.
func usableBy(account, path string) (problem, remedy string) {
	u, err := user.Lookup(account)
	if err != nil {
		return "this machine has no account " + account, "Create the account, or name another."
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", "" // it is created later
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && u.Uid != "0" && strconv.FormatUint(uint64(s.Uid), 10) != u.Uid {
		return account + " cannot use it: it belongs to another account", "Run: chown -R " + account + " " + path
	}
	return "", ""
}
