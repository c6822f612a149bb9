// Package queue is the purge queue: the accounts that a run deactivated because their person is
// missing, and that wait until their grace period is over. It reads only the state.
//
// Start reading at Item and List.
package queue
