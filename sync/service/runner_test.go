package service_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/service"
)

const minute = time.Minute

func saturday(h, m int) service.Weekly { return service.Weekly{Day: time.Saturday, Hour: h, Minute: m} }

// outcome makes all runs of a mode end like this; the others take a second.
func outcome(mode record.Mode, d time.Duration, r record.Run, err error) func(record.Mode,
	int) (time.Duration, record.Run, error) {
	return func(m record.Mode, _ int) (time.Duration, record.Run, error) {
		if m != mode {
			return time.Second, record.Run{Outcome: record.Done}, nil
		}
		return d, r, err
	}
}

// TestStartTimes checks what is started when, from midnight of a Saturday.
func TestStartTimes(t *testing.T) {
	done := record.Run{Outcome: record.Done}
	every := service.Schedule{Every: 10 * minute}
	with := func(full ...service.Weekly) service.Schedule {
		return service.Schedule{Every: 10 * minute, Full: full}
	}
	for _, c := range []struct {
		name  string
		sched service.Schedule
		set   func(*world)
		want  string
		codes string // of reported events, without service-started and service-stopped
	}{
		{"at once where it is overdue, then each interval", every, func(w *world) { w.full(time.Hour) },
			"incremental@0s incremental@10m0s incremental@20m0s incremental@30m0s", "run-done run-done run-done run-done"},
		{"an interval after the start of the last run", every, func(w *world) { w.full(4 * minute) },
			"incremental@6m0s incremental@16m0s incremental@26m0s", "run-done run-done run-done"},
		{"never before the first full run", every, nil, "", "waiting-for-full"},
		{"nothing is scheduled", service.Schedule{}, func(w *world) { w.full(time.Hour) }, "", "nothing-scheduled"},
		{"no incremental runs", service.Schedule{Full: []service.Weekly{saturday(0, 20)}},
			func(w *world) { w.full(time.Hour) }, "full@20m0s", "run-started run-done"},
		{"a full run in the place of an incremental one", with(saturday(0, 20)), func(w *world) { w.full(minute) },
			"incremental@9m0s incremental@19m0s full@20m0s incremental@30m0s",
			"run-done run-done run-started run-done run-done"},
		{"both due at once", with(saturday(0, 20)), func(w *world) { w.full(10 * minute) },
			"incremental@0s incremental@10m0s full@20m0s incremental@30m0s", "run-done run-done run-started run-done run-done"},
		{"two full times that are one", with(saturday(0, 20), service.Weekly{Daily: true, Minute: 20}),
			func(w *world) { w.full(10 * minute) },
			"incremental@0s incremental@10m0s full@20m0s incremental@30m0s", "run-done run-done run-started run-done run-done"},
		{"the first full run by the schedule", with(saturday(0, 25)), nil,
			"full@25m0s incremental@35m0s", "waiting-for-full run-started run-done run-done"},
		{"a full run after the run that is under way", with(saturday(0, 25)), func(w *world) {
			w.full(10 * minute).took = outcome(record.Incremental, 7*minute, done, nil)
		}, "incremental@0s incremental@10m0s incremental@20m0s full@27m0s",
			"run-done run-done run-done run-started run-done"},
		{"what falls due during a run is not made up", every, func(w *world) {
			w.full(10 * minute).took = outcome(record.Incremental, 14*minute, done, nil)
		},
			"incremental@0s incremental@20m0s", "run-done run-done"},
		{"a run that failed, when the next is due", every, func(w *world) {
			w.full(10 * minute).took = outcome(record.Incremental, time.Second, record.Run{Outcome: record.Failed},
				errors.New("no route to host"))
		}, "incremental@0s incremental@10m0s incremental@20m0s incremental@30m0s", "incremental-failed"},
		{"a full run that failed, a week later", with(saturday(0, 5)), func(w *world) {
			w.full(0).took = outcome(record.Full, time.Second, record.Run{Outcome: record.Failed},
				errors.New("no route to host"))
		}, "full@5m0s incremental@15m0s incremental@25m0s incremental@35m0s",
			"run-started full-failed run-done run-done run-done"},
		{"another connector leads", every, func(w *world) {
			w.full(10 * minute).took = outcome(record.Incremental, 0, record.Run{}, fmt.Errorf("lead: %w", port.ErrNotLeader))
		}, "incremental@0s incremental@10m0s incremental@20m0s incremental@30m0s", "not-leader"},
		{"this process is busy", every, func(w *world) {
			w.full(10 * minute).took = outcome(record.Incremental, 0, record.Run{}, service.ErrBusy)
		},
			"incremental@0s incremental@10m0s incremental@20m0s incremental@30m0s", "busy"},
		{"a full run that could not be begun is tried again", with(saturday(0, 5)), func(w *world) {
			w.full(0).took = func(m record.Mode, n int) (time.Duration, record.Run, error) {
				if m == record.Full && n < 2 {
					return 0, record.Run{}, port.ErrNotLeader
				}
				return time.Second, done, nil
			}
		}, "full@5m0s full@15m0s full@25m0s incremental@35m0s",
			"run-started not-leader run-started run-started run-done run-done"},
		{"unless another connector did it", with(saturday(0, 5)), func(w *world) {
			w.full(0).took = func(m record.Mode, _ int) (time.Duration, record.Run, error) {
				if m == record.Full {
					w.store.runs = append([]record.Run{{ID: 99, Mode: record.Full, Outcome: record.Running, Started: w.clock.Now()}},
						w.store.runs...)
					return 0, record.Run{}, port.ErrNotLeader
				}
				return time.Second, done, nil
			}
		}, "full@5m0s incremental@15m0s incremental@25m0s incremental@35m0s",
			"run-started not-leader run-done run-done run-done"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c.sched)
				if c.set != nil {
					c.set(w)
				}
				w.serve(36*minute-30*time.Second, nil)
				if got := w.modes(); got != c.want {
					t.Errorf("started %s\n   not %s", got, c.want)
				}
				codes := strings.TrimSpace("service-started " + c.codes)
				if got := w.codes(); got != codes+" service-stopped" {
					t.Errorf("told %s\n not %s", got, codes)
				}
			})
		})
	}
}

