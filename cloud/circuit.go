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
	maxPauses      = 3  // pauses before the cloud is given up
	firstPause     = 2 * time.Second
)

// circuit stops all requests of a run if the cloud fails one after the other, for whatever record:
// otherwise each of a hundred thousand records would be tried several times. It counts reads and
// writes separately, since one may work without the other; a successful write resets both. The next
// run plans again what was not sent.
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
	pauses    int   // pauses since Rests was called
	givenUp   error // why the cloud is given up for this run
}

// streak counts consecutive failures.
type streak struct{ failed, pauses int }

// reset forgets what the last run met.
func (c *circuit) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read, c.write, c.wrote, c.spreadOut, c.pauses, c.givenUp = streak{}, streak{}, false, false, 0, nil
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

// pick returns which of n waiting records comes next.
func (c *circuit) pick(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.spreadOut {
		return 0
	}
	return rand.N(n)
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
	if s.pauses++; s.pauses > maxPauses {
		what := "requests"
		if write {
			what = "writes"
		}
		c.givenUp = fail(identity.Hold,
			"Nothing further was sent; the next run goes on. If it stays, ask the cloud's support.",
			fmt.Errorf("the cloud fails all %s, one after the other (%s)", what, why))
		return
	}
	c.pauses++
	c.spreadOut = true
	c.limit.pause(firstPause<<(s.pauses-1), "the cloud fails one request after the other ("+why+")")
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
