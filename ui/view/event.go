package view

import (
	"slices"
	"strings"

	"dirbridge/sync/record"
)

// EventText returns the message of an event, with the number of failed runs in a row.
func EventText(e record.Event) string {
	if e.Runs < 2 || e.Code == "escalated" {
		return e.Message
	}
	return e.Message + " (" + number(e.Runs) + " runs in a row)"
}

// EventLine returns the message of an event beside its record: "add user x: cannot create x: why" is
// "add: why" there, so that a narrow screen shows the reason.
func EventLine(e record.Event) string {
	text := EventText(e)
	what, _, ok := strings.Cut(text, e.Record+": ")
	if action := strings.Fields(what); ok && e.Record != "" && len(action) == 2 {
		_, why, _ := strings.Cut(text[strings.LastIndex(text, e.Record):], ": ") // the record, perhaps with its DN
		return action[0] + ": " + why
	}
	return text
}

// Event says everything about an event.
func Event(e record.Event, v Voice) []Fact {
	var all facts
	all.tone(map[record.Level]Tone{record.Error: Bad, record.Warn: Warn}[e.Level], "", v.In(e.Message))
	if len(all) > 0 {
		all[0].Remedy = v.In(e.Remedy)
	}
	all.add("record", e.Record)
	all.add("field", e.Field)
	all.add("side", string(e.Side))
	all.add("when", e.Time.In(v.Now.Location()).Format("2006-01-02 15:04:05")+", "+string(e.Level)+", "+e.Code)
	if e.Run != 0 {
		all.add("run", number(e.Run))
	}
	if e.Runs > 1 {
		all.add("in a row", count(e.Runs, "failed run", "failed runs"))
	}
	all.add("AD id", string(e.Anchor))
	return all
}

// EventSubject returns the query that explains the record of an event, and its name.
func EventSubject(e record.Event) (query, name string) {
	if e.Anchor != "" {
		return string(e.Anchor), e.Record
	}
	return e.Record, e.Record
}

// EventLevels returns the levels from which events are shown, the lowest first, with their names.
func EventLevels() ([]record.Level, []string) {
	return []record.Level{record.Debug, record.Info, record.Warn, record.Error},
		[]string{"all levels", "info and above", "warnings and errors", "errors only"}
}

// EventShown reports whether an event has a level or a higher one.
func EventShown(e record.Event, least record.Level) bool {
	levels, _ := EventLevels()
	return slices.Index(levels, e.Level) >= slices.Index(levels, least)
}

// ByOperator reports whether an event is an action of an operator.
func ByOperator(e record.Event) bool {
	switch e.Code {
	case "asked", "settings-saved", "mode-enabled", "mode-disabled", "overridden", "purge-kept", "purge-released",
		"conversion-begun", "conversion-done", "conversion-abandoned":
		return true
	}
	return false
}

// EventHas reports whether a text occurs in an event.
func EventHas(e record.Event, text string) bool {
	return slices.ContainsFunc([]string{e.Message, e.Record, e.Code, e.Field},
		func(s string) bool { return Has(s, text) })
}

// What the list of events says if it has nothing.
const (
	NoEvents      = "No events yet. Every run and every problem is recorded here."
	NoEventsFound = "No event matches."
)

// EventsOf names the events of one run.
func EventsOf(run int64) string { return "Events of run " + number(run) }
