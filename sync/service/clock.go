package service

import "time"

// Clock is the time, and waiting for it. Now gives readings that compare by the wall
// clock, which goes on while the machine sleeps, and which may be set.
type Clock interface {
	Now() time.Time
	// Timer sends once, after d; stop lets go of it.
	Timer(d time.Duration) (c <-chan time.Time, stop func())
}

// Wall is the machine's clock.
type Wall struct{}

func (Wall) Now() time.Time { return time.Now().Round(0) }

func (Wall) Timer(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}
