package synctest

import (
	"context"
	"errors"
	"slices"
	"sort"
	"strings"

	"dirbridge/sync/identity"
)

// Reads counts the reads of a directory, by method; Objects counts the anchors passed to Get.
type Reads struct {
	People, Groups, Edges, Containers                            int
	Get, Objects, Cookie, Changes, ListUnder, EdgesOf, Referrers int
	FindByAttribute                                              int
}

// Complete counts the complete listings.
func (r Reads) Complete() int { return r.People + r.Groups + r.Edges + r.Containers }

// Reads returns the reads since ForgetReads.
func (d *Directory) Reads() Reads {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.reads
}

// ForgetReads resets the counts.
func (d *Directory) ForgetReads() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reads = Reads{}
}

// countRead counts a call, and returns whether it may continue.
func (d *Directory) countRead(ctx context.Context, call string, count func(*Reads)) error {
	d.mu.Lock()
	count(&d.reads)
	fail := d.Fail
	d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if fail != nil {
		return fail(call)
	}
	return nil
}

func (d *Directory) entry(o *Object) identity.Entry {
	e := identity.Entry{Anchor: o.Anchor, Kind: o.Kind, DN: d.dn(o), Parent: d.ouDN(o.OU), RDN: "CN=" + escapeRDN(o.CN),
		Attrs: o.Attrs.Clone()}
	e.Attrs["cn"] = []string{o.CN}
	e.Attrs["objectGUID"] = []string{o.Anchor.GUID()}
	if m := d.objects[o.Manager]; m != nil {
		e.Attrs["manager"] = []string{d.dn(m)}
	}
	return e
}

// Describe returns at once.
func (d *Directory) Describe(ctx context.Context) (identity.Directory, error) {
	return identity.Directory{Name: d.Name, Kind: "ad-ds", Product: "memory", Server: "memory:", BaseDN: d.Base,
		Identity: d.Base}, ctx.Err()
}

// Containers lists the base and the OUs.
func (d *Directory) Containers(ctx context.Context, fn func(identity.Container) error) error {
	if err := d.countRead(ctx, "Containers", func(r *Reads) { r.Containers++ }); err != nil {
		return err
	}
	d.mu.Lock()
	all := []identity.Container{{Anchor: identity.NewAnchor(d.Name, "base"), DN: d.Base}}
	for _, p := range d.paths() {
		all = append(all, identity.Container{Anchor: d.units[p], DN: d.ouDN(p), Parent: d.ouDN(above(p))})
	}
	d.mu.Unlock()
	return yieldAll(ctx, all, fn)
}

// yieldAll passes values on until one is refused.
func yieldAll[T any](ctx context.Context, values []T, fn func(T) error) error {
	for _, v := range values {
		if err := fn(v); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// inScope returns the entries of a kind in scope at a DN or below it; "" means everywhere.
func (d *Directory) inScope(kind identity.Kind, below string) []identity.Entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	in := d.scope()
	var out []identity.Entry
	for _, a := range d.anchors(kind) {
		o := d.objects[a]
		if in(o) && (below == "" || strings.HasSuffix(","+identity.Fold(d.dn(o)), ","+identity.Fold(below))) {
			out = append(out, d.entry(o))
		}
	}
	return out
}

// People lists the people in scope; see FailAfter.
func (d *Directory) People(ctx context.Context, fn func(identity.Entry) error) error {
	if err := d.countRead(ctx, "People", func(r *Reads) { r.People++ }); err != nil {
		return err
	}
	entries := d.inScope(identity.User, "")
	d.mu.Lock()
	fail := d.FailAfter
	d.FailAfter = 0
	d.mu.Unlock()
	for i, e := range entries {
		if fail > 0 && i+1 >= fail {
			return errors.New("the connection was closed in mid-listing")
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Groups lists the groups in scope.
func (d *Directory) Groups(ctx context.Context, fn func(identity.Entry) error) error {
	if err := d.countRead(ctx, "Groups", func(r *Reads) { r.Groups++ }); err != nil {
		return err
	}
	return yieldAll(ctx, d.inScope(identity.Group, ""), fn)
}

// ListUnder lists the people, or groups, in scope at a DN or below it.
func (d *Directory) ListUnder(ctx context.Context, kind identity.Kind, dn string, fn func(identity.Entry) error) error {
	if err := d.countRead(ctx, "Below", func(r *Reads) { r.ListUnder++ }); err != nil {
		return err
	}
	return yieldAll(ctx, d.inScope(kind, dn), fn)
}

// FindByAttribute lists the people, or groups, in scope with one of the values, case-insensitively.
func (d *Directory) FindByAttribute(ctx context.Context, kind identity.Kind, attributes, values []string,
	fn func(identity.Entry) error) error {
	if err := d.countRead(ctx, "Having", func(r *Reads) { r.FindByAttribute++ }); err != nil {
		return err
	}
	wanted := func(v string) bool {
		return slices.ContainsFunc(values, func(w string) bool { return strings.EqualFold(v, w) })
	}
	return yieldAll(ctx, d.inScope(kind, ""), func(e identity.Entry) error {
		if slices.ContainsFunc(attributes, func(a string) bool { return slices.ContainsFunc(e.Attrs[a], wanted) }) {
			return fn(e)
		}
		return nil
	})
}

// Get reads objects of one kind.
func (d *Directory) Get(ctx context.Context, kind identity.Kind, anchors []identity.Anchor,
	found func(identity.Entry, bool) error) error {
	if err := d.countRead(ctx, "Get", func(r *Reads) { r.Get++; r.Objects += len(anchors) }); err != nil {
		return err
	}
	type one struct {
		entry identity.Entry
		in    bool
	}
	d.mu.Lock()
	in := d.scope()
	var all []one
	for _, a := range anchors {
		if o := d.objects[a]; o != nil && o.Kind == kind {
			all = append(all, one{d.entry(o), in(o)})
		}
	}
	d.mu.Unlock()
	return yieldAll(ctx, all, func(o one) error { return found(o.entry, o.in) })
}

// Tree lists the OUs directly below a DN.
func (d *Directory) Tree(ctx context.Context, dn string) ([]identity.Node, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	count := func(path string) (people int) {
		in := d.scope()
		for _, o := range d.objects {
			if _, below := underPath(o.OU, path, ""); o.Kind == identity.User && in(o) && (path == "" || below) {
				people++
			}
		}
		return people
	}
	if dn == "" {
		return []identity.Node{{DN: d.Base, Name: d.Base, People: count(""), HasChildren: len(d.units) > 0}}, ctx.Err()
	}
	var nodes []identity.Node
	for _, p := range d.paths() {
		if !strings.EqualFold(d.ouDN(above(p)), dn) {
			continue
		}
		n := identity.Node{DN: d.ouDN(p), Name: p[strings.LastIndexByte(p, '/')+1:], People: count(p)}
		for _, q := range d.paths() {
			n.HasChildren = n.HasChildren || above(q) == p
		}
		nodes = append(nodes, n)
	}
	sort.Slice(nodes, func(i, j int) bool { return nodes[i].Name < nodes[j].Name })
	return nodes, ctx.Err()
}

// Close does nothing.
func (d *Directory) Close() error { return nil }
