package seal

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/stage"
)

// writeDeferred writes the objects that this plan leaves unchanged, with the key that each wants:
// an incremental run checks them again once something about that key changes.
func writeDeferred(ctx context.Context, d *stage.Draft, w *plan.Writer) error {
	if err := d.Coverage.WriteDeferred(ctx, w); err != nil {
		return err
	}
	left := map[identity.Anchor]bool{}
	err := d.Work.EachDeferred(ctx, func(t identity.Deferred) error {
		if t.Key == "" && !t.Again && !d.Coverage.Examined(t.Anchor) {
			return nil // it is only referred to: its record stays
		}
		left[t.Anchor] = true
		return w.AddDeferred(t)
	})
	if err != nil {
		return err
	}
	return d.Coverage.Settle(ctx, w, left)
}