// TestMissedFullRuns: a full run fell due while no process served the schedule. It is Saturday, midnight.
func TestMissedFullRuns(t *testing.T) {
	friday := service.Weekly{Day: time.Friday, Hour: 22}
	done := func(mode record.Mode, o record.RunOutcome, ago time.Duration) func(*world) {
		return func(w *world) {
			at := w.zero.Add(-ago)
			w.store.runs = append([]record.Run{{ID: 2, Mode: mode, Outcome: o, Started: at, Ended: at}}, w.store.runs...)
		}
	}
	for _, c := range []struct {
		name  string
		full  service.Weekly
		since func(*world)
		first bool // none has ever succeeded
		want  string
	}{
		{name: "made up", full: friday, want: "full@0s"},
		{name: "made up after days", full: service.Weekly{Day: time.Monday, Hour: 2}, want: "full@0s"},
		{name: "stopped by a signal", full: friday, since: done(record.Full, record.Cancelled, 90*minute), want: "full@0s"},
		{name: "incremental runs are not it", full: friday, since: done(record.Incremental, record.Done, 90*minute),
			want: "full@0s"},
		{name: "done by hand", full: friday, since: done(record.Full, record.Done, 90*minute)},
		{name: "failed", full: friday, since: done(record.Full, record.Failed, 90*minute)},
		{name: "crashed", full: friday, since: done(record.Full, record.Crashed, 90*minute)},
		{name: "under way elsewhere", full: friday, since: done(record.Full, record.Running, 90*minute)},
		{name: "applied as a saved plan", full: friday, since: func(w *world) {
			w.store.values[facts.LastFullValue] = w.zero.Add(-time.Hour).Format(time.RFC3339)
		}},
		{name: "the next is near", full: service.Weekly{Daily: true, Hour: 0, Minute: 50}, want: "full@50m0s"},
		{name: "never before the operator's first", full: friday, first: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, service.Schedule{Full: []service.Weekly{c.full}})
				if !c.first {
					w.full(20 * 24 * time.Hour)
				}
				for range 100 { // more than the first look-up reads
					done(record.Purge, record.Done, 80*minute)(w)
				}
				if c.since != nil {
					c.since(w)
				}
				w.serve(time.Hour, nil)
				if got := w.modes(); got != c.want {
					t.Errorf("started %q, not %q", got, c.want)
				}
				if told := strings.Contains(w.codes(), "full-made-up"); told != (c.want == "full@0s") {
					t.Errorf("told %s", w.codes())
				}
			})
		})
	}
}

