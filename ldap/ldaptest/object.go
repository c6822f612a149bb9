package ldaptest

import (
	"slices"
	"strconv"
	"time"
)

// object is one entry, guarded by the directory's lock.
type object struct {
	guid     guid
	rdn      rdn
	class    *class
	parent   *object // nil for the head of a naming context
	head     []rdn   // own DN of a head; nil for other objects
	children map[string]*object
	order    []*object // of the children, by creation
	gone     bool      // for good; running searches skip it
	deleted  bool      // a tombstone, or the container of tombstones

	values  []held
	forward []linked // stored ends of links
	back    []linked // computed ends

	history *history // nil before the first change

	created, changed       int64 // Unix seconds
	usnCreated, usnChanged int64
}

// held is one attribute with its values.
type held struct {
	attr *attribute
	v    []string
}

// linked is one attribute with the objects at the other end.
type linked struct {
	attr *attribute
	to   []*object
}

func (o *object) get(a *attribute) []string {
	for i := range o.values {
		if o.values[i].attr == a {
			return o.values[i].v
		}
	}
	return nil
}

// set replaces the values; an empty list removes the attribute.
func (o *object) set(a *attribute, v ...string) {
	for i := range o.values {
		if o.values[i].attr != a {
			continue
		}
		if len(v) == 0 {
			o.values = slices.Delete(o.values, i, i+1)
		} else {
			o.values[i].v = v
		}
		return
	}
	if len(v) > 0 {
		o.values = append(o.values, held{a, v})
	}
}

// ends returns the objects at the other end of a linked attribute, in either direction.
func (o *object) ends(a *attribute) []*object {
	list := o.forward
	if a.back {
		list = o.back
	}
	for i := range list {
		if list[i].attr == a {
			return list[i].to
		}
	}
	return nil
}

func addEnd(list []linked, a *attribute, o *object) []linked {
	for i := range list {
		if list[i].attr == a {
			list[i].to = append(list[i].to, o)
			return list
		}
	}
	return append(list, linked{a, []*object{o}})
}

func dropEnd(list []linked, a *attribute, o *object) []linked {
	for i := range list {
		if list[i].attr != a {
			continue
		}
		if k := slices.Index(list[i].to, o); k >= 0 {
			list[i].to = slices.Delete(list[i].to, k, k+1)
		}
		if len(list[i].to) == 0 {
			return slices.Delete(list, i, i+1)
		}
		return list
	}
	return list
}

// hasLink tests the shorter side: a person is in few groups, but a group may have all people.
func (o *object) hasLink(a *attribute, to *object) bool {
	return slices.Contains(to.ends(a.link), o)
}

// join adds the link on both sides.
func (o *object) join(a *attribute, to *object) {
	o.forward = addEnd(o.forward, a, to)
	to.back = addEnd(to.back, a.link, o)
}

// part removes the link on both sides.
func (o *object) part(a *attribute, to *object) {
	o.forward = dropEnd(o.forward, a, to)
	to.back = dropEnd(to.back, a.link, o)
}

func (o *object) appendDN(b []byte) []byte {
	for ; o.head == nil; o = o.parent {
		b = append(appendRDN(b, o.rdn), ',')
	}
	return append(b, formatDN(o.head)...)
}

func (o *object) dn() string { return string(o.appendDN(nil)) }

// within reports whether o is top or below it.
func (o *object) within(top *object) bool {
	for ; o != nil; o = o.parent {
		if o == top {
			return true
		}
	}
	return false
}

func generalized(unix int64) string {
	return time.Unix(unix, 0).UTC().Format("20060102150405.0Z")
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
