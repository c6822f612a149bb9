package diff

import (
	"context"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// leaverChanges plans for a person who is disabled in the directory. The deactivation is a change
// of its own, before everything else in the plan, so that the account does not stay active because
// the cloud refuses another field, a name is taken, or the plan is long. The other differences
// follow in their wave.
func leaverChanges(ctx context.Context, d *stage.Draft, p Pair, c plan.Change) error {
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
		out.Key = p.Res.Key
		out.After = onlyInactive(d, p)
	}
	if d.Env.Target.Limits().DeactivateDestroys {
		rest.Fields = nil // see destroyed
	}
	out.Reason = reasonOf(d, p, out)
	countChange(d, p, out)
	if err := AddChange(ctx, d, out, ""); err != nil || len(rest.Fields) == 0 {
		return err
	}
	p.How = workdb.ByLink // the first change says how it was linked
	rest.Action = ActionOf(p, rest.Fields)
	rest.Reason = reasonOf(d, p, rest)
	stage.CountAction(&d.Header.Counts.Users, rest.Action)
	d.Header.Drift.Count(&rest)
	return AddChange(ctx, d, rest, "")
}

// destroyed says that deactivating destroyed the account of a disabled person: there is no account
// for the rest of the changes.
func destroyed(d *stage.Draft, p Pair) bool {
	return d.Env.Target.Limits().DeactivateDestroys && p.Kind == identity.User && p.How == workdb.ByLink && !p.active &&
		p.shadow != nil && p.Res != nil && !p.Res.Active && p.shadow.ID == p.Res.ID && !p.shadow.Active
}

// keepDestroyed stores the current place of such a person, and what the account was.
func keepDestroyed(ctx context.Context, d *stage.Draft, p Pair) error {
	countChange(d, p, plan.Change{})
	after := *p.shadow
	after.DN, after.Parent, after.RDN, after.Base, after.Inputs = p.dn, p.parentGUID, p.rdn, p.base, p.inputs
	after.State, after.Since, after.Fingerprint = identity.Live, time.Time{}, identity.Fingerprint{}
	if workdb.Encode(*p.shadow) == workdb.Encode(after) {
		return nil
	}
	return d.Work.Renew(ctx, after)
}

// onlyInactive returns the shadow for the time after an account is deactivated and before the other
// differences are written: what was last applied, or what the account shows if it is linked now. It
// has no fingerprint, so that the next run compares the person whatever becomes of the rest.
func onlyInactive(d *stage.Draft, p Pair) *identity.Shadow {
	s := identity.Shadow{Anchor: p.anchor, Kind: p.Kind, DN: p.dn, Parent: p.parentGUID, RDN: p.rdn, ID: p.Res.ID,
		Applied: identity.Attrs{}}
	if p.shadow != nil && p.shadow.ID == p.Res.ID {
		s = *p.shadow
	} else {
		for _, name := range ManagedFields(d, p.anchor.Directory(), p.Kind) {
			if v := d.Env.Target.Normalize(name, p.Res.Attrs[name]); len(v) > 0 {
				s.Applied[name] = v
			}
		}
	}
	s.Active, s.State, s.Since, s.ByUs, s.Fingerprint = false, identity.Live, time.Time{}, true, identity.Fingerprint{}
	return &s
}
