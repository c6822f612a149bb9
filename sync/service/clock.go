package service

import "time"

// Clock is a clock with timers. Now returns wall clock times, which advance while the machine
// sleeps and may be set.
type Clock interface {
	Now() time.Time
	// Timer sends once, after d; stop releases it.
	Timer(d time.Duration) (c <-chan time.Time, stop func())
}

// Wall is the machine's clock.
type Wall struct{}

func (Wall) Now() time.Time { return time.Now().Round(0) }

func (Wall) Timer(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}
