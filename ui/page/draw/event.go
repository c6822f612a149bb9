package draw

import (
	"strconv"
	"time"

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

// EventLines returns all facts of an event.
func EventLines(l look.Look, ev record.Event, width int, zone *time.Location) []string {
	w := Details{L: l, Width: width}
	w.Text(ev.Message)
	w.Remedy(ev.Remedy)
	w.Fact("record", ev.Record)
	w.Fact("field", ev.Field)
	w.Fact("side", string(ev.Side))
	w.Fact("when", ev.Time.In(zone).Format("2006-01-02 15:04:05")+", "+string(ev.Level)+", "+ev.Code)
	if ev.Run != 0 {
		w.Fact("run", strconv.FormatInt(ev.Run, 10))
	}
	if ev.Runs > 1 {
		w.Fact("in a row", look.Count(ev.Runs, "run", "runs"))
	}
	w.Fact("anchor", string(ev.Anchor))
	return w.Lines
}

// WhoOf returns the query that explains the record of an event, and its name.
func WhoOf(ev record.Event) (who, name string) {
	if ev.Anchor != "" {
		return string(ev.Anchor), ev.Record
	}
	return ev.Record, ev.Record
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
