package policy

import (
	"time"

	"dirbridge/sync/identity"
)

// Policy is what may be done to accounts whose person is gone or was never known.
type Policy struct {
	Threshold   Threshold // of all removals
	OnMissing   string    // deactivate, delete, keep
	OnUnmatched string    // report, deactivate, remove
	PurgeAfter  time.Duration
	// Unmanaged accounts are neither missing nor unmatched while a rule holds.
	Unmanaged []Unmanaged
	// Flatten gives groups the people of their nested groups instead of the groups.
	Flatten bool
	// Guards are the other thresholds; none at all are DefaultGuards. Those of a directory
	// of its own stand in DirectoryGuards.
	Guards          Guards
	DirectoryGuards map[string]Guards
	// Unsynced says, for the queue alone, that objects of a kind are not asked for in a
	// directory, or, where it is "", in any. Nil is never. See Options.Unsynced.
	Unsynced func(directory string, kind identity.Kind) bool
}

// Purges says whether the purge takes what waits, by the policy of today.
func (p Policy) Purges(s identity.Shadow) bool {
	return !identity.IsUnmatched(s.Anchor) || p.OnUnmatched == "remove"
}

// Unasked says that no directory is asked for what waits, where it could be found again.
func (p Policy) Unasked(s identity.Shadow) bool {
	switch {
	case p.Unsynced == nil:
		return false
	case identity.IsUnmatched(s.Anchor):
		return p.Unsynced("", identity.User)
	}
	return p.Unsynced(s.Anchor.Directory(), s.Kind)
}
