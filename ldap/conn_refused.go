package ldap

import (
	"errors"
	"strings"
	"syscall"
)

// connectionRefused also recognises the error of Windows, whose number the syscall package does not
// map.
func connectionRefused(err error) bool {
	const wsaConnRefused = syscall.Errno(10061)
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, wsaConnRefused) ||
		strings.Contains(err.Error(), "refused")
}
