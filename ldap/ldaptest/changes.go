package ldaptest

import (
	"slices"
	"sort"
)

// history is the change history of an object. It is created with the first change after the object was
// added, so a million unchanged people cost nothing.
type history struct {
	stamps    []stamp
	links     map[link]linkChange
	tombstone *tombstone // of a deleted object
}

// stamp is the update sequence number of an attribute's last change. An attribute without a stamp
// has the number of the object's creation.
type stamp struct {
	attr *attribute
	usn  int64
}

// link is one value of a linked attribute.
type link struct {
	attr *attribute
	to   *object
}

// linkChange is the last change of a link. A link without one was created with its object.
type linkChange struct {
	usn  int64
	gone bool
}

// logEntry is an entry of the change log. It is stale if the object has changed again since.
type logEntry struct {
	usn int64
	o   *object
}

func (o *object) remember() *history {
	if o.history == nil {
		o.history = &history{}
	}
	return o.history
}

// touch assigns the next update sequence number to the object and its changed attributes; none are
// given for a new object.
func (d *directory) touch(o *object, changed ...*attribute) {
	d.usn++
	o.usnChanged = d.usn
	o.changed = d.clock().Unix()
	if o.usnCreated == 0 {
		o.usnCreated, o.created = d.usn, o.changed
	}
	if len(d.log) > 2*len(d.byGUID)+1024 {
		d.log = slices.DeleteFunc(d.log, logEntry.stale)
	}
	d.log = append(d.log, logEntry{d.usn, o})
	for _, a := range changed {
		o.remember().stamp(a, d.usn)
	}
}

func (l logEntry) stale() bool { return l.o.gone || l.o.usnChanged != l.usn }

func (p *history) stamp(a *attribute, usn int64) {
	for i := range p.stamps {
		if p.stamps[i].attr == a {
			p.stamps[i].usn = usn
			return
		}
	}
	p.stamps = append(p.stamps, stamp{a, usn})
}

// changedAt returns the update sequence number of an attribute's last change.
func (o *object) changedAt(a *attribute) int64 {
	if o.history != nil {
		for _, s := range o.history.stamps {
			if s.attr == a {
				return s.usn
			}
		}
	}
	return o.usnCreated
}

// lastLinkChange returns the last change of a link.
func (o *object) lastLinkChange(a *attribute, to *object) linkChange {
	if o.history != nil {
		if t, ok := o.history.links[link{a, to}]; ok {
			return t
		}
	}
	return linkChange{usn: o.usnCreated}
}

// since returns the log after an update sequence number, the earliest first.
func (d *directory) since(usn int64) []logEntry {
	return d.log[sort.Search(len(d.log), func(i int) bool { return d.log[i].usn > usn }):]
}

// differences returns the attributes whose values differ from the saved ones, and the links that
// were added or removed.
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
			recordLink(links, link{l.attr, t})
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

// recordLink records a present link, unless it existed before.
func recordLink(links map[link]bool, k link) {
	if _, was := links[k]; was {
		delete(links, k)
	} else {
		links[k] = true
	}
}

// trim removes the common beginning and end of two lists.
func trim(a, b []*object) (restA, restB []*object) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

// commit assigns an update sequence number to the changes since the snapshot, if there are any.
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
		p.links = map[link]linkChange{}
	}
	for k, came := range links {
		p.links[k] = linkChange{d.usn, !came}
	}
}
