package apply

import (
	"context"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// remember stores what the plan carries beside its changes. It runs after every change was
// attempted; objects whose change failed stay dirty.
func (a *applier) remember(ctx context.Context) error {
	a.env.Meter.Phase(port.Recording, 0)
	ctx = context.WithoutCancel(ctx)
	if a.behind {
		return nil
	}
	var b port.Batch
	flush := func(limit int) error {
		if len(b.Shadows)+len(b.Forget) < limit {
			return nil
		}
		err := a.env.Store.Commit(ctx, b)
		b = port.Batch{}
		return err
	}
	if err := a.plan.Shadows(ctx, func(s identity.Shadow) error {
		// The plan does not change this object, so its shadow keeps the run that last did.
		if s.Run == 0 {
			s.Run = a.run.ID
		}
		b.Shadows = append(b.Shadows, s)
		return flush(1000)
	}); err != nil {
		return err
	}
	if err := a.plan.Forgets(ctx, func(f identity.Anchor) error {
		if keep, err := a.keepLink(ctx, f); err != nil || keep {
			reason := "the change of the person that takes over its account was not done"
			if a.run.LeftOut > 0 {
				reason = a.leftOut()
			}
			a.putBy(plan.Change{Anchor: f}, reason)
			return err
		}
		b.Forget = append(b.Forget, f)
		return flush(1000)
	}); err != nil {
		return err
	}
	b.Values = map[string]string{}
	if err := a.plan.Values(ctx, func(name, value string) error {
		b.Values[name] = value
		return nil
	}); err != nil {
		return err
	}
	a.unsettle(b.Values)
	a.keepConfirmations(b.Values)
	if err := a.statistics(b.Values); err != nil {
		return err
	}
	if err := a.places(ctx, &b); err != nil {
		return err
	}
	if err := a.leftOver(ctx, &b); err != nil {
		return err
	}
	b.CleanOf = placesToCome
	if err := a.clean(ctx, &b); err != nil {
		return err
	}
	a.settled(&b)
	if a.header.Mode == record.Full && a.header.Complete {
		b.Values[facts.LastFullValue] = a.at().Format(time.RFC3339)
		b.Values[facts.FullDigestValue] = a.env.FingerprintsDigest()
		b.Values[facts.RulesValue] = workdb.Encode(rulesInForce(a.env, a.header.Directories))
		b.Values[facts.DamagedValue] = ""
	}
	return a.env.Store.Commit(ctx, b)
}

// outdated says whether a saved plan was made from another state, or whether another run was active
// or began after it was made. What the plan found besides its changes is then older than the state,
// and is dropped; the next run finds it again. The next run also checks everything that such a plan
// writes, because the plan's shadows may be out of date.
func (a *applier) outdated(ctx context.Context) (bool, error) {
	if a.how.Fresh {
		return false, nil
	}
	mark, err := a.env.StateMark(ctx, a.run.ID, a.header.ID)
	if err != nil || mark != a.header.State {
		return true, err
	}
	runs, err := a.env.Store.Runs(ctx, 1000)
	for _, r := range runs {
		if r.ID != a.run.ID && r.Mode != record.DryRun && !stage.LeftNothing(r, a.header.ID) &&
			(r.Started.After(a.header.Made) || r.Ended.After(a.header.Made)) {
			return true, err
		}
	}
	return false, err
}

// clean clears the dirty mark of objects that this full run examined without a failure. After any
// other run it clears the mark of groups whose changes are all done.
func (a *applier) clean(ctx context.Context, b *port.Batch) error {
	if a.run.LeftOut > 0 || len(a.failed) >= maxFailed {
		return nil
	}
	all := a.how.Fresh && a.header.Mode != record.Purge && a.header.Complete
	return a.env.Store.Dirty(ctx, func(anchor identity.Anchor, reason string) error {
		if !a.failed[anchor] && reason != placesToCome && (all || reason == membersToCome) {
			if b.Dirty == nil {
				b.Dirty = map[identity.Anchor]string{}
			}
			b.Dirty[anchor] = ""
		}
		return nil
	})
}

// places replaces containers and edges of the directories whose digest the plan carries; only
// directories with changes have one.
func (a *applier) places(ctx context.Context, b *port.Batch) error {
	b.Edges = map[string]port.EdgeSet{}
	b.Containers = map[string][]identity.Container{}
	for _, dir := range a.header.Directories {
		if _, ok := b.Values[facts.EdgesValue+dir.Name]; ok && a.header.Mode == record.Full {
			b.Edges[dir.Name] = func(yield func(identity.Edge) error) error { return a.plan.Edges(ctx, dir.Name, yield) }
		}
		if _, ok := b.Values[facts.ContainersValue+dir.Name]; ok {
			var cs []identity.Container
			if err := a.plan.Containers(ctx, dir.Name, func(c identity.Container) error {
				cs = append(cs, c)
				return nil
			}); err != nil {
				return err
			}
			b.Containers[dir.Name] = cs
		}
	}
	return nil
}

// leftOver stores what incremental runs look up: the deferred objects and, from an incremental
// plan, the edges that were added and removed.
func (a *applier) leftOver(ctx context.Context, b *port.Batch) error {
	b.AllDeferred = a.plan.ReplacesDeferred()
	err := a.plan.Deferred(ctx, func(t identity.Deferred) error {
		b.Deferred = append(b.Deferred, t)
		return nil
	})
	if err != nil {
		return err
	}
	if err := a.plan.Settled(ctx, func(s identity.Anchor) error {
		b.Settled = append(b.Settled, s)
		return nil
	}); err != nil {
		return err
	}
	return a.plan.EdgeChanges(ctx, func(c plan.EdgeChange) error {
		b.EdgeChanges = append(b.EdgeChanges, port.EdgeChange{Directory: c.Directory, Edge: c.Edge, Removed: c.Removed})
		return nil
	})
}
