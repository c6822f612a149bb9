package plain

import (
	"context"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// dryRunPage is the page of the current plan: its changes, and the actions on it.
func (s *session) dryRunPage() error { return s.planPage(false) }

// planPage is the page; said omits the changes, which were just printed.
func (s *session) planPage(said bool) error {
	return s.menu(page{title: "Dry Run", head: func() error {
		if s.lookAtPlan(); said && s.plan.Plan != nil {
			return nil
		}
		if s.plan.Plan == nil {
			s.say(view.NoDryRunYet + ". " + view.DryRunDoes)
			return nil
		}
		s.totals()
		for _, line := range s.leftOut() {
			s.say("%s", line)
		}
		return nil
	}, choices: s.planChoices, help: []string{
		"A dry run reads the directory and the cloud and writes nothing. Applying it writes exactly what it shows.",
		"A held plan writes nothing until its cause is resolved, or until you override it with its number.",
		"In a list of changes, x and numbers exclude changes.",
	}})
}

func (s *session) planChoices() []choice {
	s.lookAtPlan()
	choices := []choice{
		{text: s.dryRunText(), off: first(s.busy(), s.scopeOff()), do: func() error { return s.start(s.dryRunRequest()) }},
		{text: "Make a dry run of what changed since the last run", off: first(s.busy(), s.draftOff()), do: func() error {
			return s.start(control.Request{Mode: record.DryRun, Changes: true})
		}},
		{text: "Open a saved plan", off: s.openOff(), do: s.openPlan},
	}
	if s.plan.Plan == nil {
		return choices
	}
	h := s.plan.Header()
	choices = append(choices,
		choice{text: "Apply", off: s.applyOff(), do: s.apply},
		choice{text: "Override what holds it, and apply", off: s.overrideOff(), do: s.override},
		choice{text: "Apply a part, chosen by conditions", off: s.applyOff(), do: s.applyPart},
		choice{text: "Save the plan to a file", off: s.forbidden(), do: s.savePlan},
		choice{text: "Show the summary again", do: func() error { s.totals(); return nil }},
		choice{text: "All changes, " + number(s.plan.Len()),
			do: func() error { return s.changes("All changes", control.View{}) }})
	for _, k := range view.Kinds() {
		choices = append(choices, choice{text: k.Name + ", " + number(k.Count(h.Counts)),
			do: func() error { return s.changes(k.Name, k.Changes) }})
	}
	c := h.Counts
	choices = append(choices,
		choice{text: "Counted by the delete threshold, " + number(h.Removals), do: func() error {
			return s.changes("Counted by the delete threshold", control.View{OnlyMissing: true})
		}},
		choice{text: "Changed in the cloud by hand", off: noDrift(h), do: func() error {
			return s.changes("Changed in the cloud by hand", control.View{OnlyDrift: true})
		}},
		choice{text: "Changes by cause", do: s.byCause},
		choice{text: "Unmatched, " + number(c.Users.Unmatched+c.Groups.Unmatched), do: s.unmatched},
		choice{text: "Problems, " + number(c.Users.Problem+c.Groups.Problem), do: s.problems})
	if h.Withheld > 0 {
		choices = append(choices, choice{text: "Withheld until an operator confirms it, " + number(h.Withheld),
			do: s.withheld})
	}
	return choices
}

func (s *session) dryRunText() string {
	if s.draft.Changed() {
		return "Make a dry run with the unsaved settings"
	}
	return "Make a dry run"
}

func (s *session) draftOff() string {
	if s.draft.Changed() {
		return "there are unsaved settings; a dry run of them reads everything"
	}
	return ""
}

// openOff returns why no saved plan can be opened. A read-only session may open one.
func (s *session) openOff() string {
	if s.running() {
		return view.RunUnderWay
	}
	return ""
}

// dryRun plans, and shows the plan. Every page uses it except that of the plan.
func (s *session) dryRun() error { return s.planned(s.dryRunRequest()) }

// dryRunRequest returns a request for the draft if there is one, else for the saved settings.
func (s *session) dryRunRequest() control.Request {
	r := control.Request{Mode: record.DryRun}
	if s.draft.Changed() {
		d := s.draft.Edited.Clone()
		r.Draft = &d
	}
	return r
}

// spent returns why the plan cannot be written at all, or "".
func (s *session) spent() string {
	switch {
	case s.busy() != "":
		return s.busy()
	case s.plan.applied:
		return view.AppliedAlready
	case s.ofDraft():
		return view.UnsavedPlan(s.draft.Changed())
	}
	return ""
}

func (s *session) applyOff() string {
	h := s.plan.Header()
	switch off := s.spent(); {
	case off != "":
		return off
	case len(h.Holds) > 0:
		return "it is held: " + h.Holds[0].Detail
	case s.plan.rest().Writes() == 0:
		return view.NothingToWrite
	}
	return ""
}

func (s *session) overrideOff() string {
	return first(s.spent(), view.Blocked(s.plan.Header()))
}

func noDrift(h control.Header) string {
	if !h.Drift.Any() {
		return "there is none"
	}
	return ""
}

func (s *session) savePlan() error {
	id := s.plan.Header().ID
	usual := "dirbridge-" + id[:min(len(id), 6)] + ".plan"
	path, err := s.text("Path, or Enter for "+usual+":",
		[]string{"You can open and apply it later. It contains names and addresses of people."},
		nil)
	if err != nil {
		return err
	}
	if path == "" {
		path = usual
	}
	path = look.HomePath(path)
	save := func(ctx context.Context) error { return s.conn.SavePlan(ctx, path) }
	if err := s.wait("Saving the plan", save); err != nil {
		return err
	}
	s.say("%s", view.SavedPlan(path))
	return nil
}

func (s *session) openPlan() error {
	path, err := s.text("Path of the plan:", nil, wanted(view.NeedsPath))
	if err != nil {
		return err
	}
	if err := s.wait("Opening the plan", func(ctx context.Context) error {
		return s.conn.OpenPlan(ctx, look.HomePath(path))
	}); err != nil {
		return err
	}
	s.lookAtPlan()
	if s.plan.Plan != nil {
		s.totals()
	}
	return nil
}

// wanted refuses an empty answer.
func wanted(why string) func(string) string {
	return func(text string) string {
		if text == "" {
			return why
		}
		return ""
	}
}
