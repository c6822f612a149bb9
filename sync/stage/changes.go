package stage

import (
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// Deactivates says whether a change makes an account inactive, or adds an inactive one.
func Deactivates(c plan.Change) bool {
	f, ok := c.Field(schema.Active)
	return ok && c.Kind == identity.User && len(f.New) == 1 && f.New[0] == "false"
}

// StayedOpen says whether the cloud did not keep the deactivation when it was last written. The
// guards counted its person then.
func StayedOpen(c plan.Change) bool {
	return c.After != nil && Deactivates(c) && c.After.Ignored[schema.Active].Sure
}

// LeaverInPart says whether a change is the deactivation of a person whose account the same plan
// writes again later, see onlyInactive.
func LeaverInPart(c plan.Change) bool {
	return c.Phase == plan.Leavers && !c.Missing && c.After != nil && c.After.Fingerprint == identity.Fingerprint{}
}

// CountAction counts one change of an object.
func CountAction(n *record.ObjectCounts, a plan.Action) {
	switch a {
	case plan.Add:
		n.Add++
	case plan.Update:
		n.Update++
	case plan.Rename:
		n.Rename++
	case plan.Deactivate:
		n.Deactivate++
	case plan.Reactivate:
		n.Reactivate++
	case plan.Delete:
		n.Delete++
	}
}

// CountDone counts one applied change of any kind.
func CountDone(n *record.Counts, c plan.Change) {
	switch {
	case c.Action != plan.Match:
		c.CountInto(n)
	case c.Kind == identity.User:
		n.Users.Match++
	case c.Kind == identity.Group:
		n.Groups.Match++
	}
}
