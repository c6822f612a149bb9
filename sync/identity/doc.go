// Package identity has the data that all other packages use: people and groups of the directory,
// accounts of the cloud, and what Dirbridge remembers of both. It imports no other package of
// Dirbridge and does no I/O.
//
// Start reading with the way of one person: Entry is what the directory shows, Person the result of
// the mapping, Resource what the cloud shows, and Shadow what a run remembers. Anchor is the
// identity that they share. Failure is the error type of all adapters.
package identity
