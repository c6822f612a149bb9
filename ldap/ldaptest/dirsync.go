package ldaptest

import (
	"context"
	"slices"
	"strings"
)

// Flags of the DirSync control (MS-ADTS section 3.1.1.3.4.1.3). PUBLIC_DATA_ONLY,
// 0x2000, has no effect.
const (
	dirSyncObjectSecurity = 0x1
	dirSyncAncestorsFirst = 0x800
	dirSyncIncremental    = 0x80000000
)

// dirSyncRequest is the control's value.
type dirSyncRequest struct {
	flags    uint32
	maxBytes int64
	cookie   string
}

func parseDirSync(value string) (r dirSyncRequest, ok bool) {
	outer := &cursor{b: []byte(value)}
	c := outer.sub(0x30)
	r.flags = uint32(c.integer(0x02)) // clients send it signed or unsigned
	r.maxBytes = c.integer(0x02)
	r.cookie = c.text(0x04)
	return r, c.err == nil && outer.err == nil && len(c.b) == 0 && len(outer.b) == 0 && r.maxBytes >= 0
}

func dirSyncAnswer(more bool, c cookie) responseControl {
	n := int64(0)
	if more {
		n = 1
	}
	b, at := openElement(nil, 0x30)
	b = appendInteger(appendInteger(b, 0x02, n), 0x02, 0)
	return responseControl{controlDirSync, string(closeElement(appendText(b, 0x04, string(c.bytes())), at))}
}

// dirSyncSearch is a running DirSync search. Objects come in the order of their last change; an object that
// changes meanwhile comes, or comes again, at the end. A client that reads to the end thus has the
// final state.
type dirSyncSearch struct {
	dirSyncRequest
	walk     runningSearch
	sel      selection
	all      bool // no attributes were named
	at       int64
	since    int64
	rights   Rights
	early    map[*object]int64 // ancestors sent early
	bytes    int64
	maxItems int
}

// dirSync answers a search with the DirSync control.
func (c *conn) dirSync(ctx context.Context, message int64, req searchRequest, k requestControls,
	done func(*refusal, ...responseControl) error) error {
	s, r, err := c.beginDirSync(req, k)
	if err != nil {
		return err
	}
	if r != nil {
		return done(r)
	}
	d := c.server.dir
	for {
		buf, more, end, strike := c.dirSyncBatch(message, s)
		if err := c.write(buf); err != nil {
			return err
		}
		switch {
		case strike != nil:
			if r, err := c.strike(ctx, strike, message, &s.walk); err != nil {
				return err
			} else if r != nil {
				return done(r)
			}
		case end:
			d.mu.RLock()
			next := d.cookieAt(s, more)
			d.mu.RUnlock()
			return done(nil, dirSyncAnswer(more, next))
		case ctx.Err() != nil:
			return errGone
		}
	}
}

// beginDirSync validates the request.
func (c *conn) beginDirSync(req searchRequest, k requestControls) (*dirSyncSearch, *refusal, error) {
	s := &dirSyncSearch{rights: c.rights(), early: map[*object]int64{}, maxItems: c.server.opts.DirSyncEntries}
	s.walk.request = req
	var ok bool
	if s.dirSyncRequest, ok = parseDirSync(k[controlDirSync].value); !ok {
		return nil, badControl(), nil
	}
	if !k[controlDirSync].critical || k.has(controlPaged) {
		return nil,
			refuse(operationsError,
				"00002120: LdapErr: DSID-0C09079A, comment: Error processing control, data 0, v1db1: DirSync"), nil
	}
	form, r := k.extendedForm()
	if r != nil {
		return nil, r, nil
	}
	d := c.server.dir
	d.mu.RLock()
	defer d.mu.RUnlock()
	in := &cursor{b: req.filter}
	s.walk.filter = d.parseFilter(in, 0)
	if in.err != nil {
		return nil, nil, in.err
	}
	base, r := d.lookup(req.base)
	if r != nil {
		return nil, r, nil
	}
	if d.foreign(base) {
		return nil, d.outside(base.head), nil
	}
	secured := s.flags&dirSyncObjectSecurity != 0
	switch {
	case base.head == nil && secured:
		return nil,
			refuse(unwilling, "00002120: LdapErr: DSID-0C090B9A, comment: DN is not one of the naming contexts, data 0, v1db1"),
			nil
	case base.head == nil:
		return nil, refuse(insufficientRights, "00002098: SecErr: DSID-03151F5E, problem 4003 "+
			"(INSUFF_ACCESS_RIGHTS), data 0: DN is not one of the naming contexts"), nil
	case !secured && !s.rights.Replicate:
		return nil, refuse(insufficientRights, "00002105: LdapErr: DSID-0C0905D5, comment: "+
			"Error processing control, data 0, v1db1: replication access was denied"), nil
	}
	s.walk.base = base
	if r := c.position(s); r != nil {
		return nil, r, nil
	}
	s.sel = d.choose(req.attrs)
	s.sel.typesOnly, s.sel.extended = req.typesOnly, form
	s.all = len(req.attrs) == 0 || slices.Contains(req.attrs, "*")
	return s, nil, nil
}

