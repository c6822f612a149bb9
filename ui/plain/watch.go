package plain

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/view"
)

const (
	// pollEvery is how often a run is polled; messages about it are less frequent.
	pollEvery = 200 * time.Millisecond
	// progressEvery is the time between two messages about a long phase.
	progressEvery = 5 * time.Second

	idle control.Phase = "idle"
)

// watching is what was printed about the current run.
type watching struct {
	begun  bool        // our own request, whose result was not printed yet
	mode   record.Mode // of the request; "" if it is not ours
	phase  control.Phase
	doubt  time.Time // start of the run that a second request will cancel
	said   time.Time
	ended  int64 // number of the last printed result
	cancel bool  // it was asked to stop
}

// running reports whether a run is under way. A run that has just started may have no phase yet.
func (s *session) running() bool {
	if s.conn == nil {
		return false
	}
	p := s.conn.Progress()
	return s.watching.begun || p.Phase != "" && p.Phase != idle
}

// start starts a request and prints its progress until it has ended or continues in the background.
func (s *session) start(r control.Request) error {
	if err := s.conn.Start(r); err != nil {
		s.fail("It did not start", err)
		return errBack
	}
	s.plan.asked = r.Draft
	s.watching.begun, s.watching.mode, s.watching.phase, s.watching.cancel = true, r.Mode, "", false
	return s.watch()
}

// planned starts a request that makes a plan, and shows the plan if there is one.
func (s *session) planned(r control.Request) error {
	before := s.plan.Plan
	if err := s.start(r); err != nil {
		return err
	}
	if s.plan.Plan == before {
		return nil // it failed, which was printed
	}
	return s.planPage(true)
}

// watch prints the changes of a run until it ends. Meanwhile, lines typed by an operator are
// commands; prepared lines wait.
func (s *session) watch() error {
	var lines <-chan string
	if s.interactive {
		lines = s.lines
		s.say("Started. [c] cancel, [b] go back and leave it running.")
	} else {
		s.say("Started.")
	}
	ticks, stop := s.tick(pollEvery)
	defer stop()
	for {
		s.hear(false)
		if s.outErr != nil {
			return errLeave
		}
		if !s.pending() {
			return nil
		}
		select {
		case <-s.ctx.Done():
			return errLeave
		case <-s.interrupts:
			s.write("\n")
			if err := s.interrupt(); err != nil {
				return err
			}
		case line, ok := <-lines:
			if !ok {
				return errLeave
			}
			if err := s.during(strings.TrimSpace(line)); err != nil {
				return err
			}
		case <-ticks:
		}
	}
}

// during answers a line that was typed while a run is watched.
func (s *session) during(line string) error {
	switch line {
	case "c":
		s.askCancel()
	case "b":
		s.say("It continues. Every prompt says what changed; to watch it again, choose Synchronization.")
		return errBack
	case "q":
		if err := s.leave(); !errors.Is(err, errBack) {
			return err
		}
	case "":
		s.say("%s", s.progress(s.conn.Progress()))
	default:
		s.say("A run is under way. [c] cancel, [b] go back and leave it running, [Enter] progress, [q] quit.")
	}
	return nil
}

// askCancel cancels a run that writes only after a second request.
func (s *session) askCancel() {
	if p := s.conn.Progress(); p.Phase == control.Applying && s.watching.doubt != p.Started {
		s.watching.doubt = p.Started
		s.say("%s [c] once more cancels the rest. %s", view.WrittenSoFar(p), view.CancelMeans)
		return
	}
	s.cancel()
}

// cancel asks the run to stop.
func (s *session) cancel() {
	s.watching.cancel = true
	s.conn.Cancel()
	s.say(view.Cancelling)
}

// interrupt handles Ctrl+C while no question to the engine is pending: the first stops a run, the
// second leaves (TestInterruptCancelsThenLeaves).
func (s *session) interrupt() error {
	if s.running() && !s.watching.cancel && s.forbidden() == "" {
		s.cancel()
		return nil
	}
	return errLeave
}

// pending reports that a request is under way, or has ended with its result not printed yet.
func (s *session) pending() bool {
	_, n, _ := s.conn.Result()
	return s.running() || n > s.watching.ended
}

