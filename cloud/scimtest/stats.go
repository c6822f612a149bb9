package scimtest

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Stats are the statistics since the start or ResetStats. It is a copy.
type Stats struct {
	// Requests counts requests, by method and kind of path: "GET Users", "PATCH Users/{id}", "GET
	// Groups/{id}/Members", "POST Bulk".
	Requests map[string]int
	// SignIns counts the requests of OAuth, which are in no other number: "oauth/token",
	// "oauth/device", "oauth/device-token", "oauth/revoke", "oauth/expiry".
	SignIns map[string]int
	// Statuses counts answers, by HTTP status; 0 for a dropped connection.
	Statuses map[int]int
	// Writes counts completed writes, each operation of a bulk request by itself; a write that
	// changes nothing counts too.
	Writes int
	// Creates counts creations by key in lower case: the userName of a user, "group " and the
	// displayName of a group. More than 1 for a key that was never deleted means that a duplicate
	// was requested; the server itself refuses a second user of one name.
	Creates map[string]int
	// Deletes counts deletions by key, like Creates.
	Deletes map[string]int
	// InFlight is the highest number of concurrent requests.
	InFlight int
	// Fired counts faults that took effect.
	Fired int
}

// Write is one completed write.
type Write struct {
	At     time.Time
	Method string // POST, PUT, PATCH, DELETE
	Kind   string // User, Group
	ID     string
	Key    string // userName or displayName before the write
	Bulk   bool   // inside a bulk request
}

// maxLog bounds the log of writes; beyond it the older half is dropped.
const maxLog = 1 << 20

// tally counts. It has its own lock, which is taken after the store's.
type tally struct {
	clock func() time.Time

	mu      sync.Mutex
	stats   Stats
	running int
	log     []Write
}

func newTally(clock func() time.Time) *tally {
	t := &tally{clock: clock}
	t.reset()
	return t
}

func (t *tally) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats = Stats{Requests: map[string]int{}, Statuses: map[int]int{}, Creates: map[string]int{},
		Deletes: map[string]int{}, SignIns: map[string]int{}}
	t.log = nil
}

func (t *tally) began(method, kind string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Requests[method+" "+kind]++
	t.running++
	t.stats.InFlight = max(t.stats.InFlight, t.running)
}

func (t *tally) signIn(kind string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.SignIns[kind]++
}

func (t *tally) ended(status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Statuses[status]++
	t.running--
}

func (t *tally) fired() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Fired++
}

// origin is where a write comes from.
type origin int

const (
	byRequest origin = iota
	byBulk           // an operation of a bulk request
	byHand           // the test or the program itself: not counted, and without faults
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
	s.SignIns = maps.Clone(s.SignIns)
	return s
}

func (t *tally) writes() []Write {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Write(nil), t.log...)
}
