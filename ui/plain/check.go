package plain

import (
	"context"
	"errors"
	"strings"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// check checks the directories' data.
func (s *session) check() error {
	return s.menu(page{title: "Check", head: func() error {
		c, n := s.conn.Checked()
		if n == 0 {
			s.say("%s %s", view.NoCheck, view.CheckMeans)
			return nil
		}
		s.checked(c)
		return nil
	}, choices: s.checkChoices})
}

func (s *session) checkChoices() []choice {
	start := choice{text: "Check now", off: s.forbidden(), do: s.runCheck}
	c, _ := s.conn.Checked()
	choices := []choice{start}
	if c.Report == nil {
		return choices
	}
	report := c.Report
	choices = append(choices, choice{text: "Save all findings to a file", off: s.forbidden(),
		do: func() error { return s.saveFindings(report) }})
	for _, class := range report.Classes {
		choices = append(choices, choice{text: classLine(class), do: func() error { return s.findings(report, class) }})
	}
	return choices
}

func classLine(c control.ClassCount) string {
	return string(c.Severity) + ", " + c.Title + ", " + number(c.Count)
}

// runCheck checks with the draft if there is one, and waits. Ctrl+C cancels it.
func (s *session) runCheck() error {
	var with *config.Draft
	if s.draft.Changed() {
		d := s.draft.Edited.Clone()
		with = &d
		s.say("It uses your unsaved settings.")
	}
	_, before := s.conn.Checked()
	if err := s.conn.StartCheck(with); err != nil {
		s.fail("The check could not be started", err)
		return errBack
	}
	s.say("Checking. Ctrl+C cancels it.")
	ticks, stop := s.tick(pollEvery)
	defer stop()
	var phase string
	said, cancelled := s.now(), false
	for {
		if c, n := s.conn.Checked(); n > before {
			return s.checkEnded(c)
		}
		p, now := s.conn.CheckProgress(), s.now()
		if name := view.CheckPhase(p); p.Phase != control.CheckIdle && (name != phase || now.Sub(said) >= progressEvery) {
			phase, said = name, now
			s.say("%s.", view.CheckProgress(p))
		}
		select {
		case <-s.ctx.Done():
			return errLeave
		case <-s.interrupts:
			s.breakLine(true)
			if cancelled {
				return errLeave
			}
			cancelled = true
			s.conn.CancelCheck()
			s.say(view.CancellingCheck)
		case <-ticks:
		}
	}
}

func (s *session) checkEnded(c control.Checked) error {
	switch {
	case errors.Is(c.Err, context.Canceled):
		s.say("The check was cancelled.")
	case c.Err != nil:
		s.fail(view.CheckError, c.Err)
	default:
		s.say("The check is done.")
		s.checked(c)
		if len(c.Report.Classes) > 0 {
			s.say("? says the findings by class, with their numbers.")
		}
	}
	return nil
}

// checked prints the findings of a check.
func (s *session) checked(c control.Checked) {
	r := c.Report
	if r == nil {
		s.say("%s", view.CheckFailed)
		return
	}
	for _, d := range r.Directories {
		if d.Error != "" {
			s.facts([]view.Fact{view.Unchecked(d)})
			continue
		}
		s.say("%s: %s.", d.Name, view.CheckRead(d.Counts))
	}
	if len(r.Classes) == 0 {
		s.say("%s", view.CheckClean)
		return
	}
	var all int64
	for _, class := range r.Classes {
		all += class.Count
	}
	s.say("Checked %s: %s, of which %s.", s.clock(r.Ended), view.Findings(all),
		plural(r.Problems(), "is a problem", "are problems"))
}

// findings lists the findings of one class.
func (s *session) findings(r *control.CheckReport, class control.ClassCount) error {
	s.say("%s. %s", class.Title, view.Sentence(class.Remedy))
	line := func(f control.Finding) string {
		return f.DN + ", " + view.Finding(f)
	}
	open := func(f control.Finding) func() error {
		return func() error {
			s.say("%s: %s", class.Severity, view.Sentence(line(f)))
			s.remedy(f.Remedy)
			s.fact("Directory", f.Directory)
			return nil
		}
	}
	each := func(ctx context.Context, fn func(row) error) error {
		return r.Each(ctx, []control.ClassID{class.ID}, 0, func(f control.Finding) error { return fn(row{line(f), open(f)}) })
	}
	filtered := s.streamed("", "", each)
	return s.list(listing{title: "Findings: " + class.Title, none: "There are no findings.",
		total: func(ctx context.Context, filter string) (int64, error) {
			if filter != "" {
				return filtered.total(ctx, filter)
			}
			return class.Count, nil
		},
		window: func(ctx context.Context, filter string, from int64, n int) ([]row, error) {
			if filter != "" {
				return filtered.window(ctx, filter, from, n)
			}
			found, err := r.Findings(ctx, class.ID, from, int64(n))
			rows := make([]row, len(found))
			for i, f := range found {
				rows[i] = row{line(f), open(f)}
			}
			return rows, err
		}})
}

func (s *session) saveFindings(r *control.CheckReport) error {
	usual := view.FindingsName(r.Ended.In(s.now().Location()))
	path, err := s.text("Path, or Enter for "+usual+":",
		[]string{"The extension sets the format: .csv or .json. " + view.FindingsFile}, nil)
	if err != nil {
		return err
	}
	if path = strings.TrimSpace(path); path == "" {
		path = usual
	}
	path = look.HomePath(path)
	if err := s.wait("Saving the findings", func(ctx context.Context) error { return r.SaveAs(ctx, path) }); err != nil {
		return err
	}
	s.say("%s", view.Saved(path))
	return nil
}
