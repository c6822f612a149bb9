package view

import (
	"context"
	"errors"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
)

// Result says how a request ended.
func Result(r control.Result) string {
	name := Mode(r.Request.Mode)
	var held *control.HeldError
	switch {
	case errors.As(r.Err, &held):
		return name + " was held: " + HeldWritten(held.Written())
	case errors.Is(r.Err, context.Canceled) && r.Run.ID == 0:
		return name + " was cancelled: nothing was written"
	case r.Err != nil && r.Run.ID == 0:
		return name + " failed: " + r.Err.Error()
	case Plans(r.Request.Mode) && r.Err != nil:
		return name + " failed: " + r.Err.Error()
	case Plans(r.Request.Mode):
		return name + " finished: nothing was written"
	}
	return RunResult(name, r.Run)
}

// Plans reports whether a request makes a plan, and writes nothing.
func Plans(m record.Mode) bool {
	return m == record.DryRun || m == control.UndoPlan || m == control.PurgePlan
}

// HeldWritten says what a held run wrote.
func HeldWritten(written string) string {
	if written == "" {
		return "nothing was written"
	}
	return "nothing else was written. " + written
}

// RunResult says how a run ended: "Apply succeeded: 1,801 changes, no failures".
func RunResult(name string, run record.Run) string {
	parts := []string{count(run.Counts.Writes(), "change", "changes")}
	if run.Counts.Writes() == 0 {
		parts[0] = "no changes"
	}
	if left := run.Shortfall(); len(left) > 0 {
		parts = append(parts, left...)
	} else if run.Outcome == record.Done {
		parts = append(parts, "no failures")
	}
	return name + " " + run.Outcome.Text() + ": " + strings.Join(parts, ", ")
}

// RunTrouble says why a run is not good.
func RunTrouble(run record.Run) string {
	if parts := run.Shortfall(); len(parts) > 0 {
		return strings.Join(parts, ", ")
	}
	if run.Detail != "" {
		return run.Detail
	}
	return string(run.Outcome)
}
