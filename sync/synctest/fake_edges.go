package synctest

import (
	"context"
	"sort"

	"dirbridge/sync/identity"
)

// Edges lists the memberships of the groups in scope, and those that bring people into scope.
func (d *Directory) Edges(ctx context.Context, fn func(identity.Edge) error) error {
	if err := d.countRead(ctx, "Edges", func(r *Reads) { r.Edges++ }); err != nil {
		return err
	}
	d.mu.Lock()
	in, scoping := d.scope(), d.closure()
	var edges []identity.Edge
	for _, a := range d.anchors(identity.Group) {
		edges = append(edges, d.edgesOf(d.objects[a], in(d.objects[a]), scoping[a])...)
	}
	d.mu.Unlock()
	return yieldAll(ctx, edges, fn)
}

// EdgesOf lists the memberships of some groups, in scope or not.
func (d *Directory) EdgesOf(ctx context.Context, groups []identity.Anchor, fn func(identity.Edge) error) error {
	if err := d.countRead(ctx, "EdgesOf", func(r *Reads) { r.EdgesOf++ }); err != nil {
		return err
	}
	d.mu.Lock()
	scoping := d.closure()
	var edges []identity.Edge
	for _, a := range groups {
		if o := d.objects[a]; o != nil && o.Kind == identity.Group {
			edges = append(edges, d.edgesOf(o, true, scoping[a])...)
		}
	}
	d.mu.Unlock()
	return yieldAll(ctx, edges, fn)
}

// edgesOf returns the edges of one group: as a group, and as one that brings people into scope.
func (d *Directory) edgesOf(g *Object, group, scoping bool) []identity.Edge {
	var edges []identity.Edge
	for m, is := range g.Members {
		o := d.objects[m]
		if o == nil || !is {
			continue
		}
		if group {
			edges = append(edges, identity.Edge{Kind: identity.Membership, From: g.Anchor, To: d.ref(o)})
		}
		if scoping {
			edges = append(edges, identity.Edge{Kind: identity.InScope, From: g.Anchor, To: d.ref(o)})
		}
	}
	sort.Slice(edges, func(i, j int) bool { return edges[i].To.DN < edges[j].To.DN })
	return edges
}

func (d *Directory) ref(o *Object) identity.Ref {
	if d.RefsByDN {
		return identity.Ref{DN: d.dn(o)}
	}
	return identity.Ref{Anchor: o.Anchor, DN: d.dn(o)}
}

// Referrers lists what refers to the objects at some DNs: groups in scope, and people in scope with
// one of them as manager.
func (d *Directory) Referrers(ctx context.Context, dns []string, fn func(identity.Edge) error) error {
	if err := d.countRead(ctx, "Referrers", func(r *Reads) { r.Referrers++ }); err != nil {
		return err
	}
	asked := map[string]string{}
	for _, dn := range dns {
		asked[identity.Fold(dn)] = dn
	}
	d.mu.Lock()
	in := d.scope()
	var edges []identity.Edge
	add := func(e identity.Edge) {
		if dn, ok := asked[identity.Fold(e.To.DN)]; ok {
			e.To.DN = dn
			edges = append(edges, e)
		}
	}
	for _, a := range d.anchors(identity.Group) {
		for _, e := range d.edgesOf(d.objects[a], in(d.objects[a]), false) {
			add(e)
		}
	}
	for _, a := range d.anchors(identity.User) {
		if o := d.objects[a]; in(o) && d.objects[o.Manager] != nil {
			add(identity.Edge{Kind: identity.Manager, From: a, To: d.ref(d.objects[o.Manager])})
		}
	}
	d.mu.Unlock()
	return yieldAll(ctx, edges, fn)
}
