package plain

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"dirbridge/config"
	"dirbridge/ui/look"
	"dirbridge/ui/scope"
	"dirbridge/ui/view"
)

// settings prints the configuration, and saves edits.
func (s *session) settings() error {
	return s.menu(page{title: "Settings", head: func() error {
		s.say("They are in %s.", s.conn.Path())
		for _, d := range s.draft.Edited.Directories {
			s.directorySettings(d)
		}
		p := s.draft.Saved.Policy
		s.say("Policy: the delete threshold is %s. Removed people: %s. Unmatched accounts: %s. Purge after %s.",
			p.DeleteThreshold, p.OnMissing, p.OnUnmatched, look.Length(p.PurgeAfter))
		s.fact("Protected", strings.Join(config.SplitList(s.draft.Saved.Values["policy.protected"]), "; "))
		return s.sayChanges()
	}, choices: func() []choice {
		undo := s.forbidden()
		if undo == "" && !s.draft.CanUndo() {
			undo = view.NothingChangedHere
		}
		return []choice{
			{text: "Apply the changes", off: s.settingsOff(), do: s.applySettings},
			{text: "Edit policy, guards, schedule, cloud and general settings", do: s.settingList},
			{text: "Sign in to the cloud of these settings, to try them", off: s.forbidden(), do: s.testCloud},
			{text: "Read the file again", off: s.forbidden(), do: s.reload},
			{text: "Show the people who enter and leave the scope (slow)", off: first(s.unchanged(), s.scopeOff()),
				do: s.scopeDelta},
			{text: "Say the changes", do: s.sayChanges},
			{text: "Undo the last change", off: undo, do: func() error { s.draft.Undo(); return s.sayChanges() }},
			{text: "Drop all changes", off: s.unchanged(), do: func() error {
				s.draft.Change(func(e *config.Draft) { *e = s.draft.Saved.Clone() })
				s.say("Dropped. Undo brings them back.")
				return nil
			}},
		}
	}})
}

func (s *session) directorySettings(d config.Directory) {
	s.say("Directory %s, %s.", d.Name, d.Label())
	what := "all containers"
	if len(d.BaseDNs) > 0 {
		what = plural(int64(len(d.BaseDNs)), "container", "containers")
	}
	s.say("Scope: %s, %d excluded. Users: %s. Groups: %s.", what, len(d.ExcludeDNs), view.Yes(d.SyncUsers),
		view.Yes(d.SyncGroups))
	s.fact("User filter", d.UserFilter)
	s.fact("Group filter", d.GroupFilter)
	if d.GroupTypes != "" && d.GroupTypes != "all" {
		s.fact("Groups of type", d.GroupTypes)
	}
	for _, group := range d.MemberOf {
		s.fact("Only members of", group)
	}
	if n := len(d.Mapping); n > 0 {
		s.say("%s a mapping of its own in this directory.", plural(int64(n), "attribute has", "attributes have"))
	}
}

func (s *session) sayChanges() error {
	changes := view.Changes(s.draft.Saved, s.draft.Edited)
	if len(changes) == 0 {
		s.say("There are no unsaved changes.")
		return nil
	}
	s.say("%s not saved:", plural(int64(len(changes)), "change is", "changes are"))
	for _, c := range changes {
		s.say("%s.", spoken(c))
	}
	return nil
}

func (s *session) unchanged() string {
	if off := s.forbidden(); off != "" {
		return off
	}
	if !s.draft.Changed() {
		return view.NothingChangedHere
	}
	return ""
}

// settingsOff returns why nothing can be saved, or "".
func (s *session) settingsOff() string { return first(s.unchanged(), s.scopeOff()) }

// scopeOff says which directory would have no people in scope. Such a scope must be neither saved
// nor planned: it looks like a mistake.
func (s *session) scopeOff() string {
	for _, d := range s.draft.Edited.Directories {
		if len(d.BaseDNs) > 0 && scope.New(d.BaseDNs, d.ExcludeDNs).None() {
			return view.NothingInScope + d.Name
		}
	}
	return ""
}

// applySettings asks the guide's question about unsaved changes.
func (s *session) applySettings() error {
	if err := s.sayChanges(); err != nil {
		return err
	}
	for _, line := range view.SwitchedOff(s.draft.Saved, s.draft.Edited) {
		s.say("%s", line)
	}
	return s.pickOne(fmt.Sprintf("Apply the configuration changes? They go into %s; nothing is written to the cloud by "+
		"that.", s.conn.Path()), []choice{
		{text: "Dry run: see what they would do first", off: first(s.busy(), s.scopeOff()), do: s.dryRun},
		{text: "Apply config changes", off: s.busy(), do: s.saveSettings},
		{text: "Cancel"},
	})
}

func (s *session) saveSettings() error {
	if problems := s.conn.CheckSettings(s.draft.Edited); len(problems) > 0 {
		for _, p := range problems {
			s.say("Error: %s: %s", p.Key, view.Sentence(p.Error()))
		}
		s.say("Nothing was saved.")
		return nil
	}
	edited := s.draft.Edited.Clone()
	var changed *config.Changed
	err := s.wait("Saving the settings", func(ctx context.Context) error {
		err := s.conn.SaveSettings(ctx, edited)
		if errors.As(err, &changed) {
			return nil
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case changed != nil:
		return s.collision(changed)
	}
	if s.plan.of != nil && s.plan.of.Same(edited) {
		s.plan.of = nil // they are no longer a draft
	}
	s.draft = config.Editing{Saved: s.conn.Settings().Clone(), Edited: s.conn.Settings().Clone()}
	s.say("Saved to %s. The service reads it when it starts.", s.conn.Path())
	return nil
}
