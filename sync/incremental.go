package sync

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// An incremental plan is made by the stages of a full one. What differs is the first:
// instead of listing both sides it fills the work database with all that the changes
// concern, each read anew from the directory by GUID and from the cloud by id. It
// costs what the changes cost, whatever the size of the directory, and nothing is
// listed on either side.

// planChanges makes an incremental plan. A chain with a *fullInstead says that only a
// full one will do.
func (e *Engine) planChanges(ctx context.Context, req Request) (*plan.Plan, error) {
	w, err := newWork(e.opt.Dir)
	if err != nil {
		return nil, err
	}
	defer w.close()
	prints := &printSet{seed: printSeed(e.printsDigest()), norm: e.opt.Target.Normalize}
	d := &draft{Engine: e, work: w, prints: prints.index(), frozen: map[string]bool{},
		header: plan.Header{Mode: record.Incremental, Made: e.now().UTC(), Organization: e.org, CloudReadAt: e.now().UTC(), Complete: true}}
	d.hunt = newHunt(d)
	for _, stage := range []func(context.Context) error{
		d.readChanges, d.match, d.arrange, d.diff, d.removals, d.leaveToFull, d.hunt.members, d.guard, d.leaveToFull,
	} {
		if err := stage(ctx); err != nil {
			return nil, cancelled(ctx, err)
		}
	}
	p, err := d.seal(ctx, req.Path)
	return p, cancelled(ctx, err)
}

// leaveToFull ends an incremental plan that does what only the totals of a full one
// can judge.
func (d *draft) leaveToFull(ctx context.Context) error {
	var ours int64
	for _, n := range d.hunt.linked {
		ours += n.People
	}
	out, err := d.work.number(ctx, `SELECT count(*) FROM chg WHERE kind='user' AND json_extract(json,'$.Missing')`)
	if err != nil {
		return err
	}
	switch {
	case out > 0 && out >= ours:
		return &fullInstead{reason: "nobody would be left"}
	case d.adminsOut > 0:
		return &fullInstead{reason: "a full administrator would be deactivated"}
	case d.header.Counts.Members.Remove > 5*quorum:
		return &fullInstead{reason: fmt.Sprintf("%d memberships would be removed", d.header.Counts.Members.Remove)}
	}
	return nil
}

// readChanges asks every directory for its changes and fills the work database with
// all that they concern.
func (d *draft) readChanges(ctx context.Context) error {
	d.meter.phase(ReadingDirectory, 0)
	from, err := d.positions(ctx)
	if err != nil {
		return err
	}
	for _, src := range d.opt.Sources {
		dir, _ := src.Describe(ctx) // the name is set in any case
		if err := d.hunt.loadContainers(ctx, dir.Name); err != nil {
			return err
		}
	}
	if d.hunt.linked, err = d.opt.Store.Linked(ctx); err != nil {
		return err
	}
	var failures []error
	for _, src := range d.opt.Sources {
		dir, err := src.Describe(ctx)
		read := plan.DirectoryRead{Directory: dir, ReadAt: d.now().UTC(), Whole: true}
		if err == nil {
			err = d.askChanges(ctx, src, &read, from[dir.Name].Position)
		}
		if err != nil {
			var full *fullInstead
			if ctx.Err() != nil || errors.As(err, &full) {
				return errors.Join(err, ctx.Err())
			}
			failures = append(failures, fmt.Errorf("directory %s: %w", dir.Name, err))
			d.freeze(&read, err)
		}
		d.find(read, err)
		d.header.Directories = append(d.header.Directories, read)
	}
	if len(failures) == len(d.opt.Sources) {
		return errors.Join(failures...)
	}
	if err := d.hunt.run(ctx); err != nil {
		return err
	}
	if err := d.hunt.changedGroups(ctx); err != nil {
		return err
	}
	if err := d.allFrozen(); err != nil {
		return err
	}
	if err := d.hunt.dropFrozen(ctx); err != nil {
		return err
	}
	if _, err := d.work.tx.ExecContext(ctx, workIndexes); err != nil {
		return fmt.Errorf("work database: %w", err)
	}
	return d.dropFrozen(ctx)
}

func (d *draft) freeze(read *plan.DirectoryRead, err error) {
	read.Whole, read.Error = false, err.Error()
	d.frozen[read.Name] = true
	d.header.Complete = false
}

// askChanges takes in what one directory tells.
func (d *draft) askChanges(ctx context.Context, src Source, read *plan.DirectoryRead, from identity.Position) error {
	present := int64(0)
	next, err := src.Changes(ctx, from, func(t identity.Touch) error {
		d.meter.add(1)
		if t.Present {
			present++
			return d.work.exec(ctx, `INSERT OR IGNORE INTO present VALUES(?)`, string(t.Anchor))
		}
		return d.hunt.touched(ctx, t)
	})
	var stale *identity.Stale
	if errors.As(err, &stale) {
		return &fullInstead{reason: fmt.Sprintf("directory %s: %s", read.Name, stale.Reason)}
	}
	if err != nil {
		return fmt.Errorf("ask for changes: %w", err)
	}
	read.Way, read.Untold, read.Remedy = next.Way, next.Untold, next.Remedy
	d.reach(read.Directory, next)
	if present > 0 {
		return d.hunt.absent(ctx, read.Name)
	}
	return nil
}
