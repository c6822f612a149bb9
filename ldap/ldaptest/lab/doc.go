// Package lab starts real servers on loopback for tests, with the scripts in testdata/lab, and
// changes their directories over LDAP as an administrator would. Only tests import it.
//
// Every call starts a server for the test, on a loopback address of its own, restored from a
// snapshot that all tests share, and stops it when the test ends. Without DIRBRIDGE_LAB in the
// environment such tests are skipped. With DIRBRIDGE_LAB=on a test whose server is not installed is
// skipped with a message; with DIRBRIDGE_LAB=required it fails.
//
// Start reading in lab.go.
package lab
