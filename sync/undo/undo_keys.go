package undo

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/match"
	"dirbridge/sync/workdb"
)

// mover names an object among those that move: not all of them have an anchor.
func mover(kind identity.Kind, id identity.ResourceID) identity.Anchor {
	return identity.Anchor(string(kind) + " " + string(id))
}

// undoTemporaryKey is the temporary key of an object that gets a key back.
func undoTemporaryKey(kind identity.Kind, id identity.ResourceID, key string) string {
	return match.TemporaryKey(kind, mover(kind, id), identity.Fold(key))
}

// OrderKeysBack puts the objects whose earlier key another account has by now into waves, as
// orderKeys does in a synchronization. If the other account does not give the key up, the key is
// not restored.
func (u *Undoing) OrderKeysBack(ctx context.Context) error {
	moves := map[identity.Anchor]match.Move{}
	err := u.D.Work.EachHeldKey(ctx, func(r workdb.Reversal, leaves bool) error {
		m := match.Move{ID: r.ID, Holder: r.Holder}
		m.Kind, m.Key, m.Anchor = r.Kind, r.Key, mover(r.Kind, r.ID)
		if leaves {
			m.WaitsFor = mover(m.Kind, m.Holder)
		}
		moves[m.Anchor] = m
		return nil
	})
	if err != nil || len(moves) == 0 {
		return err
	}
	orders, blocked := match.OrderMoves(moves)
	for a, m := range moves {
		o, via := orders[a], ""
		if o.Via {
			via = undoTemporaryKey(m.Kind, m.ID, m.Key)
		}
		turn := workdb.Reversal{Written: workdb.Written{Kind: m.Kind, ID: m.ID}, Wave: o.Wave, Via: via,
			Blocked: blocked[a]}
		if err := u.D.Work.SetReversalWave(ctx, turn); err != nil {
			return err
		}
	}
	return nil
}
