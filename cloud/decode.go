package cloud

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dirbridge/cloud/webex"
	"dirbridge/sync/identity"
	"dirbridge/sync/redact"
)

// row is one resource as decoded.
type row struct {
	identity.Resource
	members    []identity.ResourceID
	hasMembers bool // the key was present, even if empty
}

// truth reads a boolean in the forms that clouds use: true, "True", 1. ok is false for anything
// else.
func truth(v string) (is, ok bool) {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "true", "1", "yes":
		return true, true
	case "false", "0", "no":
		return false, true
	}
	return false, false
}

// page is one answer to a listing.
type page struct {
	rows  int    // resources on the page
	total int    // -1 if not announced
	next  string // cursor of the next page (RFC 9865)
}

// decoder reads resources by a layout. It belongs to one goroutine.
type decoder struct {
	layout *layout
	admin  string
	doubt  bool // a missing roles attribute means that the roles are unknown
	kind   identity.Kind
	// tracking is the id of the answer that is decoded, or "".
	tracking string
	// secrets are removed from values: a cloud may echo the token.
	secrets *redact.Secrets

	s      *jsonScanner
	text   []byte // of all values of the current resource
	spans  []span
	inputs []span // of the current element; slot is 0 without a value
	size   int    // of all values of the current resource
	roles  bool
	member bool
	list   []identity.ResourceID
}

// largestResource bounds the bytes of values of one resource: a group of more than a million
// members.
const largestResource = 96 << 20

type span struct{ slot, from, to int }

// listing reads the answer to a search and passes each resource to fn at once, so a page is never
// held in memory. The array may come before the total. An error of fn ends the reading and is
// returned unchanged.
func (d *decoder) listing(r io.Reader, fn func(*row) error) (page, error) {
	d.begin(r)
	pg := page{total: -1}
	seen := false
	d.s.open()
	d.s.object(func(key []byte) {
		take := d.s.skip
		switch {
		case isKey(key, d.layout.array):
			seen, take = true, func() { d.rows(&pg, fn) }
		case isKey(key, d.layout.total):
			take = func() { pg.total = d.number() }
		case isKey(key, "nextcursor"):
			take = func() { pg.next = d.scalar() }
		}
		if d.s.expect(':') {
			take()
		}
	})
	if err := d.s.finish(); err != nil {
		return page{}, err
	}
	if !seen && pg.total < 0 {
		return page{}, errNoListing
	}
	return pg, nil
}

// begin prepares the decoder for a new answer and keeps its buffers.
func (d *decoder) begin(r io.Reader) {
	if d.s == nil {
		d.s = &jsonScanner{buf: make([]byte, 32<<10)}
	}
	*d.s = jsonScanner{r: r, buf: d.s.buf, scratch: d.s.scratch}
	if len(d.s.buf) > 1<<20 {
		d.s.buf, d.s.scratch = make([]byte, 32<<10), nil // so that one huge value does not hold memory for ever
	}
}

func (d *decoder) rows(pg *page, fn func(*row) error) {
	if d.s.peek() != '[' {
		d.s.skip() // some providers send null for an empty page
		return
	}
	d.s.array(func() {
		r := d.one()
		if d.s.err != nil {
			return
		}
		pg.rows++
		if err := fn(&r); err != nil {
			d.s.fail(err)
		}
	})
}

// resource reads an answer with a single resource.
func (d *decoder) resource(r io.Reader) (row, error) {
	d.begin(r)
	d.s.open()
	one := d.one()
	return one, d.s.finish()
}

// one reads the resource at the scanner's position.
func (d *decoder) one() row {
	d.text, d.spans = d.text[:0], d.spans[:0]
	d.roles, d.member, d.list, d.size = false, false, nil, 0
	if d.s.peek() != '{' {
		d.s.bad("a resource is no object")
		return row{}
	}
	d.value(d.layout.root)
	if d.s.err != nil {
		return row{}
	}
	return d.build()
}

// value reads the value of n.
func (d *decoder) value(n *node) {
	if n == nil {
		d.s.skip()
		return
	}
	switch d.s.peek() {
	case '{':
		if n.picks != nil {
			d.element(n)
			return
		}
		d.s.object(func(key []byte) {
			c := n.find(key)
			if d.s.expect(':') {
				d.value(c)
			}
		})
	case '[':
		d.markPresent(n)
		d.s.array(func() { d.value(n) })
	case '"':
		d.keep(n, d.s.str())
	case 0:
		d.s.skip()
	default:
		if v := d.s.literal(); string(v) != "null" {
			d.keep(n, v)
		}
	}
}

// markPresent records keys whose presence matters even without a value.
func (d *decoder) markPresent(n *node) {
	for _, s := range n.slots {
		d.roles = d.roles || s == slotRole
		d.member = d.member || s == slotMember
	}
}

func (d *decoder) keep(n *node, v []byte) {
	d.markPresent(n)
	if len(v) == 0 {
		return
	}
	if d.size += len(v) + 16; d.size > largestResource {
		d.s.fail(d.oversized(n.slots))
		return
	}
	for _, slot := range n.slots {
		switch slot {
		case slotMember:
			d.list = append(d.list, identity.ResourceID(d.secrets.Value(string(v))))
		default:
			from := len(d.text)
			d.text = append(d.text, v...)
			d.spans = append(d.spans, span{slot, from, len(d.text)})
		}
	}
}

