package synctest

import (
	"fmt"
	"sort"
	stdsync "sync"

	"dirbridge/sync/identity"
)

// Directory is a directory in memory that implements port.Source: for the engine's own tests, where
// a server would be slow. It reports changes as Active Directory does in the most difficult cases:
// an edit reports only the edited object, whatever else changes by it. Its methods may be called
// from any goroutine; its fields must be set between calls.
type Directory struct {
	Name string
	Base string
	// OutOUs are the OUs that are out of scope with everything below them, by path.
	OutOUs map[string]bool
	// ScopeGroup, if set, limits the scope to people who are direct or nested members of it.
	ScopeGroup identity.Anchor

	// FailAfter breaks the next listing of people after this many entries; 0 does not.
	FailAfter int
	// FailChanges breaks the next Changes after this many notifications, or at its end; 0 does not.
	FailChanges int
	// Fail, if set, is called before every reading ("Get", "EdgesOf", ...), and its error is
	// returned. It may be called from several goroutines.
	Fail func(call string) error

	// Way is the way in cookies; DirSync unless set.
	Way identity.Way
	// ReportMembers reports an edited group with the changes of its members.
	ReportMembers bool
	// OmitKinds reports existing objects without a kind, as DirSync does.
	OmitKinds bool
	// OmitDeletedKinds reports deleted objects without a kind.
	OmitDeletedKinds bool
	// RefsByDN lists members by DN alone.
	RefsByDN bool
	// ReportTwice reports every notification twice.
	ReportTwice bool
	// ReportRemaining reports deletions by listing all remaining objects (RFC 4533 section 3.3.2).
	ReportRemaining bool
	// Untold hides deletions, for this reason.
	Untold string
	// Stale is why no changes can be reported; "" if they can.
	Stale string

	mu       stdsync.Mutex
	objects  map[identity.Anchor]*Object
	deleted  map[identity.Anchor]*Object
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
	OU      string // path of its container, from the top: "Europe/Sales"; "" is directly below the base
	CN      string
	Attrs   identity.Attrs // mail, title, userAccountControl, ...
	Manager identity.Anchor
	Members map[identity.Anchor]bool
	Out     bool // out of scope
}

// NewDirectory makes an empty directory.
func NewDirectory(name string) *Directory {
	return &Directory{Name: name, Base: "DC=" + name + ",DC=test", Way: identity.DirSync,
		OutOUs:  map[string]bool{outside: true},
		objects: map[identity.Anchor]*Object{}, deleted: map[identity.Anchor]*Object{}, units: map[string]identity.Anchor{}}
}

// Add adds an object and assigns its anchor.
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
	d.notify(event{anchor: o.Anchor, created: true, members: changesOf(nil, o.Members)})
	return o.Anchor
}

// Edit changes an object and reports it; it does nothing for a deleted one. It creates a missing
// OU.
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

// Delete deletes an object; objects that refer to it lose the reference without a report.
func (d *Directory) Delete(a identity.Anchor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o := d.objects[a]; o != nil {
		delete(d.objects, a)
		d.deleted[a] = o // references stay stored: they count only between existing objects
		d.notify(event{anchor: a})
	}
}

// Undelete restores a deleted object and, without a report, the references to it. It does nothing
// for an object that was not deleted.
func (d *Directory) Undelete(a identity.Anchor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o := d.deleted[a]; o != nil && o.Kind != identity.Unit {
		delete(d.deleted, a)
		d.unit(o.OU)
		d.objects[a] = o
		d.notify(event{anchor: a, restored: true})
	}
}

// Anchors lists the anchors of a kind, in order.
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

// scope returns a test for being in scope at this time.
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

// closure is the group that decides the scope, with all groups in it at any depth.
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
