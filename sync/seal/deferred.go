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
	const query = `SELECT anchor, kind, coalesce((SELECT p.keyf FROM deferred_key p WHERE p.anchor=entry.anchor), keyf), anchor IN (SELECT anchor FROM again) FROM entry WHERE problem>0
UNION ALL SELECT anchor, 'user', keyf, anchor IN (SELECT anchor FROM again) FROM deferred_key WHERE anchor NOT IN (SELECT anchor FROM entry WHERE problem>0)
UNION ALL SELECT anchor, kind, '', 1 FROM again WHERE anchor NOT IN (SELECT anchor FROM entry WHERE problem>0) AND anchor NOT IN (SELECT anchor FROM deferred_key) ORDER BY 1`
	err := d.Work.Each(ctx, query, func(scan func(...any) error) error {
		var t identity.Deferred
		if err := scan(&t.Anchor, &t.Kind, &t.Key, &t.Again); err != nil {
			return err
		}
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
