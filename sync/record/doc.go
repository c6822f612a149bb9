// Package record holds what a synchronization leaves behind: runs, events, outcomes and counts. It
// imports nothing of ours but the leaf identity.
//
// Start reading with Run and Outcome: the one is a whole run, the other the answer to one write.
package record
