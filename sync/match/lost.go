package match

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// AnchorLost says which object an entry without an anchor was: the one that had its place and is
// nowhere else.
func AnchorLost(ctx context.Context, d *stage.Draft, was identity.Shadow) error {
	return d.Work.NameLacking(ctx, was)
}

// CountLost counts the linked objects whose required attributes, key or anchor were there and no
// longer are. A single one is a problem of that entry; many at once mean that the bind account lost
// a right. An object that was deferred before this run does not count again: once an operator lets
// a plan go on, its runs go on, too.
func CountLost(ctx context.Context, d *stage.Draft) error {
	if d.Header.Mode != record.Full && d.Header.Mode != record.Incremental {
		return nil
	}
	// The people without this attribute have an inactive account, too.
	err := d.Work.CountLacking(ctx, plan.RuleAttributeLost, identity.Live, mapping.AccountControl)
	if err != nil {
		return err
	}
	n, err := d.Work.GuardRuleCount(ctx, plan.RuleAttributeLost)
	if least, ok := d.Env.Policy.Least(plan.RuleAttributeLost); err != nil || !ok || n <= least {
		return err
	}
	return d.Env.Store.AllDeferred(ctx, func(t identity.Deferred) error {
		return d.Work.DropGuardCounts(ctx, plan.RuleAttributeLost, t.Anchor)
	})
}
