// Package identity holds the data that every other package speaks of: people and groups of the
// directory, accounts of the cloud, and what Dirbridge remembers of both. It imports nothing of
// ours and does no I/O.
//
// Start reading with the way of one person: Entry is what the directory shows, Person what the
// mapping made of it, Resource what the cloud shows, and Shadow what a run remembers. Anchor is the
// identity that they share. Failure is the one error that adapters return.
package identity
