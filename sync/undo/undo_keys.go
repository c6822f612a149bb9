package undo

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/match"
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
	err := u.D.Work.Each(ctx, `
SELECT b.kind, b.id, b.want, b.holder, coalesce(h.want<>'' AND h.want<>b.want, 0) FROM back b
LEFT JOIN back h ON h.kind=b.kind AND h.id=b.holder AND h.member='' WHERE b.member='' AND b.want<>'' AND b.holder<>''`, func(scan func(...any) error) error {
		var m match.Move
		var leaves bool
		if err := scan(&m.Kind, &m.Id, &m.Key, &m.Holder, &leaves); err != nil {
			return err
		}
		m.Anchor = mover(m.Kind, m.Id)
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
			via = undoTemporaryKey(m.Kind, m.Id, m.Key)
		}
		if err := u.D.Work.Exec(ctx, `UPDATE back SET wave=?, via=?, blocked=? WHERE kind=? AND id=? AND member=''`, o.Wave, via, blocked[a], string(m.Kind), string(m.Id)); err != nil {
			return err
		}
	}
	return nil
}
