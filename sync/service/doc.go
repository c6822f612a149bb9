// Package service is the long-running part of a connector: it starts runs when they are due, and
// reports what it does. It is independent of terminals, servers and files.
//
// Start reading with Schedule, which is pure and says when a run is due; then Runner, which starts
// one run at a time.
package service
