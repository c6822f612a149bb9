package ldaptest

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// selection is what a search requests of each entry.
type selection struct {
	wanted    []bool       // by attribute id
	computed  []*attribute // the requested attributes that are not stored
	made      []*attribute // the requested constructed attributes
	ranges    map[*attribute]valueRange
	typesOnly bool
	maxValues int    // MaxValRange; 0 means no limit
	endless   bool   // ranges of values have no last part
	swell     *Fault // values to add to an entry; nil for none
	extended  int    // form of extended DNs, -1 for plain ones
}

// valueRange is a range option: from value low to value high, -1 for the last.
type valueRange struct{ low, high int }

// choose reads the attribute list of a search (RFC 4511 section 4.5.1.8).
func (d *directory) choose(names []string) selection {
	s := selection{wanted: make([]bool, len(d.schema.all)), ranges: map[*attribute]valueRange{}, extended: -1}
	if len(names) == 0 {
		names = []string{"*"}
	}
	for _, name := range names {
		switch name {
		case "1.1":
		case "*":
			d.chooseAll(&s)
		case "+":
			for _, a := range d.schema.all {
				if a.onRequest {
					s.wanted[a.id] = true
				}
			}
		default:
			d.chooseOne(&s, name)
		}
	}
	for _, a := range d.computedAttributes() {
		if s.wanted[a.id] {
			s.computed = append(s.computed, a)
		}
	}
	for _, a := range d.schema.constructed() {
		if s.wanted[a.id] {
			s.made = append(s.made, a)
		}
	}
	return s
}

func (d *directory) chooseAll(s *selection) {
	for _, a := range d.schema.all {
		if !a.onRequest && (d.flavor == AD || !a.back) {
			s.wanted[a.id] = true
		}
	}
}

func (d *directory) chooseOne(s *selection, name string) {
	base, options, _ := strings.Cut(name, ";")
	a := d.schema.find(base)
	if a == nil {
		return
	}
	for option := range strings.SplitSeq(options, ";") {
		if bounds, ok := strings.CutPrefix(lower(option), "range="); ok && d.flavor == AD {
			r, ok := parseRange(bounds)
			if !ok {
				return
			}
			s.ranges[a] = r
		}
	}
	s.wanted[a.id] = true
}

func parseRange(s string) (valueRange, bool) {
	from, to, ok := strings.Cut(s, "-")
	low, err := strconv.Atoi(from)
	if !ok || err != nil || low < 0 {
		return valueRange{}, false
	}
	if to == "*" {
		return valueRange{low, -1}, true
	}
	high, err := strconv.Atoi(to)
	return valueRange{low, high}, err == nil && high >= low
}

// computedAttributes lists the attributes that directory.computed computes.
func (d *directory) computedAttributes() []*attribute {
	return []*attribute{d.at.cn, d.at.ou, d.at.dc, d.at.o, d.at.uid, d.at.name, d.at.dn, d.at.entryDN, d.at.guid,
		d.at.entryUUID,
		d.at.parentGUID, d.at.created, d.at.changed, d.at.createStamp, d.at.modifyStamp, d.at.usnCreated, d.at.usnChanged,
		d.at.canonicalName, d.at.lastKnownParent}
}

// appendEntry encodes a SearchResultEntry. The caller holds the directory's lock.
func (d *directory) appendEntry(b []byte, message int64, o *object, s *selection) []byte {
	b, envelope := openElement(b, 0x30)
	b = appendInteger(b, 0x02, message)
	b, op := openElement(b, 0x64)
	b, name := openElement(b, 0x04)
	b = closeElement(appendName(b, o, s.extended), name)
	b, list := openElement(b, 0x30)
	for i := range o.values {
		if h := &o.values[i]; s.wanted[h.attr.id] {
			b = s.appendStored(b, h)
		}
	}
	for _, a := range s.computed {
		if v, ok := d.computed(o, a); ok && v != "" {
			b = s.appendOne(b, a, v)
		}
	}
	for _, a := range s.made {
		if v := d.construct(o, a); len(v) > 0 {
			b = s.appendStored(b, &held{a, v})
		}
	}
	for i := range o.forward {
		b = s.appendLinks(b, &o.forward[i])
	}
	for i := range o.back {
		b = s.appendLinks(b, &o.back[i])
	}
	if s.swell != nil {
		b = appendSwollen(b, s.swell)
	}
	return closeElement(closeElement(closeElement(b, list), op), envelope)
}

func (s *selection) appendOne(b []byte, a *attribute, v string) []byte {
	b, at := openElement(b, 0x30)
	b = append(b, a.tlv...)
	if s.typesOnly {
		return closeElement(append(b, 0x31, 0), at)
	}
	b, set := openElement(b, 0x31)
	return closeElement(closeElement(appendText(b, 0x04, v), set), at)
}

