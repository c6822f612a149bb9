//go:build !unix

package ui

// suspendable says why this process cannot be stopped and taken up again, or "".
func suspendable() string { return "this system does not suspend programs" }
