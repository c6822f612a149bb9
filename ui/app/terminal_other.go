//go:build !unix

package app

import "os"

// hungUp reports whether the terminal is gone. On this system, the program ends with its terminal.
func hungUp(*os.File) bool { return false }

// suspendable returns why this process cannot be suspended and resumed, or "".
func suspendable() string { return "this system does not suspend programs" }
