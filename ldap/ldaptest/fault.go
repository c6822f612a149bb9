package ldaptest

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// FaultKind is a kind of fault.
type FaultKind string

const (
	Drop         FaultKind = "drop"          // the connection closes
	Truncate     FaultKind = "truncate"      // half an entry, then the connection closes
	Answer       FaultKind = "answer"        // the search ends with Code
	Hang         FaultKind = "hang"          // silence, until the client disconnects or ClearFaults
	Refer        FaultKind = "refer"         // a search also returns a reference to URL
	Latency      FaultKind = "latency"       // every answer to a search is delayed by Delay
	RefuseCookie FaultKind = "refuse-cookie" // the next cookie is unknown, of paging or DirSync
	Blind        FaultKind = "blind"         // a search finds nothing below an entry, and ends as if complete
	Repeat       FaultKind = "repeat"        // a search starts over: it sends its entries once more
)

// Faults of a server that answers without end.
const (
	Circle       FaultKind = "circle"        // a search starts over at its end, each time
	StuckPage    FaultKind = "stuck-page"    // pages have no entries, and always the same cookie
	Invent       FaultKind = "invent"        // a search continues with invented entries
	Dribble      FaultKind = "dribble"       // the rest of an answer arrives byte by byte, with Delay between
	EndlessRange FaultKind = "endless-range" // ranges of values have no last part
	Swell        FaultKind = "swell"         // an entry has Count more values in the attribute Text
)

// stays reports which faults last until ClearFaults unless Times is set.
func (k FaultKind) stays() bool {
	switch k {
	case Latency, Refer, Blind, Circle, StuckPage, Invent, EndlessRange:
		return true
	}
	return false
}

// Fault is one fault to inject. It occurs once, or Times times. With Times 0, these last until
// ClearFaults: Latency, Refer, Blind, and the endless ones except Dribble and Swell.
type Fault struct {
	Kind  FaultKind
	After int // entries of one search, over all pages, before the fault; for DirSync, of one answer
	Times int
	Code  int    // for Answer: 3 time limit, 4 size limit, 11 admin limit, 51 busy, ...
	Text  string // for Answer: the diagnostic message
	URL   string // for Refer
	Delay time.Duration
	Count int // for Swell

	cleared <-chan struct{} // of an active fault: closed by ClearFaults
}

// faults are the injected faults. some makes the check cheap if there are none.
type faults struct {
	mu      sync.Mutex
	some    atomic.Bool
	list    []*Fault
	cleared chan struct{} // closed by clear
}

// Inject adds a fault. It may be called at any time.
func (s *Server) Inject(f Fault) { s.faults.add(f) }

// ClearFaults removes every fault and ends every silence: searches that hang continue.
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

// take finds a matching fault and counts it down.
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
	// A clear between now and the wait must be noticed.
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

// due returns the fault that occurs now in a search, by its number of sent entries.
func (f *faults) due(w *runningSearch) *Fault {
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

// of returns a fault of that kind, for a search that has sent this many entries.
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

// delay waits for the injected latency.
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

// strike executes a fault. If it returns nothing the search continues.
func (c *conn) strike(ctx context.Context, f *Fault, message int64, w *runningSearch) (*refusal, error) {
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
