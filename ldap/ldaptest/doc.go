// Package ldaptest is an embedded directory server that behaves like Active
// Directory: for trying the program without one, and for tests. It is a real server
// on loopback, to which any LDAP client can speak, and it enforces what Windows
// enforces and Samba does not: page size, ranges of values, size and time limits.
// It tells changes as Windows does: by update sequence numbers, tombstones and DirSync.
//
// It keeps everything in memory and guards nothing: do not put it on a network.
//
// Start at Options and Start (server.go). Tests fill and edit a running directory by the
// methods in api.go, and order faults by Fault (fault.go), to see what a client makes of
// them. A request comes in at conn.go; search.go and write.go answer it from the objects
// of directory.go.
package ldaptest
