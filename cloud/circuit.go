package cloud

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"dirbridge/sync/record"
)

// Bounds of the circuit.
const (
	failuresInARow = 20 // server errors after which nothing more is sent for a while
	probesInARow   = 5  // and after each pause, until one succeeds
	longestRest    = 3  // pauses that are taken before the cloud is given up
	firstRest      = 2 * time.Second
)

// circuit stops all requests of a run where the cloud fails them one after the other,
// whatever record they are of: without it each of a hundred thousand would be tried
// several times. Reads and writes are counted apart, since one may work alone; a write
// that succeeds ends both rows. What is not sent is planned again by the next run.
//
// Records that the cloud fails for themselves may stand next to each other, and must not
// be taken for all: from the first pause on, records are taken from all over what waits,
// and until one succeeds each is tried once. Its methods may be called from several
// goroutines.
type circuit struct {
	limit *rateLimit

	mu   sync.Mutex
	read streak
	// write is that of requests that change something.
	write   streak
	wrote   bool  // a write got through in this run
	scatter bool  // there was a pause: records are taken from all over
	rests   int   // pauses since the last telling
	dead    error // the cloud is given up for this run
}

// streak is a row of failures.
type streak struct{ failed, rests int }

// reset lets a new run begin without what the last one met.
func (c *circuit) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read, c.write, c.wrote, c.scatter, c.rests, c.dead = streak{}, streak{}, false, false, 0, nil
}

// open is the error of everything that is sent once the cloud is given up.
func (c *circuit) open() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dead
}

// well notes an answer that is no server error.
func (c *circuit) well(write bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = streak{}
	if write {
		c.write, c.wrote = streak{}, true
	}
}

// doubts says that there was a pause, and that nothing has succeeded since.
func (c *circuit) doubts() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read.rests > 0 || c.write.rests > 0
}

// selects says that the circuit doubts a cloud that has written for this run: it may as
// well fail the records at hand for themselves.
func (c *circuit) selects() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wrote && (c.read.rests > 0 || c.write.rests > 0)
}

// pick is which of the n records that wait comes next.
func (c *circuit) pick(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.scatter {
		return 0
	}
	return rand.N(n)
}

// failed notes a server error, or no answer at all. After a row of them everything
// pauses, each time for longer; after the last pause the cloud is given up.
func (c *circuit) failed(write bool, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.of(write)
	s.failed++
	if limit := failuresInARow; s.rests == 0 && s.failed < limit || s.rests > 0 && s.failed < probesInARow {
		return
	}
	s.failed = 0
	if s.rests++; s.rests > longestRest {
		what := "requests"
		if write {
			what = "writes"
		}
		c.dead = fail(record.Hold, "Nothing further was sent; the next run goes on. If it stays, ask the cloud's support.",
			fmt.Errorf("the cloud fails all %s, one after the other (%s)", what, why))
		return
	}
	c.rests++
	c.scatter = true
	c.limit.pause(firstRest<<(s.rests-1), "the cloud fails one request after the other ("+why+")")
}

func (c *circuit) of(write bool) *streak {
	if write {
		return &c.write
	}
	return &c.read
}

// Rests says how often the target paused since it was last asked, because the cloud
// failed one request after the other.
func (t *Target) Rests() int {
	c := &t.client.circuit
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.rests
	c.rests = 0
	return n
}
