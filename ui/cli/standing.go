package cli

import (
	"fmt"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
)

// escalatedLines prints the records that fail in run after run, the worst of them by name.
func escalatedLines(w *errWriter, n int64, worst []record.Failing) {
	if n == 0 {
		return
	}
	w.printf("\n! ESCALATED: %s %s in %d runs in a row or more\n", count(n, "record"), verb(n, "fails", "fail"),
		record.Escalated)
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

func verb(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// heldLines prints what a guard has held, and since when.
func heldLines(w *errWriter, h control.HeldSince) {
	what := "Synchronization"
	if h.Purge {
		what = "The purge"
	}
	w.printf("\n! HELD: %s has been held for %s, since %s (%s)\n", what, age(time.Since(h.Since)),
		h.Since.Local().Format("2006-01-02 15:04"), count(h.Runs, "run"))
	for _, hold := range h.Holds {
		w.printf("  %s: %s\n    %s\n", hold.Rule, hold.Detail, hold.Remedy)
	}
	if h.OfFull > 0 && !h.Purge {
		w.printf("  Incremental runs go on meanwhile. It ends when a full run passes: dirbridge sync --full\n")
	}
}

// unreadCount says how many directories a run could not read.
func unreadCount(n int64) string {
	if n == 1 {
		return "1 directory not read"
	}
	return fmt.Sprintf("%d directories not read", n)
}

// unreadLines lists the directories that a run could not read, with the remedies.
func unreadLines(w *errWriter, run record.Run) {
	for _, dir := range run.Unread {
		w.printf("\n! INCOMPLETE: directory %s could not be read: %s\n  Its people are left as they are, and no account "+
			"is removed until it can be read.\n", dir.Name, dir.Error)
		if dir.Remedy != "" {
			w.printf("  %s\n", dir.Remedy)
		}
	}
}

// lastGood returns the time of the last good run, and its age.
func lastGood(s control.Status) string {
	if s.LastGoodAge == nil {
		return "never"
	}
	return s.LastGood.Local().Format("2006-01-02 15:04:05") + ", " + age(time.Duration(*s.LastGoodAge)*time.Second) +
		" ago"
}

// age returns a duration in everyday words.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d", int(d.Hours()/24))
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

// inARow says in how many consecutive runs a record has failed, from the second on.
func inARow(e record.Event) string {
	if e.Runs < 2 || e.Code == "escalated" {
		return ""
	}
	return fmt.Sprintf(" (%d runs in a row)", e.Runs)
}
