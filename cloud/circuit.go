package cloud

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"dirbridge/sync/identity"
)

// Bounds of the circuit.
const (
	failuresInARow = 20 // server errors after which everything pauses
	probesInARow   = 5  // and after each pause, until a success
	probesAfterOne = 15 // the same, if a write succeeded in this run
	firstPause     = 2 * time.Second
	lastPause      = time.Minute
	// patience is how long a run waits for a cloud that fails everything. Then it is given up: the
	// schedule begins a new run, which plans again what was not sent.
	patience = 15 * time.Minute
)

// circuit pauses all requests of a run if the cloud fails one after the other, for whatever record:
// otherwise each of a hundred thousand records would be tried several times. After each pause a few
// requests probe the cloud; the first success resumes the run. It counts reads and writes separately,
// since one may work without the other; a successful write resets both.
//
// Consecutive records may fail for reasons of their own, which must not be taken for a failing
// cloud. So from the first pause on, records are taken from all over the queue, and each is tried
// only once until one succeeds. Even so, a run of bad luck picks only records that fail: if two of three
// do, fifteen picks in a row fail once in 400 times. So a cloud that has written in this run is given up
// later (TestRowOfRefusedRecordsEndsNoRun). The methods may be called from several goroutines.
type circuit struct {
	limit *rateLimit

	mu   sync.Mutex
	read streak
	// write counts requests that change something.
	write     streak
	wrote     bool  // a write succeeded in this run
	spreadOut bool  // there was a pause: take records from all over the queue
	pauses    int   // pauses since Pauses was called
	total     int   // pauses in this run
	givenUp   error // why the cloud is given up for this run
}

// streak counts consecutive failures.
type streak struct {
	failed, pauses int
	since          time.Time // of the first pause
}

// reset forgets what the last run met.
func (c *circuit) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read, c.write, c.wrote, c.spreadOut, c.pauses, c.total, c.givenUp = streak{}, streak{}, false, false, 0, 0, nil
	c.limit.down(time.Time{})
}

// open returns the error of every request once the cloud is given up.
func (c *circuit) open() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.givenUp
}

// succeeded records an answer other than a server error.
func (c *circuit) succeeded(write bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = streak{}
	if write {
		c.write, c.wrote = streak{}, true
	}
	if c.read.pauses+c.write.pauses == 0 {
		c.limit.down(time.Time{})
	}
}

// doubtful reports whether there was a pause and no success since.
func (c *circuit) doubtful() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read.pauses > 0 || c.write.pauses > 0
}

// suspectsRecords reports whether the circuit doubts a cloud that has written in this run: it may be
// failing only the present records.
func (c *circuit) suspectsRecords() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wrote && (c.read.pauses > 0 || c.write.pauses > 0)
}

// pick returns which of n waiting records comes next. From the first pause on, leavers are preferred, who
// must not keep their access because the cloud was down: the first probe after each pause is one of them,
// and they come first when the run resumes. The other probes are any records, as the leavers may be refused
// for reasons of their own.
func (c *circuit) pick(n int, leaver func(int) bool) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.spreadOut {
		return 0
	}
	from := rand.N(n)
	if c.read.pauses+c.write.pauses > 0 && c.read.failed+c.write.failed > 0 {
		return from
	}
	for i := range n {
		if at := (from + i) % n; leaver(at) {
			return at
		}
	}
	return from
}

// failed records a server error or a missing answer. After a row of them everything pauses, longer
// each time; after the last pause the cloud is given up.
func (c *circuit) failed(write bool, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.of(write)
	if s.failed++; s.failed < c.limitOf(s) {
		return
	}
	s.failed = 0
	now := c.limit.clock.Now()
	if s.pauses++; s.pauses == 1 {
		s.since = now
	}
	if now.Sub(s.since) > patience {
		what := "requests"
		if write {
			what = "writes"
		}
		c.givenUp = fail(identity.Hold,
			"Nothing further was sent; the next run goes on. If it stays, ask the cloud's support.",
			fmt.Errorf("the cloud fails all %s, one after the other (%s)", what, why))
		c.limit.down(time.Time{})
		return
	}
	c.pauses++
	c.total++
	c.spreadOut = true
	c.limit.down(s.since)
	d := min(firstPause<<min(s.pauses-1, 8), lastPause)
	c.limit.pause(d-rand.N(d/4), "the cloud fails one request after the other ("+why+")")
}

// paused returns how often everything was paused in this run.
func (c *circuit) paused() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total
}

// rest pauses everything for the n-th time before what has failed is tried again.
func (c *circuit) rest(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.write
	if c.read.pauses > c.write.pauses {
		s = &c.read
	}
	c.limit.down(s.since)
	c.limit.pause(min(firstPause<<min(n, 8), lastPause), "the cloud fails one request after the other")
}

// hasWritten reports whether a write succeeded in this run.
func (c *circuit) hasWritten() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wrote
}

// limitOf returns how many failures in a row cause the next pause.
func (c *circuit) limitOf(s *streak) int {
	switch {
	case s.pauses == 0:
		return failuresInARow
	case c.wrote:
		return probesAfterOne
	}
	return probesInARow
}

func (c *circuit) of(write bool) *streak {
	if write {
		return &c.write
	}
	return &c.read
}

// Pauses returns the number of pauses since the last call. The target pauses when the cloud fails
// consecutive requests.
func (t *Target) Pauses() int {
	c := &t.client.circuit
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.pauses
	c.pauses = 0
	return n
}
