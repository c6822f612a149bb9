package match

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"dirbridge/sync/digest"
	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Move is a subject whose key another account has at the moment.
type Move struct {
	subject
	ID       identity.ResourceID // its own account; "" for an add
	Holder   identity.ResourceID
	typ      string          // of the holder
	WaitsFor identity.Anchor // the holder of the key, which gives it up; "" if there is none
	outside  bool            // the holder is not in this plan: only the cloud can free the key
}

// order is the position of a move: all of one wave are done before the next. A move with via first
// goes to a temporary key, which opens a cycle of swaps.
type order struct {
	Wave int
	Via  bool
}

// OrderMoves sorts moves so that each key is free when it is taken. A move that waits for an object
// that does not move goes after wave 0, which contains that object. Moves whose key is never given
// up, and all that wait for them, are blocked.
func OrderMoves(moves map[identity.Anchor]Move) (orders map[identity.Anchor]order, blocked map[identity.Anchor]bool) {
	orders, blocked = map[identity.Anchor]order{}, map[identity.Anchor]bool{}
	anchors := make([]identity.Anchor, 0, len(moves))
	for a := range moves {
		anchors = append(anchors, a)
	}
	sort.Slice(anchors, func(i, j int) bool { return anchors[i] < anchors[j] })
	for _, start := range anchors {
		var path []identity.Anchor
		at := map[identity.Anchor]int{}
		for a := start; ; a = moves[a].WaitsFor {
			if _, done := orders[a]; done || blocked[a] {
				unwind(path, a, orders, blocked)
				break
			}
			if i, cycle := at[a]; cycle {
				openCycle(path[i:], orders)
				unwind(path[:i], a, orders, blocked)
				break
			}
			m, moving := moves[a]
			if !moving {
				orders[a] = order{} // it moves to a free key: wave 0
				unwind(path, a, orders, blocked)
				delete(orders, a)
				break
			}
			at[a] = len(path)
			path = append(path, a)
			if m.WaitsFor == "" {
				blocked[a] = true
				unwind(path[:len(path)-1], a, orders, blocked)
				break
			}
		}
	}
	return orders, blocked
}

// unwind settles a path of moves that leads to end, which is settled.
func unwind(path []identity.Anchor, end identity.Anchor, orders map[identity.Anchor]order,
	blocked map[identity.Anchor]bool) {
	for i := len(path) - 1; i >= 0; i-- {
		if blocked[end] {
			blocked[path[i]] = true
		} else {
			orders[path[i]] = order{Wave: orders[end].Wave + 1}
		}
		end = path[i]
	}
}

// openCycle orders a cycle in which each waits for the next and the last for the first. The first
// anchor in sort order takes a temporary key; then the one that wants its key can move, and so on
// backwards round the cycle.
func openCycle(cycle []identity.Anchor, orders map[identity.Anchor]order) {
	first := 0
	for i := range cycle {
		if cycle[i] < cycle[first] {
			first = i
		}
	}
	n := len(cycle)
	for k := 1; k <= n; k++ {
		i := (first - k + n) % n
		orders[cycle[i]] = order{Wave: k - 1, Via: i == first}
	}
}

// temporaryMark begins every temporary key.
const temporaryMark = "dirbridge-"

// IsTemporary says that a key has the form of a temporary one.
func IsTemporary(key string) bool {
	name, _, _ := strings.Cut(key, "@")
	return strings.HasPrefix(key, temporaryMark) && len(name) == len(temporaryMark)+12
}

// TemporaryKey returns a key that the cloud accepts if it accepts the wanted one, and that no other
// account has.
func TemporaryKey(kind identity.Kind, a identity.Anchor, key string) string {
	mark := temporaryMark + digest.Of(string(a), key)[:12]
	if i := strings.LastIndexByte(key, '@'); kind == identity.User && i >= 0 {
		return mark + key[i:]
	}
	return mark
}

// OrderKeys finds the objects that take a key which another account still has, and puts them into
// waves. An object that can never have its key is a naming conflict.
func OrderKeys(ctx context.Context, d *stage.Draft) error {
	moves := map[identity.Anchor]Move{}
	unique, err := d.Env.UniqueGroupNames(ctx)
	if err != nil {
		return err
	}
	err = d.Work.EachTakenKey(ctx, unique, func(t workdb.TakenKey) error {
		m := Move{subject: subject{Anchor: t.Anchor, Kind: t.Kind, dn: t.DN, Key: t.Key}, ID: t.ID, Holder: t.Holder,
			typ: t.HolderType, outside: t.Owner == ""}
		if t.Leaves {
			m.WaitsFor = t.Owner
		}
		moves[m.Anchor] = m
		return nil
	})
	if err != nil || len(moves) == 0 {
		return err
	}
	orders, blocked := OrderMoves(moves)
	for a, o := range orders {
		via := ""
		if o.Via {
			via = TemporaryKey(moves[a].Kind, a, moves[a].Key)
		}
		if err := d.Work.SetWave(ctx, a, o.Wave, via); err != nil {
			return err
		}
	}
	for a := range blocked {
		if err := keyConflict(ctx, d, moves[a]); err != nil {
			return err
		}
	}
	return d.Work.MarkConflicts(ctx)
}

// keyConflict reports a key that is taken and drops the match, so that the subject's own account is
// left unchanged as well. If the holder is the account of a leaver, it is deactivated all the same,
// and the key is free once that account is purged or renamed, which no directory reports. So every
// run checks the subject.
func keyConflict(ctx context.Context, d *stage.Draft, m Move) error {
	s := m.subject
	s.byLink = []candidate{{id: m.Holder}}
	if m.ID != "" {
		s.byLink = append(s.byLink, candidate{id: m.ID})
	}
	remedy := fmt.Sprintf("The %s %s has that name already. Rename or remove it in the cloud, or give the object of "+
		"the directory another one.", stage.Called(m.Kind), m.Holder)
	if err := reportConflict(ctx, d, s, "", stage.NamingConflict(m.dn, m.Key, m.typ), remedy); err != nil {
		return err
	}
	if m.outside {
		if err := d.LookNextTime(ctx, m.Anchor, m.Kind); err != nil {
			return err
		}
	}
	return d.Work.DropMatch(ctx, m.Anchor)
}
