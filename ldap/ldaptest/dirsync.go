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
	r.flags = uint32(c.integer(0x02)) // clients send it with a sign or without
	r.maxBytes = c.integer(0x02)
	r.cookie = c.text(0x04)
	return r, c.err == nil && outer.err == nil && len(c.b) == 0 && len(outer.b) == 0 && r.maxBytes >= 0
}

func dirSyncAnswer(more bool, c cookie) responseControl {
	n := int64(0)
	if more {
		n = 1
	}
	b, at := open(nil, 0x30)
	b = appendInteger(appendInteger(b, 0x02, n), 0x02, 0)
	return responseControl{controlDirSync, string(shut(appendText(b, 0x04, string(c.bytes())), at))}
}

// sweep is a DirSync search under way. Objects come in the order of their last
// change; one that changes meanwhile comes, or comes again, at the end. So whoever
// reads to the end has the state at the end.
type sweep struct {
	dirSyncRequest
	walk     walk
	sel      selection
	all      bool // attributes were not named
	at       int64
	since    int64
	rights   Rights
	early    map[*object]int64 // ancestors sent before their turn
	bytes    int64
	maxItems int
}

// dirSync answers a search with the DirSync control.
func (c *conn) dirSync(ctx context.Context, message int64, req searchRequest, k asked, done func(*refusal, ...responseControl) error) error {
	s, r, err := c.beginSweep(req, k)
	if err != nil {
		return err
	}
	if r != nil {
		return done(r)
	}
	d := c.server.dir
	for {
		buf, more, end, strike := c.sweepBatch(message, s)
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

// beginSweep checks the request.
func (c *conn) beginSweep(req searchRequest, k asked) (*sweep, *refusal, error) {
	s := &sweep{rights: c.rights(), early: map[*object]int64{}, maxItems: c.server.opts.DirSyncEntries}
	s.walk.request = req
	var ok bool
	if s.dirSyncRequest, ok = parseDirSync(k[controlDirSync].value); !ok {
		return nil, badControl(), nil
	}
	if !k[controlDirSync].critical || k.has(controlPaged) {
		return nil, refuse(operationsError, "00002120: LdapErr: DSID-0C09079A, comment: Error processing control, data 0, v1db1: DirSync"), nil
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
		return nil, refuse(unwilling, "00002120: LdapErr: DSID-0C090B9A, comment: DN is not one of the naming contexts, data 0, v1db1"), nil
	case base.head == nil:
		return nil, refuse(insufficientRights, "00002098: SecErr: DSID-03151F5E, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0: DN is not one of the naming contexts"), nil
	case !secured && !s.rights.Replicate:
		return nil, refuse(insufficientRights, "00002105: LdapErr: DSID-0C0905D5, comment: Error processing control, data 0, v1db1: replication access was denied"), nil
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
func (c *conn) position(s *sweep) *refusal {
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

// sweepBatch encodes entries until the batch or the answer is full, a fault strikes,
// or all is told.
func (c *conn) sweepBatch(message int64, s *sweep) (buf []byte, more, end bool, strike *Fault) {
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
			buf = c.sweepOne(buf, message, s, l.o)
		}
		s.at = l.usn
	}
	if strike := c.server.faults.due(&s.walk); strike != nil {
		return buf, false, false, strike
	}
	s.at = max(s.at, d.usn)
	return buf, false, true, nil
}

// full says whether the answer holds what it may. One entry always fits.
func (s *sweep) full(pending int) bool {
	return s.walk.sent > 0 && (s.maxItems > 0 && s.walk.sent >= s.maxItems || s.maxBytes > 0 && s.bytes >= s.maxBytes)
}

// sweepOne writes an object's changes, and before them those of its ancestors where
// that order is asked for.
func (c *conn) sweepOne(buf []byte, message int64, s *sweep, o *object) []byte {
	d := c.server.dir
	if s.flags&dirSyncAncestorsFirst != 0 && o.head == nil {
		if p := o.parent; p.usnChanged > s.at && s.early[p] != p.usnChanged {
			buf = c.sweepOne(buf, message, s, p)
			s.early[p] = p.usnChanged
		}
	}
	if o.top() != s.walk.base || !s.told(d, o) || d.match(o, s.walk.filter) != yes {
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

// told says whether the account is told of the object. The right to replicate is
// enough, but with OBJECT_SECURITY it takes that to read it.
func (s *sweep) told(d *directory, o *object) bool {
	return s.flags&dirSyncObjectSecurity == 0 || (!o.deleted || s.rights.ReadDeleted) && !d.hides(o, s.rights)
}

// cookieAt is where the next request goes on.
func (d *directory) cookieAt(s *sweep, more bool) cookie {
	k := cookie{when: d.clock(), age: d.cookieAge, object: s.at, property: s.since, invocation: d.invocation}
	if !more {
		k.object = d.usnAt(s.at)
		k.property = k.object
	}
	k.vector = []upTo{{d.invocation, k.property}}
	return k
}

// usnAt keeps a position within what was committed.
func (d *directory) usnAt(at int64) int64 { return min(at, d.usn) }

// translate turns a cookie into a position in this replica's own history. Of a history
// that ended with a restoration counts what the backup held. Where the replica is not
// known that gave it, all is told again.
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

// wants says whether the attribute is among those asked for, and is replicated at all.
func (s *sweep) wants(d *directory, a *attribute) bool {
	if !s.sel.wanted[a.id] || a.back || a.asked {
		return false
	}
	switch a {
	case d.at.dn, d.at.usnChanged, d.at.usnCreated, d.at.changed, d.at.guid, d.at.parentGUID, d.at.instanceType:
		return false
	}
	return true
}

// appendChanges writes what changed of an object. ok is false where nothing did that
// was asked for.
func (d *directory) appendChanges(b []byte, message int64, o *object, s *sweep) (out []byte, ok bool) {
	s.sel.ranges, s.sel.maxValues = nil, 0
	b, envelope := open(b, 0x30)
	b = appendInteger(b, 0x02, message)
	b, op := open(b, 0x64)
	b, name := open(b, 0x04)
	b = shut(appendName(b, o, s.sel.extended), name)
	b, list := open(b, 0x30)
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
	return shut(shut(shut(b, list), op), envelope), true
}

// appendStoredChanges writes stored attributes; one that was removed has no values.
func (d *directory) appendStoredChanges(b []byte, o *object, s *sweep) []byte {
	for i := range o.values {
		h := &o.values[i]
		if (s.wants(d, h.attr) || h.attr == d.at.isDeleted) && o.changedAt(h.attr) > s.since {
			b = s.sel.appendStored(b, h)
		}
	}
	if o.past == nil {
		return b
	}
	for _, t := range o.past.stamps {
		if t.usn <= s.since || !s.wants(d, t.attr) && t.attr != d.at.isDeleted || t.attr.link != nil ||
			t.attr == d.at.name || t.attr == d.at.lastKnownParent && o.past.grave != nil || o.get(t.attr) != nil {
			continue
		}
		b = s.sel.appendValues(b, t.attr.tlv, 0, 0, nil)
	}
	return b
}

// appendComputedChanges writes those that are not stored.
func (d *directory) appendComputedChanges(b []byte, o *object, s *sweep) []byte {
	for _, a := range []*attribute{d.at.name, d.at.lastKnownParent, d.at.created} {
		if !s.wants(d, a) || o.changedAt(a) <= s.since {
			continue
		}
		if v, ok := d.computed(o, a); ok && v != "" {
			b = s.sel.appendOne(b, a, v)
		}
	}
	return b
}

// appendLinkChanges writes links: all of an attribute's values where one changed, or
// with INCREMENTAL_VALUES those that came as range=1-1 and those that went as range=0-0.
func (d *directory) appendLinkChanges(b []byte, o *object, s *sweep) []byte {
	if s.flags&dirSyncIncremental != 0 {
		return d.appendTurns(b, o, s)
	}
	for i := range o.forward {
		if l := &o.forward[i]; s.wants(d, l.attr) && o.changedAt(l.attr) > s.since {
			b = s.sel.appendLinks(b, l)
		}
	}
	if o.past == nil {
		return b
	}
	for _, t := range o.past.stamps {
		if t.usn > s.since && t.attr.link != nil && s.wants(d, t.attr) && len(o.ends(t.attr)) == 0 && !o.deleted {
			b = s.sel.appendValues(b, t.attr.tlv, 0, 0, nil)
		}
	}
	return b
}

func (d *directory) appendTurns(b []byte, o *object, s *sweep) []byte {
	for i := range o.forward {
		l := &o.forward[i]
		if !s.wants(d, l.attr) || o.usnCreated <= s.since && o.changedAt(l.attr) <= s.since {
			continue
		}
		var came []*object
		for _, t := range l.to {
			if o.turnOf(l.attr, t).usn > s.since {
				came = append(came, t)
			}
		}
		b = s.appendTurned(b, l.attr, ";range=1-1", came)
	}
	if o.past == nil {
		return b
	}
	went := map[*attribute][]*object{}
	for k, t := range o.past.links {
		if t.gone && t.usn > s.since && !k.to.deleted && !k.to.gone && s.wants(d, k.attr) {
			went[k.attr] = append(went[k.attr], k.to)
		}
	}
	for _, t := range o.past.stamps {
		if list := went[t.attr]; len(list) > 0 {
			slices.SortFunc(list, func(a, b *object) int { return strings.Compare(a.guid.String(), b.guid.String()) })
			b = s.appendTurned(b, t.attr, ";range=0-0", list)
		}
	}
	return b
}

func (s *sweep) appendTurned(b []byte, a *attribute, option string, list []*object) []byte {
	if len(list) == 0 {
		return b
	}
	return s.sel.appendValues(b, appendText(nil, 0x04, a.name+option), 0, len(list), func(b []byte, i int) []byte {
		b, at := open(b, 0x04)
		return shut(appendName(b, list[i], s.sel.extended), at)
	})
}
