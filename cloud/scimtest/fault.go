package scimtest

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Effect is what a fault does.
type Effect string

// Effects on a request.
const (
	Refuse       Effect = "refuse"        // answers Status, with RetryAfter; nothing is processed
	Delay        Effect = "delay"         // waits For before it goes on
	Stall        Effect = "stall"         // waits until Heal, or until the client goes away
	StallAfter   Effect = "stall-after"   // processes, then waits as Stall does
	DropBefore   Effect = "drop-before"   // closes the connection; nothing is processed
	DropAfter    Effect = "drop-after"    // processes, then closes the connection: the answer is lost
	CutBody      Effect = "cut-body"      // processes, then closes the connection in the middle of the answer
	TruncateJSON Effect = "truncate-json" // processes; the answer is well framed, but half of its JSON
	HTML         Effect = "html"          // answers Status (200) with an HTML page; nothing is processed
)

// Effects on a listing of users, groups or members.
const (
	HalfList  Effect = "half-list"  // totalResults tells of all, the pages hold the first half, or Most
	ShortList Effect = "short-list" // the same, and totalResults says that this is all
	SamePage  Effect = "same-page"  // whatever startIndex says, the first page comes
	EmptyList Effect = "empty-list" // totalResults 0
)

// Effects on a bulk request.
const (
	OmitAnswers    Effect = "omit-answers"    // the second half is carried out, but absent from the answer
	OmitOperations Effect = "omit-operations" // the second half is neither carried out nor answered
	FailOperation  Effect = "fail-operation"  // an operation gets Status; the rule counts operations
)

// Effects on a write of one resource, alone or in bulk; the rule counts such writes.
const (
	IgnoreAttribute  Effect = "ignore-attribute"  // what is written to Attribute is dropped silently
	RewriteAttribute Effect = "rewrite-attribute" // Rewrite changes what is written to Attribute
	RefuseKey        Effect = "refuse-key"        // taking the name Key is answered Status (409)
)

// Fault is trouble to order: which requests it meets, which of those it strikes,
// and what it does to them. A fault with an Effect alone strikes every request that
// the effect can act on.
//
// A client may send a GET again by itself when its connection drops, as net/http
// does on one that was used before; such a repetition counts as a request.
type Fault struct {
	Effect Effect

	// Method and Path choose requests. Path is a kind of path as in Stats.Requests
	// ("Users", "Users/{id}", "Bulk"), or ends in * for all that begin so. Writes
	// chooses those that change something. Empty chooses all.
	Method string
	Path   string
	Writes bool

	// Of the chosen ones, counted from the injection on: only the Nth; those from
	// From on; every Every-th; each with Probability, drawn by Seed; at most Times.
	Nth         int
	From        int
	Every       int
	Probability float64
	Seed        uint64
	Times       int

	Status int // for Refuse, HTML, FailOperation, RefuseKey
	// RetryAfter is sent with Refuse where positive, in whole seconds (rounded up), or
	// as a date.
	RetryAfter  time.Duration
	RetryAsDate bool
	For         time.Duration // for Delay
	// Attribute is a PATCH path: "title", "name.givenName",
	// `phoneNumbers[type eq "work"].value`, with a URN for an extension.
	Attribute string
	Most      int // for HalfList and ShortList: how many there are
	Rewrite   func(string) string
	Key       string // userName or displayName, without regard to case
}

// Inject orders faults, in addition to those ordered before.
func (s *Server) Inject(f ...Fault) { s.faults.inject(f) }

// Heal ends all faults, and lets stalled requests go on.
func (s *Server) Heal() { s.faults.heal() }

// rule is a fault with its counters.
type rule struct {
	Fault
	seen, fired int
	random      *rand.Rand
}

type faults struct {
	tally *tally

	mu     sync.Mutex
	rules  []*rule
	healed chan struct{} // closed by heal
}

func newFaults(t *tally) *faults { return &faults{tally: t, healed: make(chan struct{})} }

func (f *faults) inject(list []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range list {
		f.rules = append(f.rules, &rule{Fault: x, random: rand.New(rand.NewPCG(x.Seed, 0xfa17))})
	}
}

func (f *faults) heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
	close(f.healed)
	f.healed = make(chan struct{})
}

// chooses says whether the rule is about the request at all.
func (r *rule) chooses(e *exchange) bool {
	if r.Method != "" && !strings.EqualFold(r.Method, e.method) || r.Writes && !e.writes() {
		return false
	}
	if head, all := strings.CutSuffix(r.Path, "*"); all {
		return strings.HasPrefix(e.kind, head)
	}
	return r.Path == "" || r.Path == e.kind
}

// strikes counts a chosen request and says whether this is one to strike.
func (r *rule) strikes() bool {
	r.seen++
	switch {
	case r.Times > 0 && r.fired >= r.Times:
		return false
	case r.Nth > 0 && r.seen != r.Nth, r.From > 0 && r.seen < r.From, r.Every > 0 && r.seen%r.Every != 0:
		return false
	case r.Probability > 0 && r.random.Float64() >= r.Probability:
		return false
	}
	r.fired++
	return true
}

// forRequest says whether the effect acts on such a request as a whole.
func (x Effect) forRequest(e *exchange) bool {
	switch x {
	case HalfList, ShortList, SamePage, EmptyList:
		return e.kind == "Groups/{id}/Members" || (e.kind == "Users" || e.kind == "Groups") && e.method == http.MethodGet ||
			strings.HasSuffix(e.kind, "/.search")
	case OmitAnswers, OmitOperations:
		return e.kind == "Bulk"
	case FailOperation, IgnoreAttribute, RewriteAttribute, RefuseKey:
		return false
	}
	return true
}

// strike is the faults that strike the request, and the channel that Heal closes.
func (f *faults) strike(e *exchange) (struckFaults, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out struckFaults
	for _, r := range f.rules {
		if r.Effect.forRequest(e) && r.chooses(e) && r.strikes() {
			out = append(out, r.Fault)
			f.tally.fired()
		}
	}
	return out, f.healed
}

// struckFaults are the faults that strike one request.
type struckFaults []Fault

func (s struckFaults) has(x Effect) bool {
	for _, f := range s {
		if f.Effect == x {
			return true
		}
	}
	return false
}

// list bends a listing: what totalResults says, what there is, and the page.
func (s struckFaults) list(found []*resource, p page) (int, []*resource, page) {
	total := len(found)
	for _, f := range s {
		if f.Effect != HalfList && f.Effect != ShortList {
			continue
		}
		most := len(found) / 2
		if f.Most > 0 {
			most = min(f.Most, len(found))
		}
		if found = found[:most]; f.Effect == ShortList {
			total = most
		}
	}
	if s.has(EmptyList) {
		total, found = 0, nil
	}
	p.stuck = s.has(SamePage)
	return total, found, p
}
