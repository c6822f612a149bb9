//go:build !unix

package ui

import "os"

// hungUp says whether a terminal is gone. Here the system ends the program with it.
func hungUp(*os.File) bool { return false }

// suspendable says why this process cannot be stopped and taken up again, or "".
func suspendable() string { return "this system does not suspend programs" }
