package control

import (
	"context"
	"fmt"
	"time"

	"dirbridge/sync/record"
)

// asked logs which request an operator made, and which operator. Requests of the schedule are not
// logged here; their runs are.
func (l *Local) asked(r Request) {
	l.tell("asked", by(l.opt.Operator)+" started "+wish(r)+".")
}

// tell logs an operator's action. The action stands even if the log fails.
func (l *Local) tell(code, message string) {
	if l.opt.Store == nil { // of an operator who only explores directories
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = l.opt.Store.Append(ctx, record.Event{Time: time.Now().UTC(), Level: record.Info, Code: code, Message: message})
}

// wish describes a request in words.
func wish(r Request) string {
	switch r.Mode {
	case record.Incremental:
		if r.OrFull {
			return "a synchronization"
		}
		return "an incremental synchronization"
	case record.Full:
		return "a full synchronization"
	case record.DryRun:
		if r.Draft != nil {
			return "a dry run of unsaved settings"
		}
		return "a dry run"
	case record.ApplyPlan:
		return "the application of a plan"
	case record.Purge:
		return "a purge"
	case PurgePlan:
		return "a purge plan"
	case UndoPlan:
		return fmt.Sprintf("an undo plan for run %d", r.Undo)
	}
	return string(r.Mode)
}
