// Package store is the durable state of a connector: shadows, edges, containers, what is dirty,
// runs, the journal and events, in one SQLite database. It survives kill -9 and loss of power at
// any point: what a method made durable is there whole, and what it did not finish is not there at
// all.
//
// Start reading at Open; migrate.go has the tables and how those of earlier versions become the
// present ones, and Store.Commit is the one transaction that a batch of answers ends in.
package store
