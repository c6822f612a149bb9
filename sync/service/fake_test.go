package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/service"
)

// memory is the part of a store that the runner uses.
type memory struct {
	port.Store
	mu      stdsync.Mutex
	values  map[string]string
	runs    []record.Run // newest first
	events  []record.Event
	rest    []identity.Shadow
	broken  error
	failing []record.Failing
}

func (m *memory) Value(_ context.Context, name string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[name], m.broken
}

func (m *memory) Commit(_ context.Context, b port.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, value := range b.Values {
		m.values[name] = value
	}
	return m.broken
}

func (m *memory) Append(_ context.Context, events ...record.Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, events...)
	return m.broken
}

func (m *memory) Runs(_ context.Context, limit int) ([]record.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.runs[:min(limit, len(m.runs))]), m.broken
}

func (m *memory) FailingCount(_ context.Context, runs int64) (n int64, _ error) {
	for _, f := range m.failing {
		if f.Runs >= runs {
			n++
		}
	}
	return n, m.broken
}

func (m *memory) Rest(_ context.Context, fn func(identity.Shadow) error) error {
	for _, s := range m.rest {
		if err := fn(s); err != nil {
			return err
		}
	}
	return m.broken
}

func (m *memory) Keeps(context.Context, func(identity.Keep) error) error { return nil }

func (m *memory) next(t *testing.T) (n facts.NextRuns) {
	t.Helper()
	text, err := m.Value(t.Context(), facts.ScheduleValue)
	if err != nil || text == "" {
		t.Fatalf("no next runs: %q, %v", text, err)
	}
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// start is one started run.
type start struct {
	mode      record.Mode
	at, ended time.Duration // since the test began
	succeeded bool
}

// world is a runner with a store in memory and runs of chosen length, in the time of a synctest
// bubble.
type world struct {
	t     *testing.T
	store *memory
	opt   service.Options
	clock *settableClock
	// took returns how long a run takes, and how it ends; nil means a second, done.
	took func(mode record.Mode, n int) (time.Duration, record.Run, error)

	mu       stdsync.Mutex
	zero     time.Time
	starts   []start
	reported []record.Event
	running  int
}

// settableClock is the machine's clock, which tests can set.
type settableClock struct {
	service.Wall
	mu  stdsync.Mutex
	off time.Duration
}

func (c *settableClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Wall.Now().Add(c.off)
}

func (c *settableClock) set(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off += by
}

// newWorld begins at the start time of a synctest bubble: midnight before Saturday, the first of
// January 2000, UTC.
func newWorld(t *testing.T, s service.Schedule) *world {
	if s.Location == nil {
		s.Location = time.UTC
	}
	w := &world{t: t,
		store: &memory{values: map[string]string{facts.ModeValue: `{"enabled":true}`, facts.DryRunValue: `{"config":""}`}},
		clock: &settableClock{}, zero: time.Now()}
	w.opt = service.Options{Schedule: s, Store: w.store, Run: w.run, Report: w.report, Clock: w.clock, PID: 4711,
		Purge: service.Purge{Grace: 24 * time.Hour}}
	return w
}

// setEnabled switches synchronization on or off, as another process does.
func (w *world) setEnabled(enabled bool) {
	text, err := facts.TextOf(facts.Synchronization{Enabled: enabled, By: "ana", At: w.clock.Now().UTC()})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.Commit(w.t.Context(), port.Batch{Values: map[string]string{facts.ModeValue: text}}); err != nil {
		w.t.Fatal(err)
	}
}

// full records a successful full run.
func (w *world) full(ago time.Duration) *world {
	at := w.zero.Add(-ago).UTC()
	w.store.values[facts.LastFullValue] = at.Format(time.RFC3339)
	w.store.runs = append([]record.Run{{ID: 1, Mode: record.Full, Outcome: record.Done, Started: at, Ended: at}},
		w.store.runs...)
	return w
}

func (w *world) run(ctx context.Context, mode record.Mode) (record.Run, error) {
	w.mu.Lock()
	n := 0
	for _, s := range w.starts {
		if s.mode == mode {
			n++
		}
	}
	i := len(w.starts)
	w.starts = append(w.starts, start{mode: mode, at: w.clock.Now().Sub(w.zero)})
	if w.running++; w.running > 1 {
		w.t.Errorf("two runs at once: %v", w.starts)
	}
	w.mu.Unlock()
	d, r, err := time.Second, record.Run{Outcome: record.Done}, error(nil)
	if w.took != nil {
		d, r, err = w.took(mode, n)
	}
	r.Mode, r.Started = mode, w.clock.Now()
	if err == nil || r.Outcome != "" {
		r.ID = int64(i + 1)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done(): // a write in progress is awaited
		time.Sleep(100 * time.Millisecond)
		r.ID, r.Outcome, err = int64(i+1), record.Cancelled, fmt.Errorf("stopped: %w", ctx.Err())
	}
	r.Ended = w.clock.Now()
	w.store.mu.Lock()
	if r.ID != 0 {
		w.store.runs = append([]record.Run{r}, w.store.runs...)
	}
	if mode == record.Full && err == nil {
		w.store.values[facts.LastFullValue] = r.Ended.UTC().Format(time.RFC3339)
	}
	w.store.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running--
	w.starts[i].ended, w.starts[i].succeeded = r.Ended.Sub(w.zero), err == nil
	return r, err
}

func (w *world) report(ev record.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reported = append(w.reported, ev)
}

// serve serves for a time d; during, if set, runs concurrently.
func (w *world) serve(d time.Duration, during func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- service.New(w.opt).Serve(ctx) }()
	end := time.NewTimer(d)
	if during != nil {
		during()
	}
	<-end.C
	cancel()
	if err := <-done; err != nil {
		w.t.Errorf("serve: %v", err)
	}
}

// modes lists the starts in short: "incremental@10m0s".
func (w *world) modes() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []string
	for _, s := range w.starts {
		list = append(list, fmt.Sprintf("%s@%s", s.mode, s.at))
	}
	return strings.Join(list, " ")
}

// codes lists the codes of the reported events.
func (w *world) codes() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []string
	for _, ev := range w.reported {
		list = append(list, ev.Code)
	}
	return strings.Join(list, " ")
}
