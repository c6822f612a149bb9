package sync

import (
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// countAction counts one change of an object.
func countAction(n *record.ObjectCounts, a plan.Action) {
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

// countDone counts one change of any kind that was applied.
func countDone(n *record.Counts, c plan.Change) {
	switch {
	case c.Action != plan.Match:
		c.CountInto(n)
	case c.Kind == identity.User:
		n.Users.Match++
	case c.Kind == identity.Group:
		n.Groups.Match++
	}
}
