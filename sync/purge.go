package sync

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/queue"
	"dirbridge/sync/schema"
	"dirbridge/sync/workdb"
)

func (d *draft) purgeDue(ctx context.Context, only []identity.Anchor) error {
	d.env.Meter.Phase(port.Planning, 0)
	if d.env.Policy.OnMissing == "keep" && only == nil {
		return nil // chosen after they were deactivated
	}
	if n, err := d.spoolDue(ctx, only); err != nil || n == 0 {
		return err
	}
	var batch []leaver
	flush := func() error {
		found, err := d.lookAgain(ctx, batch)
		if err != nil {
			return err
		}
		for _, l := range batch {
			if w, exists := found[l.shadow.Anchor]; exists && w.inScope {
				continue // it came back: the next run reactivates it
			}
			if err := d.purge(ctx, l.shadow); err != nil {
				return err
			}
		}
		batch = batch[:0]
		return nil
	}
	// The process may have died between the link of an account to a new owner and the end of the
	// old link: such an account belongs to the new owner.
	err := d.work.Exec(ctx, `INSERT OR IGNORE INTO forgotten SELECT anchor FROM shadow WHERE EXISTS(SELECT 1 FROM protected p WHERE p.kind=shadow.kind AND p.id=shadow.id)`)
	if err != nil {
		return err
	}
	const due = `SELECT json FROM shadow WHERE NOT EXISTS(SELECT 1 FROM protected p WHERE p.kind=shadow.kind AND p.id=shadow.id) ORDER BY kind, anchor`
	err = d.work.Each(ctx, due, func(scan func(...any) error) error {
		var js string
		var s identity.Shadow
		if err := scan(&js); err != nil {
			return err
		}
		if err := workdb.Decode(js, &s); err != nil {
			return err
		}
		if batch = append(batch, leaver{shadow: s}); len(batch) < lookup {
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
func (d *draft) spoolDue(ctx context.Context, only []identity.Anchor) (n int64, err error) {
	now := d.env.Now()
	spare, err := queue.NewSparing(ctx, d.env.Store, d.env.Policy.Unmanaged, now)
	if err != nil {
		return 0, err
	}
	isDue := func(s identity.Shadow) bool {
		return queue.PastGrace(s, d.env.Policy.PurgeAfter, now) && d.env.Policy.Purges(s)
	}
	named := map[identity.Anchor]bool{}
	if only != nil {
		for _, a := range only {
			named[a] = true
		}
		isDue = func(s identity.Shadow) bool { return queue.Waits(s) && named[s.Anchor] && d.env.Policy.Purges(s) }
	}
	met := 0
	if err := d.env.Store.Shadows(ctx, func(s identity.Shadow) error {
		if queue.Waits(s) && spare.Keeps[s.Anchor].Anchor == "" {
			d.early.see(s, now.Add(skew))
		}
		if !isDue(s) {
			return nil
		}
		met++
		if spared, err := d.spare(ctx, s, spare); spared || err != nil {
			return err
		}
		n++
		return d.putShadow(ctx, s)
	}); err != nil {
		return n, err
	}
	if met < len(named) {
		return n, &identity.Failure{Class: identity.GiveUp,
			Err:    fmt.Errorf("%d of those named do not wait for their purge (any more)", len(named)-met),
			Remedy: "See who does: dirbridge purge --list."}
	}
	if n == 0 {
		return n, nil
	}
	if err := d.work.Exec(ctx, `CREATE INDEX shadow_id ON shadow(kind, id)`); err != nil {
		return n, err
	}
	return n, d.env.Store.Shadows(ctx, func(s identity.Shadow) error {
		if s.ID == "" {
			return nil
		}
		if keep, rule := spare.Of(s); isDue(s) && keep == nil && rule == nil {
			return nil
		}
		return d.work.Exec(ctx, `INSERT OR IGNORE INTO protected SELECT kind, id FROM shadow WHERE kind=? AND id=?`, string(s.Kind), string(s.ID))
	})
}

// spare lists one shadow that is held back, by an operator or by a rule.
func (d *draft) spare(ctx context.Context, s identity.Shadow, by *queue.Sparing) (bool, error) {
	r := identity.Resource{ID: s.ID, Kind: s.Kind, Key: queue.KeyOf(s), Active: s.Active}
	keep, rule := by.Of(s)
	switch {
	case d.unasked(s):
		// The object may be back, or be known by now, and no change would report it.
		d.header.Unmanaged++
		return true, d.leftAlone(ctx, r,
			plan.KeptUnmanaged+queue.NotSynchronized(s.Kind)+": the directory is not asked whether it knows this one again")
	case keep != nil:
		d.header.Kept++
		return true, d.leftAlone(ctx, r, plan.KeptByHand+keep.Words())
	case rule != nil:
		held, _, err := d.unmanaged(ctx, r)
		return held, err
	}
	return false, nil
}

// unasked says whether no directory that could contain the object is read for its kind.
func (d *draft) unasked(s identity.Shadow) bool {
	if identity.IsUnmatched(s.Anchor) {
		return d.usersUnsynced()
	}
	return d.env.Unsynced != nil && d.env.Unsynced(s.Anchor.Directory(), s.Kind)
}

// purge plans for one account, as it is in the cloud now.
func (d *draft) purge(ctx context.Context, s identity.Shadow) error {
	d.env.Meter.Add(1)
	r, ok, err := d.env.Target.Get(ctx, s.Kind, s.ID)
	rule, protected := d.env.Protects(r.ID, r.Key)
	switch {
	case err != nil:
		return fmt.Errorf("cloud: look at %s %s: %w", s.Kind, s.ID, err)
	case ok && protected:
		d.header.Protected++
		return d.leftAlone(ctx, r, protectedWords(rule, ""))
	case !ok:
		return d.work.Exec(ctx, `INSERT OR IGNORE INTO forgotten VALUES(?)`, string(s.Anchor))
	case r.Admin == identity.Yes:
		return d.spareAdmin(ctx, r)
	case r.ExternalID != "" && !identity.IsUnmatched(s.Anchor) && !d.env.Target.Limits().Anchorless &&
		!strings.EqualFold(r.ExternalID, s.Anchor.GUID()):
		return d.work.Problem(ctx, s.Kind, identity.Problem{Anchor: s.Anchor, DN: s.DN, Side: identity.InCloud,
			Attribute: "externalId",
			Message: fmt.Sprintf("The account %s carries another objectGUID (%s) than that of the object that left. It is "+
				"not purged.", r.Key, r.ExternalID),
			Remedy: "If the account should go, remove it in the cloud."})
	case s.Kind == identity.User && r.Active && !d.env.Target.Limits().DeactivateDestroys:
		return d.work.Problem(ctx, s.Kind, identity.Problem{Anchor: s.Anchor, DN: s.DN, Side: identity.InCloud,
			Attribute: "active",
			Message: fmt.Sprintf("The account %s was reactivated in the cloud after it had been deactivated%s. It is not "+
				"purged.", r.Key, asWhat(s)),
			Remedy: "The next full run deactivates it again. If it should stay, bring its object back into the directory, " +
				"or leave it alone by a rule ([[unmanaged]])."})
	}
	since := "missing since "
	if identity.IsUnmatched(s.Anchor) {
		if known, err := d.sparesKnown(ctx, r); known || err != nil {
			return err
		}
		since = "known to no directory, and deactivated since "
	}
	c := plan.Change{Kind: s.Kind, Action: plan.Delete, Phase: plan.Deletions, Anchor: s.Anchor, ID: s.ID, Key: r.Key,
		DN:        s.DN,
		CloudBase: cloudBase(d.env, r), CloudVersion: r.Version, Reason: since + s.Since.Format("2006-01-02 15:04") +
			" UTC; its grace period is over"}
	if !queue.PastGrace(s, d.env.Policy.PurgeAfter, d.env.Now()) {
		c.Reason = since + s.Since.Format("2006-01-02 15:04") + " UTC; to be purged at once, as it was asked for"
	}
	c.Fields = d.lostBy(s, r)
	if s.Kind == identity.Group {
		d.header.Counts.Groups.Delete++
	} else {
		d.header.Counts.Users.Delete++
	}
	return d.addChange(ctx, c, "")
}

// asWhat says as what an account in the purge queue was deactivated.
func asWhat(s identity.Shadow) string {
	if identity.IsUnmatched(s.Anchor) {
		return ", as no directory knew it"
	}
	return " as missing"
}

// lostBy returns the values that a deletion loses. The journal keeps them, so that an undo can add
// the account again.
func (d *draft) lostBy(s identity.Shadow, r identity.Resource) (fields []plan.FieldDiff) {
	for _, name := range d.managed(s.Anchor.Directory(), s.Kind) {
		if v := r.Attrs[name]; len(v) > 0 {
			fields = append(fields, plan.FieldDiff{Name: name, Old: v, Ref: name == schema.Manager})
		}
	}
	if s.Kind == identity.User {
		fields = append(fields, plan.FieldDiff{Name: schema.Active, Old: []string{fmt.Sprint(r.Active)}})
	}
	return fields
}

// sealPurge writes a plan that has only deletions.
func (d *draft) sealPurge(ctx context.Context, path string) (_ *plan.Plan, err error) {
	w, err := d.create(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			w.Discard()
		}
	}()
	for _, part := range []func(context.Context, *plan.Writer) error{d.writeChanges, d.writeFindings, d.writeShadows} {
		if err := part(ctx, w); err != nil {
			return nil, err
		}
	}
	d.header.Config = d.env.ConfigDigest()
	d.tellRules()
	d.header.State = d.env.Mark
	return w.Seal(d.header)
}
