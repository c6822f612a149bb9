// Package facts is what the state keeps under a name of its own, as JSON or text: whether
// synchronization is enabled, the last dry run, what is held since when, how each directory was
// found, what is withheld and confirmed, a conversion under way, the cloud's statistics.
//
// Start reading at ReadValue.
package facts
