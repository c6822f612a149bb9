// Package facts holds what the state keeps under a name of its own, as JSON or text: whether
// synchronization is enabled, the last dry run, the current hold and its start, the health of each
// directory, what is withheld and confirmed, a conversion in progress, and the cloud's statistics.
//
// Start reading at ReadValue.
package facts
