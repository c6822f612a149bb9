// Package record has the results of a synchronization: runs, events, outcomes and counts. It
// imports only the package identity of Dirbridge.
//
// Start reading with Run and Outcome: the one is a complete run, the other the answer to one write.
package record
