package ldaptest

import (
	"context"
	"fmt"
	"time"
)

// stuckCookie is the cookie of endless empty pages.
const stuckCookie = "stuck"

// invent copies an entry that the search has sent, with new names and GUIDs each time.
func (c *conn) invent(w *runningSearch) []*object {
	const batch = 500
	d := c.server.dir
	d.mu.RLock()
	defer d.mu.RUnlock()
	var like *object
	for _, o := range w.all {
		if o.parent != nil && len(o.order) == 0 && w.sees(d, o) && d.match(o, w.filter) == yes {
			like = o
		}
	}
	if like == nil {
		return nil
	}
	made := make([]*object, batch)
	for i := range made {
		o := *like
		o.rdn.value = fmt.Sprintf("Invented %d", w.sent+i)
		o.guid = guidOf("invented", o.rdn.value)
		o.forward, o.back = nil, nil
		made[i] = &o
	}
	return made
}

// dribble sends entries byte by byte, until the client disconnects or ClearFaults.
func (c *conn) dribble(ctx context.Context, f *Fault, message int64, w *runningSearch) error {
	d := c.server.dir
	sel := d.choose(nil)
	d.mu.RLock()
	whole := d.appendEntry(nil, message, w.base, &sel)
	d.mu.RUnlock()
	tick := time.NewTicker(max(f.Delay, time.Millisecond))
	defer tick.Stop()
	for i := 0; ; i = (i + 1) % len(whole) {
		select {
		case <-tick.C:
		case <-f.cleared:
			return errGone
		case <-ctx.Done():
			return errGone
		}
		if err := c.write(whole[i : i+1]); err != nil {
			return err
		}
	}
}

// swell returns the fault for an entry of a listing that requests the attribute.
func (f *faults) swell(d *directory, w *runningSearch, sel *selection) *Fault {
	return f.take(func(x *Fault) bool {
		if x.Kind != Swell || w.sent < x.After || w.request.scope == scopeBase {
			return false
		}
		a := d.schema.find(x.Text)
		return a != nil && sel.wanted[a.id]
	})
}

// appendSwollen encodes an attribute with many values of one byte.
func appendSwollen(b []byte, f *Fault) []byte {
	b, at := openElement(b, 0x30)
	b = appendText(b, 0x04, f.Text)
	b, set := openElement(b, 0x31)
	for range f.Count {
		b = append(b, 0x04, 1, 'x')
	}
	return closeElement(closeElement(b, set), at)
}

// appendEndless encodes a range of values that announces another one.
func (s *selection) appendEndless(b []byte, a *attribute, n int, value func(b []byte, i int) []byte) []byte {
	r, ranged := s.ranges[a]
	if !ranged {
		b = s.appendValues(b, a.tlv, 0, 0, value)
	}
	if s.maxValues > 0 {
		n = min(n, s.maxValues)
	}
	return s.appendValues(b, appendText(nil, 0x04, fmt.Sprintf("%s;range=%d-%d", a.name, r.low, r.low+n-1)), 0, n, value)
}
