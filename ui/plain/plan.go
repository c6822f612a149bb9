package plain

import (
	"fmt"
	"strings"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/view"
)

// planAtHand is what the session knows about the current plan besides the plan itself.
type planAtHand struct {
	*control.Plan
	exclude   map[int64]leftOut // excluded changes
	confirmed map[string]bool   // its withheld records, by fingerprint
	applied   bool              // it was applied here: it is spent
	of        *config.Draft     // the unsaved settings that it was made from; nil: the saved ones
	asked     *config.Draft     // the same, for the current request
}

// leftOut is what a plan does not do if one of its changes is excluded.
type leftOut struct {
	kind   identity.Kind
	action control.Action
}

// rest returns the counts of the current plan without the excluded changes.
func (p *planAtHand) rest() record.Counts {
	c := p.Header().Counts
	for _, x := range p.exclude {
		tally(&c, x, -1)
	}
	return c
}

// tally adds n changes of a kind. Links are not writes, and do not count.
func tally(c *record.Counts, x leftOut, n int64) {
	if x.kind == identity.Member {
		if x.action == "remove" {
			c.Members.Remove += n
		} else {
			c.Members.Add += n
		}
		return
	}
	objects := &c.Users
	if x.kind == identity.Group {
		objects = &c.Groups
	}
	to := map[control.Action]*int64{"add": &objects.Add, "update": &objects.Update, "rename": &objects.Rename,
		"deactivate": &objects.Deactivate, "reactivate": &objects.Reactivate, "delete": &objects.Delete}[x.action]
	if to != nil {
		*to += n
	}
}

// lookAtPlan takes over the current plan if it is a new one.
func (s *session) lookAtPlan() bool {
	p := s.conn.Current()
	if p == s.plan.Plan {
		return false
	}
	s.plan = planAtHand{Plan: p, exclude: map[int64]leftOut{}, confirmed: map[string]bool{}, asked: s.plan.asked}
	return p != nil
}

// totals prints what the current plan would do, and what holds it.
func (s *session) totals() {
	h := s.plan.Header()
	s.say("%s", s.headline(h))
	s.say("%s", view.ReadFrom(h))
	s.say("It would do: %s.", strings.Join(view.Counts(h.Counts), ", "))
	c := h.Counts
	if h.Mode == record.Full || h.Mode == record.Incremental {
		s.say("%s matched, %s unmatched, %s.", number(c.Users.Match+c.Groups.Match),
			number(c.Users.Unmatched+c.Groups.Unmatched),
			plural(c.Users.Problem+c.Groups.Problem, "problem", "problems"))
	}
	s.facts(view.Notes(h, view.Plain))
	if len(h.Holds) == 0 {
		return
	}
	s.say("Held: nothing can be applied yet.")
	s.holds(h.Holds)
}

func (s *session) headline(h control.Header) string {
	text := fmt.Sprintf("%s, made %s, plan %s.", view.PlanName(h), s.clock(h.Made), view.ShortID(h.ID))
	switch {
	case s.plan.applied:
		text += " It was applied."
	case s.ofDraft():
		text += " Its settings are not saved."
	}
	return text
}

// holds prints why a plan is held: each hold with its causes, its remedy, and whether a number
// overrides it.
func (s *session) holds(holds []control.Hold) {
	for _, h := range holds {
		s.say("Hold, %s: %s", strings.ReplaceAll(h.Rule, "-", " "), view.Sentence(h.Detail))
		for _, c := range h.Causes {
			s.say("%s", view.Sentence(c.String()))
		}
		s.remedy(h.Remedy)
		if h.Overridable {
			s.say("It can be overridden once, for exactly %s.", number(h.Count))
		} else {
			s.say("It cannot be overridden.")
		}
	}
}

// ofDraft reports whether the plan is of unsaved settings.
func (s *session) ofDraft() bool { return s.plan.of != nil && !s.plan.of.Same(s.draft.Saved) }
