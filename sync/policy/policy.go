package policy

import (
	"time"

	"dirbridge/sync/identity"
)

// Policy is what may be done to accounts whose person is gone or never existed in the directory.
type Policy struct {
	Threshold   Threshold // of all removals
	OnMissing   string    // deactivate, delete, keep
	OnUnmatched string    // report, deactivate, remove
	PurgeAfter  time.Duration
	// Unmanaged accounts are neither missing nor unmatched while a rule holds.
	Unmanaged []Unmanaged
	// Flatten gives groups the people of their nested groups instead of the nested groups.
	Flatten bool
	// Guards are the other thresholds; empty means DefaultGuards. DirectoryGuards has those of
	// directories with thresholds of their own.
	Guards          Guards
	DirectoryGuards map[string]Guards
	// Unsynced is used by the queue alone. It says whether objects of a kind are not read in a
	// directory or, for "", in any directory. nil means that all are read. See Options.Unsynced.
	Unsynced func(directory string, kind identity.Kind) bool
}

// Purges says whether the purge takes a queued account under the current policy.
func (p Policy) Purges(s identity.Shadow) bool {
	return !identity.IsUnmatched(s.Anchor) || p.OnUnmatched == "remove"
}

// Unasked says whether no directory that could contain the object is read for it.
func (p Policy) Unasked(s identity.Shadow) bool {
	switch {
	case p.Unsynced == nil:
		return false
	case identity.IsUnmatched(s.Anchor):
		return p.Unsynced("", identity.User)
	}
	return p.Unsynced(s.Anchor.Directory(), s.Kind)
}

// Quorum is the size below which a share means nothing: half of three people is no alarm.
const Quorum = 20
