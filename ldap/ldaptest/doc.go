// Package ldaptest is an embedded directory server that behaves like Active Directory: for trying
// the program without one, and for tests. It is a real server on loopback for any LDAP client, and
// it enforces what Windows enforces and Samba does not: page size, ranges of values, size and time
// limits. It reports changes as Windows does: by update sequence numbers, tombstones and DirSync.
//
// It keeps everything in memory and has no protection: do not expose it to a network.
//
// Start at Options and Start (server.go). Tests fill and edit a running directory with the methods
// in api.go, and inject faults (fault.go) to see how a client handles them. A request arrives in
// conn.go; search.go and write.go answer it from the objects of directory.go.
package ldaptest
