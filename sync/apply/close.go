package apply

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// heldMessage is a hold in one line.
func heldMessage(h plan.Hold) string {
	if len(h.Causes) == 0 {
		return h.Detail
	}
	causes := make([]string, len(h.Causes))
	for i, c := range h.Causes {
		causes[i] = c.String()
	}
	return h.Detail + " " + strings.Join(causes, "; ") + "."
}

// heldBy records what a held plan found, and closes its run.
func (a *applier) heldBy(ctx context.Context, held *port.HeldError) (_ record.Run, err error) {
	if a.behind, err = a.outdated(ctx); err == nil {
		err = a.storeProblems(ctx)
	}
	run, holds := a.held(held)
	return run, errors.Join(holds, err)
}

// held closes a run that a guard stopped. Nothing was written, except for the leavers that
// leaversOf deactivated.
func (a *applier) held(err *port.HeldError) (record.Run, error) {
	run := a.run
	run.Ended, run.Outcome, run.Detail = a.at(), record.WasHeld, err.Error()
	if written := err.Written(); written != "" {
		run.Detail += " " + written
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	a.env.WriteHealth(ctx, run.ID)
	for _, h := range err.Holds {
		_ = a.env.Store.Append(ctx, record.Event{Time: run.Ended, Run: run.ID, Level: record.Warn, Code: "held",
			Message: heldMessage(h), Remedy: h.Remedy})
	}
	if e := errors.Join(a.noteHeld(ctx, run, err.Holds), a.env.Store.End(ctx, run)); e != nil {
		return run, errors.Join(err, e)
	}
	return run, err
}

// close records how the run ended and reports what was done and what was not.
func (a *applier) close(ctx context.Context, err error) (record.Run, error) {
	bg, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	a.reportOverwritten()
	if e := a.commit(bg); e != nil {
		err = errors.Join(err, e)
	}
	a.env.WriteHealth(bg, a.run.ID)
	run := a.run
	run.Ended = a.at()
	run.NotDone += max(0, a.plan.Len()-a.seen)
	level := record.Info
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		run.Outcome, level = record.Cancelled, record.Warn
	case err != nil:
		run.Outcome, level = record.Failed, record.Error
		run.Detail = err.Error()
	case run.Failed+run.Skipped+run.NotDone > 0, len(run.Unread) > 0:
		run.Outcome, level = record.Partial, record.Warn
	default:
		run.Outcome = record.Done
	}
	text := run.Ending()
	if run.LeftOut > 0 {
		text += "; " + a.partWords()
		run.Detail = cmp.Or(run.Detail, a.partWords())
	}
	ev := record.Event{Time: run.Ended, Run: run.ID, Level: level, Code: "run-" + string(run.Outcome), Message: text,
		Remedy: identity.Remedy(err)}
	if err != nil && run.Outcome != record.Cancelled {
		ev.Message = text + ": " + err.Error()
	}
	if e := errors.Join(a.env.Store.Append(bg, ev), a.notePassed(bg, run)); e != nil && err == nil {
		err = e
	}
	if e := a.env.Store.End(bg, run); e != nil && err == nil {
		err = e
	}
	return run, err
}
