package service_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/service"
)

// TestNothingStartsWhileDisabled checks which runs start while synchronization is switched on and
// off, by minute. It begins enabled, at midnight of a Saturday.
func TestNothingStartsWhileDisabled(t *testing.T) {
	every := service.Schedule{Every: 10 * minute}
	type turn struct {
		at      time.Duration
		enabled bool
	}
	for _, c := range []struct {
		name  string
		sched service.Schedule
		turns []turn
		set   func(*world)
		want  string
		codes string
	}{
		{"from the start", every, []turn{{0, false}}, nil, "", "disabled"},
		{"enabled later", every, []turn{{0, false}, {15 * minute, true}}, nil, "incremental@20m0s incremental@30m0s",
			"disabled mode-enabled run-done run-done"},
		{"disabled later", every, []turn{{15 * minute, false}}, nil, "incremental@0s incremental@10m0s",
			"run-done run-done mode-disabled"},
		{"and back", every, []turn{{5 * minute, false}, {25 * minute, true}}, nil, "incremental@0s incremental@30m0s",
			"run-done mode-disabled mode-enabled run-done"},
		{"a full time passes", service.Schedule{Full: []service.Weekly{saturday(0, 20), saturday(0, 30)}},
			[]turn{{15 * minute, false}, {25 * minute, true}}, nil,
			"full@30m0s", "mode-disabled mode-enabled run-started run-done"},
		{"a full time that was missed while disabled", service.Schedule{Full: []service.Weekly{{Day: time.Friday, Hour: 22}}},
			[]turn{{0, true}}, nil, "", ""},
		{"a run that is under way goes on", every, []turn{{2 * minute, false}}, func(w *world) {
			w.took = outcome(record.Incremental, 5*minute, record.Run{Outcome: record.Done}, nil)
		}, "incremental@0s", "run-done mode-disabled"},
		{"no purge after it", service.Schedule{Full: []service.Weekly{saturday(0, 5)}}, []turn{{6 * minute, false}},
			func(w *world) {
				w.store.rest = []identity.Shadow{{Anchor: "corp:1", ID: "1", State: identity.Grace, ByUs: true}}
				w.took = outcome(record.Full, 5*minute, record.Run{Outcome: record.Done}, nil)
			}, "full@5m0s", "run-started run-done mode-disabled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c.sched).full(24 * time.Hour)
				if c.set != nil {
					c.set(w)
				}
				if c.turns[0].at == 0 {
					w.setEnabled(c.turns[0].enabled)
					c.turns = c.turns[1:]
				}
				w.serve(36*minute-30*time.Second, func() {
					for _, turn := range c.turns {
						time.Sleep(turn.at - time.Since(w.zero))
						w.setEnabled(turn.enabled)
					}
				})
				if got := w.modes(); got != c.want {
					t.Errorf("started %s\n   not %s", got, c.want)
				}
				want := strings.Join(strings.Fields("service-started "+c.codes+" service-stopped"), " ")
				if got := w.codes(); got != want {
					t.Errorf("told %s\n not %s", got, want)
				}
			})
		})
	}
}

// TestNothingWhileTheModeCannotBeRead: an unreadable state enables nothing.
func TestNothingWhileTheModeCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, service.Schedule{Every: 10 * minute}).full(time.Minute)
		w.serve(25*minute, func() {
			time.Sleep(minute)
			w.store.mu.Lock()
			w.store.broken = errors.New("disk I/O error")
			w.store.mu.Unlock()
		})
		if got := w.modes(); got != "" {
			t.Errorf("started %s", got)
		}
	})
}

// TestChangedConfiguration: a configuration without a dry run is reported once.
func TestChangedConfiguration(t *testing.T) {
	for _, c := range []struct {
		name, dryRun string
		enabled      bool
		want         bool
	}{
		{"as in the dry run", `{"config":"a"}`, true, false},
		{"changed", `{"config":"b"}`, true, true},
		{"no dry run", "", true, true},
		{"changed, and disabled", `{"config":"b"}`, false, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, service.Schedule{Every: 10 * minute}).full(time.Minute)
			w.opt.Config = "a"
			w.store.values[facts.DryRunValue] = c.dryRun
			w.setEnabled(c.enabled)
			w.serve(30*minute, nil)
			if got := strings.Count(w.codes(), "configuration-changed"); got > 1 || (got == 1) != c.want {
				t.Errorf("%s: told %d times", c.name, got)
			}
			if c.enabled && w.modes() != "incremental@9m0s incremental@19m0s incremental@29m0s" {
				t.Errorf("%s: %s", c.name, w.modes())
			}
		})
	}
}
