package sync

import (
	"context"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
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
	out.Phase, out.Wave, out.Via, out.Cause, rest.Cause = plan.Leavers, 0, "", remapping(out.Fields),
		remapping(rest.Fields)
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
