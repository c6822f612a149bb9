// Package read fills the work database: both sides completely for a full plan, and of unchanged
// objects only their fingerprints. Start reading at Sides. What a full plan may conclude from
// a list stands in listing.go.
package read