// TestIncrementalFollowsTheFirstFull: incremental runs begin at the next time after the operator's full run,
// without a further command.
func TestIncrementalFollowsTheFirstFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, service.Schedule{Every: 10 * minute})
		w.serve(45*minute, func() {
			time.Sleep(24 * minute)
			if n := w.store.next(t); !n.NeedsFull || n.PID != 4711 || !n.Incremental.Equal(w.zero.Add(30*minute)) ||
				!n.Full.IsZero() || !n.Fresh(time.Now()) {
				t.Errorf("next: %+v", n)
			}
			w.store.mu.Lock()
			w.store.values[facts.LastFullValue] = time.Now().UTC().Format(time.RFC3339)
			w.store.mu.Unlock()
			time.Sleep(2 * minute)
			if n := w.store.next(t); n.NeedsFull {
				t.Errorf("next: %+v", n)
			}
		})
		if got := w.modes(); got != "incremental@30m0s incremental@40m0s" {
			t.Error(got)
		}
	})
}

// TestProblemsAreReportedOnce: a reason is reported once, until it changes, or a run ends well.
func TestProblemsAreReportedOnce(t *testing.T) {
	held := func(detail string) error {
		return &port.HeldError{Holds: []plan.Hold{{Rule: "delete-threshold", Detail: detail, Remedy: "Look who they are."}}}
	}
	ends := []error{held("30 would go"), held("30 would go"), held("31 would go"), held("31 would go"), nil,
		held("31 would go"),
		errors.New("down"), errors.New("down"), sync.ErrNoFull, sync.ErrNoFull}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, service.Schedule{Every: 10 * minute}).full(10 * minute)
		w.took = func(_ record.Mode, n int) (time.Duration, record.Run, error) {
			if ends[n] == nil {
				return time.Second, record.Run{Outcome: record.Done}, nil
			}
			return time.Second, record.Run{Outcome: record.Failed}, ends[n]
		}
		w.serve(95*minute, nil)
		want := "service-started held held run-done held incremental-failed waiting-for-full service-stopped"
		if got := w.codes(); got != want {
			t.Errorf("told %s\n not %s", got, want)
		}
		if ev := w.reported[2]; !strings.Contains(ev.Message, "31 would go") || ev.Remedy != "Look who they are." ||
			ev.Run == 0 || ev.Level != record.Warn {
			t.Errorf("%+v", ev)
		}
		// The run itself has logged it.
		for _, ev := range w.store.events {
			if ev.Run != 0 || ev.Time.IsZero() {
				t.Errorf("in the event log: %+v", ev)
			}
		}
		if len(w.store.events) != 3 {
			t.Errorf("event log: %+v", w.store.events)
		}
	})
}

// TestRunThatCouldNotBeginIsLogged: the service logs what no run could log, once, with the remedy.
func TestRunThatCouldNotBeginIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, service.Schedule{Every: 10 * minute}).full(10 * minute)
		w.took = outcome(record.Incremental, 0, record.Run{},
			&identity.Failure{Err: errors.New("DIRBRIDGE_TOKEN is not set"), Remedy: "Set it."})
		w.serve(35*minute, nil)
		n := 0
		for _, ev := range w.store.events {
			if ev.Code == "incremental-failed" {
				n++
				if ev.Message != "Incremental synchronization: DIRBRIDGE_TOKEN is not set" || ev.Remedy != "Set it." ||
					ev.Level != record.Error {
					t.Errorf("%+v", ev)
				}
			}
		}
		if n != 1 {
			t.Errorf("%d times in the event log: %+v", n, w.store.events)
		}
	})
}