// element reads one element of a multi-valued attribute and takes the values of the picks. The keys
// may come in any order.
func (d *decoder) element(n *node) {
	d.inputs = append(d.inputs[:0], make([]span, len(n.inputs))...)
	mark := len(d.text)
	d.s.object(func(key []byte) {
		i := slices.IndexFunc(n.inputs, func(want string) bool { return isKey(key, want) })
		if !d.s.expect(':') {
			return
		}
		if i < 0 {
			d.s.skip()
			return
		}
		if v, ok := d.scalarBytes(); ok {
			if d.size += len(v) + 16; d.size > largestResource {
				d.s.fail(d.oversized([]int{n.picks[0].slot}))
				return
			}
			from := len(d.text)
			d.text = append(d.text, v...)
			d.inputs[i] = span{1, from, len(d.text)}
		}
	})
	taken := false
	for _, p := range n.picks {
		t, v := d.inputs[p.test], d.inputs[p.value]
		if t.slot == 0 || v.from == v.to || !strings.EqualFold(string(d.text[t.from:t.to]), p.want) {
			continue
		}
		d.spans = append(d.spans, span{p.slot, v.from, v.to})
		taken = true
	}
	if !taken {
		d.text = d.text[:mark]
	}
}

// scalarBytes reads a string, number or boolean; false for anything else.
func (d *decoder) scalarBytes() ([]byte, bool) {
	switch d.s.peek() {
	case '"':
		v := d.s.str()
		return v, d.s.err == nil
	case '{', '[', 0:
		d.s.skip()
		return nil, false
	}
	v := d.s.literal()
	return v, d.s.err == nil && string(v) != "null"
}

func (d *decoder) scalar() string {
	v, _ := d.scalarBytes()
	return string(v)
}

// number reads a count, which some providers send as a string.
func (d *decoder) number() int {
	v, ok := d.scalarBytes()
	if !ok {
		return -1
	}
	n, err := strconv.Atoi(string(v))
	if err != nil || n < 0 {
		d.s.bad("a count is no whole number")
		return -1
	}
	return n
}

// build makes a resource of the spans. Its texts share one string and its values one slice: a map
// and two allocations, whatever the number of attributes.
func (d *decoder) build() row {
	text := string(d.text)
	if !utf8.ValidString(text) || d.secrets.InData(text) {
		return d.buildFrom(nil) // offsets would shift: repair each value separately
	}
	return d.buildFrom(&text)
}

func (d *decoder) buildFrom(text *string) row {
	value := func(s span) string {
		if text != nil {
			return (*text)[s.from:s.to]
		}
		return d.secrets.Value(strings.ToValidUTF8(string(d.text[s.from:s.to]), "\uFFFD"))
	}
	r := row{members: d.list, hasMembers: d.member}
	r.Kind, r.Active, r.Stateless = d.kind, true, d.kind == identity.User
	attrs := 0
	for _, s := range d.spans {
		switch s.slot {
		case slotID:
			if r.ID == "" {
				r.ID = identity.ResourceID(value(s))
			}
		case slotExternalID:
			r.ExternalID = value(s)
		case slotKey:
			r.Key = value(s)
		case slotName:
			r.Name = value(s)
		case slotActive:
			if active, ok := truth(value(s)); ok {
				r.Active, r.Stateless = active, false
			}
		case slotVersion:
			r.Version = value(s)
		case slotCreated:
			r.Created, _ = time.Parse(time.RFC3339, value(s)) // an unreadable time counts as absent
		case slotType:
			r.Type = value(s)
		case slotSource:
			r.Provisioner = webex.Provisioner(clean(value(s)))
		case slotRole:
			r.Admin = moreRights(r.Admin, roleOf(value(s), d.admin))
		case slotDelegated:
			r.Admin = moreRights(r.Admin, identity.Partly)
		default:
			attrs++
		}
	}
	if r.Admin == identity.Unknown && (d.roles || !d.doubt) {
		r.Admin = identity.No
	}
	if r.Name == "" {
		r.Name = r.Key
	}
	r.Attrs = d.attrs(attrs, value)
	return r
}

func (d *decoder) attrs(n int, value func(span) string) identity.Attrs {
	out := make(identity.Attrs, n)
	all := make([]string, 0, n)
	done := uint64(0) // slots already collected, the first 64
	for i, s := range d.spans {
		at := s.slot - slotAttrs
		if at < 0 || at < 64 && done&(1<<at) != 0 {
			continue
		}
		if _, ok := out[d.layout.names[at]]; at >= 64 && ok {
			continue
		}
		if at < 64 {
			done |= 1 << at
		}
		from := len(all)
		for _, o := range d.spans[i:] {
			if o.slot == s.slot {
				all = append(all, value(o))
			}
		}
		out[d.layout.names[at]] = all[from:len(all):len(all)]
	}
	return out
}
