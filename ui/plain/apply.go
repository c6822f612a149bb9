package plain

import (
	"context"
	"slices"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/view"
)

// apply requires a typed phrase with the number of removals if the plan removes anything.
func (s *session) apply() error {
	return s.applied("Apply the plan", s.plan.rest(), control.Request{Mode: record.ApplyPlan})
}

// applied asks, and applies the current plan, or the part of it that the request selects, whose
// counts are c.
func (s *session) applied(what string, c record.Counts, r control.Request) error {
	a := view.ApplyPlan(s.plan.Header(), c, s.draft.Saved.Policy, s.leftOut(), view.Plain)
	lines, phrase := append([]string{what}, a.Lines...), a.Phrase
	if err := s.confirm(lines, phrase); err != nil {
		return err
	}
	r.Exclude = s.excluded()
	return s.start(r)
}

// applyPart asks for conditions, counts the changes that they select, and applies those.
func (s *session) applyPart() error {
	r := control.Request{Mode: record.ApplyPlan}
	for _, ask := range []struct {
		label string
		to    *[]control.Selector
	}{{"Only changes with these conditions, or Enter for all:", &r.Take},
		{"Except changes with these conditions, or Enter for none:", &r.Leave}} {
		text, err := s.text(ask.label,
			[]string{"Separate conditions by commas; all of them must match: kind=user, action=add, key=*@example.com, " +
				"container= and a DN, seq=1-20."},
			func(text string) string {
				if _, err := control.ParseSelector(text); text != "" && err != nil {
					return view.Sentence("Error: " + err.Error())
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
		s.say("No change matches these conditions.")
		return nil
	}
	return s.applied("Apply a part of the plan", c, r)
}

// part counts the changes of the current plan that a request selects.
func (s *session) part(r control.Request) (record.Counts, error) {
	p, any := s.plan.Plan, func(all []control.Selector, c *control.Change) bool {
		return slices.ContainsFunc(all, func(sel control.Selector) bool { return sel.Matches(c) })
	}
	return read(s, "Counting", func(ctx context.Context) (c record.Counts, err error) {
		err = p.Changes(ctx, func(ch control.Change) error {
			if (len(r.Take) == 0 || any(r.Take, &ch)) && !any(r.Leave, &ch) && !s.isOut(&ch) {
				tally(&c, leftOut{ch.Kind, ch.Action}, 1)
			}
			return nil
		})
		return c, err
	})
}

func (s *session) leftOut() []string {
	var c record.Counts
	for _, x := range s.plan.exclude {
		tally(&c, x, 1)
	}
	return view.Excluded(int64(len(s.plan.exclude)), c)
}

func (s *session) excluded() map[int64]bool {
	out := make(map[int64]bool, len(s.plan.exclude))
	for seq := range s.plan.exclude {
		out[seq] = true
	}
	return out
}

// override applies a held plan once, for exactly the typed numbers.
func (s *session) override() error {
	h := s.plan.Header()
	a := view.Override(h, s.plan.rest(), s.draft.Saved.Policy, s.leftOut())
	if err := s.confirm(append([]string{a.Title}, a.Lines...), a.Phrase); err != nil {
		return err
	}
	var numbers []int64
	for _, hold := range h.Holds {
		if hold.Overridable {
			numbers = append(numbers, hold.Count)
		}
	}
	return s.start(control.Request{Mode: record.ApplyPlan, Override: numbers, Exclude: s.excluded()})
}
