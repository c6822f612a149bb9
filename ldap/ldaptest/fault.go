package ldaptest

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// FaultKind is what goes wrong.
type FaultKind string

const (
	Drop         FaultKind = "drop"          // the connection closes
	Truncate     FaultKind = "truncate"      // half an entry, then the connection closes
	Answer       FaultKind = "answer"        // the search ends with Code
	Hang         FaultKind = "hang"          // silence, until the client goes or ClearFaults
	Refer        FaultKind = "refer"         // a search also returns a reference to URL
	Latency      FaultKind = "latency"       // every answer to a search waits for Delay
	RefuseCookie FaultKind = "refuse-cookie" // the next cookie is unknown, of paging or of DirSync
	Blind        FaultKind = "blind"         // a search below an entry finds nothing more, and ends as though that were all
	Repeat       FaultKind = "repeat"        // a search begins anew: what was sent comes once more
)

// Faults of a server that answers without end.
const (
	Circle       FaultKind = "circle"        // a search begins anew where it would end, each time
	StuckPage    FaultKind = "stuck-page"    // pages have no entry, and one cookie
	Invent       FaultKind = "invent"        // a search goes on with entries that nobody made
	Dribble      FaultKind = "dribble"       // the rest of an answer comes a byte at a time, Delay between them
	EndlessRange FaultKind = "endless-range" // values that come in parts have no last part
	Swell        FaultKind = "swell"         // an entry has Count more values of the attribute Text
)

// stays says which faults hold until ClearFaults where no number of times is ordered.
func (k FaultKind) stays() bool {
	switch k {
	case Latency, Refer, Blind, Circle, StuckPage, Invent, EndlessRange:
		return true
	}
	return false
}

// Fault is one thing to go wrong. It strikes once, or Times times; where Times is 0,
// those that stay do so until ClearFaults: Latency, Refer, Blind, and those without end
// but Dribble and Swell.
type Fault struct {
	Kind  FaultKind
	After int // entries of one search, all of its pages together, before it strikes; of DirSync, of one answer
	Times int
	Code  int    // of Answer: 3 time limit, 4 size limit, 11 admin limit, 51 busy, ...
	Text  string // of Answer: the diagnostic message
	URL   string // of Refer
	Delay time.Duration
	Count int // of Swell

	cleared <-chan struct{} // of one that strikes: closed where the orders are taken back
}

// faults are the orders. none makes the check cheap where there are none.
type faults struct {
	mu      sync.Mutex
	some    atomic.Bool
	list    []*Fault
	cleared chan struct{} // closed by clear
}

// Inject orders a fault. It may be called at any time.
func (s *Server) Inject(f Fault) { s.faults.add(f) }

// ClearFaults takes back every order and ends every silence: what hung goes on.
func (s *Server) ClearFaults() { s.faults.clear() }

func (f *faults) add(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fault.Times == 0 && !fault.Kind.stays() {
		fault.Times = 1
	}
	f.list = append(f.list, &fault)
	f.some.Store(true)
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = nil
	f.some.Store(false)
	close(f.cleared)
	f.cleared = make(chan struct{})
}

// take finds an order that fits and counts it down.
func (f *faults) take(fits func(*Fault) bool) *Fault {
	if !f.some.Load() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.list, fits)
	if i < 0 {
		return nil
	}
	// A clear that comes between now and the waiting must be seen.
	fault := *f.list[i]
	fault.cleared = f.cleared
	if f.list[i].Times > 0 {
		if f.list[i].Times--; f.list[i].Times == 0 {
			f.list = slices.Delete(f.list, i, i+1)
			f.some.Store(len(f.list) > 0)
		}
	}
	return &fault
}

// due is the fault that strikes a search which has sent so many entries.
func (f *faults) due(w *walk) *Fault {
	return f.take(func(x *Fault) bool {
		switch x.Kind {
		case Drop, Truncate, Answer, Hang, Dribble:
			return w.sent >= x.After
		case Blind:
			return w.sent >= x.After && w.request.scope != scopeBase && len(w.candidates) > 0
		case Repeat:
			return w.sent >= x.After && w.sent > 0 && len(w.candidates) > 0
		case Circle, Invent:
			return w.sent > x.After && w.request.scope != scopeBase && len(w.candidates) == 0
		}
		return false
	})
}

// of is an order of that kind, for a search that has sent so many entries.
func (f *faults) of(kind FaultKind, sent int) *Fault {
	return f.take(func(x *Fault) bool { return x.Kind == kind && sent >= x.After })
}

func (f *faults) refuseCookie() bool {
	return f.take(func(x *Fault) bool { return x.Kind == RefuseCookie }) != nil
}

func (f *faults) references() []string {
	if x := f.take(func(x *Fault) bool { return x.Kind == Refer }); x != nil {
		return []string{x.URL}
	}
	return nil
}

// delay waits for the latency that was ordered.
func (f *faults) delay(ctx context.Context) error {
	x := f.take(func(x *Fault) bool { return x.Kind == Latency })
	if x == nil {
		return nil
	}
	timer := time.NewTimer(x.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return errGone
	}
}

// strike carries a fault out. Where it returns nothing the search goes on.
func (c *conn) strike(ctx context.Context, f *Fault, message int64, w *walk) (*refusal, error) {
	switch f.Kind {
	case Answer:
		return &refusal{code: int64(f.Code), text: f.Text}, nil
	case Hang:
		select {
		case <-ctx.Done():
			return nil, errGone
		case <-f.cleared:
			return nil, nil
		}
	case Blind:
		w.candidates = nil
		return nil, nil
	case Repeat, Circle:
		w.candidates = w.all
		return nil, nil
	case Invent:
		w.candidates = c.invent(w)
		return nil, nil
	case Dribble:
		return nil, c.dribble(ctx, f, message, w)
	case Truncate:
		d := c.server.dir
		sel := d.choose(nil)
		d.mu.RLock()
		whole := d.appendEntry(nil, message, w.base, &sel)
		d.mu.RUnlock()
		_ = c.write(whole[:len(whole)/2])
	}
	c.close()
	return nil, errGone
}
