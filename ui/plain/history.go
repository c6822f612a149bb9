package plain

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/view"
)

const (
	runsShown  = 200  // the newest
	itemsShown = 2000 // of a run's journal or events
)

// errEnough ends a stream of which enough has been read.
var errEnough = errors.New("enough was read")

// history lists the last runs.
func (s *session) history() error {
	runs, err := read(s, "Reading the history", func(ctx context.Context) ([]record.Run, error) {
		return s.conn.Runs(ctx, runsShown)
	})
	if err != nil {
		return err
	}
	var rows []row
	for _, r := range runs {
		rows = append(rows, row{view.RunLine(r, s.voice()), func() error { return s.runPage(r.ID) }})
	}
	return s.list(inMemory("History, newest first", view.NoRuns(view.Plain), rows))
}

// runPage is the page of one run.
func (s *session) runPage(id int64) error {
	var report control.Report
	return s.menu(page{title: fmt.Sprintf("Run %d", id), head: func() error {
		err := s.wait("Reading the run", func(ctx context.Context) (err error) {
			report, err = s.conn.Report(ctx, id)
			return err
		})
		if err != nil {
			return err
		}
		s.say("%s.", view.RunOutcome(report.Run))
		s.facts(view.Run(report.Run, nil, s.voice()))
		if text := view.Escalated(report.EscalatedCount); text != "" {
			s.say("%s, as of now.", text)
		}
		return nil
	}, choices: func() []choice {
		undoOff := s.busy()
		if undoOff == "" {
			undoOff = view.UndoBlocked(report.Run)
		}
		list := []choice{
			{text: view.FailedPart + ", " + number(report.Failed+report.Skipped),
				do: func() error { return s.recordsOf(report.Run) }},
			{text: view.WrittenPart, do: func() error { return s.journal(id) }},
			{text: view.EventsOf(id), do: func() error {
				return s.eventsOf(id, view.EventsOf(id), func(record.Event) bool { return true })
			}},
			{text: "Undo: " + view.UndoTitle, off: undoOff,
				do: func() error { return s.planned(control.Request{Mode: control.UndoPlan, Undo: id}) }},
		}
		if report.Withheld > 0 {
			list = append(list, choice{text: view.WithheldPart + ", " + number(report.Withheld),
				do: func() error { return s.withheldOf(report) }})
		}
		return list
	}})
}

// recordsOf lists the records that a run did not write.
func (s *session) recordsOf(r record.Run) error {
	if r.Failed+r.Skipped == 0 {
		s.say(view.NoFailures)
		return nil
	}
	return s.eventsOf(r.ID, fmt.Sprintf("Failed in run %d", r.ID), view.OfRecord)
}

// eventsOf lists those events of a run that want accepts.
func (s *session) eventsOf(id int64, title string, want func(record.Event) bool) error {
	return s.list(s.streamed(title, view.NoEventsFound,
		func(ctx context.Context, fn func(row) error) error {
			return s.conn.ReportEvents(ctx, id, func(e record.Event) error {
				if !want(e) {
					return nil
				}
				return fn(s.eventRow(e))
			})
		}))
}

// journal lists what a run wrote, with the answers.
func (s *session) journal(id int64) error {
	return s.list(s.streamed(fmt.Sprintf("Written by run %d", id), view.NoWrites,
		func(ctx context.Context, fn func(row) error) error {
			return s.conn.Journal(ctx, id, func(in control.Intent) error { return fn(s.intentRow(in)) })
		}))
}

func (s *session) intentRow(in control.Intent) row {
	c, answer := in.Change, view.Intended(in)
	c.After = nil
	text := view.WriteWord(answer.State) + ": " + changeLine(&c)
	if answer.Message != "" {
		text += ": " + answer.Message
	}
	return row{text, func() error {
		s.facts(view.Answer(answer, view.Plain))
		s.changeFacts(&c)
		return nil
	}}
}

// streamed returns a listing of a stream. The stream is read again for each filter, and kept up to
// the number of rows shown.
func (s *session) streamed(title, none string, stream func(context.Context, func(row) error) error) listing {
	var rows []row
	read := false
	var of string
	load := func(ctx context.Context, filter string) error {
		if read && of == filter {
			return nil
		}
		rows, read, of = nil, true, filter
		err := stream(ctx, func(r row) error {
			if !view.Has(r.text, filter) {
				return nil
			}
			if rows = append(rows, r); len(rows) == itemsShown {
				return errEnough
			}
			return nil
		})
		if errors.Is(err, errEnough) {
			err = nil
		}
		if err != nil {
			read = false
		}
		return err
	}
	return listing{title: title, none: none,
		total: func(ctx context.Context, filter string) (int64, error) {
			err := load(ctx, filter)
			return int64(len(rows)), err
		},
		window: func(ctx context.Context, filter string, from int64, n int) ([]row, error) {
			if err := load(ctx, filter); err != nil {
				return nil, err
			}
			from = min(max(from, 0), int64(len(rows)))
			return rows[from:min(from+int64(n), int64(len(rows)))], nil
		}}
}
