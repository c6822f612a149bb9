package plain

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/words"
)

func same(a, b control.Settings) bool { return reflect.DeepEqual(a, b) }

// dryRunPage is the plan at hand: what it would do, and what can be done with it.
func (s *session) dryRunPage() error { return s.planPage(false) }

// planPage is the page; said leaves out what it would do, which was just said.
func (s *session) planPage(said bool) error {
	return s.menu(page{title: "Dry Run", head: func() error {
		if s.lookAtPlan(); said && s.plan.Plan != nil {
			return nil
		}
		if s.plan.Plan == nil {
			s.say("There is no dry run yet. It reads both sides, shows every change, and writes nothing.")
			return nil
		}
		s.totals()
		if n := len(s.plan.exclude); n > 0 {
			s.say("%s left out.", plural(int64(n), "change is", "changes are"))
		}
		return nil
	}, choices: s.planChoices, help: []string{
		"A dry run reads the directory and the cloud and writes nothing. What it shows is what applying it does.",
		"A held plan writes nothing at all until the reason is dealt with, or its number is named under Override.",
		"In a list of changes, x and numbers leave changes out.",
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
		choice{text: "Read it again: what it would do", do: func() error { s.totals(); return nil }},
		choice{text: "All changes, " + number(s.plan.Len()), do: func() error { return s.changes("All changes", control.View{}) }})
	for _, k := range planKinds() {
		choices = append(choices, choice{text: k.name + ", " + number(k.count(h)), do: func() error {
			return s.changes(k.name, control.View{Actions: k.actions, Kinds: k.kinds})
		}})
	}
	c := h.Counts
	return append(choices,
		choice{text: "Counted by the delete threshold, " + number(h.Removals), do: func() error {
			return s.changes("Counted by the delete threshold", control.View{OnlyMissing: true})
		}},
		choice{text: "Changed in the cloud by hand", off: noDrift(h), do: func() error {
			return s.changes("Changed in the cloud by hand", control.View{OnlyDrift: true})
		}},
		choice{text: "Changes by cause", do: s.byCause},
		choice{text: "Unmatched, " + number(c.Users.Unmatched+c.Groups.Unmatched), do: s.unmatched},
		choice{text: "Problems, " + number(c.Users.Problem+c.Groups.Problem), do: s.problems})
}

func (s *session) dryRunText() string {
	if s.draft.changed() {
		return "Make a dry run with the settings as they are edited here, which are not saved"
	}
	return "Make a dry run"
}

func (s *session) draftOff() string {
	if s.draft.changed() {
		return "the settings are edited and not saved: a dry run of them reads everything"
	}
	return ""
}

// openOff is why no saved plan can be opened. Somebody who may only look may open one.
func (s *session) openOff() string {
	if s.running() {
		return "a synchronization is running"
	}
	return ""
}

// dryRun plans, and shows the plan. It is for every page but that of the plan.
func (s *session) dryRun() error { return s.planned(s.dryRunRequest()) }

// dryRunRequest is of the draft where there is one, else of what is saved.
func (s *session) dryRunRequest() control.Request {
	r := control.Request{Mode: record.DryRun}
	if s.draft.changed() {
		d := clone(s.draft.edited)
		r.Draft = &d
	}
	return r
}

// spent is why the plan cannot be written at all, or "".
func (s *session) spent() string {
	switch {
	case s.busy() != "":
		return s.busy()
	case s.plan.applied:
		return "this plan was applied: make a new dry run"
	case s.ofDraft():
		return "its settings are not saved: apply those first, under Settings"
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
		return "there is nothing to write"
	}
	return ""
}

func (s *session) overrideOff() string {
	h := s.plan.Header()
	if off := s.spent(); off != "" {
		return off
	}
	if len(h.Holds) == 0 {
		return "nothing holds the plan"
	}
	for _, hold := range h.Holds {
		if !hold.Overridable {
			return "this cannot be overridden: " + hold.Detail
		}
	}
	return ""
}

func noDrift(h control.Header) string {
	if !h.Drift.Any() {
		return "there is none"
	}
	return ""
}

// apply asks for a phrase that names the number, where the plan takes something away.
func (s *session) apply() error {
	return s.applied("Apply", s.plan.rest(), control.Request{Mode: record.ApplyPlan})
}

// applied asks, and applies the plan at hand, or what of it the request chooses, which is c.
func (s *session) applied(what string, c record.Counts, r control.Request) error {
	lines := append([]string{what + " to " + s.plan.Header().Organization.Name + ": " + strings.Join(words.Counts(c), ", ")}, s.leftOut()...)
	phrase := "yes"
	if c.Users.Deactivate+c.Users.Delete+c.Groups.Deactivate+c.Groups.Delete+c.Members.Remove > 0 {
		phrase = "apply " + strconv.FormatInt(c.Writes(), 10)
		lines = append(lines, words.Losses(s.draft.saved.Policy, c.Users.Deactivate, c.Users.Delete)...)
	}
	if err := s.confirm(lines, phrase); err != nil {
		return err
	}
	r.Exclude = s.excluded()
	return s.start(r)
}

// applyPart asks for conditions, counts what they choose, and applies that.
func (s *session) applyPart() error {
	r := control.Request{Mode: record.ApplyPlan}
	for _, ask := range []struct {
		label string
		to    *[]control.Selector
	}{{"Only changes with these conditions, or Enter for all:", &r.Take}, {"Except changes with these conditions, or Enter for none:", &r.Leave}} {
		text, err := s.text(ask.label, []string{"Conditions are apart by commas, and all of them must hold: kind=user, action=add, key=*@example.com, container= and a DN, seq=1-20."},
			func(text string) string {
				if _, err := control.ParseSelector(text); text != "" && err != nil {
					return sentence("Error: " + err.Error())
				}
				return ""
			})
		if err != nil {
			return err
		}
		if sel, err := control.ParseSelector(text); err == nil {
			*ask.to = append(*ask.to, sel)
		}
	}
	c, err := s.part(r)
	if err != nil {
		return err
	}
	if c.Writes() == 0 {
		s.say("No change is chosen by these conditions.")
		return nil
	}
	return s.applied("Apply a part", c, r)
}

// part counts what a request chooses of the plan at hand.
func (s *session) part(r control.Request) (c record.Counts, err error) {
	p, any := s.plan.Plan, func(all []control.Selector, c *control.Change) bool {
		return slices.ContainsFunc(all, func(sel control.Selector) bool { return sel.Matches(c) })
	}
	err = s.wait("Counting", func(ctx context.Context) error {
		return p.Changes(ctx, func(ch control.Change) error {
			if (len(r.Take) == 0 || any(r.Take, &ch)) && !any(r.Leave, &ch) && !s.isOut(&ch) {
				tally(&c, leftOut{ch.Kind, ch.Action}, 1)
			}
			return nil
		})
	})
	return c, err
}

func (s *session) leftOut() []string {
	if n := int64(len(s.plan.exclude)); n > 0 {
		return []string{plural(n, "change is", "changes are") + " left out; they are planned again next time."}
	}
	return nil
}

func (s *session) excluded() map[int64]bool {
	out := make(map[int64]bool, len(s.plan.exclude))
	for seq := range s.plan.exclude {
		out[seq] = true
	}
	return out
}

// override applies a held plan, once, for exactly the numbers that are typed: each hold
// has its own.
func (s *session) override() error {
	h, c := s.plan.Header(), s.plan.rest()
	var numbers []int64
	for _, hold := range h.Holds {
		lines := []string{"Hold, " + strings.ReplaceAll(hold.Rule, "-", " ") + ": " + hold.Detail}
		if len(numbers) == 0 {
			lines = append([]string{"Override for this plan, once. It is applied: " + strings.Join(words.Counts(c), ", ")}, lines...)
			lines = append(lines, words.Losses(s.draft.saved.Policy, c.Users.Deactivate, c.Users.Delete)...)
			lines = append(lines, s.leftOut()...)
		}
		if err := s.confirm(lines, overridePhrase(h, hold)); err != nil {
			return err
		}
		numbers = append(numbers, hold.Count)
	}
	return s.start(control.Request{Mode: record.ApplyPlan, Override: numbers, Exclude: s.excluded()})
}

// overridePhrase is what must be typed: what is done, and to how many.
func overridePhrase(h control.Header, hold control.Hold) string {
	verb := "override"
	if hold.Rule == deleteThreshold {
		verb = "deactivate"
		if h.Counts.Users.Deactivate+h.Counts.Groups.Deactivate == 0 {
			verb = "delete"
		}
	}
	return verb + " " + strconv.FormatInt(hold.Count, 10)
}

// deleteThreshold is the name of the guard, as it stands in plans.
const deleteThreshold = "delete-threshold"

func (s *session) savePlan() error {
	id := s.plan.Header().ID
	usual := "dirbridge-" + id[:min(len(id), 6)] + ".plan"
	path, err := s.text("Path, or Enter for "+usual+":", []string{"It can be opened and applied later, here or by dirbridge apply. It holds names and addresses of people."}, nil)
	if err != nil {
		return err
	}
	if path == "" {
		path = usual
	}
	if err := s.wait("Saving the plan", func(ctx context.Context) error { return s.conn.SavePlan(ctx, path) }); err != nil {
		return err
	}
	s.say("Saved to %s. dirbridge apply %s does it later.", path, path)
	return nil
}

func (s *session) openPlan() error {
	path, err := s.text("Path of the plan:", nil, wanted("Give the path of a file."))
	if err != nil {
		return err
	}
	if err := s.wait("Opening the plan", func(ctx context.Context) error { return s.conn.OpenPlan(ctx, path) }); err != nil {
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
