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

	"dirbridge/cloud/clock"
	"dirbridge/sync/identity"
)

// Clock is the target's clock; tests replace it.
type Clock = clock.Clock

// longestPause is the longest wait at the cloud's request. If the cloud asks for more, requests
// fail at once and the next run tries again.
const longestPause = 10 * time.Minute

// longestRetryAfter bounds the value of a Retry-After.
const longestRetryAfter = 30 * 24 * time.Hour

// rateLimit holds back the requests of the client, which all belong to one account: a 429 those of its
// endpoint, another request to wait all of them. Its methods may be called from several goroutines.
type rateLimit struct {
	clock   Clock
	limiter *rate.Limiter // nil: as the server allows

	mu        sync.Mutex
	until     time.Time
	since     time.Time // when the pause began
	why       string
	endpoints map[string]*learned
	// retry is when a failed request is sent again; it does not hold back others.
	retry    time.Time
	retryWhy string
}

// wait returns when a request to an endpoint may be sent.
func (p *rateLimit) wait(ctx context.Context, endpoint string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, turn := range []func() *rate.Limiter{
		func() *rate.Limiter { return p.limiter },
		func() *rate.Limiter { return p.learnedLimiter(endpoint) },
		func() *rate.Limiter { return nil },
	} {
		if err := p.resumed(ctx, endpoint); err != nil {
			return err
		}
		if err := p.reserve(ctx, turn()); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// resumed returns when no pause is in force.
func (p *rateLimit) resumed(ctx context.Context, endpoint string) error {
	for {
		left, why := p.left(endpoint)
		if left <= 0 {
			return nil
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

// reserve waits for the turn that a limiter gives; nil gives it at once.
func (p *rateLimit) reserve(ctx context.Context, l *rate.Limiter) error {
	if l == nil {
		return nil
	}
	r := l.ReserveN(p.clock.Now(), 1)
	d := r.DelayFrom(p.clock.Now())
	if d <= 0 {
		return nil
	}
	err := p.clock.Sleep(ctx, d)
	if err != nil {
		r.CancelAt(p.clock.Now())
	}
	return err
}

// of returns what is learned of an endpoint. The lock is held.
func (p *rateLimit) of(endpoint string) *learned {
	if p.endpoints == nil {
		p.endpoints = map[string]*learned{}
	}
	if p.endpoints[endpoint] == nil {
		p.endpoints[endpoint] = &learned{since: p.clock.Now()}
	}
	return p.endpoints[endpoint]
}

func (p *rateLimit) learnedLimiter(endpoint string) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of(endpoint).limiter
}

// answered counts an answer other than 429.
func (p *rateLimit) answered(endpoint string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of(endpoint).answered(p.clock.Now())
}

// tooMany holds an endpoint back after a 429. If another endpoint is held back as well, the limit is that
// of the account, and everything waits.
func (p *rateLimit) tooMany(endpoint string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	p.of(endpoint).refused(now, d)
	for name, l := range p.endpoints {
		if name != endpoint && now.Before(l.until) {
			p.hold(now, d, "429")
		}
	}
}

func (p *rateLimit) left(endpoint string) (time.Duration, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	all, own := p.until.Sub(now), p.of(endpoint).until.Sub(now)
	if own > all {
		return own, "429"
	}
	return all, p.why
}

// pause holds everything back for d, or longer if a longer pause is in force.
func (p *rateLimit) pause(d time.Duration, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hold(p.clock.Now(), d, why)
}

func (p *rateLimit) hold(now time.Time, d time.Duration, why string) {
	if until := now.Add(d); until.After(p.until) {
		p.until, p.why = until, why
	}
}

// down says since when the cloud fails everything; the zero time that it does not any more.
func (p *rateLimit) down(since time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since = since
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
	left, why := p.until.Sub(now), p.why
	for _, l := range p.endpoints {
		if own := l.until.Sub(now); own > left {
			left, why = own, "429"
		}
	}
	switch {
	case !p.since.IsZero() && left > 0:
		return fmt.Sprintf("paused since %s: %s. Next try in %d s", p.since.Local().Format("15:04:05"), why, seconds(left))
	case !p.since.IsZero():
		return fmt.Sprintf("paused since %s: %s. Trying now", p.since.Local().Format("15:04:05"), why)
	case left > 0:
		return fmt.Sprintf("%s: resuming in %d s", why, seconds(left))
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
