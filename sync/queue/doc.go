// Package queue is the purge queue: the accounts that we deactivated because their person is missing,
// which wait until their grace period is over. It reads the state alone.
//
// Start reading at Item and List.
package queue
