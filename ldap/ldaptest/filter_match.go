package ldaptest

import (
	"strconv"
	"strings"
)

// truth is the three-valued logic of filters.
type truth int8

const (
	undefined truth = iota
	no
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// match evaluates the filter. The caller holds the directory's lock.
func (d *directory) match(o *object, f *filter) truth {
	switch f.op {
	case filterAnd:
		result := yes
		for _, k := range f.kids {
			switch d.match(o, k) {
			case no:
				return no
			case undefined:
				result = undefined
			}
		}
		return result
	case filterOr:
		result := no
		for _, k := range f.kids {
			switch d.match(o, k) {
			case yes:
				return yes
			case undefined:
				result = undefined
			}
		}
		return result
	case filterNot:
		switch d.match(o, f.kids[0]) {
		case yes:
			return no
		case no:
			return yes
		}
		return undefined
	}
	if f.attr == nil || !f.ok {
		return undefined
	}
	return d.matchItem(o, f)
}

func (d *directory) matchItem(o *object, f *filter) truth {
	switch {
	case f.op == filterPresent && f.attr.link != nil:
		return truthOf(len(o.ends(f.attr)) > 0)
	case f.op == filterExtensible && f.rule == ruleInChain:
		return truthOf(f.attr.link != nil && f.to != nil && inChain(o, f.attr, f.to))
	case f.op == filterExtensible && f.rule != "" && f.rule != ruleBitAnd && f.rule != ruleBitOr:
		return undefined
	case f.attr.link != nil && (f.op == filterEqual || f.op == filterExtensible):
		return truthOf(f.to != nil && linkedTo(o, f.attr, f.to))
	case f.attr == d.at.dn && f.op == filterEqual:
		return truthOf(f.to == o)
	case f.attr == d.at.guid && f.op == filterEqual && d.flavor == AD:
		return truthOf(f.value == string(o.guid[:]))
	}
	found := false
	d.each(o, f.attr, func(v string) bool {
		found = d.holds(f, v)
		return !found
	})
	return truthOf(found)
}

// linkedTo tests the shorter side of the link.
func linkedTo(o *object, a *attribute, to *object) bool {
	if a.back {
		for _, t := range o.ends(a) {
			if t == to {
				return true
			}
		}
		return false
	}
	return o.hasLink(a, to)
}

// inChain follows the links from o in search of to.
func inChain(o *object, a *attribute, to *object) bool {
	seen := map[*object]bool{o: true}
	queue := []*object{o}
	for len(queue) > 0 {
		o, queue = queue[0], queue[1:]
		for _, t := range o.ends(a) {
			if t == to {
				return true
			}
			if !seen[t] {
				seen[t] = true
				queue = append(queue, t)
			}
		}
	}
	return false
}

// chained returns all objects that links lead to from o, directly and indirectly.
func chained(o *object, a *attribute) (all []*object) {
	if o == nil {
		return nil
	}
	seen := map[*object]bool{}
	for queue := []*object{o}; len(queue) > 0; queue = queue[1:] {
		for _, t := range queue[0].ends(a) {
			if !seen[t] {
				seen[t] = true
				all = append(all, t)
				queue = append(queue, t)
			}
		}
	}
	return all
}

// holds compares one value with the assertion.
func (d *directory) holds(f *filter, v string) bool {
	switch f.op {
	case filterPresent:
		return true
	case filterSubstrings:
		return f.like(d.fold(v))
	case filterGreater, filterLess:
		return f.ordered(v, d.fold)
	case filterExtensible:
		if f.rule == ruleBitAnd || f.rule == ruleBitOr {
			n, err := strconv.ParseInt(v, 10, 64)
			return err == nil && f.attr.syntax == integer &&
				(f.rule == ruleBitAnd && n&f.num == f.num || f.rule == ruleBitOr && n&f.num != 0)
		}
	}
	switch f.attr.syntax {
	case integer:
		n, err := strconv.ParseInt(v, 10, 64)
		return err == nil && n == f.num
	case text:
		return strings.EqualFold(v, f.value) || !ascii(v) && d.fold(v) == f.value
	case boolean, dnName:
		return strings.EqualFold(v, f.value)
	}
	return v == f.value
}

func (f *filter) ordered(v string, fold func(string) string) bool {
	if f.attr.syntax == integer {
		n, err := strconv.ParseInt(v, 10, 64)
		return err == nil && (f.op == filterGreater && n >= f.num || f.op == filterLess && n <= f.num)
	}
	if f.attr.syntax == moment {
		t, err := parseMoment(v)
		bound, err2 := parseMoment(f.value)
		return err == nil && err2 == nil &&
			(f.op == filterGreater && !t.Before(bound) || f.op == filterLess && !t.After(bound))
	}
	v = fold(v)
	return f.op == filterGreater && v >= f.value || f.op == filterLess && v <= f.value
}

func (f *filter) like(v string) bool {
	for _, p := range f.parts {
		switch p.kind {
		case 0x80:
			if !strings.HasPrefix(v, p.text) {
				return false
			}
			v = v[len(p.text):]
		case 0x81:
			i := strings.Index(v, p.text)
			if i < 0 {
				return false
			}
			v = v[i+len(p.text):]
		case 0x82:
			return strings.HasSuffix(v, p.text)
		}
	}
	return true
}

// narrow returns by index the only objects that can match. ok is false if all objects must be
// tested.
func (d *directory) narrow(f *filter) (few []*object, ok bool) {
	switch f.op {
	case filterEqual:
		var o *object
		switch f.attr {
		case d.at.guid:
			if len(f.value) == 16 {
				o = d.byGUID[guid([]byte(f.value))]
			}
		case d.at.entryUUID:
			g, _ := parseGUID(f.value)
			o = d.byGUID[g]
		case d.at.account:
			if o = d.byAccount[f.value]; o == nil {
				return nil, false // another one that differs by a mark may match
			}
		case d.at.dn:
			o = f.to
		case d.at.memberOf, d.at.member:
			if f.to != nil {
				return f.to.ends(f.attr.link), true
			}
			return nil, true
		default:
			return nil, false
		}
		if o != nil {
			few = []*object{o}
		}
		return few, true
	case filterExtensible:
		if f.rule != ruleInChain || f.attr == nil || f.attr.link == nil {
			return nil, false
		}
		return chained(f.to, f.attr.link), true
	case filterAnd:
		for _, k := range f.kids {
			if few, ok = d.narrow(k); ok {
				return few, true
			}
		}
	case filterOr:
		seen := map[*object]bool{}
		for _, k := range f.kids {
			some, ok := d.narrow(k)
			if !ok {
				return nil, false
			}
			for _, o := range some {
				if !seen[o] {
					seen[o] = true
					few = append(few, o)
				}
			}
		}
		return few, len(f.kids) > 0
	}
	return nil, false
}
