package sync

import (
	"context"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// planPurge plans the removal of what has been missing for longer than the grace
// period: accounts that we deactivated as missing, and groups that waited unwritten
// (P6). Each is looked at again on both sides first.
func (e *Engine) planPurge(ctx context.Context, path string) (*plan.Plan, error) {
	w, err := newWork(e.opt.Dir)
	if err != nil {
		return nil, err
	}
	defer w.close()
	d := &draft{Engine: e, work: w, frozen: map[string]bool{}, adminsKnown: true,
		header: plan.Header{Mode: record.Purge, Made: e.now().UTC(), Organization: e.org, CloudReadAt: e.now().UTC(), Complete: true}}
	for _, src := range e.opt.Sources {
		dir, err := src.Describe(ctx)
		if err != nil {
			return nil, fmt.Errorf("directory: %w", err)
		}
		d.header.Directories = append(d.header.Directories, plan.DirectoryRead{Directory: dir, ReadAt: e.now().UTC(), Whole: true})
	}
	if err := d.purgeDue(ctx); err != nil {
		return nil, err
	}
	if err := d.countProblems(ctx); err != nil {
		return nil, err
	}
	return d.sealPurge(ctx, path)
}

func (d *draft) purgeDue(ctx context.Context) error {
	d.meter.phase(Planning, 0)
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
	due := d.now().Add(-d.opt.Policy.PurgeAfter)
	err := d.opt.Store.Shadows(ctx, func(s identity.Shadow) error {
		if s.State != identity.Grace || !s.ByUs || s.ID == "" || s.Since.After(due) {
			return nil
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

// purge plans for one account, as it is in the cloud now.
func (d *draft) purge(ctx context.Context, s identity.Shadow) error {
	d.meter.add(1)
	r, ok, err := d.opt.Target.Get(ctx, s.Kind, s.ID)
	switch {
	case err != nil:
		return fmt.Errorf("cloud: look at %s %s: %w", s.Kind, s.ID, err)
	case !ok:
		return d.work.exec(ctx, `INSERT OR IGNORE INTO forget VALUES(?)`, string(s.Anchor))
	case r.Admin == identity.Yes:
		d.spareAdmin(r.Key)
		return nil
	case s.Kind == identity.User && r.Active:
		return d.work.problem(ctx, s.Kind, identity.Problem{Anchor: s.Anchor, DN: s.DN, Side: identity.InCloud, Attribute: "active",
			Message: fmt.Sprintf("The account %s was reactivated in the cloud after it had been deactivated as missing. It is not purged.", r.Key),
			Remedy:  "Deactivate it in the cloud, or leave it: nothing will be done to it."})
	}
	c := plan.Change{Kind: s.Kind, Action: plan.Delete, Phase: plan.Deletions, Anchor: s.Anchor, ID: s.ID, Key: r.Key, DN: s.DN,
		CloudBase: d.cloudBase(r), CloudVersion: r.Version, Reason: "missing since " + s.Since.Format("2006-01-02 15:04") + " UTC; its grace period is over"}
	if s.Kind == identity.Group {
		d.header.Counts.Groups.Delete++
	} else {
		d.header.Counts.Users.Delete++
	}
	return d.addChange(ctx, c, "")
}

// sealPurge writes a plan that carries deletions alone.
func (d *draft) sealPurge(ctx context.Context, path string) (_ *plan.Plan, err error) {
	if err := d.reportSpared(ctx); err != nil {
		return nil, err
	}
	w, err := plan.Create(path)
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
	d.header.Config = d.configDigest()
	return w.Seal(d.header)
}
