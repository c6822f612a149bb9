package cloud

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"dirbridge/sync/identity"
)

// Clock is the target's clock; tests replace it.
type Clock interface {
	Now() time.Time
	// Sleep returns early with the context's error.
	Sleep(ctx context.Context, d time.Duration) error
}

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// longestPause is the longest wait at the cloud's request. If the cloud asks for more, requests
// fail at once and the next run tries again.
const longestPause = 10 * time.Minute

// longestRetryAfter bounds the value of a Retry-After.
const longestRetryAfter = 30 * 24 * time.Hour

// rateLimit holds back all requests of the client together: when one is told to wait, all wait. Its
// methods may be called from several goroutines.
type rateLimit struct {
	clock   Clock
	limiter *rate.Limiter // nil: as the server allows

	mu    sync.Mutex
	until time.Time
	why   string
	// retry is when a failed request is sent again; it does not hold back others.
	retry    time.Time
	retryWhy string
}

// wait returns when a request may be sent.
func (p *rateLimit) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.limiter != nil {
		r := p.limiter.ReserveN(p.clock.Now(), 1)
		if d := r.DelayFrom(p.clock.Now()); d > 0 {
			if err := p.clock.Sleep(ctx, d); err != nil {
				r.CancelAt(p.clock.Now())
				return err
			}
		}
	}
	for {
		left, why := p.left()
		if left <= 0 {
			return ctx.Err()
		}
		if left > longestPause {
			return fail(identity.Retry, "Nothing is sent until then. Synchronize later.",
				fmt.Errorf("%s: the cloud asks to wait %s", why, left.Round(time.Second)))
		}
		if err := p.clock.Sleep(ctx, left); err != nil {
			return err
		}
	}
}

func (p *rateLimit) left() (time.Duration, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.until.Sub(p.clock.Now()), p.why
}

// pause holds everything back for d, or longer if a longer pause is in force.
func (p *rateLimit) pause(d time.Duration, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.clock.Now().Add(d); until.After(p.until) {
		p.until, p.why = until, why
	}
}

// again waits before one failed request is sent again.
func (p *rateLimit) again(ctx context.Context, d time.Duration, why string) error {
	p.mu.Lock()
	p.retry, p.retryWhy = p.clock.Now().Add(d), why
	p.mu.Unlock()
	return p.clock.Sleep(ctx, d)
}

// Waiting describes the present wait, or is "".
func (p *rateLimit) Waiting() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	if left := p.until.Sub(now); left > 0 {
		return fmt.Sprintf("%s: resuming in %d s", p.why, seconds(left))
	}
	if left := p.retry.Sub(now); left > 0 {
		return fmt.Sprintf("%s: trying again in %d s", p.retryWhy, seconds(left))
	}
	return ""
}

// seconds rounds up, so that no wait is shown as zero.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// backOffTime is the pause before try n (from 0) if the cloud named none: doubled each time, with
// jitter, so that several connectors do not return at once.
func backOffTime(n int) time.Duration {
	d := min(500*time.Millisecond<<min(n, 6), 20*time.Second)
	return d/2 + rand.N(d/2)
}

// retryAfter reads Retry-After, in seconds or as a date (RFC 9110 section 10.2.3).
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0, false
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		if !(s > 0) {
			return 0, false // "0" names no time: back off
		}
		return min(time.Duration(min(s, longestRetryAfter.Seconds())*float64(time.Second)), longestRetryAfter), true
	}
	at, err := http.ParseTime(v)
	if err != nil || !at.After(now) {
		return 0, false
	}
	return min(at.Sub(now), longestRetryAfter), true
}

// errStopped marks that a context ended before a request was sent.
var errStopped = errors.New("not sent")
