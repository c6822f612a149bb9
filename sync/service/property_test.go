package service_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"dirbridge/sync/record"
	"dirbridge/sync/service"
)

// TestEveryTimeIsServedOnce checks several days, with runs that take from no time to hours: no two runs
// overlap; each full run begins when it is due, or when the current run ends; each incremental run
// begins at the first time of its grid at which no run is active. So every time is served once.
func TestEveryTimeIsServedOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sched := service.Schedule{
			Every: time.Duration(rapid.SampledFrom([]int{0, 7, 10, 60, 500}).Draw(rt, "every")) * minute,
			Full: rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) service.Weekly {
				return service.Weekly{Daily: rapid.Bool().Draw(rt, "daily"),
					Day:  time.Weekday(rapid.IntRange(0, 6).Draw(rt, "day")),
					Hour: rapid.IntRange(0, 23).Draw(rt, "hour"), Minute: rapid.IntRange(0, 59).Draw(rt, "minute")}
			}), 0, 4).Draw(rt, "full"),
			Location: time.UTC,
		}
		first := rapid.Bool().Draw(rt, "first") // a full run has succeeded before
		took := rapid.SliceOfN(rapid.IntRange(0, 200*60), 1, 20).Draw(rt, "took")
		ends := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 20).Draw(rt, "ends")
		const days = 2 * 24 * time.Hour
		var w *world
		synctest.Test(t, func(t *testing.T) {
			w = newWorld(t, sched)
			if first {
				w.full(0)
			}
			runs := 0
			w.took = func(record.Mode, int) (time.Duration, record.Run, error) {
				d := time.Duration(took[runs%len(took)]) * time.Second
				end := ends[runs%len(ends)]
				runs++
				switch end {
				case 0:
					return d, record.Run{Outcome: record.Failed}, errors.New("down")
				case 1:
					return d, record.Run{Outcome: record.Partial, Failed: 1}, nil
				}
				return d, record.Run{Outcome: record.Done}, nil
			}
			w.serve(days+time.Millisecond, nil)
		})
		check(rt, w, sched, first, days+time.Millisecond)
	})
}

// check compares the starts with a simple model.
func check(t *rapid.T, w *world, sched service.Schedule, first bool, end time.Duration) {
	after := func(d time.Duration) time.Time { return w.zero.Add(d) }
	full := sched.NextFull(after(0))
	var grid, free time.Duration // of the last started run, and when it ended
	good := first                // a full run has succeeded
	n := 0
	for {
		// The next time at or after the end of the last run.
		at, mode := end, record.Mode("")
		if sched.Every > 0 {
			next := grid + ((free-grid)/sched.Every+1)*sched.Every
			if n == 0 && !good {
				next = 0 // overdue, and refused
			}
			for !good && next < end { // refused until a full run succeeds
				if !full.IsZero() && !full.After(after(next)) {
					break
				}
				next += sched.Every
			}
			if next < at {
				at, mode = next, record.Incremental
			}
		}
		if !full.IsZero() {
			if due := max(full.Sub(w.zero), free); due <= at && due < end {
				at, mode = due, record.Full
			}
		}
		if mode == "" {
			break
		}
		if n >= len(w.starts) {
			t.Fatalf("a %s run was due at %s, and nothing was started", mode, at)
		}
		got := w.starts[n]
		if got.mode != mode || got.at != at {
			t.Fatalf("start %d is %s at %s, not %s at %s: %s", n, got.mode, got.at, mode, at, w.modes())
		}
		n++
		grid, free = got.at, got.ended
		if mode == record.Full {
			full = sched.NextFull(after(at))
			good = good || got.succeeded
		}
	}
	if n != len(w.starts) {
		t.Fatalf("start %d was not due: %s", n, w.modes())
	}
}
