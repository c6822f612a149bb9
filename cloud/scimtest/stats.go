package scimtest

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Stats is what the server saw since it started or since ResetStats. It is a copy.
type Stats struct {
	// Requests counts what came in, by method and kind of path: "GET Users",
	// "PATCH Users/{id}", "GET Groups/{id}/Members", "POST Bulk".
	Requests map[string]int
	// Statuses counts what was answered, by HTTP status; 0 for a connection that was dropped.
	Statuses map[int]int
	// Writes counts writes that were carried out, those inside bulk requests one by
	// one; a write that changed nothing counts too.
	Writes int
	// Creates counts creations by key in lower case: the userName of a user, "group
	// " and the displayName of a group. More than 1 for a key that was never deleted
	// means a duplicate was asked for; the server itself refuses a second user of one name.
	Creates map[string]int
	// Deletes counts deletions by key, as Creates.
	Deletes map[string]int
	// InFlight is the most requests that were under way at one time.
	InFlight int
	// Fired counts faults that took effect.
	Fired int
}

// Write is one write that was carried out.
type Write struct {
	At     time.Time
	Method string // POST, PUT, PATCH, DELETE
	Kind   string // User, Group
	ID     string
	Key    string // userName or displayName before the write
	Bulk   bool   // inside a bulk request
}

// maxLog bounds the log of writes; the older half is forgotten beyond it.
const maxLog = 1 << 20

// tally counts. It has its own lock, beneath the store's.
type tally struct {
	clock func() time.Time

	mu     sync.Mutex
	stats  Stats
	flying int
	log    []Write
}

func newTally(clock func() time.Time) *tally {
	t := &tally{clock: clock}
	t.reset()
	return t
}

func (t *tally) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats = Stats{Requests: map[string]int{}, Statuses: map[int]int{}, Creates: map[string]int{}, Deletes: map[string]int{}}
	t.log = nil
}

func (t *tally) began(method, kind string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Requests[method+" "+kind]++
	t.flying++
	t.stats.InFlight = max(t.stats.InFlight, t.flying)
}

func (t *tally) ended(status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Statuses[status]++
	t.flying--
}

func (t *tally) fired() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Fired++
}

// origin says where a write comes from.
type origin int

const (
	byRequest origin = iota
	byBulk           // an operation of a bulk request
	byHand           // the program itself: not counted, and not subject to faults
)

func (t *tally) wrote(by origin, method string, r *resource) {
	if by == byHand {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Writes++
	key := strings.ToLower(r.key)
	if r.members != nil {
		key = "group " + key
	}
	switch method {
	case http.MethodPost:
		t.stats.Creates[key]++
	case http.MethodDelete:
		t.stats.Deletes[key]++
	}
	if len(t.log) >= maxLog {
		t.log = append([]Write(nil), t.log[maxLog/2:]...)
	}
	t.log = append(t.log, Write{At: t.clock(), Method: method, Kind: r.rt.name, ID: r.id, Key: r.key, Bulk: by == byBulk})
}

func (t *tally) snapshot() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.stats
	s.Requests, s.Statuses = maps.Clone(s.Requests), maps.Clone(s.Statuses)
	s.Creates, s.Deletes = maps.Clone(s.Creates), maps.Clone(s.Deletes)
	return s
}

func (t *tally) writes() []Write {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Write(nil), t.log...)
}
