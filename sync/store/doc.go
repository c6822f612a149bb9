// Package store is the durable state of a connector: shadows, edges, containers, dirty marks, runs,
// the journal and events, in one SQLite database. It survives kill -9 and loss of power at any
// point: what a method made durable is complete, and what it did not finish is not there at all.
//
// Start reading at Open; migrate.go has the tables and their migrations, and SQLite.Commit is the
// transaction that stores a batch of answers.
package store
