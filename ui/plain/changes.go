package plain

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// changes lists the changes of a view.
func (s *session) changes(title string, v control.View) error {
	p := s.plan.Plan
	view := func(filter string) control.View { w := v; w.Filter = filter; return w }
	l := listing{title: title, none: "There is none.",
		total: func(ctx context.Context, filter string) (int64, error) { return p.Count(ctx, view(filter)) },
		window: func(ctx context.Context, filter string, from int64, n int) ([]row, error) {
			found, err := p.WindowAt(ctx, view(filter), from, n)
			rows := make([]row, len(found))
			for i, c := range found {
				rows[i] = row{s.changeLine(&c), func() error { return s.changePage(p, c) }}
			}
			return rows, err
		}}
	if s.forbidden() == "" {
		l.extra = []listCommand{{"x", "x 3 to leave row 3 out",
			"x and numbers, such as x 3 5-9, leaves these changes out, or takes them in again.",
			func(filter, argument string) error {
				return s.tickOut(p, view(filter), argument)
			}}}
	}
	return s.list(l)
}

// tickOut excludes changes from the plan by their numbers in a view, or includes them again.
func (s *session) tickOut(p *control.Plan, v control.View, argument string) error {
	numbers, err := numbersOf(argument, 1000)
	if err != nil {
		s.say("%s.", strings.TrimSuffix(err.Error(), "."))
		return nil
	}
	for _, n := range numbers {
		var found []control.Change
		if err := s.wait("Reading", func(ctx context.Context) (err error) {
			found,
				err = p.WindowAt(ctx, v, n-1, 1)
			return err
		}); err != nil {
			return err
		}
		if len(found) == 0 {
			s.say("There is no row %d.", n)
			continue
		}
		s.toggle(p, &found[0])
	}
	s.say("%s left out.", plural(int64(len(s.plan.exclude)), "change is", "changes are"))
	return nil
}

// toggle excludes a change from a plan, or includes it again. Numbers of changes belong to one
// plan, and must not affect a newer plan whose changes have the same numbers.
func (s *session) toggle(p *control.Plan, c *control.Change) {
	switch {
	case s.plan.Plan != p:
		s.say("There is a new plan since then: go back to Dry Run.")
		return
	case s.plan.applied:
		s.say("This plan was applied: make a new dry run.")
		return
	}
	if s.isOut(c) {
		delete(s.plan.exclude, c.Seq)
		s.say("Taken in again: %s.", whoOf(c))
		return
	}
	s.plan.exclude[c.Seq] = leftOut{c.Kind, c.Action}
	s.say("Left out: %s.", whoOf(c))
}

func (s *session) isOut(c *control.Change) bool {
	_, out := s.plan.exclude[c.Seq]
	return out
}

func whoOf(c *control.Change) string {
	if c.Kind == identity.Member {
		return c.MemberKey + " in group " + c.Key
	}
	return c.Key
}

// changeLine returns a change in one line: the object, the action, and the most important words.
func (s *session) changeLine(c *control.Change) string {
	text := whoOf(c) + ", " + string(c.Action)
	if c.Kind == identity.Group {
		text += " group"
	}
	switch {
	case c.Kind == identity.Member:
	case c.Action == "update" || c.Action == "rename":
		if len(c.Fields) > 0 {
			text += ", " + fieldLine(c.Fields[0])
		}
		if n := len(c.Fields) - 1; n > 0 {
			text += fmt.Sprintf(", and %d more", n)
		}
	case c.Cause != "":
		text += ", " + c.Cause
	default:
		text += ", " + c.Reason
	}
	if s.isOut(c) {
		text += ", left out"
	}
	return text
}

// fieldLine returns old and new value in words: a screen reader reads an arrow as two signs, or not
// at all.
func fieldLine(f control.Field) string {
	text := f.Name + " becomes " + look.Values(f.New)
	switch {
	case len(f.Old) > 0 && len(f.New) == 0:
		text = f.Name + " is cleared, was " + look.Values(f.Old)
	case len(f.Old) > 0:
		text += ", was " + look.Values(f.Old)
	}
	switch {
	case f.Drift:
		text += ", changed in the cloud by hand"
	case f.Both:
		text += ", changed in the cloud by hand as well"
	case f.Mapping:
		text += ", by another mapping"
	}
	return text
}

