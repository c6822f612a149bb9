package scimtest

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Effect is the effect of a fault.
type Effect string

// Effects on a request.
const (
	Refuse       Effect = "refuse"        // answers Status, with RetryAfter; nothing is processed
	Delay        Effect = "delay"         // waits For, then continues
	Stall        Effect = "stall"         // waits until Heal, or until the client disconnects
	StallAfter   Effect = "stall-after"   // processes, then waits as Stall does
	DropBefore   Effect = "drop-before"   // closes the connection; nothing is processed
	DropAfter    Effect = "drop-after"    // processes, then closes the connection: the answer is lost
	CutBody      Effect = "cut-body"      // processes, then closes the connection in the middle of the answer
	TruncateJSON Effect = "truncate-json" // processes; the answer is well framed, but has half of its JSON
	HTML         Effect = "html"          // answers Status (200) with an HTML page; nothing is processed
)

// Effects on a listing of users, groups or members.
const (
	HalfList  Effect = "half-list"  // totalResults counts all, but the pages have the first half only, or Most
	ShortList Effect = "short-list" // the same, and totalResults says that this is all
	SamePage  Effect = "same-page"  // always the first page, whatever startIndex says
	EmptyList Effect = "empty-list" // totalResults 0
)

// Effects on a bulk request.
const (
	OmitAnswers    Effect = "omit-answers"    // the second half is executed, but missing in the answer
	OmitOperations Effect = "omit-operations" // the second half is neither executed nor answered
	FailOperation  Effect = "fail-operation"  // an operation gets Status; the rule counts operations
)

// Effects on a write of one resource, alone or in bulk; the rule counts such writes.
const (
	IgnoreAttribute  Effect = "ignore-attribute"  // values for Attribute are dropped silently
	RewriteAttribute Effect = "rewrite-attribute" // Rewrite changes the values for Attribute
	RefuseKey        Effect = "refuse-key"        // a write of the name Key gets Status (409)
)

// Fault says which requests it applies to, and with what effect. A fault with an Effect alone
// applies to every request that the effect can act on.
//
// A client such as net/http may repeat a GET by itself when a reused connection drops; such a
// repetition counts as a request.
type Fault struct {
	Effect Effect

	// Method and Path select requests. Path is a kind of path as in Stats.Requests ("Users",
	// "Users/{id}", "Bulk"), or a prefix followed by *. Writes selects those that change something.
	// Empty selects all but those of OAuth: "oauth/token", "oauth/device", "oauth/device-token",
	// "oauth/revoke", "oauth/expiry".
	Method string
	Path   string
	Writes bool

	// Of the selected requests, counted from the injection on: only the Nth; those from From on;
	// every Every-th; each with Probability, drawn with Seed; at most Times.
	Nth         int
	From        int
	Every       int
	Probability float64
	Seed        uint64
	Times       int

	Status int // for Refuse, HTML, FailOperation, RefuseKey
	// RetryAfter is sent with Refuse if positive, in whole seconds (rounded up), or as a date.
	RetryAfter  time.Duration
	RetryAsDate bool
	For         time.Duration // for Delay
	// Attribute is a PATCH path: "title", "name.givenName",
	// `phoneNumbers[type eq "work"].value`, with a URN for an extension.
	Attribute string
	Most      int // for HalfList and ShortList: how many resources there are
	Rewrite   func(string) string
	Key       string // userName or displayName, case-insensitive
}

// Inject adds faults to the present ones.
func (s *Server) Inject(f ...Fault) { s.faults.inject(f) }

// Heal removes all faults, and stalled requests continue.
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

// selects reports whether the rule selects the request.
func (r *rule) selects(e *exchange) bool {
	if strings.HasPrefix(e.kind, "oauth/") && !strings.HasPrefix(r.Path, "oauth/") {
		return false
	}
	if r.Method != "" && !strings.EqualFold(r.Method, e.method) || r.Writes && !e.writes() {
		return false
	}
	if head, all := strings.CutSuffix(r.Path, "*"); all {
		return strings.HasPrefix(e.kind, head)
	}
	return r.Path == "" || r.Path == e.kind
}

// applies counts a selected request and reports whether the fault applies to it.
func (r *rule) applies() bool {
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

// forRequest reports whether the effect acts on such a request as a whole.
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

// active returns the faults that apply to the request, and the channel that Heal closes.
func (f *faults) active(e *exchange) (activeFaults, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out activeFaults
	for _, r := range f.rules {
		if r.Effect.forRequest(e) && r.selects(e) && r.applies() {
			out = append(out, r.Fault)
			f.tally.fired()
		}
	}
	return out, f.healed
}

// activeFaults are the faults that apply to one request.
type activeFaults []Fault

func (s activeFaults) has(x Effect) bool {
	for _, f := range s {
		if f.Effect == x {
			return true
		}
	}
	return false
}

// list applies the faults to a listing: its totalResults, its resources, and the page.
func (s activeFaults) list(found []*resource, p page) (int, []*resource, page) {
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
	p.firstAlways = s.has(SamePage)
	return total, found, p
}
