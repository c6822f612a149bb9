package draw

import (
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// LevelMark returns a level as two letters and a style.
func LevelMark(l look.Look, level record.Level) (string, component.Styler) {
	switch level {
	case record.Error:
		return l.Mark.Problem + "E", l.Style.Bad
	case record.Warn:
		return " W", l.Style.Warn
	case record.Debug:
		return " d", l.Style.Dim
	}
	return " i", l.Style.Dim
}

// FactLines returns facts as lines of a width.
func FactLines(l look.Look, all []view.Fact, width int) []string {
	w := Details{L: l, Width: width}
	w.Facts(all)
	return w.Lines
}

// OutcomeWord returns a run's outcome as the status ball and the word beside it.
func OutcomeWord(l look.Look, o record.RunOutcome) (string, component.Styler) {
	ball := l.Mark.Ball + " "
	switch {
	case view.IsFailed(o):
		return ball + "FAILED", l.Style.Bad
	case o == record.WasHeld:
		return ball + "HELD", l.Style.Bad
	case o == record.Done:
		return ball + "ok", l.Style.Good
	case o == record.Cancelled:
		return ball + "stopped", l.Style.Warn
	}
	return ball + string(o), l.Style.Dim
}
