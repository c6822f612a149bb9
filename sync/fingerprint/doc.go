// Package fingerprint tells whether a record, as read, is the same as in the last run: a Set holds
// the stored fingerprints of all linked people in a few bytes each.
//
// Start reading at Set.
package fingerprint
