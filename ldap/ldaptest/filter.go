package ldaptest

import (
	"slices"
	"strconv"
	"strings"
)

// filter is a search filter with resolved attributes and DNs (RFC 4511 section 4.5.1.7).
type filter struct {
	op    byte // the BER tag
	kids  []*filter
	attr  *attribute // nil if the schema lacks it: undefined
	value string     // of the assertion, in lower case if case does not matter
	num   int64
	ok    bool      // value has the attribute's syntax
	to    *object   // of an assertion about a link
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

// maxFilterDepth bounds recursion.
const maxFilterDepth = 100

// parseFilter reads the next element of c. It resolves DNs, so the caller holds the directory's
// lock.
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

// filterAttribute returns nil for an attribute that no filter can test: Active Directory computes
// some attributes for answers only.
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

// fold normalizes a text for comparison.
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
