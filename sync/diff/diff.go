package diff

import (
	"context"

	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Objects turns matches into changes, field by field, and finds the shadows that must be stored
// although nothing is written.
func Objects(ctx context.Context, d *stage.Draft) error {
	n, err := d.Work.CountMatches(ctx)
	if err != nil {
		return err
	}
	d.Env.Meter.Phase(port.Planning, n)
	if err := noteUnanswered(ctx, d); err != nil {
		return err
	}
	err = d.Work.EachToCompare(ctx, func(found workdb.ToCompare) error {
		p := newPair(found)
		d.Env.Meter.Add(1)
		if err := findParent(ctx, d, &p); err != nil {
			return err
		}
		if err := keepManager(ctx, d, &p); err != nil {
			return err
		}
		if err := keepExternalID(ctx, d, &p); err != nil {
			return err
		}
		return planChange(ctx, d, p)
	})
	if err != nil {
		return err
	}
	return disabledWithProblems(ctx, d)
}

// planChange plans one subject.
func planChange(ctx context.Context, d *stage.Draft, p Pair) error {
	if destroyed(d, p) {
		return keepDestroyed(ctx, d, p)
	}
	c := plan.Change{Kind: p.Kind, Phase: plan.UserWrites, Wave: p.wave, Via: p.via, Anchor: p.anchor, Key: p.key,
		DN: p.dn, SourceBase: p.base, CloudBase: p.resBase}
	if p.Kind == identity.Group {
		c.Phase = plan.GroupWrites
	}
	if p.Res != nil {
		c.ID, c.CloudVersion = p.Res.ID, p.Res.Version
	}
	after := shadowAfter(d, p)
	c.Fields, after.Ignored = diffFields(d, p)
	if p.external == externalWaits && len(c.Fields) == 1 && c.Fields[0].Name == schema.ExternalID {
		c.Fields, p.external = nil, externalStays
	}
	if p.external == externalStays {
		p.keepTheirID(&after)
	}
	if p.keepsSpelling() {
		after.Applied[schema.UID] = []string{p.Res.Key}
	}
	if err := markDrift(ctx, d, p, c.Fields); err != nil {
		return err
	}
	if err := markRemapped(ctx, d, p, c.Fields); err != nil {
		return err
	}
	c.Cause = remapping(c.Fields)
	var err error
	if c.Drift, err = removedByHand(ctx, d, p); err != nil {
		return err
	}
	c.After = &after
	after.ByUs = madeInactive(p, after, c.Fields)
	after.Fingerprint = fingerprintOf(d, p, after, false)
	c.Action = ActionOf(p, c.Fields)
	if c.Action == plan.Deactivate {
		return leaverChanges(ctx, d, p, c)
	}
	c.Reason = reasonOf(d, p, c)
	countChange(d, p, c)

	switch {
	case c.Action == plan.Match:
		c.Phase, c.Wave = plan.Links, 0
	case c.Action == "":
		after.Fingerprint = fingerprintOf(d, p, after, true)
		if p.shadow != nil && workdb.Encode(*p.shadow) == workdb.Encode(after) {
			return nil
		}
		return d.Work.Renew(ctx, after)
	}
	return AddChange(ctx, d, c, "")
}

// madeInactive says whether this program deactivated the account, by this change or an earlier one:
// then the purge may take it if the person goes missing one day.
func madeInactive(p Pair, after identity.Shadow, fields []plan.FieldDiff) bool {
	switch last := p.last(); {
	case p.Kind != identity.User || after.Active:
		return false
	case p.Res == nil, p.Res.Active:
		return len(fields) > 0 // it is deactivated, or added inactive
	default:
		return last != nil && last.ID == after.ID && last.ByUs
	}
}

// AddChange spools a change, and what guards count of it. sub orders the changes of one key.
func AddChange(ctx context.Context, d *stage.Draft, c plan.Change, sub string) error {
	if err := guard.CountForGuards(ctx, d, c); err != nil {
		return err
	}
	return d.Work.AddChange(ctx, c, sub+string(c.Anchor))
}

// shadowAfter returns the shadow of the subject once its change is done. A link that the change
// makes has no time until it is made.
func shadowAfter(d *stage.Draft, p Pair) identity.Shadow {
	after := identity.Shadow{Anchor: p.anchor, Kind: p.Kind, DN: p.dn, Parent: p.parentGUID, RDN: p.rdn, Inputs: p.inputs,
		Base: p.base, Applied: normalAttrs(d, p.attrs), Active: p.active, State: identity.Live}
	switch {
	case p.managerID != "" && manages(d, p.anchor.Directory(), schema.Manager):
		after.Applied[schema.Manager] = []string{string(p.managerID)}
	case p.bossStays:
		after.Applied[schema.Manager] = p.Res.Attrs[schema.Manager]
	}
	if p.Res != nil {
		after.ID = p.Res.ID
		if !d.Env.Mappers.Of(p.anchor.Directory()).ManagesState() && p.Kind == identity.User {
			after.Active = p.Res.Active
		}
	}
	if p.shadow != nil && p.shadow.ID == after.ID {
		after.Linked, after.Run = p.shadow.Linked, p.shadow.Run
	}
	return after
}

// ActionOf names the change by its most important effect.
func ActionOf(p Pair, fields []plan.FieldDiff) plan.Action {
	if p.Res == nil {
		return plan.Add
	}
	action := plan.Action("")
	if p.How != workdb.ByLink {
		action = plan.Match
	}
	for _, f := range fields {
		switch {
		case f.Name == schema.Active && f.New[0] == "false":
			return plan.Deactivate
		case f.Name == schema.Active:
			action = plan.Reactivate
		case action == plan.Reactivate:
		case f.Name == schema.UID, p.Kind == identity.Group && f.Name == schema.GroupName:
			action = plan.Rename
		case action != plan.Rename:
			action = plan.Update
		}
	}
	return action
}

func countChange(d *stage.Draft, p Pair, c plan.Change) {
	n := &d.Header.Counts.Users
	if p.Kind == identity.Group {
		n = &d.Header.Counts.Groups
	}
	if p.Res != nil {
		n.Match++
		if p.Kind == identity.User {
			d.Stats.Matched++
		}
	}
	stage.CountAction(n, c.Action)
	d.Header.Drift.Count(&c)
	if c.Action == plan.Deactivate && p.Res != nil && p.Res.Admin == identity.Yes {
		d.AdminsOut++
	}
}
