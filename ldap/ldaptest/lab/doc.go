// Package lab starts real servers on loopback for tests, with the scripts in testdata/lab, and
// changes their directories over LDAP as an administrator would. Only tests import it.
//
// Shared starts a server once for the tests of a package. Samba, Slapd and DS389 start one for the
// test alone, which says why it needs that. Each server is on a loopback address of its own, restored
// from a snapshot that all tests share, and stops when its test or package ends. Without DIRBRIDGE_LAB in the
// environment such tests are skipped. With DIRBRIDGE_LAB=on a test whose server is not installed is
// skipped with a message; with DIRBRIDGE_LAB=required it fails.
//
// Start reading in lab.go.
package lab
