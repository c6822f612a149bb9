package sync

import (
	"context"
	"maps"
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// movement is a container that stands elsewhere than before, or that is new to us. The
// directory tells of it alone, though the DNs of all below it changed.
type movement struct {
	anchor   identity.Anchor
	old, now string // DNs; old is "" for a new one, now is "" for one that is gone
}

// loadContainers brings the containers that the state knows into the work database.
func (h *hunt) loadContainers(ctx context.Context, dir string) error {
	return h.opt.Store.Containers(ctx, dir, func(c identity.Container) error {
		return h.work.exec(ctx, `INSERT INTO cont VALUES(?,?,?,?,?)`, string(c.Anchor), dir, c.DN, identity.Fold(c.DN), identity.Fold(c.Parent))
	})
}

// container takes in a touch of a container.
func (h *hunt) container(ctx context.Context, t identity.Touch) error {
	m, twice := h.moved[t.Anchor]
	if !twice {
		m.anchor = t.Anchor
		err := h.work.each(ctx, `SELECT dn FROM cont WHERE anchor=?`, func(scan func(...any) error) error { return scan(&m.old) }, string(t.Anchor))
		if err != nil {
			return err
		}
	}
	if m.now = t.DN; t.Deleted {
		m.now = ""
	}
	if strings.EqualFold(m.old, m.now) {
		delete(h.moved, t.Anchor)
		return nil
	}
	h.moved[t.Anchor] = m
	return nil
}

// below adds all that stands, or stood, below containers that moved.
func (h *hunt) below(ctx context.Context) error {
	for _, src := range h.opt.Sources {
		dir, err := src.Describe(ctx)
		var moved []movement
		for _, a := range slices.Sorted(maps.Keys(h.moved)) {
			if a.Directory() == dir.Name {
				moved = append(moved, h.moved[a])
			}
		}
		if len(moved) == 0 || h.frozen[dir.Name] {
			continue
		}
		if err != nil {
			return h.unreadable(ctx, dir.Name, err)
		}
		if err := h.stoodBelow(ctx, dir.Name, moved); err != nil {
			return err
		}
		for _, m := range moved {
			if m.now == "" {
				continue // what stood there is told by itself
			}
			for _, kind := range []identity.Kind{identity.User, identity.Group} {
				err := h.reading(ctx, dir.Name, "read what is below "+m.now, func(own func(error) error) error {
					return src.ListUnder(ctx, kind, m.now, func(e identity.Entry) error { return own(h.standing(ctx, dir.Name, e)) })
				})
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// standing takes in what stands below a container. An entry without an anchor is
// somebody all the same.
func (h *hunt) standing(ctx context.Context, dir string, e identity.Entry) error {
	if e.Anchor == "" {
		return h.putEntry(dir, e, h.mapped(dir, e), func(query string, args ...any) error { return h.work.exec(ctx, query, args...) })
	}
	if err := h.seen(ctx, e); err != nil {
		return err
	}
	return h.bound()
}

// stoodBelow adds the objects that the state knows below containers that moved, and
// gives the containers below them their new names.
func (h *hunt) stoodBelow(ctx context.Context, dir string, moved []movement) error {
	anchors, err := h.rename(ctx, dir, moved)
	if err != nil {
		return err
	}
	if err := h.opt.Store.Seek(ctx, ByParent, anchors, func(s identity.Shadow) error {
		h.add(s.Anchor, s.Kind)
		return h.bound()
	}); err != nil {
		return err
	}
	// Where those stood who are left alone is not known. Who leaves scope gives the key
	// free that others want.
	return h.opt.Store.AllTroubles(ctx, func(t identity.Trouble) error {
		if t.Key == "" || t.Anchor.Directory() != dir {
			return nil
		}
		h.add(t.Anchor, t.Kind)
		return h.bound()
	})
}

// rename brings the containers up to the movements and returns those that stand
// elsewhere by them. All movements are one step: containers may be renamed together
// with those above them, or swap their names.
func (h *hunt) rename(ctx context.Context, dir string, moved []movement) (anchors []string, err error) {
	own, by := map[identity.Anchor]movement{}, map[string]movement{} // by folded old DN
	for _, m := range moved {
		own[m.anchor] = m
		if m.old != "" {
			by[identity.Fold(m.old)] = m
		}
	}
	type place struct {
		row    int64
		anchor identity.Anchor
		now    string
	}
	var places []place
	err = h.work.each(ctx, `SELECT rowid, anchor, dn FROM cont WHERE dir=?`, func(scan func(...any) error) error {
		var p place
		var dn string
		if err := scan(&p.row, &p.anchor, &dn); err != nil {
			return err
		}
		if m, told := own[p.anchor]; told && strings.EqualFold(m.old, dn) {
			p.now = m.now
			places = append(places, p)
			return nil
		}
		for up := dn; up != ""; _, up = splitDN(up) {
			if m, ok := by[identity.Fold(up)]; ok {
				if m.now != "" {
					p.now = dn[:len(dn)-len(up)] + m.now
				}
				places = append(places, p)
				break
			}
		}
		return nil
	}, dir)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		anchors = append(anchors, string(p.anchor))
		if p.now == "" {
			err = h.work.exec(ctx, `DELETE FROM cont WHERE rowid=?`, p.row)
		} else {
			_, parent := splitDN(p.now)
			err = h.work.exec(ctx, `UPDATE cont SET dn=?, dnf=?, parent=? WHERE rowid=?`, p.now, identity.Fold(p.now), identity.Fold(parent), p.row)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, m := range moved {
		if m.old != "" {
			continue
		}
		_, parent := splitDN(m.now)
		if err := h.work.exec(ctx, `INSERT INTO cont VALUES(?,?,?,?,?)`, string(m.anchor), dir, m.now, identity.Fold(m.now), identity.Fold(parent)); err != nil {
			return nil, err
		}
	}
	return anchors, nil
}
