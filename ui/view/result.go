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
	if left := NotWritten(run); len(left) > 0 {
		parts = append(parts, left...)
	} else if run.Outcome == record.Done {
		parts = append(parts, "no failures")
	}
	return name + " " + outcome(run.Outcome) + ": " + strings.Join(parts, ", ")
}

// outcome returns how a run ended, as the predicate of a sentence.
func outcome(o record.RunOutcome) string {
	switch o {
	case record.Done:
		return "succeeded"
	case record.Cancelled:
		return "was cancelled"
	case record.WasHeld:
		return "was held"
	case record.Partial:
		return "finished incompletely"
	case record.Running:
		return "is running"
	}
	return string(o)
}

// NotWritten says what a run did not write, and why.
func NotWritten(run record.Run) (parts []string) {
	add := func(n int64, what string) {
		if n > 0 {
			parts = append(parts, number(n)+" "+what)
		}
	}
	add(run.Failed, "failed")
	add(run.Skipped, "skipped")
	add(run.NotDone, "not attempted")
	add(run.Gone, "already gone")
	add(run.Withheld, "withheld")
	add(run.LeftOut, "excluded")
	for _, dir := range run.Unread {
		parts = append(parts, "directory "+dir.Name+" was not read")
	}
	return parts
}

// RunTrouble says why a run is not good.
func RunTrouble(run record.Run) string {
	if parts := NotWritten(run); len(parts) > 0 {
		return strings.Join(parts, ", ")
	}
	if run.Detail != "" {
		return run.Detail
	}
	return string(run.Outcome)
}