// changePage prints all facts of a change.
func (s *session) changePage(p *control.Plan, c control.Change) error {
	return s.menu(page{title: whoOf(&c), head: func() error {
		s.say("%s %s %s.", c.Action, c.Kind, whoOf(&c))
		for _, f := range c.Fields {
			s.say("%s.", fieldLine(f))
		}
		s.fact("Reason", c.Reason)
		s.fact("Cause", c.Cause)
		s.fact("Record", c.DN)
		if c.Via != "" {
			s.say("First it is renamed to %s for a moment, because two people swap names.", c.Via)
		}
		s.fact("Cloud id", string(c.ID))
		if c.Drift {
			s.say("Somebody changed it in the cloud by hand.")
		}
		if c.Missing {
			s.say("The delete threshold counts this change.")
		}
		if s.isOut(&c) {
			s.say("It is left out.")
		}
		return nil
	}, choices: func() []choice {
		text := "Leave it out"
		if s.isOut(&c) {
			text = "Take it in again"
		}
		off := s.forbidden()
		if off == "" && s.plan.applied {
			off = "the plan was applied"
		}
		subject := string(c.Anchor)
		if c.Kind == identity.Member && c.Member != "" {
			subject = string(c.Member)
		}
		if subject == "" {
			subject = string(c.ID)
		}
		return []choice{
			{text: text, off: off, do: func() error { s.toggle(p, &c); return nil }},
			{text: "Explain", do: func() error { return s.explain(subject) }},
		}
	}})
}

// fact prints a name and its value, or nothing if the value is empty.
func (s *session) fact(name, value string) {
	if value != "" {
		s.say("%s: %s", name, view.Sentence(value))
	}
}

// unmatched lists the unmatched accounts.
func (s *session) unmatched() error {
	p := s.plan.Plan
	return s.list(listing{title: "Unmatched", none: "Every account belongs to somebody of the directory.",
		total: p.UnmatchedCount,
		window: func(ctx context.Context, filter string, from int64, n int) ([]row, error) {
			found, err := p.UnmatchedWindow(ctx, filter, from, n)
			rows := make([]row, len(found))
			for i, u := range found {
				text := u.Key
				if u.Name != "" && u.Name != u.Key {
					text += ", " + u.Name
				}
				if u.Admin {
					text += ", full administrator"
				}
				if u.Kept != "" {
					text += ", left alone: " + u.Kept
				} else {
					text += ", the plan deactivates it, as set for unmatched accounts"
				}
				rows[i] = row{text, func() error { return s.explain(string(u.ID)) }}
			}
			return rows, err
		}})
}

// problems lists the records with problems.
func (s *session) problems() error {
	p := s.plan.Plan
	return s.list(listing{title: "Problems", none: "There are no problems.",
		total: p.ProblemCount,
		window: func(ctx context.Context, filter string, from int64, n int) ([]row, error) {
			found, err := p.ProblemWindow(ctx, filter, from, n)
			rows := make([]row, len(found))
			for i, f := range found {
				problem := f.Problem
				rows[i] = row{problem.DN + ", " + strings.TrimPrefix(problem.Message, "For "+problem.DN+", "),
					func() error { return s.problem(problem) }}
			}
			return rows, err
		}})
}

func (s *session) problem(p identity.Problem) error {
	s.say("Error: %s", view.Sentence(p.Message))
	s.remedy(p.Remedy)
	s.fact("Record", p.DN)
	s.fact("Field", p.Attribute)
	s.fact("Side", string(p.Side))
	return nil
}

// byCause lists groups of changes by cause; opening a group lists its changes.
func (s *session) byCause() error {
	p := s.plan.Plan
	var groups []control.Group
	err := s.wait("Grouping", func(ctx context.Context) (err error) {
		groups, err = p.Grouped(ctx, "cause", control.View{})
		return err
	})
	if err != nil {
		return err
	}
	var rows []row
	for _, g := range groups {
		rows = append(rows, row{g.Name + ", " + plural(g.Count, "change", "changes"),
			func() error { return s.changes("Cause: "+g.Name, control.View{Cause: g.Name}) }})
	}
	return s.list(inMemory("Changes by cause", "No changes have a cause in common.", rows))
}
