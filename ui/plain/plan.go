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

// planKind is a kind of change of a plan that can be listed.
type planKind struct {
	name    string
	actions []control.Action
	kinds   []string
	count   func(control.Header) int64
}

func planKinds() []planKind {
	objects := []string{string(identity.User), string(identity.Group)}
	return []planKind{
		{"Added", []control.Action{"add"}, objects, func(h control.Header) int64 {
			return h.Counts.Users.Add +
				h.Counts.Groups.Add
		}},
		{"Updated or reactivated", []control.Action{"update", "reactivate"}, objects, func(h control.Header) int64 {
			u, g := h.Counts.Users, h.Counts.Groups
			return u.Update + u.Reactivate + g.Update + g.Reactivate
		}},
		{"Renamed", []control.Action{"rename"}, objects, func(h control.Header) int64 {
			return h.Counts.Users.Rename +
				h.Counts.Groups.Rename
		}},
		{"Deactivated", []control.Action{"deactivate"}, objects,
			func(h control.Header) int64 { return h.Counts.Users.Deactivate + h.Counts.Groups.Deactivate }},
		{"Deleted", []control.Action{"delete"}, objects, func(h control.Header) int64 {
			return h.Counts.Users.Delete +
				h.Counts.Groups.Delete
		}},
		{"Memberships", nil, []string{string(identity.Member)}, func(h control.Header) int64 {
			return h.Counts.Members.Add +
				h.Counts.Members.Remove
		}},
	}
}

// totals prints what the current plan would do, and what holds it.
func (s *session) totals() {
	h := s.plan.Header()
	s.say("%s", s.headline(h))
	if !h.Complete {
		s.say("Not all could be read: nobody is judged missing.")
	}
	if h.Instead != "" {
		s.say("Everything was read, not the changes alone: %s.", strings.TrimSuffix(h.Instead, "."))
	}
	s.say("It would do: %s.", strings.Join(view.Counts(h.Counts), ", "))
	c := h.Counts
	if h.Mode == record.Full || h.Mode == record.Incremental {
		s.say("%s matched, %s unmatched, %s.", number(c.Users.Match+c.Groups.Match),
			number(c.Users.Unmatched+c.Groups.Unmatched),
			plural(c.Users.Problem+c.Groups.Problem, "problem", "problems"))
	}
	if h.Kept > 0 {
		s.say("%s kept from the purge by hand.", plural(h.Kept, "account is", "accounts are"))
	}
	if h.Unmanaged > 0 {
		s.say("%s left alone by a rule.", plural(h.Unmanaged, "account is", "accounts are"))
	}
	if h.Withheld > 0 {
		s.say("Warning: %s", view.Withheld(h.Withheld))
	}
	for _, note := range h.Notes {
		s.say("%s", view.Sentence(note))
	}
	if h.Drift.Any() {
		s.say("Changed in the cloud by hand since the last run: %s.", strings.Join(driftWords(h.Drift), ", "))
	}
	if h.Drift.Both > 0 {
		s.say("%s changed in the directory, and by hand in the cloud as well: the directory's value stands.",
			plural(h.Drift.Both, "field was", "fields were"))
	}
	for _, d := range h.Directories {
		if d.Error != "" {
			s.say("Error: directory %s could not be read: %s", d.Name, d.Error)
			s.remedy(d.Remedy)
		}
	}
	if len(h.Holds) == 0 {
		return
	}
	s.say("Held: nothing of it is written before this is dealt with.")
	s.holds(h.Holds)
}

// driftWords describes the changes made in the cloud by hand.
func driftWords(n control.DriftCounts) (out []string) {
	for _, w := range []struct {
		n         int64
		one, many string
	}{{n.Accounts, "account", "accounts"}, {n.Groups, "group", "groups"},
		{n.Removed, "account removed", "accounts removed"},
		{n.GroupsRemoved, "group removed", "groups removed"}, {n.Members, "membership", "memberships"}} {
		if w.n > 0 {
			out = append(out, plural(w.n, w.one, w.many))
		}
	}
	return out
}

func (s *session) headline(h control.Header) string {
	what := "Dry run, " + string(h.Mode)
	switch {
	case h.UndoOf != 0:
		what = "Undo of run " + number(h.UndoOf)
	case h.Mode == "purge":
		what = "Dry run of the purge"
	}
	text := fmt.Sprintf("%s, made %s, plan %s, for %s.", what, s.clock(h.Made), h.ID[:min(len(h.ID), 6)],
		h.Organization.Name)
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
			s.say("It can be overridden, once, by naming %s.", number(h.Count))
		} else {
			s.say("It cannot be overridden.")
		}
	}
}

// ofDraft reports whether the plan is of unsaved settings.
func (s *session) ofDraft() bool { return s.plan.of != nil && !s.plan.of.Same(s.draft.Saved) }
