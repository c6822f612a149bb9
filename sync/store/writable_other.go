//go:build !unix

package store

// unwritable: access lists are not read here. What cannot be written is an error when it is
// opened.
func unwritable(string) error { return nil }