// TestPurge: accounts past their grace period are removed after full runs, once a day after
// incremental ones, and at once if the policy says so.
func TestPurge(t *testing.T) {
	gone := record.Run{Outcome: record.Done, Counts: record.Counts{Users: record.ObjectCounts{Deactivate: 1}}}
	every := service.Schedule{Every: 6 * time.Hour}
	shadow := func(w *world, since time.Duration) identity.Shadow {
		return identity.Shadow{Kind: identity.User, State: identity.Grace, ByUs: true, ID: "1", Since: w.zero.Add(-since)}
	}
	past := func(w *world) { w.store.rest = append(w.store.rest, shadow(w, 25*time.Hour)) }
	for _, c := range []struct {
		name  string
		sched service.Schedule
		set   func(*world)
		want  string
	}{
		{"after a full run", service.Schedule{Full: []service.Weekly{saturday(1, 0)}}, past, "full@1h0m0s purge@1h0m1s"},
		{"once a day", every, past,
			"incremental@0s purge@1s incremental@6h0m0s incremental@12h0m0s incremental@18h0m0s incremental@24h0m0s " +
				"purge@24h0m1s incremental@30h0m0s"},
		{"nobody is in grace", every, nil,
			"incremental@0s incremental@6h0m0s incremental@12h0m0s incremental@18h0m0s incremental@24h0m0s incremental@30h0m0s"},
		{"still in grace", service.Schedule{Full: []service.Weekly{saturday(1, 0)}},
			func(w *world) { w.store.rest = append(w.store.rest, shadow(w, 10*time.Hour)) }, "full@1h0m0s"},
		{"not ours", service.Schedule{Full: []service.Weekly{saturday(1, 0)}}, func(w *world) {
			s := shadow(w, 100*time.Hour)
			s.ByUs = false
			w.store.rest = append(w.store.rest, s)
		}, "full@1h0m0s"},
		{"kept", service.Schedule{Full: []service.Weekly{saturday(1, 0)}}, func(w *world) {
			past(w)
			w.opt.Purge.Never = true
		}, "full@1h0m0s"},
		{"deleted at once", service.Schedule{Every: 12 * time.Hour}, func(w *world) {
			past(w)
			w.opt.Purge = service.Purge{AtOnce: true}
			w.took = outcome(record.Incremental, time.Second, gone, nil)
		}, "incremental@6h0m0s purge@6h0m1s incremental@18h0m0s purge@18h0m1s incremental@30h0m0s purge@30h0m1s"},
		{"after a run of which something failed", service.Schedule{Full: []service.Weekly{saturday(1, 0)}}, func(w *world) {
			past(w)
			w.took = outcome(record.Full, time.Second, record.Run{Outcome: record.Partial, Failed: 1}, nil)
		}, "full@1h0m0s purge@1h0m1s"},
		{"not after a run that failed", service.Schedule{Full: []service.Weekly{saturday(1, 0)}}, func(w *world) {
			past(w)
			w.took = outcome(record.Full, time.Second, record.Run{Outcome: record.Failed}, errors.New("down"))
		}, "full@1h0m0s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c.sched).full(6 * time.Hour)
				if c.set != nil {
					c.set(w)
				}
				w.serve(35*time.Hour, nil)
				if got := w.modes(); got != c.want {
					t.Errorf("started %s\n    not %s", got, c.want)
				}
			})
		})
	}
}

