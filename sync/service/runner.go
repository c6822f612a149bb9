package service

import (
	"context"
	"errors"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/queue"
	"dirbridge/sync/record"
)

// ErrBusy is returned by Options.Run if this process is doing another run.
var ErrBusy = errors.New("another run is under way")

// Options configure a Runner. All but Purge are required.
type Options struct {
	Schedule Schedule
	Store    port.Store
	// Run does one run (record.Full, Incremental or Purge) and waits for it. When ctx ends it stops
	// between two writes and returns soon. If it returns an error and a run without an id, the
	// event log has nothing about it.
	Run func(ctx context.Context, mode record.Mode) (record.Run, error)
	// Report receives each change of state, on the goroutine of Serve.
	Report func(record.Event)
	Purge  Purge
	Clock  Clock
	PID    int
	// Config is the digest of the configuration, see facts.DryRun.
	Config string
	// Listen is the address for metrics, host:port; "" is none.
	Listen  string
	Version string // of the program, for metrics
	// Directories are the names of the synchronized directories, for metrics.
	Directories []string
	// Warnings are reported when serving begins.
	Warnings []record.Event
}

// Purge says which accounts past their grace period the schedule removes.
type Purge struct {
	Never     bool // accounts of people who left are kept
	Grace     time.Duration
	Unmanaged []policy.Unmanaged // rules that exclude accounts
	AtOnce    bool               // immediately after any run that deactivated an account
}

const (
	// daily is how often a purge is considered if no full run is scheduled.
	daily = 24 * time.Hour
	// soon: a missed full run is not made up if the next one is this near.
	soon = time.Hour
	// retryFull is when a full run that could not begin is tried again, if there are no incremental
	// runs.
	retryFull = 10 * time.Minute
)

// Runner serves a schedule. It starts one run at a time:
//
//   - A full run at each time of Schedule.Full. If it falls due during another run, it begins after
//     that run. If it cannot begin because another connector leads, it is tried again at each
//     incremental time, unless another connector does a full run meanwhile. If it fell due while no
//     process served the schedule, it is made up once at the start, provided that a full run has
//     ever succeeded and the next is more than an hour away. A run that was stopped by a signal
//     counts as not done.
//   - An incremental run each Schedule.Every, counted from the start of the last run; never before
//     the first successful full run, and not together with a full run or during another run.
//   - A purge after each full run that ended well, or, if none is scheduled, once a day after an
//     incremental run, if any account is past its grace period.
//
// No run starts while synchronization is disabled (facts.ModeValue), which any process may change at
// any time. Times that pass meanwhile are not made up.
//
// A run that fails or is held is tried again at the next time, and reported again if the reason
// differs.
type Runner struct {
	opt Options

	incremental  time.Time         // when the next is due
	full         time.Time         // when the next is tried
	fullDue      time.Time         // when it was, or will be, due
	purged       time.Time         // when a purge was last considered
	seen         time.Time         // last reading of the clock
	lastProblems map[string]string // last reported problem, by source
	mode         *facts.Synchronization
	metrics      *metrics
}

// New makes a runner. It does no I/O.
func New(opt Options) *Runner {
	return &Runner{opt: opt, lastProblems: map[string]string{},
		metrics: newMetrics(opt.Store, opt.Clock, opt.Version, opt.Directories)}
}

