package service

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// patience is the time limit for the state once ctx has ended.
const patience = 10 * time.Second

func (r *Runner) event(ev record.Event) record.Event {
	ev.Time = r.opt.Clock.Now().UTC()
	return ev
}

// logEvent reports an event that no run has logged, and logs it.
func (r *Runner) logEvent(ev record.Event) {
	ev = r.event(ev)
	r.opt.Report(ev)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = r.opt.Store.Append(ctx, ev) // it was reported; the runs report a state that cannot be written
}

// name is how a message calls a mode, or the state itself.
func name(mode record.Mode) string {
	switch mode {
	case record.Full:
		return "Full synchronization"
	case record.Incremental:
		return "Incremental synchronization"
	case record.Purge:
		return "Purge"
	}
	return "The " + string(mode)
}

// ended reports how a run ended.
func (r *Runner) ended(ctx context.Context, mode record.Mode, run record.Run, err error) {
	if err != nil && !(errors.Is(err, context.Canceled) && run.ID != 0) {
		r.problem(ctx, string(mode), run, err)
		return
	}
	clear(r.lastProblems)
	if mode == record.Purge && run.Outcome == record.Done && run.Counts.Writes() == 0 {
		return
	}
	ev := record.Event{Level: record.Info, Code: "run-" + string(run.Outcome), Run: run.ID,
		Message: run.Ending() + "."}
	if run.Outcome != record.Done {
		ev.Level = record.Warn
		ev.Remedy = "The next run tries the rest again."
	}
	for _, dir := range run.Unread {
		ev.Message += fmt.Sprintf(" Directory %s could not be read: %s.", dir.Name, dir.Error)
		ev.Remedy = cmp.Or(dir.Remedy, ev.Remedy)
	}
	if n, err := r.opt.Store.FailingCount(ctx, record.Escalated); err == nil && n > 0 {
		ev.Level = record.Error
		ev.Message += fmt.Sprintf(" Escalated: %d failed in %d or more runs in a row.", n, record.Escalated)
		ev.Remedy = "dirbridge status lists the worst of them with their remedies."
	}
	r.opt.Report(r.event(ev))
}

// waitForFull reports, once, what incremental runs wait for.
func (r *Runner) waitForFull() {
	const why = "waiting for the first full synchronization"
	if r.lastProblems["first"] == why {
		return
	}
	r.lastProblems["first"] = why
	r.logEvent(record.Event{Level: record.Info, Code: "waiting-for-full",
		Message: "Incremental synchronization is " + why + ".",
		Remedy:  "Make a dry run (dirbridge plan), then start it: dirbridge sync --full."})
}

// problem reports why a run did not end well, unless it is what was last reported for its source.
// If the run has an id, the event log has it already.
func (r *Runner) problem(ctx context.Context, of string, run record.Run, err error) {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return
	}
	if errors.Is(err, sync.ErrNoFull) {
		r.waitForFull()
		return
	}
	ev := record.Event{Level: record.Error, Code: of + "-failed", Run: run.ID,
		Message: name(record.Mode(of)) + ": " + err.Error(), Remedy: identity.Remedy(err)}
	var held *port.HeldError
	switch {
	case errors.As(err, &held):
		ev.Level, ev.Code = record.Warn, "held"
		if len(held.Holds) > 0 {
			ev.Remedy = held.Holds[0].Remedy
		}
	case errors.Is(err, port.ErrNotLeader):
		of = "leader" // for any mode
		ev.Level, ev.Code, ev.Remedy = record.Info, "not-leader", "Nothing need be done: it is tried again at the next time."
		ev.Message = err.Error()
	case errors.Is(err, ErrBusy):
		ev.Level, ev.Code, ev.Remedy = record.Info, "busy", "Nothing need be done: it is tried again at the next time."
	}
	if r.lastProblems[of] == ev.Message {
		return
	}
	r.lastProblems[of] = ev.Message
	if run.ID == 0 {
		r.logEvent(ev)
	} else {
		r.opt.Report(r.event(ev))
	}
}

// publish shows other processes what is started next.
func (r *Runner) publish(ctx context.Context, now, full time.Time) {
	// a run that is active when ctx ends is still awaited
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	first, err := r.opt.Store.Value(ctx, facts.LastFullValue)
	if err == nil {
		err = r.put(ctx, facts.NextRuns{Incremental: r.incremental.UTC(), Full: full.UTC(), NeedsFull: first == "",
			PID: r.opt.PID, At: now.UTC()})
	}
	if err != nil {
		r.problem(ctx, "state", record.Run{}, err)
	}
}

func (r *Runner) put(ctx context.Context, next facts.NextRuns) error {
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	return r.opt.Store.Commit(ctx, port.Batch{Values: map[string]string{facts.ScheduleValue: string(text)}})
}

// unpublish records that this process no longer serves the schedule, unless another process does.
func (r *Runner) unpublish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	var last facts.NextRuns
	text, err := r.opt.Store.Value(ctx, facts.ScheduleValue)
	if err == nil && json.Unmarshal([]byte(text), &last) == nil && last.PID == r.opt.PID {
		_ = r.opt.Store.Commit(ctx, port.Batch{Values: map[string]string{facts.ScheduleValue: ""}}) // the value expires soon
	}
	r.logEvent(record.Event{Level: record.Info, Code: "service-stopped",
		Message: "The service has stopped; the schedule no longer runs."})
}
