package cli

import (
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/view"
)

// escalatedLines prints the records that fail in run after run, the worst of them by name.
func escalatedLines(w *errWriter, n int64, worst []record.Failing) {
	if n == 0 {
		return
	}
	w.printf("\n! ESCALATED: %s\n", view.Escalated(n))
	shown := int64(0)
	for _, f := range worst {
		if f.Runs < record.Escalated {
			break
		}
		shown++
		w.printf("  %s  %d runs, since %s\n    %s\n", f.Record, f.Runs, f.Since.Local().Format("2006-01-02 15:04"), f.Message)
		if f.Remedy != "" {
			w.printf("      %s\n", f.Remedy)
		}
	}
	if n > shown {
		w.printf("  and %d more\n", n-shown)
	}
}

// heldLines prints what a guard has held, and since when.
func heldLines(w *errWriter, h control.HeldSince) {
	w.printf("\n! %s\n", view.Held(h, asVerb()))
	for _, hold := range h.Holds {
		w.printf("  %s: %s\n    %s\n", hold.Rule, hold.Detail, hold.Remedy)
	}
	if h.OfFull > 0 && !h.Purge {
		w.printf("  Incremental runs continue. A full run that passes ends the hold: dirbridge sync --full\n")
	}
}

// oldest returns since when the first of the records has failed.
func oldest(failing []record.Failing) string {
	var at time.Time
	for _, f := range failing {
		if at.IsZero() || f.Since.Before(at) {
			at = f.Since
		}
	}
	return at.Local().Format("2006-01-02 15:04")
}
