//go:build !unix

package program

// noCore does nothing on this system.
func noCore() {}
