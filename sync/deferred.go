package sync

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// lookNextTime makes the next run check an object again, whatever changes until then.
func (d *draft) lookNextTime(ctx context.Context, a identity.Anchor, kind identity.Kind) error {
	return d.work.Exec(ctx, `INSERT OR IGNORE INTO again VALUES(?,?)`, string(a), string(kind))
}

// writeDeferred writes the objects that this plan leaves unchanged, with the key that each wants:
// an incremental run checks them again once something about that key changes.
func (d *draft) writeDeferred(ctx context.Context, w *plan.Writer) error {
	if d.affected == nil {
		w.ReplaceDeferred()
		// The records of a directory that could not be read stay.
		if err := d.keepDeferred(ctx, w); err != nil {
			return err
		}
	}
	left := map[identity.Anchor]bool{}
	const query = `SELECT anchor, kind, coalesce((SELECT p.keyf FROM deferred_key p WHERE p.anchor=entry.anchor), keyf), anchor IN (SELECT anchor FROM again) FROM entry WHERE problem>0
UNION ALL SELECT anchor, 'user', keyf, anchor IN (SELECT anchor FROM again) FROM deferred_key WHERE anchor NOT IN (SELECT anchor FROM entry WHERE problem>0)
UNION ALL SELECT anchor, kind, '', 1 FROM again WHERE anchor NOT IN (SELECT anchor FROM entry WHERE problem>0) AND anchor NOT IN (SELECT anchor FROM deferred_key) ORDER BY 1`
	err := d.work.Each(ctx, query, func(scan func(...any) error) error {
		var t identity.Deferred
		if err := scan(&t.Anchor, &t.Kind, &t.Key, &t.Again); err != nil {
			return err
		}
		if d.affected != nil {
			if t.Key == "" && !t.Again && d.affected.objects[t.Anchor] == nil {
				return nil // it is only referred to: its record stays
			}
			left[t.Anchor] = true
		}
		return w.AddDeferred(t)
	})
	if err != nil || d.affected == nil {
		return err
	}
	return d.affected.settle(ctx, w, left)
}

// settle writes which of the examined objects are no longer deferred. Objects of a frozen directory
// could not be examined; what was to be done for them is still to be done.
func (set *affectedSet) settle(ctx context.Context, w *plan.Writer, left map[identity.Anchor]bool) error {
	var waiting []identity.Anchor
	for a := range set.kinds {
		switch {
		case left[a]:
		case set.d.frozen[a.Directory()]:
			waiting = append(waiting, a)
		default:
			if err := w.Settle(a); err != nil {
				return err
			}
		}
	}
	keys := map[identity.Anchor]string{}
	if err := set.d.env.Store.Deferred(ctx, nil, waiting, false, func(t identity.Deferred) error {
		keys[t.Anchor] = t.Key
		return nil
	}); err != nil {
		return err
	}
	for _, a := range waiting {
		if err := w.AddDeferred(identity.Deferred{Anchor: a, Kind: set.kinds[a], Key: keys[a], Again: true}); err != nil {
			return err
		}
	}
	return nil
}

// keepDeferred keeps the records of directories that were not read completely.
func (d *draft) keepDeferred(ctx context.Context, w *plan.Writer) error {
	if d.header.Complete {
		return nil
	}
	return d.env.Store.AllDeferred(ctx, func(t identity.Deferred) error {
		if d.wasRead(t.Anchor.Directory()) {
			return nil
		}
		t.Again = true // what it waits for may have happened in this run
		return w.AddDeferred(t)
	})
}
