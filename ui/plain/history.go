package plain

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
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
	var runs []record.Run
	if err := s.wait("Reading the history", func(ctx context.Context) (err error) {
		runs,
			err = s.conn.Runs(ctx, runsShown)
		return err
	}); err != nil {
		return err
	}
	var rows []row
	for _, r := range runs {
		rows = append(rows, row{s.runLine(r), func() error { return s.runPage(r.ID) }})
	}
	return s.list(inMemory("History, newest first", "No run yet. Begin with a dry run.", rows))
}

// runPage is the page of one run.
func (s *session) runPage(id int64) error {
	var report control.Report
	return s.menu(page{title: fmt.Sprintf("Run %d", id), head: func() error {
		err := s.wait("Reading the run", func(ctx context.Context) (err error) {
			report,
				err = s.conn.Report(ctx, id)
			return err
		})
		if err != nil {
			return err
		}
		s.runFacts(report)
		return nil
	}, choices: func() []choice {
		undoOff := s.busy()
		if undoOff == "" && report.Counts.Writes() == 0 {
			undoOff = "it wrote nothing"
		}
		list := []choice{
			{text: "Records that failed or were skipped, " + number(report.Failed+report.Skipped),
				do: func() error { return s.recordsOf(report.Run) }},
			{text: "What it wrote", do: func() error { return s.journal(id) }},
			{text: "All events of it", do: func() error {
				return s.eventsOf(id, "Events of run "+number(id), func(record.Event) bool { return true })
			}},
			{text: "Undo: plan the reverse of it; nothing is written by that", off: undoOff,
				do: func() error { return s.planned(control.Request{Mode: control.UndoPlan, Undo: id}) }},
		}
		if report.Withheld > 0 {
			list = append(list, choice{text: "Records that it withheld, " + number(report.Withheld),
				do: func() error { return s.withheldOf(report) }})
		}
		return list
	}})
}

func (s *session) runFacts(r control.Report) {
	s.say("%s.", s.runLine(r.Run))
	s.fact("Detail", r.Detail)
	s.say("Started %s.", moment(r.Started, s.now()))
	s.fact("By", r.By)
	s.fact("Plan", r.Plan)
	for _, o := range r.Overrides {
		s.say("The guard %s was overridden for exactly %s.", o.Rule, number(o.Count))
	}
	if r.NotDone > 0 {
		s.say("%s not tried.", plural(r.NotDone, "change was", "changes were"))
	}
	if r.EscalatedCount > 0 {
		s.say("%s in ten runs in a row or more, as of now.", plural(r.EscalatedCount, "record has failed",
			"records have failed"))
	}
}

// recordsOf lists the records that a run did not write.
func (s *session) recordsOf(r record.Run) error {
	if r.Failed+r.Skipped == 0 {
		s.say("Nothing failed, and nothing was skipped.")
		return nil
	}
	return s.eventsOf(r.ID, fmt.Sprintf("Failed and skipped in run %d", r.ID), func(e record.Event) bool {
		return e.Code == "write-failed" || e.Code == "write-skipped"
	})
}

// eventsOf lists those events of a run that want accepts.
func (s *session) eventsOf(id int64, title string, want func(record.Event) bool) error {
	return s.list(s.streamed(title, "The event log has nothing of it; log_level says what is kept.",
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
	return s.list(s.streamed(fmt.Sprintf("What run %d wrote", id), "It wrote nothing.",
		func(ctx context.Context, fn func(row) error) error {
			return s.conn.Journal(ctx, id, func(in control.Intent) error { return fn(s.intentRow(in)) })
		}))
}

func (s *session) intentRow(in control.Intent) row {
	c := in.Change
	c.After = nil
	state, why, remedy := record.WriteUnknown, "", ""
	if in.Answer != nil {
		o := in.Answer.Outcome
		state, why, remedy = o.State, o.Message, o.Remedy
	}
	text := string(state) + ": " + s.written(&c)
	if why != "" {
		text += ": " + why
	}
	return row{text, func() error {
		s.say("%s: %s %s %s.", state, c.Action, c.Kind, whoOf(&c))
		if why != "" && state != record.WriteDone {
			s.say("Error: %s", view.Sentence(why))
			s.remedy(remedy)
		}
		if state == record.WriteUnknown {
			s.say("The cloud has not answered: the next run looks what became of it.")
		}
		for _, f := range c.Fields {
			s.say("%s.", fieldLine(f))
		}
		s.fact("Reason", c.Reason)
		s.fact("Cause", c.Cause)
		s.fact("Record", c.DN)
		return nil
	}}
}

// written returns a change regardless of the current plan.
func (s *session) written(c *control.Change) string {
	if c.Kind == identity.Member || len(c.Fields) == 0 {
		return whoOf(c) + ", " + string(c.Action)
	}
	text := whoOf(c) + ", " + string(c.Action) + ", " + fieldLine(c.Fields[0])
	if n := len(c.Fields) - 1; n > 0 {
		text += fmt.Sprintf(", and %d more", n)
	}
	return text
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
			if !contains(r.text, filter) {
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
