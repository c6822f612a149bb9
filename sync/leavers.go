package sync

import (
	"context"
	"errors"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// leaverChanges plans for a person who is disabled in the directory. The deactivation
// is a change of its own, before all else of the plan: no other field that the cloud
// refuses, no name that is taken and no long plan keeps the account open. What else
// differs follows in its wave.
func (d *draft) leaverChanges(ctx context.Context, p pair, c plan.Change) error {
	out, rest := c, c
	out.Fields, rest.Fields = nil, nil
	for _, f := range c.Fields {
		if f.Name == schema.Active {
			out.Fields = append(out.Fields, f)
		} else {
			rest.Fields = append(rest.Fields, f)
		}
	}
	out.Phase, out.Wave, out.Via, out.Cause, rest.Cause = plan.Leavers, 0, "", remapping(out.Fields), remapping(rest.Fields)
	if len(rest.Fields) > 0 {
		out.Key = p.res.Key
		out.After = d.onlyInactive(p)
	}
	if d.env.Target.Limits().DeactivateDestroys {
		rest.Fields = nil // see destroyed
	}
	out.Reason = d.reasonOf(p, out)
	d.countChange(p, out)
	if err := d.addChange(ctx, out, ""); err != nil || len(rest.Fields) == 0 {
		return err
	}
	p.how = byLink // the first change tells how it was linked
	rest.Action = actionOf(p, rest.Fields)
	rest.Reason = d.reasonOf(p, rest)
	stage.CountAction(&d.header.Counts.Users, rest.Action)
	d.header.Drift.Count(&rest)
	return d.addChange(ctx, rest, "")
}

// destroyed says that the account of a person who is disabled was destroyed by being
// deactivated: nothing is left that the rest of the person could be written to.
func (d *draft) destroyed(p pair) bool {
	return d.env.Target.Limits().DeactivateDestroys && p.kind == identity.User && p.how == byLink && !p.active &&
		p.shadow != nil && p.res != nil && !p.res.Active && p.shadow.ID == p.res.ID && !p.shadow.Active
}

// keepDestroyed remembers where such a person stands now, and of the account what it was.
func (d *draft) keepDestroyed(ctx context.Context, p pair) error {
	d.countChange(p, plan.Change{})
	after := *p.shadow
	after.DN, after.Parent, after.RDN, after.Base, after.Inputs = p.dn, p.parentGUID, p.rdn, p.base, p.inputs
	after.State, after.Since, after.Fingerprint = identity.Live, time.Time{}, identity.Fingerprint{}
	if workdb.Encode(*p.shadow) == workdb.Encode(after) {
		return nil
	}
	return d.work.Exec(ctx, `INSERT OR REPLACE INTO keep VALUES(?,?)`, string(p.anchor), workdb.Encode(after))
}

// onlyInactive is what is remembered once an account is inactive, and before what else
// differs is written: what was applied last, or what the account shows where it is linked
// now. It has no fingerprint, so that the next run compares the person whatever becomes of the
// rest.
func (d *draft) onlyInactive(p pair) *identity.Shadow {
	s := identity.Shadow{Anchor: p.anchor, Kind: p.kind, DN: p.dn, Parent: p.parentGUID, RDN: p.rdn, ID: p.res.ID,
		Applied: identity.Attrs{}}
	if p.shadow != nil && p.shadow.ID == p.res.ID {
		s = *p.shadow
	} else {
		for _, name := range d.managed(p.anchor.Directory(), p.kind) {
			if v := d.env.Target.Normalize(name, p.res.Attrs[name]); len(v) > 0 {
				s.Applied[name] = v
			}
		}
	}
	s.Active, s.State, s.Since, s.ByUs, s.Fingerprint = false, identity.Live, time.Time{}, true, identity.Fingerprint{}
	return &s
}

// leaverToCome is why a person is dirty between the deactivation and the rest of the
// change: if the process dies there, the rest is looked for again.
const leaverToCome = "it is deactivated, and the rest of its change may still have to be written"

// noteLeaver keeps in mind that a deactivation was not done. The rest of such a person's
// change must not say that the account is inactive, nor that all is done.
func (a *applier) noteLeaver(c plan.Change, o record.Outcome) {
	if c.Phase == plan.Leavers && o.State != record.WriteDone && len(a.stillActive) < maxFailed {
		a.stillActive[c.Anchor] = true
	}
}

// sparesLeavers says that a plan which is held all the same gives its leavers to be
// written: no guard of removals holds it, and all was read whole (P4).
func (a *applier) sparesLeavers(held *port.HeldError) bool {
	planned := a.header.Mode == record.Full || a.header.Mode == record.Incremental
	// Nothing is lifted where anything is left: those that were named hold as well.
	return planned && a.header.Complete && plan.SparesLeavers(held.Holds) && plan.SparesLeavers(a.header.Holds)
}

// leaversOf deactivates the leavers of a plan that is held, and closes the run as held.
// A link that the state does not remember is one of those that the plan is held for, as
// like as not: the account stays as it is.
func (a *applier) leaversOf(ctx context.Context, held *port.HeldError) (record.Run, error) {
	a.env.Meter.Phase(port.Applying, 0)
	err := stage.Cancelled(ctx, a.leaverBatches(ctx))
	bg, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	err = errors.Join(err, a.commit(bg))
	if held.Leavers = a.run.Counts.Users.Deactivate; held.Leavers > 0 {
		err = errors.Join(err, a.env.Store.Append(bg, record.Event{Time: a.at(), Run: a.run.ID, Level: record.Warn, Code: "leavers-written",
			Message: "The plan is held. " + held.Written(), Remedy: "Nothing need be done about them. See what holds the rest of the plan."}))
	}
	run, stopped := a.held(held)
	return run, errors.Join(stopped, err)
}

// leaverBatches writes the leavers of a plan, which come first in it.
func (a *applier) leaverBatches(ctx context.Context) error {
	size := max(1, a.env.Target.Limits().Batch)
	for after := int64(0); ; {
		rows, err := a.plan.ChangesFrom(ctx, after, size)
		if err != nil {
			return err
		}
		var batch []plan.Change
		for _, c := range rows {
			after = c.Seq
			if c.Phase != plan.Leavers {
				break
			}
			id, err := a.idOf(ctx, c.Anchor)
			if err != nil {
				return err
			}
			if id == c.ID {
				batch = append(batch, c)
			}
		}
		if err := a.batch(ctx, batch, stepMain); err != nil {
			return err
		}
		if len(rows) == 0 || rows[len(rows)-1].Phase != plan.Leavers {
			return nil
		}
	}
}
