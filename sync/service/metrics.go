package service

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/http"
	stdsync "sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/queue"
	"dirbridge/sync/record"
)

// metrics answers a monitoring system from the state alone. Labels are modes, outcomes, kinds,
// actions and the configured directories, never a record: their number is bounded, and no person is
// named.
type metrics struct {
	store   port.Store
	clock   Clock
	version string
	// directories are the names of the configured directories.
	directories []string
	otherLeads  atomic.Bool // another connector led when a run was last due

	mu    stdsync.Mutex
	seen  int64 // runs up to this one are counted below
	last  map[record.Mode]record.Run
	ended map[[2]string]float64 // by mode and outcome, since the process began
	done  map[[2]string]float64 // by kind and action, likewise
}

func newMetrics(st port.Store, clock Clock, version string, directories []string) *metrics {
	return &metrics{store: st, clock: clock, version: version, directories: directories,
		last: map[record.Mode]record.Run{}, ended: map[[2]string]float64{}, done: map[[2]string]float64{}}
}

// scrapeTimeout is the time limit for reading the state.
const scrapeTimeout = 20 * time.Second

// mostConnections bounds the concurrent clients.
const mostConnections = 16

// maxRunsRead bounds the search for the last run of each mode.
const maxRunsRead = 5000

// begin starts the counters from here.
func (m *metrics) begin(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	runs, err := m.store.Runs(ctx, maxRunsRead)
	if err != nil {
		return err
	}
	for i, r := range runs {
		if i == 0 {
			m.seen = r.ID
		}
		if r.Outcome == record.Running {
			m.seen = r.ID - 1 // it will end
		} else if _, newer := m.last[r.Mode]; !newer {
			m.last[r.Mode] = r
		}
	}
	return nil
}

// follow counts the runs that have ended since. It stops at a run that has not ended, which is the
// last: only one process writes at a time.
func (m *metrics) follow(ctx context.Context) error {
	for limit := 50; ; limit *= 4 {
		runs, err := m.store.Runs(ctx, limit)
		if err != nil {
			return err
		}
		if n := len(runs); n == limit && runs[n-1].ID > m.seen {
			continue
		}
		for i := len(runs) - 1; i >= 0; i-- {
			r := runs[i]
			if r.ID <= m.seen {
				continue
			}
			if r.Outcome == record.Running {
				return nil
			}
			m.count(r)
		}
		return nil
	}
}

func (m *metrics) count(r record.Run) {
	m.seen, m.last[r.Mode] = r.ID, r
	m.ended[[2]string{string(r.Mode), string(r.Outcome)}]++
	for kind, c := range map[string]record.ObjectCounts{"user": r.Counts.Users, "group": r.Counts.Groups} {
		for action, n := range map[string]int64{"add": c.Add, "update": c.Update, "rename": c.Rename,
			"deactivate": c.Deactivate, "reactivate": c.Reactivate, "delete": c.Delete} {
			m.done[[2]string{kind, action}] += float64(n)
		}
	}
	m.done[[2]string{"member", "add"}] += float64(r.Counts.Members.Add)
	m.done[[2]string{"member", "remove"}] += float64(r.Counts.Members.Remove)
}

// Describe announces no metrics in advance: they depend on the state.
func (m *metrics) Describe(chan<- *prometheus.Desc) {}

// Collect reads the state. If that fails the complete answer is an error, which a monitoring system
// cannot mistake for good health.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	m.mu.Lock()
	defer m.mu.Unlock()
	s := sampler{out: out}
	for _, part := range []func(context.Context, *sampler) error{m.overall, m.runs, m.records} {
		if err := part(ctx, &s); err != nil {
			out <- prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(err), fmt.Errorf("the state cannot be read: %w", err))
			return
		}
	}
}

// overall samples the overall state.
func (m *metrics) overall(ctx context.Context, s *sampler) error {
	s.gauge("build_info", "The program that serves the schedule.", 1, "version", m.version)
	var mode facts.Synchronization
	if err := facts.ReadValue(ctx, m.store, facts.ModeValue, &mode); err != nil {
		return err
	}
	s.gauge("synchronization_enabled", "Whether the schedule may start anything.", flag(mode.Enabled))
	s.gauge("leader", "0 where another connector led when a run was due last.", flag(!m.otherLeads.Load()))
	text, err := m.store.Value(ctx, facts.LastGoodValue)
	if err != nil {
		return err
	}
	at, age := 0.0, math.Inf(1)
	if good, err := time.Parse(time.RFC3339, text); err == nil {
		at, age = float64(good.Unix()), max(0, m.clock.Now().Sub(good).Seconds())
	}
	s.gauge("last_good_run_timestamp_seconds",
		"When the last run ended that brought the cloud in step, nothing failed or skipped and every directory read; 0 "+
			"before the first.", at)
	s.gauge("last_good_run_age_seconds", "How long ago that was; +Inf before the first.", age)
	for _, name := range m.directories {
		var h facts.DirectoryHealth
		if err := facts.ReadValue(ctx, m.store, facts.HealthValue(name), &h); err != nil {
			return err
		}
		since := 0.0
		if h.Error != "" {
			since = float64(h.Since.Unix())
		}
		s.gauge("directory_unread_since_timestamp_seconds", "Since when a directory cannot be read; 0 where it can.",
			since, "directory", name)
	}
	for what, purge := range map[string]bool{"synchronization": false, "purge": true} {
		var held facts.Held
		if err := facts.ReadValue(ctx, m.store, facts.HeldValue(purge), &held); err != nil {
			return err
		}
		since := 0.0
		if held.Runs > 0 {
			since = float64(held.Since.Unix())
		}
		s.gauge("held_since_timestamp_seconds", "Since when a guard holds it; 0 where none does.", since, "what", what)
	}
	return nil
}

