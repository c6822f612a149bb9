package ldaptest

import (
	"slices"
	"sort"
)

// past is what is known of an object's changes: it is made with the first change
// after the object was added, so that a million people who never change cost nothing.
type past struct {
	stamps []stamp
	links  map[link]turn
	grave  *grave // of a deleted object
}

// stamp is the update sequence number of an attribute's last change. An attribute
// without one has that of the object's creation.
type stamp struct {
	attr *attribute
	usn  int64
}

// link is one value of a linked attribute of an object.
type link struct {
	attr *attribute
	to   *object
}

// turn is the last coming or going of a link. A link without one came with its object.
type turn struct {
	usn  int64
	gone bool
}

// logged is a place in the order of changes. It is stale where the object has
// changed again since.
type logged struct {
	usn int64
	o   *object
}

func (o *object) remember() *past {
	if o.past == nil {
		o.past = &past{}
	}
	return o.past
}

// touch gives the object the next update sequence number, and with it the attributes
// that changed; none where the object is new.
func (d *directory) touch(o *object, changed ...*attribute) {
	d.usn++
	o.usnChanged = d.usn
	o.changed = d.clock().Unix()
	if o.usnCreated == 0 {
		o.usnCreated, o.created = d.usn, o.changed
	}
	if len(d.log) > 2*len(d.byGUID)+1024 {
		d.log = slices.DeleteFunc(d.log, logged.stale)
	}
	d.log = append(d.log, logged{d.usn, o})
	for _, a := range changed {
		o.remember().stamp(a, d.usn)
	}
}

func (l logged) stale() bool { return l.o.gone || l.o.usnChanged != l.usn }

func (p *past) stamp(a *attribute, usn int64) {
	for i := range p.stamps {
		if p.stamps[i].attr == a {
			p.stamps[i].usn = usn
			return
		}
	}
	p.stamps = append(p.stamps, stamp{a, usn})
}

// changedAt is the update sequence number of an attribute's last change.
func (o *object) changedAt(a *attribute) int64 {
	if o.past != nil {
		for _, s := range o.past.stamps {
			if s.attr == a {
				return s.usn
			}
		}
	}
	return o.usnCreated
}

// turnOf is when the link came or went.
func (o *object) turnOf(a *attribute, to *object) turn {
	if o.past != nil {
		if t, ok := o.past.links[link{a, to}]; ok {
			return t
		}
	}
	return turn{usn: o.usnCreated}
}

// since are the places in the log after an update sequence number, the earliest first.
func (d *directory) since(usn int64) []logged {
	return d.log[sort.Search(len(d.log), func(i int) bool { return d.log[i].usn > usn }):]
}

// differences are the attributes whose values differ from those saved, and the links
// that came and went.
func (o *object) differences(saved snapshot) (changed []*attribute, links map[link]bool) {
	seen := func(list []held, a *attribute) []string {
		for i := range list {
			if list[i].attr == a {
				return list[i].v
			}
		}
		return nil
	}
	for _, h := range o.values {
		if !slices.Equal(h.v, seen(saved.values, h.attr)) {
			changed = append(changed, h.attr)
		}
	}
	for _, h := range saved.values {
		if seen(o.values, h.attr) == nil {
			changed = append(changed, h.attr)
		}
	}
	links = map[link]bool{}
	for _, l := range saved.forward {
		was, now := trim(l.to, o.ends(l.attr))
		for _, t := range was {
			links[link{l.attr, t}] = false
		}
		for _, t := range now {
			turned(links, link{l.attr, t})
		}
	}
	for _, l := range o.forward {
		if !slices.ContainsFunc(saved.forward, func(s linked) bool { return s.attr == l.attr }) {
			for _, t := range l.to {
				links[link{l.attr, t}] = true
			}
		}
	}
	for k := range links {
		if !slices.Contains(changed, k.attr) {
			changed = append(changed, k.attr)
		}
	}
	return changed, links
}

// turned takes note of a link that is there now: one that was there before did not change.
func turned(links map[link]bool, k link) {
	if _, was := links[k]; was {
		delete(links, k)
	} else {
		links[k] = true
	}
}

// trim leaves out what two lists begin and end with alike.
func trim(a, b []*object) (restA, restB []*object) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

// commit gives the changes since the snapshot their update sequence number. Where
// nothing changed there is none.
func (d *directory) commit(o *object, saved snapshot) {
	changed, links := o.differences(saved)
	if len(changed) == 0 {
		return
	}
	slices.SortFunc(changed, func(a, b *attribute) int { return a.id - b.id })
	d.touch(o, changed...)
	if len(links) == 0 {
		return
	}
	p := o.remember()
	if p.links == nil {
		p.links = map[link]turn{}
	}
	for k, came := range links {
		p.links[k] = turn{d.usn, !came}
	}
}
