package record

import (
	"strconv"
	"strings"
)

// Text is how a run ended, as the predicate of a sentence.
func (o RunOutcome) Text() string {
	switch o {
	case Done:
		return "succeeded"
	case Cancelled:
		return "was cancelled"
	case WasHeld:
		return "was held"
	case Partial:
		return "finished incompletely"
	case Running:
		return "is running"
	}
	return string(o)
}

// Shortfall says what a run did not write, and why; empty if it wrote everything.
func (r Run) Shortfall() (parts []string) {
	add := func(n int64, what string) {
		if n > 0 {
			parts = append(parts, digits(n)+" "+what)
		}
	}
	add(r.Failed, "failed")
	add(r.Skipped, "skipped")
	add(r.NotDone, "not attempted")
	add(r.Gone, "already gone")
	add(r.Withheld, "withheld")
	add(r.LeftOut, "excluded")
	for _, dir := range r.Unread {
		parts = append(parts, "directory "+dir.Name+" was not read")
	}
	return parts
}

// Ending says how a run ended: "Run 1 (full) succeeded: 1,803 written".
func (r Run) Ending() string {
	parts := append([]string{digits(r.Counts.Writes()) + " written"}, r.Shortfall()...)
	return "Run " + strconv.FormatInt(r.ID, 10) + " (" + string(r.Mode) + ") " + r.Outcome.Text() + ": " +
		strings.Join(parts, ", ")
}

// digits writes a number with separators between groups of three digits.
func digits(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