// runs samples how the last run of each mode ended, and what all runs did since the process began.
func (m *metrics) runs(ctx context.Context, s *sampler) error {
	if err := m.follow(ctx); err != nil {
		return err
	}
	outcomes := []record.RunOutcome{record.Done, record.Partial, record.WasHeld, record.Cancelled, record.Failed,
		record.Crashed}
	for mode, r := range m.last {
		name := string(mode)
		for _, o := range outcomes {
			s.gauge("last_run_outcome", "1 for the outcome of the last run of a mode.", flag(r.Outcome == o), "mode", name,
				"outcome", string(o))
		}
		s.gauge("last_run_held", "Whether a guard held the last run of a mode.", flag(r.Outcome == record.WasHeld),
			"mode", name)
		s.gauge("last_run_failed", "Changes that failed in the last run of a mode.", float64(r.Failed), "mode", name)
		s.gauge("last_run_skipped", "Changes that were skipped in the last run of a mode.", float64(r.Skipped), "mode", name)
		s.gauge("last_run_not_done", "Changes that were not tried in the last run of a mode.", float64(r.NotDone),
			"mode", name)
		if !r.Ended.IsZero() {
			s.gauge("last_run_timestamp_seconds", "When the last run of a mode ended.", float64(r.Ended.Unix()), "mode", name)
			s.gauge("last_run_duration_seconds", "How long the last run of a mode took.", r.Ended.Sub(r.Started).Seconds(),
				"mode", name)
		}
	}
	for by, n := range m.ended {
		s.counter("runs_total", "Runs that ended, of any process, since this one began.", n, "mode", by[0], "outcome", by[1])
	}
	for by, n := range m.done {
		s.counter("changes_total", "Changes written to the cloud, by any process, since this one began.", n, "kind",
			by[0], "action", by[1])
	}
	return nil
}

// records samples what waits, and what fails.
func (m *metrics) records(ctx context.Context, s *sampler) error {
	failing, err := m.store.FailingCount(ctx, 1)
	if err != nil {
		return err
	}
	escalated, err := m.store.FailingCount(ctx, record.Escalated)
	if err != nil {
		return err
	}
	s.gauge("failing_records", "Records of which a write failed in the last run that tried.", float64(failing))
	s.gauge("escalated_records", "Records that failed in ten runs in a row or more.", float64(escalated))
	problems, err := m.store.ProblemCounts(ctx, port.ProblemQuery{})
	if err != nil {
		return err
	}
	for kind, n := range map[string]int64{"user": problems.Users, "group": problems.Groups} {
		s.gauge("problems", "Records that have a problem and are left unchanged, by kind.", float64(n), "kind", kind)
	}
	dirty := 0.0
	if err := m.store.Dirty(ctx, func(identity.Anchor, string) error { dirty++; return nil }); err != nil {
		return err
	}
	s.gauge("dirty_records", "Objects that the next run looks at again.", dirty)
	queue, err := queue.Length(ctx, m.store)
	if err != nil {
		return err
	}
	s.gauge("purge_queue_length", "Accounts that wait for the purge.", float64(queue))
	var c facts.CloudStatistics
	if err := facts.ReadValue(ctx, m.store, facts.StatisticsValue, &c); err != nil || c.At.IsZero() {
		return err
	}
	s.gauge("unmatched_accounts", "Accounts that no directory knew when the cloud was last read whole.",
		float64(c.Unmatched))
	s.gauge("cloud_read_timestamp_seconds", "When the cloud was last read whole.", float64(c.At.Unix()))
	return nil
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// sampler makes samples; labels are name, value, name, value.
type sampler struct{ out chan<- prometheus.Metric }

func (s *sampler) sample(kind prometheus.ValueType, name, help string, value float64, labels []string) {
	var names, values []string
	for i := 0; i < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, labels[i+1])
	}
	s.out <- prometheus.MustNewConstMetric(prometheus.NewDesc("dirbridge_"+name, help, names, nil), kind, value, values...)
}

func (s *sampler) gauge(name, help string, value float64, labels ...string) {
	s.sample(prometheus.GaugeValue, name, help, value, labels)
}

func (s *sampler) counter(name, help string, value float64, labels ...string) {
	s.sample(prometheus.CounterValue, name, help, value, labels)
}

// serve answers on the address until stop is called. url is the resulting URL.
func (m *metrics) serve(address string) (url string, stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, &identity.Failure{Class: identity.GiveUp, Err: fmt.Errorf("metrics: %w", err),
			Remedy: "Set another address in listen under [metrics] of the configuration, or end the program that uses it."}
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics",
		promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: scrapeTimeout + time.Second}))
	// Further clients wait in the listener's queue, and need no descriptor, which the connections
	// to directory and cloud need.
	limited := netutil.LimitListener(listener, mostConnections)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: scrapeTimeout + 10*time.Second,
		IdleTimeout:  2 * time.Minute, MaxHeaderBytes: 16 << 10}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(limited) // returns when the server is closed
	}()
	return "http://" + listener.Addr().String() + "/metrics", func() { _ = server.Close(); <-ended }, nil
}
