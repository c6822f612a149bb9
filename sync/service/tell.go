package service

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// patience is how long the state is waited for once ctx has ended.
const patience = 10 * time.Second

func (r *Runner) event(ev record.Event) record.Event {
	ev.Time = r.opt.Clock.Now().UTC()
	return ev
}

// note tells what no run has put into the event log, and puts it there.
func (r *Runner) note(ev record.Event) {
	ev = r.event(ev)
	r.opt.Tell(ev)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = r.opt.Store.Append(ctx, ev) // it was told; a state that takes nothing is told by the runs
}

// name is what a message calls a mode, or the state itself.
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

// ended tells how a run ended that was begun.
func (r *Runner) ended(ctx context.Context, mode record.Mode, run record.Run, err error) {
	if err != nil && !(errors.Is(err, context.Canceled) && run.ID != 0) {
		r.trouble(ctx, string(mode), run, err)
		return
	}
	clear(r.told)
	if mode == record.Purge && run.Outcome == record.Done && run.Counts.Writes() == 0 {
		return
	}
	ev := record.Event{Level: record.Info, Code: "run-" + string(run.Outcome), Run: run.ID, Message: fmt.Sprintf("%s: run %d %s; %d written, %d failed, %d skipped, %d not done.",
		name(cmp.Or(run.Mode, mode)), run.ID, run.Outcome, run.Counts.Writes(), run.Failed, run.Skipped, run.NotDone)}
	if run.Outcome != record.Done {
		ev.Level = record.Warn
		ev.Remedy = "The next run plans what is left again."
	}
	for _, dir := range run.Unread {
		ev.Message += fmt.Sprintf(" Directory %s could not be read: %s.", dir.Name, dir.Error)
		ev.Remedy = cmp.Or(dir.Remedy, ev.Remedy)
	}
	if n, err := r.opt.Store.FailingCount(ctx, record.Escalated); err == nil && n > 0 {
		ev.Level = record.Error
		ev.Message += fmt.Sprintf(" Escalated: %d fail in %d runs in a row or more.", n, record.Escalated)
		ev.Remedy = "dirbridge status names the worst of them, with what to do."
	}
	r.opt.Tell(r.event(ev))
}

// waitForFull tells, once, what incremental runs wait for.
func (r *Runner) waitForFull() {
	const why = "waiting for the first full synchronization"
	if r.told["first"] == why {
		return
	}
	r.told["first"] = why
	r.note(record.Event{Level: record.Info, Code: "waiting-for-full", Message: "Incremental synchronization is " + why + ".",
		Remedy: "Look at a dry run (dirbridge plan), then start it: dirbridge sync --full."})
}

// trouble tells why a run did not end well, unless it is what was told of it before.
// What has an id of a run, the event log has already.
func (r *Runner) trouble(ctx context.Context, of string, run record.Run, err error) {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return
	}
	if errors.Is(err, sync.ErrNoFull) {
		r.waitForFull()
		return
	}
	ev := record.Event{Level: record.Error, Code: of + "-failed", Run: run.ID, Message: name(record.Mode(of)) + ": " + err.Error(), Remedy: identity.Remedy(err)}
	var held *port.HeldError
	switch {
	case errors.As(err, &held):
		ev.Level, ev.Code = record.Warn, "held"
		if len(held.Holds) > 0 {
			ev.Remedy = held.Holds[0].Remedy
		}
	case errors.Is(err, port.ErrNotLeader):
		of = "leader" // whatever was to be run
		ev.Level, ev.Code, ev.Remedy = record.Info, "not-leader", "Nothing need be done: it is tried again at the next time."
		ev.Message = err.Error()
	case errors.Is(err, ErrBusy):
		ev.Level, ev.Code, ev.Remedy = record.Info, "busy", "Nothing need be done: it is tried again at the next time."
	}
	if r.told[of] == ev.Message {
		return
	}
	r.told[of] = ev.Message
	if run.ID == 0 {
		r.note(ev)
	} else {
		r.opt.Tell(r.event(ev))
	}
}

// publish lets other processes see what is started next.
func (r *Runner) publish(ctx context.Context, now, full time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience) // what is under way when ctx ends is still waited for
	defer cancel()
	first, err := r.opt.Store.Value(ctx, sync.LastFullValue)
	if err == nil {
		err = r.put(ctx, sync.NextRuns{Incremental: r.incremental.UTC(), Full: full.UTC(), NeedsFull: first == "", PID: r.opt.PID, At: now.UTC()})
	}
	if err != nil {
		r.trouble(ctx, "state", record.Run{}, err)
	}
}

func (r *Runner) put(ctx context.Context, next sync.NextRuns) error {
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	return r.opt.Store.Commit(ctx, port.Batch{Values: map[string]string{sync.ScheduleValue: string(text)}})
}

// leave says that nobody serves the schedule any more, unless another process does.
func (r *Runner) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	var last sync.NextRuns
	text, err := r.opt.Store.Value(ctx, sync.ScheduleValue)
	if err == nil && json.Unmarshal([]byte(text), &last) == nil && last.PID == r.opt.PID {
		_ = r.opt.Store.Commit(ctx, port.Batch{Values: map[string]string{sync.ScheduleValue: ""}}) // it is not fresh for long
	}
	r.note(record.Event{Level: record.Info, Code: "service-stopped", Message: "The schedule is not served any more: the service was told to end."})
}
