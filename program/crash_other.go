//go:build !unix

package program

// noCore is nothing here: the program asks for no such file.
func noCore() {}
