// Package fingerprint tells, of a record as it was read, whether it is as it was at the last run: a Set
// holds the stored fingerprints of all linked people in a few bytes each.
//
// Start reading at Set.
package fingerprint
