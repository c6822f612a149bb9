// Package lab starts real servers on loopback for tests, by the scripts under
// testdata/lab, and changes their directories over LDAP as an administrator would.
// Only tests import it.
//
// Every call starts a server of the test's own, on a loopback address of its own,
// restored from a snapshot that all tests share, and stops it when the test ends.
// Without DIRBRIDGE_LAB in the environment all of them are left out. With DIRBRIDGE_LAB=on
// a test whose server is not installed is skipped and says so; with DIRBRIDGE_LAB=required
// that is a failure.
//
// Start reading in lab.go.
package lab
