package synctest

import (
	"fmt"
	"sort"
	stdsync "sync"

	"dirbridge/sync/identity"
)

// Directory is a directory in memory that meets port.Source: for the engine's own
// tests, where a server would only be slow. It tells changes as Active Directory
// does where that is most awkward: what it does not touch itself, an edit does not
// tell of, however much of what is read changes by it. Its methods may be called
// from any goroutine; its fields are set while nobody calls one.
type Directory struct {
	Name string
	Base string
	// OutOUs are the OUs that are out of scope with all below them, by path.
	OutOUs map[string]bool
	// ScopeGroup, where it is set, has only those people in scope who are members of
	// it, or of a group in it.
	ScopeGroup identity.Anchor

	// FailAfter breaks the next listing of people after so many entries; 0 does not.
	FailAfter int
	// FailChanges breaks the next Changes after so many touches, at its end at the
	// latest; 0 does not.
	FailChanges int
	// Fail, where it is set, is asked before every reading ("Get", "EdgesOf", ...): an
	// error is the answer. It may be called from several goroutines.
	Fail func(call string) error

	// Way is the way that a position says; DirSync unless set.
	Way identity.Way
	// TellMembers has a group that was edited come with the changes of its members.
	TellMembers bool
	// BareKinds has what is not new come without a kind, as by DirSync.
	BareKinds bool
	// BareDeletes has deleted objects come without a kind.
	BareDeletes bool
	// BareRefs has members come by DN alone.
	BareRefs bool
	// Twice has every touch come twice.
	Twice bool
	// Present has deletions told by naming all that are left (RFC 4533 section 3.3.2).
	Present bool
	// Untold hides deletions, for this reason.
	Untold string
	// Stale is why no changes can be told since any position; "" where they can.
	Stale string

	mu       stdsync.Mutex
	objects  map[identity.Anchor]*Object
	dead     map[identity.Anchor]*Object
	units    map[string]identity.Anchor // by path
	next     int
	nextUnit int
	log      []event
	reads    Reads
}

// Object is one object of the fake directory.
type Object struct {
	Anchor  identity.Anchor
	Kind    identity.Kind
	OU      string // path of its container, from the top: "Europe/Sales"; "" stands right below the base
	CN      string
	Attrs   identity.Attrs // mail, title, userAccountControl, ...
	Manager identity.Anchor
	Members map[identity.Anchor]bool
	Out     bool // out of scope
}

// NewDirectory makes an empty directory.
func NewDirectory(name string) *Directory {
	return &Directory{Name: name, Base: "DC=" + name + ",DC=test", Way: identity.DirSync, OutOUs: map[string]bool{outside: true},
		objects: map[identity.Anchor]*Object{}, dead: map[identity.Anchor]*Object{}, units: map[string]identity.Anchor{}}
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
	d.unit(o.OU)
	d.objects[o.Anchor] = &o
	d.notify(event{anchor: o.Anchor, fresh: true, members: changesOf(nil, o.Members)})
	return o.Anchor
}

// Edit changes an object in place and touches it; it does nothing for one that is
// gone. An OU that is not there yet is made.
func (d *Directory) Edit(a identity.Anchor, fn func(*Object)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	o := d.objects[a]
	if o == nil {
		return
	}
	before := copyOf(o.Members)
	fn(o)
	d.unit(o.OU)
	d.notify(event{anchor: a, members: changesOf(before, o.Members)})
}

// Delete removes an object; what refers to it loses the reference, untouched.
func (d *Directory) Delete(a identity.Anchor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o := d.objects[a]; o != nil {
		delete(d.objects, a)
		d.dead[a] = o // references stay where they are: they count between the living alone
		d.notify(event{anchor: a})
	}
}

// Undelete brings a deleted object back, and with it, untouched, whatever referred
// to it. It does nothing for one that was not deleted.
func (d *Directory) Undelete(a identity.Anchor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o := d.dead[a]; o != nil && o.Kind != identity.Unit {
		delete(d.dead, a)
		d.unit(o.OU)
		d.objects[a] = o
		d.notify(event{anchor: a, back: true})
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
	in := d.scope()
	out := map[identity.Anchor]Object{}
	for a, o := range d.objects {
		if !in(o) {
			continue
		}
		c := *o
		c.Attrs, c.Members = o.Attrs.Clone(), map[identity.Anchor]bool{}
		for m := range o.Members {
			if d.objects[m] != nil {
				c.Members[m] = true
			}
		}
		if d.objects[c.Manager] == nil {
			c.Manager = ""
		}
		out[a] = c
	}
	return out
}

// scope says who is in scope, as of now.
func (d *Directory) scope() func(*Object) bool {
	var people map[identity.Anchor]bool
	if d.ScopeGroup != "" {
		people = map[identity.Anchor]bool{}
		for g := range d.closure() {
			for m := range d.objects[g].Members {
				people[m] = true
			}
		}
	}
	return func(o *Object) bool {
		return !o.Out && !d.outOU(o.OU) && (people == nil || o.Kind == identity.Group || people[o.Anchor])
	}
}

// closure is the group that decides the scope with all groups in it, however deep.
func (d *Directory) closure() map[identity.Anchor]bool {
	in := map[identity.Anchor]bool{}
	var enter func(a identity.Anchor)
	enter = func(a identity.Anchor) {
		o := d.objects[a]
		if o == nil || o.Kind != identity.Group || in[a] {
			return
		}
		in[a] = true
		for m := range o.Members {
			enter(m)
		}
	}
	enter(d.ScopeGroup)
	return in
}

func copyOf(m map[identity.Anchor]bool) map[identity.Anchor]bool {
	c := make(map[identity.Anchor]bool, len(m))
	for k, v := range m {
		if v {
			c[k] = true
		}
	}
	return c
}
