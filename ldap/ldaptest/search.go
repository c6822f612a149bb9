package ldaptest

import (
	"context"
	"errors"
	"time"
)

// Scopes of a search.
const (
	scopeBase = 0
	scopeOne  = 1
	scopeSub  = 2
)

// searchRequest is a SearchRequest (RFC 4511 section 4.5.1).
type searchRequest struct {
	base      string
	scope     int64
	sizeLimit int
	timeLimit time.Duration
	typesOnly bool
	filter    []byte // BER
	attrs     []string
}

func parseSearch(c *cursor) (r searchRequest) {
	r.base = c.text(0x04)
	r.scope = c.integer(0x0a)
	deref := c.integer(0x0a)
	r.sizeLimit = int(c.integer(0x02))
	r.timeLimit = time.Duration(c.integer(0x02)) * time.Second
	r.typesOnly = c.boolean(0x01)
	before := c.b
	c.next()
	r.filter = before[:len(before)-len(c.b)]
	list := c.sub(0x30)
	for list.more() {
		r.attrs = append(r.attrs, list.text(0x04))
	}
	if c.err == nil {
		c.err = list.err
	}
	if r.scope < 0 || r.scope > 2 || deref < 0 || deref > 3 || r.sizeLimit < 0 || r.timeLimit < 0 {
		c.err = errBER
	}
	return r
}

// runningSearch is a running search: what remains to be tested, and how far it has come. With paging it
// lasts from one request to the next.
type runningSearch struct {
	request         searchRequest
	base            *object
	filter          *filter
	candidates      []*object
	all             []*object // the initial candidates
	references      []string
	referralObjects []referralObject // referral objects to return
	sent            int              // entries, of all pages
	deadline        time.Time
	visibility      visibility
	rights          Rights
}

// errGone ends a search whose client has disconnected or abandoned it.
var errGone = errors.New("client gone")

// search answers one search request.
func (c *conn) search(ctx context.Context, message int64, in *cursor, list []control) error {
	req := parseSearch(in)
	if in.err != nil {
		return in.err
	}
	done := func(r *refusal, controls ...responseControl) error {
		return c.write(appendResult(nil, message, 0x65, r, nil, controls...))
	}
	d := c.server.dir
	controls, r := d.accept(list)
	if r != nil {
		return done(r)
	}
	if req.base == "" && req.scope == scopeBase {
		if err := c.write(c.server.rootDSE(message, req, c.secure())); err != nil {
			return err
		}
		c.server.count.entries.Add(1)
		return done(nil)
	}
	if !c.authenticated() {
		return done(
			refuse(operationsError,
				"000004DC: LdapErr: DSID-0C0907E9, comment: In order to perform this operation a successful bind must be "+
					"completed on the connection., data 0, v1db1"))
	}
	if err := c.server.faults.delay(ctx); err != nil {
		return err
	}
	size, cookie, paged, r := controls.paging()
	if r != nil {
		return done(r)
	}
	form, r := controls.extendedForm()
	if r != nil {
		return done(r)
	}
	if controls.has(controlDirSync) {
		return c.dirSync(ctx, message, req, controls, done)
	}
	if cookie == stuckCookie || paged && req.scope != scopeBase && c.server.faults.of(StuckPage, 0) != nil {
		return done(nil, pagedAnswer(0, stuckCookie))
	}
	w, r, err := c.begin(req, cookie, controls)
	if err != nil {
		return err
	}
	if r != nil {
		return done(r)
	}
	if paged && size == 0 {
		return done(nil, pagedAnswer(0, "")) // RFC 2696: the client abandons the rest
	}
	sel := d.choose(req.attrs)
	c.curtail(&sel)
	sel.typesOnly, sel.extended, sel.maxValues = req.typesOnly, form, c.server.opts.MaxValRange
	sel.endless = c.server.faults.of(EndlessRange, 0) != nil
	p := c.page(w, size, paged)
	more, r, err := c.stream(ctx, message, w, &sel, p)
	switch {
	case err != nil:
		return err
	case r != nil:
		return done(r)
	case paged && more:
		return done(nil, pagedAnswer(0, c.keep(w)))
	case paged:
		return done(nil, pagedAnswer(0, ""))
	}
	return done(nil)
}

