package affected

import (
	"context"
	"maps"
	"slices"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
	"dirbridge/sync/workdb"
)

// containerMove is a container that has a new DN, or that is new. The directory reports only the
// container, although the DNs of everything below it changed.
type containerMove struct {
	anchor   identity.Anchor
	old, now string // DNs; old is "" for a new one, now is "" for a deleted one
}

// loadContainers loads the containers in the state into the work database.
func (set *Set) loadContainers(ctx context.Context, dir string) error {
	return set.d.Env.Store.Containers(ctx, dir, func(c identity.Container) error {
		return set.d.Work.Put(ctx, workdb.Container{Container: c, Directory: dir}.Row())
	})
}

// addContainer adds the change notification of a container.
func (set *Set) addContainer(ctx context.Context, t identity.ChangeNotification) error {
	m, twice := set.containerMoves[t.Anchor]
	if !twice {
		m.anchor = t.Anchor
		var err error
		if m.old, err = set.d.Work.ContainerDN(ctx, t.Anchor); err != nil {
			return err
		}
	}
	if m.now = t.DN; t.Deleted {
		m.now = ""
	}
	if strings.EqualFold(m.old, m.now) {
		delete(set.containerMoves, t.Anchor)
		return nil
	}
	set.containerMoves[t.Anchor] = m
	return nil
}

// addBelow adds everything that is, or was, below containers that moved.
func (set *Set) addBelow(ctx context.Context) error {
	for _, src := range set.d.Env.Sources {
		dir, err := src.Describe(ctx)
		var moved []containerMove
		for _, a := range slices.Sorted(maps.Keys(set.containerMoves)) {
			if a.Directory() == dir.Name {
				moved = append(moved, set.containerMoves[a])
			}
		}
		if len(moved) == 0 || set.d.Frozen[dir.Name] {
			continue
		}
		if err != nil {
			return set.Unreadable(ctx, dir.Name, err)
		}
		if err := set.addRememberedBelow(ctx, dir.Name, moved); err != nil {
			return err
		}
		for _, m := range moved {
			if m.now == "" {
				continue // objects that were below it are reported themselves
			}
			for _, kind := range []identity.Kind{identity.User, identity.Group} {
				err := set.askDirectory(ctx, dir.Name, "read what is below "+m.now, func(own func(error) error) error {
					return src.ListUnder(ctx, kind, m.now, func(e identity.Entry) error { return own(set.addEntry(ctx, dir.Name, e)) })
				})
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// addEntry adds an entry found below a container. An entry without an anchor may still be a person
// with an account.
func (set *Set) addEntry(ctx context.Context, dir string, e identity.Entry) error {
	if e.Anchor == "" {
		return read.PutEntry(set.d, dir, e, set.d.Env.Mapped(dir, e), func(r workdb.Row) error {
			return set.d.Work.Put(ctx, r)
		})
	}
	if err := set.seen(ctx, e); err != nil {
		return err
	}
	return set.checkLimit()
}

// addRememberedBelow adds the objects in the state that are below containers that moved, and gives
// the containers below those their new names.
func (set *Set) addRememberedBelow(ctx context.Context, dir string, moved []containerMove) error {
	anchors, err := set.renameContainers(ctx, dir, moved)
	if err != nil {
		return err
	}
	if err := set.d.Env.Store.Seek(ctx, port.ByParent, anchors, func(s identity.Shadow) error {
		set.add(s.Anchor, s.Kind)
		return set.checkLimit()
	}); err != nil {
		return err
	}
	// The place of deferred objects is not known. An object that leaves scope frees a key that
	// others may want.
	return set.d.Env.Store.AllDeferred(ctx, func(t identity.Deferred) error {
		if t.Key == "" || t.Anchor.Directory() != dir {
			return nil
		}
		set.add(t.Anchor, t.Kind)
		return set.checkLimit()
	})
}

// renameContainers applies the moves to the containers, and returns those whose place changes by
// them. All moves are one step: containers may be renamed together with those above them, or swap
// names.
func (set *Set) renameContainers(ctx context.Context, dir string, moved []containerMove) (anchors []string,
	err error) {
	own, by := map[identity.Anchor]containerMove{}, map[string]containerMove{} // by folded old DN
	for _, m := range moved {
		own[m.anchor] = m
		if m.old != "" {
			by[identity.Fold(m.old)] = m
		}
	}
	type place struct {
		workdb.ContainerPlace
		now string
	}
	var places []place
	err = set.d.Work.EachContainerPlace(ctx, dir, func(found workdb.ContainerPlace) error {
		p, dn := place{ContainerPlace: found}, found.DN
		if m, told := own[p.Anchor]; told && strings.EqualFold(m.old, dn) {
			p.now = m.now
			places = append(places, p)
			return nil
		}
		for up := dn; up != ""; _, up = identity.SplitDN(up) {
			if m, ok := by[identity.Fold(up)]; ok {
				if m.now != "" {
					p.now = dn[:len(dn)-len(up)] + m.now
				}
				places = append(places, p)
				break
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		anchors = append(anchors, string(p.Anchor))
		if p.now == "" {
			err = set.d.Work.DropContainer(ctx, p.Row)
		} else {
			_, parent := identity.SplitDN(p.now)
			err = set.d.Work.MoveContainer(ctx, p.Row, p.now, parent)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, m := range moved {
		if m.old != "" {
			continue
		}
		_, parent := identity.SplitDN(m.now)
		c := workdb.Container{Container: identity.Container{Anchor: m.anchor, DN: m.now, Parent: parent}, Directory: dir}
		if err := set.d.Work.Put(ctx, c.Row()); err != nil {
			return nil, err
		}
	}
	return anchors, nil
}
