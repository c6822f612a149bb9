package cloud

import (
	"context"
	"testing"
	"time"
)

// still is a clock on which waiting takes no time.
type still struct {
	now   time.Time
	slept time.Duration
}

func (s *still) Now() time.Time { return s.now }

func (s *still) Sleep(ctx context.Context, d time.Duration) error {
	s.now, s.slept = s.now.Add(d), s.slept+d
	return ctx.Err()
}

// provider allows so many requests to an endpoint in each minute.
type provider struct {
	most, used int
	began      time.Time
	refused    int
}

func (p *provider) ask(now time.Time) (wait time.Duration, refused bool) {
	if now.Sub(p.began) >= time.Minute {
		p.began, p.used = now, 0
	}
	if p.used++; p.used > p.most {
		p.refused++
		return p.began.Add(time.Minute).Sub(now), true
	}
	return 0, false
}

// TestTheLimitIsLearned sends 3,000 requests to a provider that allows 120 in a minute and documents
// nothing: few are refused, little is lost, and another endpoint is not held back.
func TestTheLimitIsLearned(t *testing.T) {
	c := &still{now: time.Unix(1_800_000_000, 0)}
	limit := &rateLimit{clock: c}
	p := &provider{most: 120, began: c.now}
	began := c.now
	for done := 0; done < 3000; {
		if err := limit.wait(t.Context(), "PATCH Users"); err != nil {
			t.Fatal(err)
		}
		c.now = c.now.Add(20 * time.Millisecond) // the request
		if wait, refused := p.ask(c.now); refused {
			limit.tooMany("PATCH Users", wait)
			continue
		}
		limit.answered("PATCH Users")
		done++
	}
	ideal := 24 * time.Minute
	if took := c.now.Sub(began); took > ideal*5/4 || p.refused > 20 {
		t.Errorf("it took %s, and %d were refused", took, p.refused)
	}
	slept := c.slept
	if err := limit.wait(t.Context(), "GET Groups"); err != nil || c.slept != slept {
		t.Errorf("another endpoint waited %s: %v", c.slept-slept, err)
	}
}

// TestTwoEndpointsAreOneAccount: while two endpoints are refused, the third one waits as well.
func TestTwoEndpointsAreOneAccount(t *testing.T) {
	c := &still{now: time.Unix(1_800_000_000, 0)}
	limit := &rateLimit{clock: c}
	for _, endpoint := range []string{"PATCH Users", "POST Users"} {
		if err := limit.wait(t.Context(), endpoint); err != nil {
			t.Fatal(err)
		}
		limit.tooMany(endpoint, 30*time.Second)
	}
	if err := limit.wait(t.Context(), "GET Groups"); err != nil || c.slept < 29*time.Second {
		t.Errorf("it waited %s: %v", c.slept, err)
	}
}

// TestALiftedLimitIsFound: after a limit was lifted, the requests become faster.
func TestALiftedLimitIsFound(t *testing.T) {
	c := &still{now: time.Unix(1_800_000_000, 0)}
	limit := &rateLimit{clock: c}
	for range 10 {
		limit.answered("PATCH Users")
	}
	limit.tooMany("PATCH Users", 10*time.Second)
	first := limit.endpoints["PATCH Users"].limiter.Limit()
	for range 1000 {
		if err := limit.wait(t.Context(), "PATCH Users"); err != nil {
			t.Fatal(err)
		}
		limit.answered("PATCH Users")
	}
	if now := limit.endpoints["PATCH Users"].limiter.Limit(); now < 2*first {
		t.Errorf("from %v to %v in a second", first, now)
	}
}
