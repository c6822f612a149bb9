package plain

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"dirbridge/sync/record"
	"dirbridge/ui/view"
)

// eventsKept is how many of the newest events the page holds; the verb events shows all of them.
const eventsKept = 5000

// eventFilter selects the events to show.
type eventFilter struct {
	level record.Level // this or worse; "" is all
	run   int64        // 0 is all
	text  string
}

func (f eventFilter) passes(e record.Event) bool {
	return (f.run == 0 || e.Run == f.run) && (f.level == "" || view.EventShown(e, f.level)) &&
		(f.text == "" || view.EventHas(e, f.text))
}

func (f eventFilter) words() string {
	levels, names := view.EventLevels()
	text := names[max(slices.Index(levels, f.level), 0)]
	if f.run != 0 {
		text += fmt.Sprintf(", run %d", f.run)
	}
	if f.text != "" {
		text += ", with " + strconv.Quote(f.text)
	}
	return text
}

// events is the event viewer.
func (s *session) events() error {
	var f eventFilter
	return s.menu(page{title: "Event Viewer", head: func() error {
		s.say("Shown: %s.", f.words())
		return nil
	}, choices: func() []choice {
		return []choice{
			{text: "List the events, newest first", do: func() error { return s.eventList(f) }},
			{text: "Level", do: func() error { return s.pickLevel(&f) }},
			{text: "Run", do: func() error { return s.pickRun(&f) }},
			{text: "Text", do: func() (err error) {
				f.text, err = s.keep(f.text, "Text, or Enter for all:")
				return err
			}},
		}
	}})
}

// keep asks for a text and says what applies then. The old text stays if the user goes back.
func (s *session) keep(was, label string) (string, error) {
	text, err := s.text(label, nil, nil)
	if err != nil {
		return was, err
	}
	s.say("Set. 1 lists the events.")
	return text, nil
}

func (s *session) pickLevel(f *eventFilter) error {
	var choices []choice
	levels, names := view.EventLevels()
	for i, level := range levels {
		choices = append(choices, choice{text: view.Capital(names[i]), do: func() error {
			f.level = level
			s.say("Shown: %s. 1 lists the events.", f.words())
			return nil
		}})
	}
	return s.pickOne("Which levels?", choices)
}

func (s *session) pickRun(f *eventFilter) error {
	text, err := s.text("Number of the run, or Enter for all:", nil, func(text string) string {
		if n, err := strconv.ParseInt(text, 10, 64); text != "" && (err != nil || n < 1) {
			return "Enter the number of a run, as History lists them."
		}
		return ""
	})
	if err != nil {
		return err
	}
	f.run, _ = strconv.ParseInt(text, 10, 64) // "" is all
	s.say("Shown: %s. 1 lists the events.", f.words())
	return nil
}

// eventList reads the log once, from its start, and keeps the newest events that pass.
func (s *session) eventList(f eventFilter) error {
	var newest []record.Event
	dropped := false
	err := s.wait("Reading the events", func(ctx context.Context) error {
		for since := int64(0); ; {
			const batch = 1000
			events, err := s.conn.Events(ctx, since, batch)
			if err != nil || len(events) == 0 {
				return err
			}
			for _, e := range events {
				if since = e.Seq; f.passes(e) {
					newest = append(newest, e)
				}
			}
			if n := len(newest) - eventsKept; n > 0 {
				newest, dropped = slices.Clone(newest[n:]), true
			}
			if len(events) < batch {
				return nil
			}
		}
	})
	if err != nil {
		return err
	}
	slices.Reverse(newest)
	var rows []row
	for _, e := range newest {
		rows = append(rows, s.eventRow(e))
	}
	title := "Events, " + f.words()
	if dropped {
		title += fmt.Sprintf("; the newest %d", eventsKept)
	}
	return s.list(inMemory(title, view.NoEventsFound, rows))
}

func (s *session) eventRow(e record.Event) row {
	text := view.EventText(e)
	if e.Record != "" && !view.Has(e.Message, e.Record) {
		text = e.Record + ": " + text
	}
	return row{fmt.Sprintf("%s, %s, %s", s.clock(e.Time), e.Level, text), func() error { return s.event(e) }}
}

// event prints all facts of an event.
func (s *session) event(e record.Event) error {
	s.facts(view.Event(e, s.voice()))
	if e.Anchor == "" {
		return nil
	}
	return s.pickOne("What next?", []choice{
		{text: "Back to the list"},
		{text: "Explain this record", do: func() error { return s.explain(string(e.Anchor)) }},
	})
}