// TestServeWaitsForTheCurrentRun: the current run is awaited, and then the state names no serving process.
func TestServeWaitsForTheCurrentRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, service.Schedule{Every: 10 * minute, Full: []service.Weekly{saturday(0, 30)}}).full(10 * minute)
		w.store.rest = []identity.Shadow{{State: identity.Grace, ByUs: true, ID: "1"}}
		w.took = outcome(record.Full, 5*time.Hour, record.Run{Outcome: record.Done}, nil)
		w.serve(4*time.Hour, func() {
			time.Sleep(2*time.Hour + time.Second)
			// All that time, it is seen to be alive.
			n := w.store.next(t)
			if !n.Fresh(time.Now()) || !n.Incremental.Equal(w.zero.Add(130*minute)) ||
				!n.Full.Equal(w.zero.Add(7*24*time.Hour+30*minute)) {
				t.Errorf("next: %+v", n)
			}
			if n.Fresh(time.Now().Add(4 * minute)) {
				t.Error("it would be taken for alive four minutes later")
			}
		})
		if w.running != 0 {
			t.Error("a run was left behind")
		}
		want := "service-started run-done run-done run-done run-started service-stopping run-cancelled service-stopped"
		if got := w.codes(); got != want {
			t.Errorf("told %s", got)
		}
		if v := w.store.values[facts.ScheduleValue]; v != "" {
			t.Errorf("left %s", v)
		}
	})
}

// TestScheduleOfAnotherProcessIsKept: the service leaves the schedule value of another process alone.
func TestScheduleOfAnotherProcessIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, service.Schedule{Every: 10 * minute})
		w.serve(5*minute-10*time.Second, func() {
			time.Sleep(5*minute - 30*time.Second)
			w.store.mu.Lock()
			w.store.values[facts.ScheduleValue] = `{"pid":1,"at":"2000-01-01T00:05:00Z"}`
			w.store.mu.Unlock()
		})
		if n := w.store.next(t); n.PID != 1 {
			t.Errorf("%+v", n)
		}
	})
}

// TestSettingTheClock: setting the clock neither stops the schedule nor repeats it.
func TestSettingTheClock(t *testing.T) {
	for _, c := range []struct {
		at, by time.Duration
		want   string // after the first, and the full run
	}{
		{20*minute + 2*time.Second, -3 * time.Second, "incremental@40m0s"},
		{25*minute + 30*time.Second, -24 * time.Hour, "incremental@-23h13m59s"},
		{25*minute + 30*time.Second, 3 * time.Hour, "incremental@3h26m1s incremental@3h46m1s"},
		{25*minute + 30*time.Second, 7 * 24 * time.Hour, "full@168h26m1s incremental@168h46m1s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, service.Schedule{Every: 20 * minute, Full: []service.Weekly{saturday(0, 20)}}).full(20 * minute)
			w.serve(58*minute, func() {
				time.Sleep(c.at)
				w.clock.set(c.by)
			})
			if got := w.modes(); got != "incremental@0s full@20m0s "+c.want {
				t.Errorf("set by %s: %s", c.by, got)
			}
		})
	}
}

// TestBrokenState: an unreadable state ends the service at the start; later it is reported once,
// and the schedule continues.
func TestBrokenState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("disk I/O error")
		w := newWorld(t, service.Schedule{Every: 10 * minute}).full(10 * minute)
		w.store.broken = broken
		if err := service.New(w.opt).Serve(t.Context()); !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
		w.store.broken = nil
		w.serve(45*minute, func() {
			time.Sleep(5 * minute)
			w.store.mu.Lock()
			w.store.broken = broken
			w.store.mu.Unlock()
			time.Sleep(20 * minute)
			w.store.mu.Lock()
			w.store.broken = nil
			w.store.mu.Unlock()
		})
		if got := w.modes(); got != "incremental@0s incremental@30m0s incremental@40m0s" {
			t.Error(got)
		}
		if got := strings.Count(w.codes(), "state-failed"); got != 1 {
			t.Errorf("told %s", w.codes())
		}
	})
}

// TestEscalationIsReported: if records have failed in ten consecutive runs, that is reported as an
// error, with where to look.
func TestEscalationIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, service.Schedule{Every: 10 * minute}).full(time.Minute)
		w.took = outcome(record.Incremental, time.Second, record.Run{Outcome: record.Partial, Failed: 2}, nil)
		w.store.failing = []record.Failing{{Runs: 9}, {Runs: 12}}
		w.serve(15*minute, nil)
		ev := w.reported[1]
		if ev.Level != record.Error || !strings.Contains(ev.Message, "Escalated: 1 failed in 10 or more runs in a row") ||
			!strings.Contains(ev.Remedy, "dirbridge status") {
			t.Errorf("%+v", ev)
		}
	})
}
