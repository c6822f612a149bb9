package app

import (
	"fmt"
	"testing"

	"dirbridge/sync/record"
	"dirbridge/ui/page/events"
)

func TestEventsOfOneRunAndOnePerson(t *testing.T) {
	f := newFake()
	f.explanation = anaExplained()
	f.events = append(f.events, record.Event{Seq: 4, Time: noon, Level: record.Info, Code: "asked",
		Message: "ana started a dry run."})
	c := open(t, f, 80, 40)
	c.press("5")
	c.shows("4 events", "> i 14:02:30   ana started a dry run.", "(t this run)")
	c.press("up", "t")
	c.shows("Events of run 410", "2 events", "t all runs")
	f.events = append(f.events, record.Event{Seq: 5, Time: noon, Run: 410, Level: record.Warn, Message: "and another"},
		record.Event{Seq: 6, Time: noon, Run: 411, Level: record.Warn, Message: "of another run"})
	c.beat()
	c.shows("3 events", "and another")
	c.lacks("of another run")
	c.press("home", "w")
	c.shows("who:bo.li@example.com", "1 event,", "Make a new dry run.")
	c.press("x")
	c.shows("found     ")
	if f.explained != "bo.li@example.com" {
		t.Errorf("asked for %q", f.explained)
	}
	c.press("esc", "o")
	c.shows("Run 410, Full", ">", "bo.li@example.com")
	c.press("5", "esc")
	c.shows("6 events")
	c.press("/")
	c.text("run:411")
	c.press("enter")
	c.shows("1 event,", "of another run")
	c.press("esc", "v", "v", "v", "v")
	c.shows("1 event, operators' actions", "ana started a dry run.")
}

// TestEventsOfAnOldRun checks that the events of a run are found, however many came after them.
func TestEventsOfAnOldRun(t *testing.T) {
	f := newFake()
	for i := int64(4); i < 2*events.EventsKept; i++ {
		f.events = append(f.events, record.Event{Seq: i, Time: noon, Run: 411 + i/events.EventsKept, Level: record.Info,
			Message: fmt.Sprint("event ", i)})
	}
	f.events[10].Run, f.events[len(f.events)-1].Run = 7, 7
	c := open(t, f, 80, 24)
	c.press("5", "end", "t")
	c.shows("Events of run 7", "2 events, all levels", "event 11", fmt.Sprint("event ", 2*events.EventsKept-1))
	c.press("t")
	c.shows("the newest of 5,000 events")
}
