package plain

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/view"
)

// apply requires a typed phrase with the number of removals if the plan removes anything.
func (s *session) apply() error {
	return s.applied("Apply", s.plan.rest(), control.Request{Mode: record.ApplyPlan})
}

// applied asks, and applies the current plan, or the part of it that the request selects, whose
// counts are c.
func (s *session) applied(what string, c record.Counts, r control.Request) error {
	lines := append([]string{what + " to " + s.plan.Header().Organization.Name + ": " +
		strings.Join(view.Counts(c), ", ")}, s.leftOut()...)
	phrase := "yes"
	if c.Users.Deactivate+c.Users.Delete+c.Groups.Deactivate+c.Groups.Delete+c.Members.Remove > 0 {
		phrase = "apply " + strconv.FormatInt(c.Writes(), 10)
		lines = append(lines, view.Losses(s.draft.Saved.Policy, s.plan.Header(), c)...)
	}
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
			[]string{"Conditions are apart by commas, and all of them must hold: kind=user, action=add, key=*@example.com, " +
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
		s.say("No change is chosen by these conditions.")
		return nil
	}
	return s.applied("Apply a part", c, r)
}

// part counts the changes of the current plan that a request selects.
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

// override applies a held plan once, for exactly the typed numbers: each hold has its own.
func (s *session) override() error {
	h, c := s.plan.Header(), s.plan.rest()
	var numbers []int64
	for _, hold := range h.Holds {
		lines := []string{"Hold, " + strings.ReplaceAll(hold.Rule, "-", " ") + ": " + hold.Detail}
		if len(numbers) == 0 {
			lines = append([]string{"Override for this plan, once, and apply the plan now: " +
				strings.Join(view.Counts(c), ", ")}, lines...)
			lines = append(lines, view.Losses(s.draft.Saved.Policy, h, c)...)
			lines = append(lines, s.leftOut()...)
		}
		if err := s.confirm(lines, overridePhrase(h, hold)); err != nil {
			return err
		}
		numbers = append(numbers, hold.Count)
	}
	return s.start(control.Request{Mode: record.ApplyPlan, Override: numbers, Exclude: s.excluded()})
}

// overridePhrase returns the phrase to type: the action, and the number of objects.
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

// deleteThreshold is the name of the guard in plans.
const deleteThreshold = "delete-threshold"