// position reads the cookie.
func (c *conn) position(s *dirSyncSearch) *refusal {
	if s.cookie == "" {
		return nil
	}
	d := c.server.dir
	k, ok := parseCookie([]byte(s.cookie))
	if !ok || c.server.faults.refuseCookie() || k.age < d.cookieAge {
		return badControl()
	}
	s.at, s.since = d.translate(k)
	return nil
}

// dirSyncBatch encodes entries until the batch or the answer is full, a fault occurs, or no changes
// are left.
func (c *conn) dirSyncBatch(message int64, s *dirSyncSearch) (buf []byte, more, end bool, strike *Fault) {
	d := c.server.dir
	d.mu.RLock()
	defer d.mu.RUnlock()
	for i, l := range d.since(s.at) {
		if strike := c.server.faults.due(&s.walk); strike != nil {
			return buf, false, false, strike
		}
		if len(buf) >= batchBytes || i >= 20000 {
			return buf, false, false, nil
		}
		if !l.stale() && s.early[l.o] != l.usn {
			if s.full(len(buf)) {
				return buf, true, true, nil
			}
			buf = c.dirSyncOne(buf, message, s, l.o)
		}
		s.at = l.usn
	}
	if strike := c.server.faults.due(&s.walk); strike != nil {
		return buf, false, false, strike
	}
	s.at = max(s.at, d.usn)
	return buf, false, true, nil
}

// full reports whether the answer has reached its limit. It always holds at least one entry.
func (s *dirSyncSearch) full(pending int) bool {
	return s.walk.sent > 0 && (s.maxItems > 0 && s.walk.sent >= s.maxItems || s.maxBytes > 0 && s.bytes >= s.maxBytes)
}

// dirSyncOne encodes an object's changes, preceded by those of its ancestors if the request asks for
// that order.
func (c *conn) dirSyncOne(buf []byte, message int64, s *dirSyncSearch, o *object) []byte {
	d := c.server.dir
	if s.flags&dirSyncAncestorsFirst != 0 && o.head == nil {
		if p := o.parent; p.usnChanged > s.at && s.early[p] != p.usnChanged {
			buf = c.dirSyncOne(buf, message, s, p)
			s.early[p] = p.usnChanged
		}
	}
	if o.top() != s.walk.base || !s.visible(d, o) || d.match(o, s.walk.filter) != yes {
		return buf
	}
	out, ok := d.appendChanges(buf, message, o, s)
	if !ok {
		return buf
	}
	s.walk.sent++
	s.bytes += int64(len(out) - len(buf))
	c.server.count.entries.Add(1)
	return out
}

// visible reports whether the account may see the object. The right to replicate is enough, but
// OBJECT_SECURITY requires the right to read it.
func (s *dirSyncSearch) visible(d *directory, o *object) bool {
	return s.flags&dirSyncObjectSecurity == 0 || (!o.deleted || s.rights.ReadDeleted) && !d.hides(o, s.rights)
}

// cookieAt is the cookie for the next request.
func (d *directory) cookieAt(s *dirSyncSearch, more bool) cookie {
	k := cookie{when: d.clock(), age: d.cookieAge, object: s.at, property: s.since, invocation: d.invocation}
	if !more {
		k.object = d.usnAt(s.at)
		k.property = k.object
	}
	k.vector = []upTo{{d.invocation, k.property}}
	return k
}

// usnAt limits a number to what was committed.
func (d *directory) usnAt(at int64) int64 { return min(at, d.usn) }

// translate turns a cookie into a position in this replica's own history. Of a history that ended
// with a restore, only the part in the backup counts. A cookie from an unknown replica starts from
// the beginning.
func (d *directory) translate(k cookie) (at, since int64) {
	if k.invocation == d.invocation {
		return k.object, k.property
	}
	for _, r := range d.retired {
		if r.invocation == k.invocation {
			return min(k.object, r.usn), min(k.property, r.usn)
		}
	}
	for _, p := range d.partners {
		if p.invocation == k.invocation {
			if p.limit > 0 {
				k.object, k.property = min(k.object, p.limit), min(k.property, p.limit)
			}
			return max(0, k.object+p.distance), max(0, k.property+p.distance)
		}
	}
	return 0, 0
}

// requested reports whether the attribute was requested and is replicated.
func (s *dirSyncSearch) requested(d *directory, a *attribute) bool {
	if !s.sel.wanted[a.id] || a.back || a.onRequest {
		return false
	}
	switch a {
	case d.at.dn, d.at.usnChanged, d.at.usnCreated, d.at.changed, d.at.guid, d.at.parentGUID, d.at.instanceType:
		return false
	}
	return true
}

