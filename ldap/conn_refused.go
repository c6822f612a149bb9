package ldap

import (
	"errors"
	"strings"
	"syscall"
)

// connectionRefused knows the error of Windows too, whose number the syscall
// package does not map.
func connectionRefused(err error) bool {
	const wsaConnRefused = syscall.Errno(10061)
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, wsaConnRefused) || strings.Contains(err.Error(), "refused")
}
