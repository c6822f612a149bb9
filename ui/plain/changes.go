package plain

import (
	"context"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/view"
)

// changes lists the changes of a view.
func (s *session) changes(title string, v control.View) error {
	p := s.plan.Plan
	view := func(filter string) control.View { w := v; w.Filter = filter; return w }
	l := listing{title: title, none: "There are no changes.",
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
		l.extra = []listCommand{{"x", "x 3 to exclude row 3",
			"x and numbers, such as x 3 5-9, excludes these changes or includes them again.",
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
		found, err := read(s, "Reading", func(ctx context.Context) ([]control.Change, error) {
			return p.WindowAt(ctx, v, n-1, 1)
		})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			s.say("There is no row %d.", n)
			continue
		}
		s.toggle(p, &found[0])
	}
	s.say("%s excluded.", plural(int64(len(s.plan.exclude)), "change is", "changes are"))
	return nil
}

// toggle excludes a change from a plan, or includes it again. Numbers of changes belong to one
// plan, and must not affect a newer plan whose changes have the same numbers.
func (s *session) toggle(p *control.Plan, c *control.Change) {
	switch {
	case s.plan.Plan != p:
		s.say("There is a newer plan. Go back to Dry Run.")
		return
	case s.plan.applied:
		s.say(view.Sentence(view.Capital(view.AppliedAlready)))
		return
	}
	if s.isOut(c) {
		delete(s.plan.exclude, c.Seq)
		s.say("Included: %s.", view.ChangeObject(c))
		return
	}
	s.plan.exclude[c.Seq] = leftOut{c.Kind, c.Action}
	s.say("Excluded: %s.", view.ChangeObject(c))
}

func (s *session) isOut(c *control.Change) bool {
	_, out := s.plan.exclude[c.Seq]
	return out
}

// changeLine returns a change in one line: the object, the action, and the most important words.
func changeLine(c *control.Change) string {
	text := view.ChangeName(c) + ", " + string(c.Action)
	if c.Kind == identity.Group {
		text += " group"
	}
	if words := view.ChangeWords(c, view.Plain); words != "" {
		text += ", " + words
	}
	return text
}

// changeLine returns a change of the plan in one line.
func (s *session) changeLine(c *control.Change) string {
	if s.isOut(c) {
		return changeLine(c) + ", excluded"
	}
	return changeLine(c)
}

// changeFacts prints all facts of a change.
func (s *session) changeFacts(c *control.Change) {
	s.say("%s.", view.ChangeTitle(c))
	for _, f := range c.Fields {
		text := view.FieldWords(f, view.Plain)
		if why := view.FieldSource(f); why != "" {
			text += ", " + why
		}
		s.say("%s.", text)
	}
	s.fact("Why", view.Why(c))
	s.facts(view.ChangeNotes(c))
	s.facts(view.ChangeIDs(c))
}

// changePage prints all facts of a change.
func (s *session) changePage(p *control.Plan, c control.Change) error {
	return s.menu(page{title: view.ChangeObject(&c), head: func() error {
		s.changeFacts(&c)
		if s.isOut(&c) {
			s.say("It is excluded.")
		}
		return nil
	}, choices: func() []choice {
		text := "Exclude it"
		if s.isOut(&c) {
			text = "Include it again"
		}
		off := s.forbidden()
		if off == "" && s.plan.applied {
			off = "the plan was applied"
		}
		return []choice{
			{text: text, off: off, do: func() error { s.toggle(p, &c); return nil }},
			{text: "Explain", do: func() error { return s.explain(view.ChangeSubject(&c)) }},
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
	return s.list(listing{title: "Unmatched", none: "Every account has a match in a directory.",
		total: p.UnmatchedCount,
		window: func(ctx context.Context, filter string, from int64, n int) ([]row, error) {
			found, err := p.UnmatchedWindow(ctx, filter, from, n)
			rows := make([]row, len(found))
			for i, u := range found {
				rows[i] = row{u.Key + ", " + view.Unmatched(u), func() error { return s.explain(string(u.ID)) }}
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
				rows[i] = row{f.Problem.DN + ", " + view.Problem(f.Problem), func() error {
					s.facts(view.ProblemFacts(f.Problem, view.Plain))
					return nil
				}}
			}
			return rows, err
		}})
}

// byCause lists groups of changes by cause; opening a group lists its changes.
func (s *session) byCause() error {
	p := s.plan.Plan
	groups, err := read(s, "Grouping", func(ctx context.Context) ([]control.Group, error) {
		return p.Grouped(ctx, "cause", control.View{})
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
