package purge

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/diff"
	"dirbridge/sync/identity"
	"dirbridge/sync/match"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/queue"
	"dirbridge/sync/read"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

func Due(ctx context.Context, d *stage.Draft, only []identity.Anchor) error {
	d.Env.Meter.Phase(port.Planning, 0)
	if d.Env.Policy.OnMissing == "keep" && only == nil {
		return nil // chosen after they were deactivated
	}
	if n, err := spoolDue(ctx, d, only); err != nil || n == 0 {
		return err
	}
	var batch []read.Leaver
	flush := func() error {
		found, err := read.LookAgain(ctx, d, batch)
		if err != nil {
			return err
		}
		for _, l := range batch {
			if w, exists := found[l.Shadow.Anchor]; exists && w.InScope {
				continue // it came back: the next run reactivates it
			}
			if err := planRemoval(ctx, d, l.Shadow); err != nil {
				return err
			}
		}
		batch = batch[:0]
		return nil
	}
	// The process may have died between the link of an account to a new owner and the end of the
	// old link: such an account belongs to the new owner.
	if err := d.Work.ForgetProtected(ctx); err != nil {
		return err
	}
	err := d.Work.EachUnprotected(ctx, func(s identity.Shadow) error {
		if batch = append(batch, read.Leaver{Shadow: s}); len(batch) < read.Batch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// spoolDue writes the shadows whose grace period is over, or that the request names, to the work
// database, and protects accounts that belong to another object by now. Shadows that are held back
// are listed separately.
func spoolDue(ctx context.Context, d *stage.Draft, only []identity.Anchor) (n int64, err error) {
	now := d.Env.Now()
	spare, err := queue.NewSparing(ctx, d.Env.Store, d.Env.Policy.Unmanaged, now)
	if err != nil {
		return 0, err
	}
	isDue := func(s identity.Shadow) bool {
		return queue.PastGrace(s, d.Env.Policy.PurgeAfter, now) && d.Env.Policy.Purges(s)
	}
	named := map[identity.Anchor]bool{}
	if only != nil {
		for _, a := range only {
			named[a] = true
		}
		isDue = func(s identity.Shadow) bool { return queue.Waits(s) && named[s.Anchor] && d.Env.Policy.Purges(s) }
	}
	met := 0
	if err := d.Env.Store.Shadows(ctx, func(s identity.Shadow) error {
		if queue.Waits(s) && spare.Keeps[s.Anchor].Anchor == "" {
			d.Early.See(s, now.Add(skew))
		}
		if !isDue(s) {
			return nil
		}
		met++
		if spared, err := keepOne(ctx, d, s, spare); spared || err != nil {
			return err
		}
		n++
		return d.Work.AddShadow(ctx, s)
	}); err != nil {
		return n, err
	}
	if met < len(named) {
		return n, &identity.Failure{Class: identity.GiveUp,
			Err:    fmt.Errorf("%d of those named do not wait for their purge (any more)", len(named)-met),
			Remedy: "List the queue: dirbridge purge --list"}
	}
	if n == 0 {
		return n, nil
	}
	if err := d.Work.IndexShadows(ctx); err != nil {
		return n, err
	}
	return n, d.Env.Store.Shadows(ctx, func(s identity.Shadow) error {
		if s.ID == "" {
			return nil
		}
		if keep, rule := spare.Of(s); isDue(s) && keep == nil && rule == nil {
			return nil
		}
		return d.Work.ProtectIfAdded(ctx, s.Kind, s.ID)
	})
}

// keepOne lists one shadow that is held back, by an operator or by a rule.
func keepOne(ctx context.Context, d *stage.Draft, s identity.Shadow, by *queue.Sparing) (bool, error) {
	r := identity.Resource{ID: s.ID, Kind: s.Kind, Key: queue.KeyOf(s), Active: s.Active}
	keep, rule := by.Of(s)
	switch {
	case diff.UnsyncedKind(d, s):
		// The object may be back, or be known by now, and no change would report it.
		d.Header.Unmanaged++
		return true, match.LeftAlone(ctx, d, r,
			plan.KeptUnmanaged+queue.NotSynchronized(s.Kind)+": the directory is not asked whether it knows this one again")
	case keep != nil:
		d.Header.Kept++
		return true, match.LeftAlone(ctx, d, r, plan.KeptByHand+keep.Text())
	case rule != nil:
		held, _, err := diff.UnmanagedRule(ctx, d, r)
		return held, err
	}
	return false, nil
}

// planRemoval plans for one account, as it is in the cloud now.
func planRemoval(ctx context.Context, d *stage.Draft, s identity.Shadow) error {
	d.Env.Meter.Add(1)
	r, ok, err := d.Env.Target.Get(ctx, s.Kind, s.ID)
	rule, protected := d.Env.Protects(r.ID, r.Key)
	switch {
	case err != nil:
		return fmt.Errorf("cloud: look at %s %s: %w", s.Kind, s.ID, err)
	case ok && protected:
		d.Header.Protected++
		return match.LeftAlone(ctx, d, r, match.ProtectedWords(rule, ""))
	case !ok, s.Kind == identity.User && !r.Active && d.Env.Target.Limits().DeleteDeactivates:
		// It is gone, or it is inactive and will stay so: there is nothing to remove.
		return d.Work.Forget(ctx, s.Anchor)
	case r.Admin == identity.Yes:
		return diff.SpareAdmin(ctx, d, r)
	case r.ExternalID != "" && !identity.IsUnmatched(s.Anchor) && !d.Env.Target.Limits().Anchorless &&
		!strings.EqualFold(r.ExternalID, s.Anchor.GUID()):
		return d.Work.Problem(ctx, s.Kind, identity.Problem{Anchor: s.Anchor, DN: s.DN, Side: identity.InCloud,
			Attribute: "externalId",
			Message: fmt.Sprintf("The account %s has another objectGUID (%s) than the object that left. It is "+
				"not purged.", r.Key, r.ExternalID),
			Remedy: "If the account should be deleted, delete it in the cloud."})
	case s.Kind == identity.User && r.Active && !d.Env.Target.Limits().DeactivateDestroys:
		return d.Work.Problem(ctx, s.Kind, identity.Problem{Anchor: s.Anchor, DN: s.DN, Side: identity.InCloud,
			Attribute: "active",
			Message: fmt.Sprintf("The account %s was reactivated in the cloud after it had been deactivated%s. It is not "+
				"purged.", r.Key, deactivatedAs(s)),
			Remedy: "The next full run deactivates it again. If it should stay, bring its object back into the directory, " +
				"or exclude it by a rule under [[unmanaged]]."})
	}
	since := "missing since "
	if identity.IsUnmatched(s.Anchor) {
		if known, err := diff.SparesKnown(ctx, d, r); known || err != nil {
			return err
		}
		since = "known to no directory, and deactivated since "
	}
	c := plan.Change{Kind: s.Kind, Action: plan.Delete, Phase: plan.Deletions, Anchor: s.Anchor, ID: s.ID, Key: r.Key,
		DN:        s.DN,
		CloudBase: read.CloudBase(d.Env, r), CloudVersion: r.Version, Reason: since + s.Since.Format("2006-01-02 15:04") +
			" UTC; its grace period is over"}
	if !queue.PastGrace(s, d.Env.Policy.PurgeAfter, d.Env.Now()) {
		c.Reason = since + s.Since.Format("2006-01-02 15:04") + " UTC; purged now, on request"
	}
	c.Fields = lostBy(d, s, r)
	if s.Kind == identity.Group {
		d.Header.Counts.Groups.Delete++
	} else {
		d.Header.Counts.Users.Delete++
	}
	return diff.AddChange(ctx, d, c, "")
}

// deactivatedAs says as what an account in the purge queue was deactivated.
func deactivatedAs(s identity.Shadow) string {
	if identity.IsUnmatched(s.Anchor) {
		return ", as no directory knew it"
	}
	return " as missing"
}

// lostBy returns the values that a deletion loses. The journal keeps them, so that an undo can add
// the account again.
func lostBy(d *stage.Draft, s identity.Shadow, r identity.Resource) (fields []plan.FieldDiff) {
	for _, name := range diff.ManagedFields(d, s.Anchor.Directory(), s.Kind) {
		if v := r.Attrs[name]; len(v) > 0 {
			fields = append(fields, plan.FieldDiff{Name: name, Old: v, Ref: name == schema.Manager})
		}
	}
	if s.Kind == identity.User {
		fields = append(fields, plan.FieldDiff{Name: schema.Active, Old: []string{fmt.Sprint(r.Active)}})
	}
	return fields
}
