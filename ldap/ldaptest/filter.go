package ldaptest

import (
	"slices"
	"strconv"
	"strings"
)

// filter is a search filter, its attributes and DNs resolved (RFC 4511 section 4.5.1.7).
type filter struct {
	op    byte // the BER tag
	kids  []*filter
	attr  *attribute // nil where the schema has none: undefined
	value string     // of the assertion, in lower case where case does not count
	num   int64
	ok    bool      // value has the attribute's syntax
	to    *object   // of an assertion on a link
	parts []segment // of substrings
	rule  string    // of an extensible match
}

type segment struct {
	kind byte // 0x80 first, 0x81 any, 0x82 last
	text string
}

// Filter choices, as tagged.
const (
	filterAnd        = 0xa0
	filterOr         = 0xa1
	filterNot        = 0xa2
	filterEqual      = 0xa3
	filterSubstrings = 0xa4
	filterGreater    = 0xa5
	filterLess       = 0xa6
	filterPresent    = 0x87
	filterApprox     = 0xa8
	filterExtensible = 0xa9
)

// Matching rules of Active Directory (MS-ADTS section 3.1.1.3.4.4).
const (
	ruleBitAnd  = "1.2.840.113556.1.4.803"
	ruleBitOr   = "1.2.840.113556.1.4.804"
	ruleInChain = "1.2.840.113556.1.4.1941"
)

// maxFilterDepth bounds recursion; nobody nests filters as deep.
const maxFilterDepth = 100

// parseFilter reads the next element of c. The directory must be locked: DNs are
// resolved.
func (d *directory) parseFilter(c *cursor, depth int) *filter {
	tag, content := c.next()
	if c.err == nil && depth > maxFilterDepth {
		c.err = errBER
	}
	if c.err != nil {
		return nil
	}
	f := &filter{op: tag, ok: true}
	in := &cursor{b: content}
	switch tag {
	case filterAnd, filterOr:
		for in.more() {
			f.kids = append(f.kids, d.parseFilter(in, depth+1))
		}
	case filterNot:
		f.kids = []*filter{d.parseFilter(in, depth+1)}
	case filterEqual, filterGreater, filterLess, filterApprox:
		name := in.text(0x04)
		if d.isANR(name) {
			f = d.anr(in.text(0x04))
			break
		}
		f.attr = d.filterAttribute(name)
		d.assertion(f, in.text(0x04))
	case filterPresent:
		f.attr = d.filterAttribute(string(content))
		in.b = nil
	case filterSubstrings:
		name := in.text(0x04)
		f.attr = d.filterAttribute(name)
		d.substrings(f, in.sub(0x30), in)
		if d.isANR(name) && len(f.parts) == 1 && f.parts[0].kind == 0x80 {
			f = d.anr(f.parts[0].text)
		}
	case filterExtensible:
		d.extensible(f, in)
	default:
		in.err = errBER
	}
	if in.err == nil && len(in.b) > 0 {
		in.err = errBER
	}
	c.err = in.err
	return f
}

// filterAttribute is nil for what no filter can look at: Active Directory makes some
// attributes for answers alone.
func (d *directory) filterAttribute(name string) *attribute {
	name, _, _ = strings.Cut(name, ";")
	a := d.schema.find(name)
	if a != nil && slices.Contains(d.schema.constructed(), a) {
		return nil
	}
	return a
}

func (d *directory) isANR(name string) bool {
	return d.flavor == AD && strings.EqualFold(name, "anr")
}

// fold is a text as the directory compares it.
func (d *directory) fold(v string) string {
	if d.flavor == AD {
		return d.schema.fold(v)
	}
	return lower(v)
}

func (d *directory) substrings(f *filter, c, outer *cursor) {
	for c.more() {
		kind, content := c.next()
		if kind < 0x80 || kind > 0x82 {
			c.err = errBER
		}
		f.parts = append(f.parts, segment{kind, d.fold(string(content))})
	}
	if c.err == nil && len(f.parts) == 0 {
		c.err = errBER
	}
	if c.err != nil {
		outer.err = c.err
	}
}

func (d *directory) extensible(f *filter, c *cursor) {
	value := ""
	for c.more() {
		switch c.peek() {
		case 0x81:
			f.rule = c.text(0x81)
		case 0x82:
			f.attr = d.filterAttribute(c.text(0x82))
		case 0x83:
			value = c.text(0x83)
		case 0x84:
			c.boolean(0x84)
		default:
			c.err = errBER
		}
	}
	d.assertion(f, value)
}

// assertion prepares a value for comparison.
func (d *directory) assertion(f *filter, value string) {
	f.value, f.ok = value, true
	if f.attr == nil {
		return
	}
	switch f.attr.syntax {
	case text:
		f.value = d.fold(value)
	case integer:
		n, err := strconv.ParseInt(value, 10, 64)
		f.num, f.ok = n, err == nil
	case dnName:
		d.assertDN(f, value)
	case sidForm:
		if raw, ok := parseSID(value); ok {
			f.value = raw
		}
	case octets:
		if g, ok := parseGUID(value); ok && len(value) == 36 && (f.attr == d.at.guid || f.attr == d.at.parentGUID) {
			f.value = string(g[:])
		}
	}
}

// assertDN resolves a DN. A class name stands for its category.
func (d *directory) assertDN(f *filter, value string) {
	if f.attr == d.at.objectCategory && !strings.Contains(value, "=") {
		if c := d.classes[lower(value)]; c != nil {
			f.value = lower(d.categoryDN(c))
			return
		}
		f.ok = false
		return
	}
	if f.attr.link != nil || f.attr == d.at.dn {
		f.to, _ = d.lookup(value)
		return
	}
	parts, err := parseDN(value)
	f.value, f.ok = lower(formatDN(parts)), err == nil
}

// truth is the logic of filters: undefined is neither.
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

// match evaluates the filter. The directory must be locked.
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

// linkedTo looks at the shorter side of the link.
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

// inChain walks the links from o until it meets to.
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

// chained are all that links lead to from o, through others too.
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
		return err == nil && err2 == nil && (f.op == filterGreater && !t.Before(bound) || f.op == filterLess && !t.After(bound))
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

// narrow finds the objects that alone can match, by index. ok is false where all
// must be looked at.
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
				return nil, false // another that differs by a mark
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
