package affected

import (
	"context"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Listed is false: each object is looked up by its id.
func (set *Set) Listed() bool { return false }

// Examined says whether the changes concern an object.
func (set *Set) Examined(a identity.Anchor) bool {
	_, met := set.kinds[a]
	return met
}

// SameRules is true for an incremental run, which has the configuration of the last full one. What
// is explained may have any.
func (set *Set) SameRules() bool { return set.d.Fingerprints.Alike || set.explained == nil }

// Entering calls fn for each object that enters scope.
func (set *Set) Entering(fn func(identity.Anchor, identity.Kind) error) error {
	for a, obj := range set.objects {
		if !set.enters(obj) {
			continue
		}
		if err := fn(a, obj.kind); err != nil {
			return err
		}
	}
	return nil
}

// LinkedPeople is how many people the state has a link for.
func (set *Set) LinkedPeople() (n int64, ok bool) {
	for _, linked := range set.linked {
		n += linked.People
	}
	return n, true
}

// NoAccounts says that none of the objects has an account of a person.
func (set *Set) NoAccounts() bool { return set.users == 0 }

// Unreadable makes the plan again without the directory.
func (set *Set) Unreadable(ctx context.Context, directory string, err error) error {
	if ctx.Err() != nil {
		return stage.Cancelled(ctx, err)
	}
	return &Unreadable{directory, err}
}

// WriteDeferred keeps the stored list: Settle changes the examined objects alone.
func (set *Set) WriteDeferred(context.Context, *plan.Writer) error { return nil }

// Settle writes which of the examined objects are no longer deferred. Objects of a frozen directory
// could not be examined; what was to be done for them is still to be done.
func (set *Set) Settle(ctx context.Context, w *plan.Writer, left map[identity.Anchor]bool) error {
	var waiting []identity.Anchor
	for a := range set.kinds {
		switch {
		case left[a]:
		case set.d.Frozen[a.Directory()]:
			waiting = append(waiting, a)
		default:
			if err := w.Settle(a); err != nil {
				return err
			}
		}
	}
	keys := map[identity.Anchor]string{}
	if err := set.d.Env.Store.Deferred(ctx, nil, waiting, false, func(t identity.Deferred) error {
		keys[t.Anchor] = t.Key
		return nil
	}); err != nil {
		return err
	}
	for _, a := range waiting {
		if err := w.AddDeferred(identity.Deferred{Anchor: a, Kind: set.kinds[a], Key: keys[a], Again: true}); err != nil {
			return err
		}
	}
	return nil
}

// WriteValues writes what an incremental plan leaves for the next run.
func (set *Set) WriteValues(ctx context.Context, w *plan.Writer) error {
	// Removals come first: a member may have come back under another DN.
	for _, n := range append(set.drops, set.notes...) {
		if err := w.ChangeEdge(n.edge.From.Directory(), n.edge, n.removed); err != nil {
			return err
		}
	}
	if len(set.notes)+len(set.drops) > 0 {
		// The next full run compares all memberships.
		if err := w.SetValue(facts.MembersValue, ""); err != nil {
			return err
		}
		for _, dir := range set.d.Header.Directories {
			if err := w.SetValue(facts.EdgesValue+dir.Name, "changed"); err != nil {
				return err
			}
		}
	}
	var s *facts.CloudStatistics
	if err := facts.ReadValue(ctx, set.d.Env.Store, facts.StatisticsValue, &s); err != nil || s == nil {
		return err
	}
	return w.SetValue(facts.StatisticsValue, workdb.Encode(*s))
}
