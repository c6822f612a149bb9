package diff

import (
	"context"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
)

// A membership is drift if the directory says the same about it as at the last run, and the cloud
// does not. The remembered edges are what the directory said then.
//
// Not every remembered edge was applied. The edges of a group with a failed or excluded change (it
// is dirty), of a deferred object, and of accounts that were not linked, or in grace, at the last
// run prove nothing: a difference there counts as the directory's.

// markMemberDrift marks, in came and went, the memberships that were changed in the cloud by hand.
func markMemberDrift(ctx context.Context, d *stage.Draft) error {
	some, err := d.Work.HasMemberDifferences(ctx)
	if err != nil || !some {
		return err
	}
	if err := d.Work.BeginMemberDrift(ctx); err != nil {
		return err
	}
	if err := unsettled(ctx, d); err != nil {
		return err
	}
	if err := rememberedMembers(ctx, d); err != nil {
		return err
	}
	for _, dir := range d.Header.Directories {
		if have, err := d.Env.Store.Value(ctx, facts.EdgesValue+dir.Name); err != nil {
			return err
		} else if have != "" {
			if err := d.Work.MarkRemembered(ctx, dir.Name); err != nil {
				return err
			}
		}
	}
	return d.Work.MarkMemberDrift(ctx, d.Env.Policy.Flatten)
}

// unsettled selects the objects that still have something to do.
func unsettled(ctx context.Context, d *stage.Draft) error {
	if err := d.Env.Store.Dirty(ctx, func(a identity.Anchor, _ string) error {
		return d.Work.MarkUnsettled(ctx, a)
	}); err != nil {
		return err
	}
	return d.Env.Store.AllDeferred(ctx, func(t identity.Deferred) error { return d.Work.MarkUnsettled(ctx, t.Anchor) })
}

// rememberedMembers loads the remembered memberships of the groups in question; of all groups, if
// nested groups are flattened.
func rememberedMembers(ctx context.Context, d *stage.Draft) error {
	put := func(e identity.Edge) error {
		if e.Kind != identity.Membership || e.To.Anchor == "" {
			return nil
		}
		return d.Work.AddRemembered(ctx, e.From, e.To.Anchor)
	}
	if d.Env.Policy.Flatten {
		return d.Env.Store.Edges(ctx, "", put)
	}
	const many = 500
	for after := identity.Anchor(""); ; {
		groups, err := d.Work.DifferingGroups(ctx, after, many)
		if err != nil || len(groups) == 0 {
			return err
		}
		after = groups[len(groups)-1]
		if err := d.Env.Store.EdgesFrom(ctx, groups, put); err != nil {
			return err
		}
	}
}
