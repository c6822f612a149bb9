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
	switch c.Kind {
	case identity.User:
		countDoneObject(&n.Users, c.Action)
	case identity.Group:
		countDoneObject(&n.Groups, c.Action)
	case identity.Member:
		if c.Action == plan.Remove {
			n.Members.Remove++
		} else {
			n.Members.Add++
		}
	}
}

func countDoneObject(n *record.ObjectCounts, a plan.Action) {
	if a == plan.Match {
		n.Match++
		return
	}
	countAction(n, a)
}
