package ldaptest

import (
	"maps"
	"slices"
)

// copier copies a tree of objects.
type copier map[*object]*object

// copy returns a copy of the tree that shares nothing mutable. The caller holds the directory's
// lock.
func (t *tree) copy() tree {
	c := copier{}
	for _, h := range t.heads {
		c.walk(h)
	}
	for o, n := range c {
		c.fill(o, n)
	}
	out := *t
	out.heads, out.deepest = c.list(t.heads), c.list(t.deepest)
	out.byGUID, out.bySID, out.byAccount = index(c, t.byGUID), index(c, t.bySID), index(c, t.byAccount)
	out.bins = make(map[*object]*object, len(t.bins))
	for head, bin := range t.bins {
		out.bins[c[head]] = c[bin]
	}
	out.log = make([]logEntry, 0, len(t.log))
	for _, l := range t.log {
		if !l.stale() {
			out.log = append(out.log, logEntry{l.usn, c[l.o]})
		}
	}
	out.settings = c[t.settings]
	out.retired = slices.Clone(t.retired)
	return out
}

func index[K comparable](c copier, m map[K]*object) map[K]*object {
	out := make(map[K]*object, len(m))
	for k, o := range m {
		out[k] = c[o]
	}
	return out
}

func (c copier) walk(o *object) {
	n := *o
	c[o] = &n
	for _, child := range o.children {
		c.walk(child)
	}
}

// list leaves out purged objects, which have no copy.
func (c copier) list(objects []*object) []*object {
	if objects == nil {
		return nil
	}
	out := make([]*object, 0, len(objects))
	for _, o := range objects {
		if n := c[o]; n != nil {
			out = append(out, n)
		}
	}
	return out
}

func (c copier) fill(o, n *object) {
	n.parent = c[o.parent]
	if o.children != nil {
		n.children = index(c, o.children)
	}
	n.order = c.list(o.order)
	n.values = slices.Clone(o.values)
	n.forward, n.back = c.linked(o.forward), c.linked(o.back)
	if o.history == nil {
		return
	}
	p := &history{stamps: slices.Clone(o.history.stamps), links: maps.Clone(o.history.links)}
	clear(p.links)
	for k, t := range o.history.links {
		if to := c[k.to]; to != nil {
			p.links[link{k.attr, to}] = t
		}
	}
	if g := o.history.tombstone; g != nil {
		p.tombstone = &tombstone{parent: c[g.parent], name: g.name, forward: c.linked(g.forward), back: c.linked(g.back),
			removed: g.removed}
	}
	n.history = p
}

func (c copier) linked(list []linked) []linked {
	if list == nil {
		return nil
	}
	out := make([]linked, 0, len(list))
	for _, l := range list {
		out = append(out, linked{l.attr, c.list(l.to)})
	}
	return out
}

// shift renumbers every change by the same distance.
func (t *tree) shift(by int64) {
	t.usn += by
	for i := range t.log {
		t.log[i].usn += by
	}
	for _, o := range t.byGUID {
		o.usnCreated += by
		o.usnChanged += by
		if o.history == nil {
			continue
		}
		for i := range o.history.stamps {
			o.history.stamps[i].usn += by
		}
		for k, v := range o.history.links {
			o.history.links[k] = linkChange{v.usn + by, v.gone}
		}
	}
}
