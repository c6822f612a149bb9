//go:build !unix

package program

import "os/user"

// usableBy tells why an account cannot use a file or folder; access lists are not looked at.
func usableBy(account, _ string) (problem, remedy string) {
	if _, err := user.Lookup(account); err != nil {
		return "this machine has no account " + account, "Create the account, or name another."
	}
	return "", ""
}
