// Package service is the long-running part of a connector: it starts runs when they are due, and
// says what it does. It knows nothing of terminals, servers or files.
//
// Start reading with Schedule, which is pure and says when a run is due; then Runner, which starts
// one at a time.
package service