// hear prints what changed in the run since the last poll: each phase, its progress from time to
// time, and its end. brief omits the progress, which would interrupt the operator's typing. It
// reports whether anything was printed.
func (s *session) hear(brief bool) bool {
	if r, n, ok := s.conn.Result(); ok && n > s.watching.ended {
		s.watching = watching{ended: n}
		s.breakLine(brief)
		s.result(r)
		return true
	}
	p, now := s.conn.Progress(), s.now()
	switch {
	case p.Phase == "" || p.Phase == idle:
		return false
	case p.Phase != s.watching.phase:
		s.watching.phase, s.watching.said = p.Phase, now
		s.breakLine(brief)
		said := view.ProgressOf(p, s.watching.mode, now)
		s.say("%s: %s.", said.Name, said.Step)
		return true
	case !brief && now.Sub(s.watching.said) >= progressEvery:
		s.watching.said = now
		s.say("%s", s.progress(p))
		return true
	}
	return false
}

// breakLine ends the line of an interrupted prompt.
func (s *session) breakLine(prompting bool) {
	if prompting {
		s.write("\n")
	}
}

// progress returns the progress of a phase in one line.
func (s *session) progress(p control.Progress) string {
	return view.Capital(view.ProgressOf(p, s.watching.mode, s.now()).String())
}

// result prints how a request ended, and takes over the plan that it made.
func (s *session) result(r control.Result) {
	made := s.lookAtPlan()
	planning := view.Plans(r.Request.Mode)
	var held *control.HeldError
	switch {
	case errors.As(r.Err, &held):
		s.say("%s", view.Sentence(view.Result(r)))
		s.holds(held.Holds)
	case errors.Is(r.Err, context.Canceled):
		s.say("%s.", view.Result(r))
	case r.Err != nil:
		s.fail(view.Mode(r.Request.Mode)+" failed", r.Err)
	default:
		s.say("%s.", view.Result(r))
		if wrote := view.Written(r.Run.Counts); len(wrote) > 0 {
			s.say("Run %d: %s.", r.Run.ID, strings.Join(wrote, ", "))
		}
		if r.Run.Failed+r.Run.Skipped > 0 {
			s.say("For each of them, see run %d in History. The next run retries them.", r.Run.ID)
		}
	}
	switch {
	case made && planning:
		s.plan.of = s.plan.asked
		s.totals()
	case held != nil: // the plan exists, and may be overridden
	case made, r.Request.Mode == record.ApplyPlan && r.Run.ID != 0:
		s.plan.applied = true
	}
	s.plan.asked = nil
}

// read is wait for a value. A second Ctrl+C leaves while fn still runs, so the value comes over a channel.
func read[T any](s *session, what string, fn func(context.Context) (T, error)) (value T, err error) {
	got := make(chan T, 1)
	err = s.wait(what, func(ctx context.Context) error {
		v, err := fn(ctx)
		got <- v
		return err
	})
	if err == nil {
		value = <-got
	}
	return value, err
}

// wait asks the engine a question that may take long. Ctrl+C abandons it. It prints a failure, with
// what as the failed action; the error is errBack then.
func (s *session) wait(what string, fn func(context.Context) error) error {
	return s.waitTelling(what, nil, fn)
}

// waitTelling is wait for a request that has something to say on the way: tell prints it.
func (s *session) waitTelling(what string, tell <-chan func(), fn func(context.Context) error) error {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- &panicked{fmt.Sprint(p), string(debug.Stack())}
			}
		}()
		done <- fn(ctx)
	}()
	ticks, stop := s.tick(progressEvery)
	defer stop()
	stopped := false
	for {
		select {
		case err := <-done:
			var crash *panicked
			switch {
			case errors.As(err, &crash):
				s.failed(what, crash.what, crash.trace)
				return errBack
			case s.ctx.Err() != nil:
				return errLeave
			case stopped:
				s.say("%s was stopped.", what)
				return errBack
			case err != nil:
				s.fail(what+" did not succeed", err)
				return errBack
			}
			return nil
		case <-s.interrupts:
			s.write("\n")
			if stopped {
				return errLeave
			}
			stopped = true
			cancel()
		case say := <-tell:
			say()
		case <-ticks:
			s.say("%s, it takes a while. Ctrl+C stops it.", what)
		}
	}
}