// page is the limit of one answer.
type page struct {
	size int // entries; 0 means no limit
	fail *refusal
	stop int // number of entries of the whole search after which fail is the answer; 0 for never
}

// page applies MaxPageSize and the size limits. Without paging Windows ends an answer at
// MaxPageSize with sizeLimitExceeded; with paging the page is smaller.
func (c *conn) page(w *runningSearch, size int, paged bool) page {
	opts := c.server.opts
	limited := &refusal{code: sizeLimitExceeded}
	p := page{size: size, fail: limited}
	for _, limit := range []int{w.request.sizeLimit, opts.SizeLimit} {
		if limit > 0 && (p.stop == 0 || limit < p.stop) {
			p.stop = limit
		}
	}
	if opts.MaxPageSize > 0 {
		if paged {
			p.size = min(size, opts.MaxPageSize)
		} else if p.stop == 0 || opts.MaxPageSize < p.stop {
			p.stop = opts.MaxPageSize
		}
	}
	return p
}

// batchBytes is how much is encoded while the directory is locked.
const batchBytes = 64 << 10

// stream sends entries until the page is full or none is left. more reports whether another entry
// matches: the empty cookie comes with the last one, not after it.
func (c *conn) stream(ctx context.Context, message int64, w *runningSearch, sel *selection,
	p page) (more bool, r *refusal, err error) {
	buf := make([]byte, 0, batchBytes+8<<10)
	inPage := 0
	for {
		var strike *Fault
		buf, more, r, strike = c.fill(buf[:0], message, w, sel, p, &inPage)
		if err := c.write(buf); err != nil {
			return false, nil, err
		}
		switch {
		case strike != nil:
			if r, err := c.strike(ctx, strike, message, w); r != nil || err != nil {
				return false, r, err
			}
			continue
		case r != nil || more || len(w.candidates) == 0:
			if r == nil && !more {
				err = c.refer(message, w)
			}
			return more, r, err
		case ctx.Err() != nil:
			return false, nil, errGone
		}
	}
}

// fill encodes entries until the batch or the page is full, a limit is reached or a fault occurs.
func (c *conn) fill(buf []byte, message int64, w *runningSearch, sel *selection, p page,
	inPage *int) (out []byte, more bool, r *refusal, strike *Fault) {
	d := c.server.dir
	now := d.clock()
	d.mu.RLock()
	defer d.mu.RUnlock()
	entries := int64(0)
	defer func() { c.server.count.entries.Add(entries) }()
	for looked := 0; ; looked++ {
		if strike := c.server.faults.due(w); strike != nil {
			return buf, false, nil, strike
		}
		if len(w.candidates) == 0 {
			break
		}
		if !w.deadline.IsZero() && now.After(w.deadline) {
			return buf, false, &refusal{code: timeLimitExceeded}, nil
		}
		o := w.candidates[0]
		filter, sel := w.filter, sel
		if hidden := d.hiddenAttributesOf(o, w.rights); hidden != nil {
			sel, filter = d.withoutHidden(sel, filter, hidden)
		}
		if w.sees(d, o) && d.match(o, filter) == yes {
			if p.stop > 0 && w.sent >= p.stop {
				return buf, false, p.fail, nil
			}
			if p.size > 0 && *inPage >= p.size {
				return buf, true, nil, nil
			}
			if o.deleted && !w.rights.ReadDeleted {
				buf = d.appendEntry(buf, message, o, &selection{wanted: make([]bool, len(d.schema.all)), extended: sel.extended})
			} else {
				with := sel
				if f := c.server.faults.swell(d, w, sel); f != nil {
					swollen := *sel
					swollen.swell, with = f, &swollen
				}
				buf = d.appendEntry(buf, message, o, with)
			}
			w.sent++
			*inPage++
			entries++
		}
		w.candidates = w.candidates[1:]
		if len(buf) >= batchBytes || looked >= 20000 {
			break
		}
	}
	return buf, false, nil, nil
}

// refer sends the continuation references after the last entry.
func (c *conn) refer(message int64, w *runningSearch) error {
	var buf []byte
	for _, u := range w.references {
		buf = appendReference(buf, message, u)
		c.server.count.references.Add(1)
	}
	for _, p := range w.referralObjects {
		buf = appendReferralObject(buf, message, p)
	}
	w.references, w.referralObjects = nil, nil
	return c.write(buf)
}
