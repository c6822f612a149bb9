package sync

import (
	"context"
	"strings"

	"dirbridge/sync/identity"
)

// movement is a container that stands elsewhere than before, or that is new to us. The
// directory tells of it alone, though the DNs of all below it changed.
type movement struct {
	dir      string
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
	dir := t.Anchor.Directory()
	var old string
	err := h.work.each(ctx, `SELECT dn FROM cont WHERE anchor=?`, func(scan func(...any) error) error { return scan(&old) }, string(t.Anchor))
	if err != nil {
		return err
	}
	switch {
	case t.Deleted && old == "", !t.Deleted && strings.EqualFold(old, t.DN) && old != "":
		return nil
	case t.Deleted:
		h.moved = append(h.moved, movement{dir, old, ""})
		return nil // what stood below is told by itself; its shadows are looked at all the same
	case old == "":
		_, parent := splitDN(t.DN)
		h.moved = append(h.moved, movement{dir, "", t.DN})
		return h.work.exec(ctx, `INSERT INTO cont VALUES(?,?,?,?,?)`, string(t.Anchor), dir, t.DN, identity.Fold(t.DN), identity.Fold(parent))
	}
	h.moved = append(h.moved, movement{dir, old, t.DN})
	return nil
}

// below adds all that stands, or stood, below containers that moved.
func (h *hunt) below(ctx context.Context) error {
	for _, m := range h.moved {
		if m.old != "" {
			if err := h.stoodBelow(ctx, m); err != nil {
				return err
			}
		}
	}
	for _, m := range h.moved {
		if m.now == "" {
			continue
		}
		err := h.askOf(ctx, identity.NewAnchor(m.dir, ""), "read what is below "+m.now, func(src Source) error {
			for _, kind := range []identity.Kind{identity.User, identity.Group} {
				err := src.Below(ctx, kind, m.now, func(e identity.Entry) error {
					if err := h.seen(ctx, e); err != nil {
						return err
					}
					return h.bound()
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stoodBelow adds the objects that the state knows below a container, and gives all
// containers below it their new names.
func (h *hunt) stoodBelow(ctx context.Context, m movement) error {
	type place struct{ anchor, dn string }
	var places []place
	err := h.work.each(ctx, `SELECT anchor, dn, dnf FROM cont WHERE dir=?`, func(scan func(...any) error) error {
		var p place
		var folded string
		if err := scan(&p.anchor, &p.dn, &folded); err != nil {
			return err
		}
		if old := identity.Fold(m.old); folded == old || strings.HasSuffix(folded, ","+old) {
			places = append(places, p)
		}
		return nil
	}, m.dir)
	if err != nil {
		return err
	}
	var anchors []string
	for _, p := range places {
		anchors = append(anchors, p.anchor)
		if m.now == "" {
			err = h.work.exec(ctx, `DELETE FROM cont WHERE anchor=?`, p.anchor)
		} else {
			dn := p.dn[:len(p.dn)-len(m.old)] + m.now
			_, parent := splitDN(dn)
			err = h.work.exec(ctx, `UPDATE cont SET dn=?, dnf=?, parent=? WHERE anchor=?`, dn, identity.Fold(dn), identity.Fold(parent), p.anchor)
		}
		if err != nil {
			return err
		}
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
		if t.Key == "" || t.Anchor.Directory() != m.dir {
			return nil
		}
		h.add(t.Anchor, t.Kind)
		return h.bound()
	})
}
