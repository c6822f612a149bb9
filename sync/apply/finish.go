package apply

import (
	"context"
	"errors"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// Finish closes a run that ended before its plan was applied.
func Finish(e *stage.Env, run record.Run, err error) record.Run {
	run.Ended = e.Now().UTC()
	run.Outcome = record.Failed
	level := record.Error
	if errors.Is(err, context.Canceled) {
		run.Outcome = record.Cancelled
		level = record.Warn
	}
	run.Detail = err.Error()
	if run.Outcome == record.Cancelled {
		run.Detail = "Cancelled before its plan was applied."
	}
	// The run's own context may have ended; the record must still be written.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ev := record.Event{Time: run.Ended, Run: run.ID, Level: level, Code: "run-" + string(run.Outcome),
		Message: run.Detail, Remedy: identity.Remedy(err)}
	e.WriteHealth(ctx, run.ID)
	_ = e.Store.Append(ctx, ev)
	_ = e.Store.End(ctx, run)
	return run
}