// Serve starts runs until ctx ends, waits for the current run, and returns nil. It returns an error
// if the state cannot be read at the start, or the metrics address is not available. It is called
// once.
func (r *Runner) Serve(ctx context.Context) error {
	stop, err := r.serveMetrics(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	defer stop()
	if err := r.begin(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	defer r.unpublish(ctx)
	for ctx.Err() == nil {
		now := r.now()
		enabled := r.enabled(ctx)
		switch {
		case !enabled && due(r.full, now):
			r.scheduleFull(now)
		case !enabled && due(r.incremental, now):
			r.incremental = r.opt.Schedule.NextIncremental(now, now)
		case due(r.full, now):
			r.serveFull(ctx, now)
		case due(r.incremental, now):
			r.serveIncremental(ctx, now)
		default:
			r.publish(ctx, now, r.full)
			r.wait(ctx, now)
		}
	}
	return nil
}

// serveMetrics serves metrics, if configured.
func (r *Runner) serveMetrics(ctx context.Context) (stop func(), err error) {
	if r.opt.Listen == "" {
		return func() {}, nil
	}
	if err := r.metrics.begin(ctx); err != nil {
		return nil, err
	}
	url, stop, err := r.metrics.serve(r.opt.Listen)
	if err == nil {
		r.logEvent(record.Event{Level: record.Info, Code: "metrics", Message: "Metrics are served at " + url + "."})
	}
	return stop, err
}

func due(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }

// now reads the clock. If it was set back, times that were computed from its future are computed
// again; a correction by seconds must not make a full run due twice.
func (r *Runner) now() time.Time {
	now := r.opt.Clock.Now()
	if now.Before(r.seen.Add(-soon)) {
		r.scheduleFull(now)
	}
	if next := now.Add(r.opt.Schedule.Every); r.incremental.After(next) {
		r.incremental = next
	}
	r.seen = now
	return now
}

func (r *Runner) scheduleFull(after time.Time) {
	r.fullDue = r.opt.Schedule.NextFull(after)
	r.full = r.fullDue
}

// begin determines the position in the schedule.
func (r *Runner) begin(ctx context.Context) error {
	now := r.now()
	runs, err := r.opt.Store.Runs(ctx, 50)
	if err != nil {
		return err
	}
	if r.opt.Schedule.Every > 0 {
		r.incremental = now
		for _, run := range runs {
			if run.Mode == record.Full || run.Mode == record.Incremental {
				if next := run.Started.Add(r.opt.Schedule.Every); !run.Started.After(now) && next.After(now) {
					r.incremental = next
				}
				break
			}
		}
	}
	r.scheduleFull(now)
	missed, err := r.missed(ctx, now)
	if err != nil {
		return err
	}
	r.logEvent(record.Event{Level: record.Info, Code: "service-started",
		Message: "The schedule is served: " + r.opt.Schedule.String() + "."})
	for _, ev := range r.opt.Warnings {
		r.logEvent(ev)
	}
	enabled := r.enabled(ctx)
	if err := r.changed(ctx); err != nil {
		return err
	}
	if r.incremental.IsZero() && r.full.IsZero() {
		r.logEvent(record.Event{Level: record.Warn, Code: "nothing-scheduled",
			Message: "No runs are scheduled, so none will start.",
			Remedy:  "Set incremental_every or full under [schedule] of the configuration."})
	}
	if enabled && missed.After(r.mode.At) {
		r.fullDue, r.full = missed, now
		r.logEvent(record.Event{Level: record.Info, Code: "full-made-up",
			Message: "The full synchronization of " + missed.Format("Mon 2006-01-02 15:04") + " was missed. It starts now."})
	}
	return nil
}

// missed returns when a full run was due that is to be made up, or zero.
func (r *Runner) missed(ctx context.Context, now time.Time) (time.Time, error) {
	last := r.opt.Schedule.LastFull(now)
	if last.IsZero() || r.fullDue.Sub(now) <= soon {
		return time.Time{}, nil
	}
	first, err := r.opt.Store.Value(ctx, facts.LastFullValue)
	if err != nil || first == "" { // the operator starts the first full run
		return time.Time{}, err
	}
	done, err := r.fullSince(ctx, last)
	if err != nil || done {
		return time.Time{}, err
	}
	return last, nil
}

// fullSince reports whether any process did a full run since t. A failed or crashed one counts, so
// that a machine that cannot carry out a full run does not try for ever.
func (r *Runner) fullSince(ctx context.Context, t time.Time) (bool, error) {
	text, err := r.opt.Store.Value(ctx, facts.LastFullValue) // applying a plan also sets it
	if err != nil {
		return false, err
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil && !at.Before(t) {
		return true, nil
	}
	for limit := 64; ; limit *= 4 {
		runs, err := r.opt.Store.Runs(ctx, limit)
		if err != nil {
			return false, err
		}
		for _, run := range runs {
			if run.Started.Before(t) {
				return false, nil
			}
			if run.Mode == record.Full && run.Outcome != record.Cancelled {
				return true, nil
			}
		}
		if len(runs) < limit {
			return false, nil
		}
	}
}

// serveFull does the full run that is due, or postpones it.
func (r *Runner) serveFull(ctx context.Context, now time.Time) {
	if r.full.After(r.fullDue) {
		if done, err := r.fullSince(ctx, r.fullDue); err == nil && done {
			r.scheduleFull(now)
			return
		}
	}
	if !r.run(ctx, record.Full, now) && ctx.Err() == nil {
		r.full = now.Add(retryFull)
		if every := r.opt.Schedule.Every; every > 0 {
			r.full = now.Add(every)
		}
		return
	}
	r.scheduleFull(now)
}

// serveIncremental does the incremental run that is due, if it may.
func (r *Runner) serveIncremental(ctx context.Context, now time.Time) {
	full, err := r.opt.Store.Value(ctx, facts.LastFullValue)
	switch {
	case err != nil:
		r.problem(ctx, "state", record.Run{}, err)
	case full == "":
		r.waitForFull()
	default:
		r.run(ctx, record.Incremental, now)
		return
	}
	r.incremental = r.opt.Schedule.NextIncremental(now, now)
}

// run does one run that reads the directory, and the purge after it. began is false if another run
// or connector prevented it.
func (r *Runner) run(ctx context.Context, mode record.Mode, now time.Time) (began bool) {
	if mode == record.Full {
		r.opt.Report(r.event(record.Event{Level: record.Info, Code: "run-started", Message: "Full synchronization started."}))
	}
	run, err := r.do(ctx, mode, now)
	r.incremental = r.opt.Schedule.NextIncremental(r.opt.Clock.Now(), now)
	r.metrics.otherLeads.Store(errors.Is(err, port.ErrNotLeader))
	if errors.Is(err, port.ErrNotLeader) || errors.Is(err, ErrBusy) {
		r.problem(ctx, string(mode), run, err)
		return false
	}
	r.ended(ctx, mode, run, err)
	if err == nil && (run.Outcome == record.Done || run.Outcome == record.Partial) {
		r.purge(ctx, mode, run)
		r.incremental = r.opt.Schedule.NextIncremental(r.opt.Clock.Now(), now)
	}
	return true
}

// do waits for a run, and meanwhile publishes that this process is alive.
func (r *Runner) do(ctx context.Context, mode record.Mode, now time.Time) (record.Run, error) {
	type result struct {
		run record.Run
		err error
	}
	done := make(chan result, 1)
	go func() {
		run, err := r.opt.Run(ctx, mode)
		done <- result{run, err}
	}()
	ended := ctx.Done()
	for {
		at := r.opt.Clock.Now()
		r.incremental = r.opt.Schedule.NextIncremental(at, now)
		full := r.full
		if mode == record.Full { // the one that was due
			full = r.opt.Schedule.NextFull(at)
		}
		r.publish(ctx, at, full)
		beat, stop := r.opt.Clock.Timer(facts.Heartbeat)
		select {
		case res := <-done:
			stop()
			return res.run, res.err
		case <-beat:
		case <-ended:
			ended = nil
			r.logEvent(record.Event{Level: record.Info, Code: "service-stopping",
				Message: "The service is stopping. It waits for the answers to the writes that were sent."})
		}
		stop()
	}
}

// purge removes accounts past their grace period with a run of its own.
func (r *Runner) purge(ctx context.Context, after record.Mode, run record.Run) {
	now := r.opt.Clock.Now()
	p := r.opt.Purge
	gone := run.Counts.Users.Deactivate + run.Counts.Groups.Deactivate
	if !r.enabled(ctx) { // it may have been disabled during the run
		return
	}
	if p.Never || after != record.Full && !(p.AtOnce && gone > 0) && now.Before(r.purged.Add(daily)) || ctx.Err() != nil {
		return
	}
	due, err := queue.Due(ctx, r.opt.Store, p.Grace, p.Unmanaged, now)
	if err != nil {
		r.problem(ctx, "state", record.Run{}, err)
		return
	}
	r.purged = now
	if !due {
		return
	}
	purged, err := r.do(ctx, record.Purge, now)
	r.ended(ctx, record.Purge, purged, err)
}

// wait waits for the next time, or for the end of ctx.
func (r *Runner) wait(ctx context.Context, now time.Time) {
	d := facts.Heartbeat
	for _, at := range []time.Time{r.incremental, r.full} {
		if !at.IsZero() {
			d = min(d, at.Sub(now))
		}
	}
	c, stop := r.opt.Clock.Timer(d)
	defer stop()
	select {
	case <-c:
	case <-ctx.Done():
	}
}