func (s *selection) appendStored(b []byte, h *held) []byte {
	if len(h.v) == 1 {
		return s.appendOne(b, h.attr, h.v[0])
	}
	return s.appendMany(b, h.attr, len(h.v), func(b []byte, i int) []byte {
		return appendText(b, 0x04, h.v[i])
	})
}

func (s *selection) appendLinks(b []byte, l *linked) []byte {
	if !s.wanted[l.attr.id] {
		return b
	}
	return s.appendMany(b, l.attr, len(l.to), func(b []byte, i int) []byte {
		b, at := openElement(b, 0x04)
		return closeElement(appendName(b, l.to[i], s.extended), at)
	})
}

// appendMany encodes the values within the requested range and the server's limit. Without a
// requested range, too many values are sent as Windows does: the bare attribute without values, and
// the first range next to it.
func (s *selection) appendMany(b []byte, a *attribute, n int, value func(b []byte, i int) []byte) []byte {
	if s.endless && a.link != nil && n > 0 {
		return s.appendEndless(b, a, n, value)
	}
	r, ranged := s.ranges[a]
	if !ranged && (s.maxValues == 0 || n <= s.maxValues) {
		return s.appendValues(b, a.tlv, 0, n, value)
	}
	if !ranged {
		b = s.appendValues(b, a.tlv, 0, 0, value)
		r = valueRange{0, -1}
	}
	end := n
	if r.high >= 0 && r.high+1 < end {
		end = r.high + 1
	}
	if s.maxValues > 0 && end-r.low > s.maxValues {
		end = r.low + s.maxValues
	}
	if r.low >= n {
		r.low, end = n, n
	}
	last := "*"
	if end < n {
		last = strconv.Itoa(end - 1)
	}
	label := appendText(nil, 0x04, a.name+";range="+strconv.Itoa(r.low)+"-"+last)
	return s.appendValues(b, label, r.low, end, value)
}

func (s *selection) appendValues(b, label []byte, from, to int, value func(b []byte, i int) []byte) []byte {
	b, at := openElement(b, 0x30)
	b = append(b, label...)
	b, set := openElement(b, 0x31)
	if !s.typesOnly {
		for i := from; i < to; i++ {
			b = value(b, i)
		}
	}
	return closeElement(closeElement(b, set), at)
}

// appendName encodes a DN, preceded by GUID and SID if the extended-DN control requests them
// (MS-ADTS section 3.1.1.3.4.1.5).
func appendName(b []byte, o *object, form int) []byte {
	if form >= 0 {
		sid := ""
		for i := range o.values {
			if o.values[i].attr.name == "objectSid" {
				sid = o.values[i].v[0]
			}
		}
		if form == 0 {
			b = hex.AppendEncode(append(b, "<GUID="...), o.guid[:])
		} else {
			b = append(append(b, "<GUID="...), o.guid.String()...)
		}
		b = append(b, ">;"...)
		switch {
		case sid == "":
		case form == 0:
			b = append(hex.AppendEncode(append(b, "<SID="...), []byte(sid)), ">;"...)
		default:
			b = append(append(append(b, "<SID="...), sidText(sid)...), ">;"...)
		}
	}
	return o.appendDN(b)
}

// appendReference encodes a SearchResultReference.
func appendReference(b []byte, message int64, urls ...string) []byte {
	b, envelope := openElement(b, 0x30)
	b = appendInteger(b, 0x02, message)
	b, op := openElement(b, 0x73)
	for _, u := range urls {
		b = appendText(b, 0x04, u)
	}
	return closeElement(closeElement(b, op), envelope)
}

// responseControl is a control of a response.
type responseControl struct{ oid, value string }

// appendResult encodes an LDAPResult; extra follows the result within it.
func appendResult(b []byte, message int64, tag byte, r *refusal, extra []byte, controls ...responseControl) []byte {
	if r == nil {
		r = &refusal{}
	}
	b, envelope := openElement(b, 0x30)
	b = appendInteger(b, 0x02, message)
	b, op := openElement(b, tag)
	b = appendInteger(b, 0x0a, r.code)
	b = appendText(b, 0x04, r.matched)
	b = appendText(b, 0x04, r.text)
	if len(r.refer) > 0 {
		var at int
		b, at = openElement(b, 0xa3)
		for _, u := range r.refer {
			b = appendText(b, 0x04, u)
		}
		b = closeElement(b, at)
	}
	b = closeElement(append(b, extra...), op)
	if len(controls) > 0 {
		var list int
		b, list = openElement(b, 0xa0)
		for _, c := range controls {
			var at int
			b, at = openElement(b, 0x30)
			b = closeElement(appendText(appendText(b, 0x04, c.oid), 0x04, c.value), at)
		}
		b = closeElement(b, list)
	}
	return closeElement(b, envelope)
}
