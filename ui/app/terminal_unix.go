//go:build unix

package app

import (
	"os"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// hungUp reports whether the terminal is gone: its modes can no longer be read.
func hungUp(terminal *os.File) bool {
	_, err := term.GetState(terminal.Fd())
	return err != nil
}

// suspendable returns why this process cannot be suspended and resumed, or "". A process group that
// leads its session has no shell above it: the kernel would not stop it (POSIX.1-2017, 2.4.3, on
// orphaned process groups), and no shell would resume it
// (TestTheConsoleIsNotSuspendedWithoutAShell).
func suspendable() string {
	session, err := unix.Getsid(0)
	if err != nil || session == unix.Getpgrp() {
		return "it was not started from a shell that could take it up again"
	}
	return ""
}
