package page

import (
	"fmt"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

// Trouble returns a word for a problem of the synchronization as a whole; "" if there is none.
func Trouble(s control.Status) string {
	run, any := LastEnded(s.Last)
	switch {
	case isHeld(s):
		return "HELD"
	case any && IsFailed(run.Outcome), unread(s) != "", s.Escalated > 0:
		return "FAILED"
	}
	return ""
}

// TroubleWhy returns the reason of the trouble.
func TroubleWhy(s control.Status) string {
	run, any := LastEnded(s.Last)
	switch {
	case isHeld(s):
		return ": a guard stopped it, nothing was written"
	case any && len(run.Unread) > 0 && unread(s) != "":
		return ": " + unread(s) + " cannot be read"
	case any && IsFailed(run.Outcome):
		return fmt.Sprintf(": run %d, %s", run.ID, run.Outcome)
	case unread(s) != "":
		return ": " + unread(s) + " cannot be read"
	}
	return ": records fail in run after run"
}

// Degraded returns why the status is not good although no plan is held and no run failed; "" if it
// is good.
func Degraded(s control.Status) string {
	switch n := s.Problems.Total(); {
	case n > 0:
		return look.Count(n, "record has problems", "records have problems")
	case s.WithheldCount > 0:
		return look.Count(s.WithheldCount, "record is withheld", "records are withheld")
	case len(s.Held) > 0:
		return "the purge is held"
	}
	return ""
}

// LastEnded returns the last run that has ended.
func LastEnded(runs []record.Run) (record.Run, bool) {
	for _, r := range runs {
		if r.Outcome != record.Running {
			return r, true
		}
	}
	return record.Run{}, false
}

func isHeld(s control.Status) bool {
	for _, h := range s.Held {
		if !h.Purge {
			return true
		}
	}
	return false
}

// unread returns a directory that cannot be read, or "".
func unread(s control.Status) string {
	for _, h := range s.Directories {
		if h.Error != "" {
			return h.Name
		}
	}
	return ""
}

// IsFailed reports whether a run ended badly.
func IsFailed(o record.RunOutcome) bool {
	return o == record.Partial || o == record.Failed || o == record.Crashed
}