// appendChanges encodes the changes of an object. ok is false if no requested attribute changed.
func (d *directory) appendChanges(b []byte, message int64, o *object, s *dirSyncSearch) (out []byte, ok bool) {
	s.sel.ranges, s.sel.maxValues = nil, 0
	b, envelope := openElement(b, 0x30)
	b = appendInteger(b, 0x02, message)
	b, op := openElement(b, 0x64)
	b, name := openElement(b, 0x04)
	b = closeElement(appendName(b, o, s.sel.extended), name)
	b, list := openElement(b, 0x30)
	start := len(b)
	b = d.appendStoredChanges(b, o, s)
	b = d.appendComputedChanges(b, o, s)
	b = d.appendLinkChanges(b, o, s)
	if len(b) == start {
		return b, false
	}
	b = s.sel.appendOne(b, d.at.guid, string(o.guid[:]))
	if v := o.get(d.at.instanceType); len(v) > 0 {
		b = s.sel.appendOne(b, d.at.instanceType, v[0])
	}
	if o.parent != nil && o.changedAt(d.at.name) > s.since {
		b = s.sel.appendOne(b, d.at.parentGUID, string(o.parent.guid[:]))
	}
	return closeElement(closeElement(closeElement(b, list), op), envelope), true
}

// appendStoredChanges encodes stored attributes; a removed one has no values.
func (d *directory) appendStoredChanges(b []byte, o *object, s *dirSyncSearch) []byte {
	for i := range o.values {
		h := &o.values[i]
		if (s.requested(d, h.attr) || h.attr == d.at.isDeleted) && o.changedAt(h.attr) > s.since {
			b = s.sel.appendStored(b, h)
		}
	}
	if o.history == nil {
		return b
	}
	for _, t := range o.history.stamps {
		if t.usn <= s.since || !s.requested(d, t.attr) && t.attr != d.at.isDeleted || t.attr.link != nil ||
			t.attr == d.at.name || t.attr == d.at.lastKnownParent && o.history.tombstone != nil || o.get(t.attr) != nil {
			continue
		}
		b = s.sel.appendValues(b, t.attr.tlv, 0, 0, nil)
	}
	return b
}

// appendComputedChanges encodes the other attributes.
func (d *directory) appendComputedChanges(b []byte, o *object, s *dirSyncSearch) []byte {
	for _, a := range []*attribute{d.at.name, d.at.lastKnownParent, d.at.created} {
		if !s.requested(d, a) || o.changedAt(a) <= s.since {
			continue
		}
		if v, ok := d.computed(o, a); ok && v != "" {
			b = s.sel.appendOne(b, a, v)
		}
	}
	return b
}

// appendLinkChanges encodes links: all values of an attribute if one changed, or with
// INCREMENTAL_VALUES the added ones as range=1-1 and the removed ones as range=0-0.
func (d *directory) appendLinkChanges(b []byte, o *object, s *dirSyncSearch) []byte {
	if s.flags&dirSyncIncremental != 0 {
		return d.appendLinkChangeRanges(b, o, s)
	}
	for i := range o.forward {
		if l := &o.forward[i]; s.requested(d, l.attr) && o.changedAt(l.attr) > s.since {
			b = s.sel.appendLinks(b, l)
		}
	}
	if o.history == nil {
		return b
	}
	for _, t := range o.history.stamps {
		if t.usn > s.since && t.attr.link != nil && s.requested(d, t.attr) && len(o.ends(t.attr)) == 0 && !o.deleted {
			b = s.sel.appendValues(b, t.attr.tlv, 0, 0, nil)
		}
	}
	return b
}

func (d *directory) appendLinkChangeRanges(b []byte, o *object, s *dirSyncSearch) []byte {
	for i := range o.forward {
		l := &o.forward[i]
		if !s.requested(d, l.attr) || o.usnCreated <= s.since && o.changedAt(l.attr) <= s.since {
			continue
		}
		var came []*object
		for _, t := range l.to {
			if o.lastLinkChange(l.attr, t).usn > s.since {
				came = append(came, t)
			}
		}
		b = s.appendLinkRange(b, l.attr, ";range=1-1", came)
	}
	if o.history == nil {
		return b
	}
	went := map[*attribute][]*object{}
	for k, t := range o.history.links {
		if t.gone && t.usn > s.since && !k.to.deleted && !k.to.gone && s.requested(d, k.attr) {
			went[k.attr] = append(went[k.attr], k.to)
		}
	}
	for _, t := range o.history.stamps {
		if list := went[t.attr]; len(list) > 0 {
			slices.SortFunc(list, func(a, b *object) int { return strings.Compare(a.guid.String(), b.guid.String()) })
			b = s.appendLinkRange(b, t.attr, ";range=0-0", list)
		}
	}
	return b
}

func (s *dirSyncSearch) appendLinkRange(b []byte, a *attribute, option string, list []*object) []byte {
	if len(list) == 0 {
		return b
	}
	return s.sel.appendValues(b, appendText(nil, 0x04, a.name+option), 0, len(list), func(b []byte, i int) []byte {
		b, at := openElement(b, 0x04)
		return closeElement(appendName(b, list[i], s.sel.extended), at)
	})
}
