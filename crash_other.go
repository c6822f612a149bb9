//go:build !unix

package main

// noCore is nothing here: the program asks for no such file.
func noCore() {}
