package cloud

import (
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Bounds of a learned limit.
const (
	slowestLearned = rate.Limit(0.1) // requests in a second
	// growEvery is after how many answers without a 429 the limit grows by a tenth.
	growEvery = 100
	// learnOver is how far back requests count for what the provider allows.
	learnOver = time.Minute
)

// learned is what the account may send to one endpoint, as its answers show: a 429 sets the limit to what
// the provider let through before it, and each hundred answers without one raise it by a tenth. So a run
// stays just below a limit that no documentation names, and finds out when it is lifted. It is guarded by
// the rate limit.
type learned struct {
	limiter *rate.Limiter // nil: no 429 yet
	since   time.Time     // of the counted requests
	passed  int           // answers since then that were no 429
	good    int           // answers since the limit changed last
	until   time.Time     // nothing is sent before
}

// endpointOf names what providers limit: a method on a kind of resource.
func endpointOf(method, path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return method + " " + first
}

// answered counts an answer that is no 429.
func (l *learned) answered(now time.Time) {
	if now.Sub(l.since) > learnOver {
		l.since, l.passed = now, 0
	}
	l.passed++
	if l.limiter == nil {
		return
	}
	if l.good++; l.good >= growEvery {
		l.good = 0
		l.limiter.SetLimitAt(now, l.limiter.Limit()*1.1)
	}
}

// refused lowers the limit after a 429, which asks to wait. Several in one pause count once: they were
// under way together.
func (l *learned) refused(now time.Time, wait time.Duration) {
	again := now.Before(l.until)
	if until := now.Add(wait); until.After(l.until) {
		l.until = until
	}
	if again {
		return
	}
	over := now.Sub(l.since) + wait
	limit := slowestLearned
	if l.passed > 0 && over > 0 {
		limit = max(rate.Limit(float64(l.passed)/over.Seconds()), slowestLearned)
	}
	if l.limiter == nil {
		l.limiter = rate.NewLimiter(limit, 1)
	} else {
		limit = min(limit, l.limiter.Limit()*0.9)
	}
	l.limiter.SetLimitAt(now, max(limit, slowestLearned))
	l.since, l.passed, l.good = l.until, 0, 0
}
