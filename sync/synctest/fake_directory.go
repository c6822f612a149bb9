package synctest

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	stdsync "sync"

	"dirbridge/sync/identity"
)

// Directory is a directory in memory that meets sync.Source: for the engine's own
// tests, where a server would only be slow. Its methods may be called from any
// goroutine.
type Directory struct {
	Name string
	Base string

	mu      stdsync.Mutex
	objects map[identity.Anchor]*Object
	next    int
	// FailAfter breaks the next listing of people after so many entries; 0 does not.
	FailAfter int
}

// Object is one object of the fake directory.
type Object struct {
	Anchor  identity.Anchor
	Kind    identity.Kind
	OU      string // "" stands right below the base
	CN      string
	Attrs   identity.Attrs // mail, title, userAccountControl, ...
	Manager identity.Anchor
	Members map[identity.Anchor]bool
	Out     bool // out of scope
}

// NewDirectory makes an empty directory.
func NewDirectory(name string) *Directory {
	return &Directory{Name: name, Base: "DC=" + name + ",DC=test", objects: map[identity.Anchor]*Object{}}
}

// Add puts an object in and gives it its anchor.
func (d *Directory) Add(o Object) identity.Anchor {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next++
	o.Anchor = identity.NewAnchor(d.Name, fmt.Sprintf("%08d-0000-4000-8000-%012d", d.next, d.next))
	if o.Attrs == nil {
		o.Attrs = identity.Attrs{}
	}
	if o.Members == nil {
		o.Members = map[identity.Anchor]bool{}
	}
	d.objects[o.Anchor] = &o
	return o.Anchor
}

// Edit changes an object in place; it does nothing for one that is gone.
func (d *Directory) Edit(a identity.Anchor, fn func(*Object)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o := d.objects[a]; o != nil {
		fn(o)
	}
}

// Delete removes an object and what refers to it.
func (d *Directory) Delete(a identity.Anchor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.objects, a)
	for _, o := range d.objects {
		delete(o.Members, a)
		if o.Manager == a {
			o.Manager = ""
		}
	}
}

// Anchors of a kind, in order.
func (d *Directory) Anchors(kind identity.Kind) []identity.Anchor {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.anchors(kind)
}

func (d *Directory) anchors(kind identity.Kind) []identity.Anchor {
	var out []identity.Anchor
	for a, o := range d.objects {
		if o.Kind == kind {
			out = append(out, a)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// Snapshot copies the objects in scope.
func (d *Directory) Snapshot() map[identity.Anchor]Object {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := map[identity.Anchor]Object{}
	for a, o := range d.objects {
		if !o.Out {
			c := *o
			c.Attrs = o.Attrs.Clone()
			c.Members = map[identity.Anchor]bool{}
			for m := range o.Members {
				c.Members[m] = true
			}
			out[a] = c
		}
	}
	return out
}

func (d *Directory) dn(o *Object) string { return "CN=" + o.CN + "," + d.parent(o) }

func (d *Directory) parent(o *Object) string {
	if o.OU == "" {
		return d.Base
	}
	return "OU=" + o.OU + "," + d.Base
}

func (d *Directory) entry(o *Object) identity.Entry {
	e := identity.Entry{Anchor: o.Anchor, Kind: o.Kind, DN: d.dn(o), Parent: d.parent(o), RDN: "CN=" + o.CN, Attrs: o.Attrs.Clone()}
	e.Attrs["cn"] = []string{o.CN}
	e.Attrs["objectGUID"] = []string{o.Anchor.GUID()}
	if m := d.objects[o.Manager]; m != nil {
		e.Attrs["manager"] = []string{d.dn(m)}
	}
	return e
}

func (d *Directory) Describe(ctx context.Context) (identity.Directory, error) {
	return identity.Directory{Name: d.Name, Kind: "ad-ds", Product: "memory", BaseDN: d.Base, Identity: d.Base}, ctx.Err()
}

func (d *Directory) Containers(ctx context.Context, fn func(identity.Container) error) error {
	d.mu.Lock()
	ous := map[string]bool{}
	for _, o := range d.objects {
		ous[o.OU] = true
	}
	d.mu.Unlock()
	delete(ous, "")
	if err := fn(identity.Container{Anchor: identity.NewAnchor(d.Name, "base"), DN: d.Base}); err != nil {
		return err
	}
	for ou := range ous {
		if err := fn(identity.Container{Anchor: identity.NewAnchor(d.Name, "ou-"+ou), DN: "OU=" + ou + "," + d.Base, Parent: d.Base}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (d *Directory) list(ctx context.Context, kind identity.Kind, fn func(identity.Entry) error) error {
	d.mu.Lock()
	var entries []identity.Entry
	for _, a := range d.anchors(kind) {
		if o := d.objects[a]; !o.Out {
			entries = append(entries, d.entry(o))
		}
	}
	fail := d.FailAfter
	if kind == identity.User {
		d.FailAfter = 0
	}
	d.mu.Unlock()
	for i, e := range entries {
		if kind == identity.User && fail > 0 && i+1 >= fail {
			return errors.New("the connection was closed in mid-listing")
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (d *Directory) People(ctx context.Context, fn func(identity.Entry) error) error {
	return d.list(ctx, identity.User, fn)
}

func (d *Directory) Groups(ctx context.Context, fn func(identity.Entry) error) error {
	return d.list(ctx, identity.Group, fn)
}

func (d *Directory) Edges(ctx context.Context, fn func(identity.Edge) error) error {
	d.mu.Lock()
	var edges []identity.Edge
	for _, a := range d.anchors(identity.Group) {
		for m := range d.objects[a].Members {
			if o := d.objects[m]; o != nil && !d.objects[a].Out {
				edges = append(edges, identity.Edge{Kind: identity.Membership, From: a, To: identity.Ref{Anchor: m, DN: d.dn(o)}})
			}
		}
	}
	d.mu.Unlock()
	for _, e := range edges {
		if err := fn(e); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (d *Directory) Get(ctx context.Context, kind identity.Kind, anchors []identity.Anchor, found func(identity.Entry, bool) error) error {
	for _, a := range anchors {
		d.mu.Lock()
		o := d.objects[a]
		var e identity.Entry
		in := false
		if o != nil && o.Kind == kind {
			e, in = d.entry(o), !o.Out
		}
		d.mu.Unlock()
		if e.Anchor == "" {
			continue
		}
		if err := found(e, in); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (d *Directory) Tree(ctx context.Context, dn string) ([]identity.Node, error) {
	if dn == "" {
		return []identity.Node{{DN: d.Base, Name: d.Base, People: len(d.Anchors(identity.User)), HasChildren: true}}, ctx.Err()
	}
	if !strings.EqualFold(dn, d.Base) {
		return nil, ctx.Err()
	}
	count := map[string]int{}
	for _, o := range d.Snapshot() {
		if o.Kind == identity.User && o.OU != "" {
			count[o.OU]++
		}
	}
	var nodes []identity.Node
	for ou, n := range count {
		nodes = append(nodes, identity.Node{DN: "OU=" + ou + "," + d.Base, Name: ou, People: n})
	}
	sort.Slice(nodes, func(i, j int) bool { return nodes[i].Name < nodes[j].Name })
	return nodes, ctx.Err()
}

func (d *Directory) Close() error { return nil }
