package plain

import (
	"context"
	"slices"
	"strings"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// settingList lists the settings that are edited as text; a number edits one, only in the draft.
func (s *session) settingList() error {
	all := s.conn.SettingList()
	passing := func(filter string) (out []config.Setting) {
		for _, of := range all {
			if view.Has(s.settingLine(of), filter) {
				out = append(out, of)
			}
		}
		return out
	}
	return s.list(listing{title: "Settings of the file", none: "There are none.",
		total: func(_ context.Context, filter string) (int64, error) { return int64(len(passing(filter))), nil },
		window: func(_ context.Context, filter string, from int64, n int) (rows []row, err error) {
			found := passing(filter)
			from = min(max(from, 0), int64(len(found)))
			for _, of := range found[from:min(from+int64(n), int64(len(found)))] {
				rows = append(rows, row{s.settingLine(of), func() error { return s.editSetting(of) }})
			}
			return rows, nil
		}})
}

func (s *session) settingLine(of config.Setting) string {
	return view.SettingLine(of, s.draft.Edited.Values[of.Key])
}

// editSetting describes a setting, and asks for another value.
func (s *session) editSetting(of config.Setting) error {
	s.heading(view.Sentence(s.settingLine(of)))
	for _, line := range view.SettingMeans(of) {
		s.say("%s", line)
	}
	s.fact("Config key", of.Key)
	if of.Secret {
		s.say("It is kept as env:NAME, file:PATH, keyring:NAME or credential:NAME.")
	} else if v := s.draft.Edited.Values[of.Key]; v != view.Setting(of, v) {
		s.fact("In the file", strings.Join(config.SplitList(v), "; "))
	}
	if off := s.forbidden(); off != "" {
		s.say("Not to be changed: %s.", off)
		return nil
	}
	if len(of.Choices) > 0 {
		var choices []choice
		for _, c := range of.Choices {
			choices = append(choices, choice{text: c, now: c == s.draft.Edited.Values[of.Key],
				do: func() error { return s.takeSetting(of, c) }})
		}
		return s.pickOne("Which?", choices)
	}
	label := "New value, none for not set, or Enter to leave it:"
	if of.List {
		label = "New values, apart by semicolons, none for not set, or Enter to leave them:"
	}
	text, err := s.text(label, nil, func(text string) string {
		if text == "" {
			return ""
		}
		return s.settingFault(of, settingText(of, text))
	})
	if err != nil || text == "" {
		return err
	}
	return s.takeSetting(of, settingText(of, text))
}

// settingText converts typed text to the text of the file.
func settingText(of config.Setting, typed string) string {
	switch {
	case typed == "none":
		return ""
	case of.Kind == config.Path:
		return look.HomePath(typed)
	case !of.List:
		return typed
	}
	var values []string
	for _, v := range strings.Split(typed, ";") {
		if v = strings.TrimSpace(v); v != "" {
			values = append(values, v)
		}
	}
	return strings.Join(values, "\n")
}

// settingFault returns the problem that the value adds to the draft.
func (s *session) settingFault(of config.Setting, value string) string {
	if p, found := control.AddedProblem(s.conn, s.draft.Edited, of.Key, value); found {
		return view.Sentence("Error: " + p.Error())
	}
	return ""
}

func (s *session) takeSetting(of config.Setting, value string) error {
	if wrong := s.settingFault(of, value); wrong != "" {
		s.say("%s", wrong)
		return nil
	}
	s.draft.Change(func(e *config.Draft) { e.Values[of.Key] = value })
	s.edited(s.settingLine(of))
	return nil
}

// testCloud signs in to the cloud of the draft.
func (s *session) testCloud() error {
	edited := s.draft.Edited.Clone()
	org, err := read(s, view.SigningIn, func(ctx context.Context) (identity.Organization, error) {
		return s.conn.TestCloud(ctx, edited)
	})
	if err != nil {
		return err
	}
	s.say("The organization %s, %s, answered.", org.Name, org.Kind)
	return nil
}

// scopeDelta lists people who enter and leave the scope because of the unsaved changes.
func (s *session) scopeDelta() error {
	edited := s.draft.Edited.Clone()
	d, err := read(s, "Reading the directories", func(ctx context.Context) (control.ScopeDelta, error) {
		return s.conn.ScopeDelta(ctx, edited, nil)
	})
	if err != nil {
		return err
	}
	for _, line := range append(view.ScopeMoves(d), view.Leavers(s.draft.Saved, edited, d)...) {
		s.say("%s", view.Sentence(spoken(line)))
	}
	if len(d.Containers) == 0 {
		return nil
	}
	var rows []row
	for _, c := range append(slices.Clone(d.Containers), others(d)...) {
		text := c.DN
		if len(edited.Directories) > 1 && c.Directory != "" {
			text += " in " + c.Directory
		}
		for _, n := range []struct {
			n    int64
			what string
		}{{c.PeopleEnter, "people enter"}, {c.PeopleLeave, "people leave"}, {c.GroupsEnter, "groups enter"},
			{c.GroupsLeave, "groups leave"}} {
			if n.n > 0 {
				text += ", " + number(n.n) + " " + n.what
			}
		}
		rows = append(rows, row{text: text})
	}
	return s.list(inMemory("By container, the most changed first", "", rows))
}

// others returns the part of a delta that belongs to no named container.
func others(d control.ScopeDelta) []control.ContainerDelta {
	if d.OtherCount == 0 {
		return nil
	}
	o := d.Others
	o.DN = number(d.OtherCount) + " other containers"
	return []control.ContainerDelta{o}
}

// collision prints what changed in the file outside the session, and asks what to do with the
// edits.
func (s *session) collision(changed *config.Changed) error {
	s.say("Error: %s was changed by another program. Nothing was saved.", changed.Path)
	off := s.forbidden()
	if changed.Err != nil {
		s.say("It cannot be used now: %s", view.Sentence(changed.Err.Error()))
		off = view.FileIsWrong
	}
	for _, d := range changed.Differences {
		s.say("%s.", spoken(view.Difference(s.draft.Saved, d)))
	}
	return s.pickOne("What next?", []choice{
		{text: view.ReloadFile, off: off, do: s.reload},
		{text: view.CancelSaving},
	})
}

// reload reads the file again, and reapplies the edits.
func (s *session) reload() error {
	theirs, err := read(s, "Reading the file", s.conn.ReloadSettings)
	if err != nil {
		return err
	}
	edited, lost := config.Merge(s.draft.Saved, s.draft.Edited, theirs)
	s.draft = config.Editing{Saved: theirs.Clone(), Edited: edited}
	s.say("Reloaded.")
	if len(lost) > 0 {
		s.say(view.FileReplaced, strings.Join(view.Called(s.draft.Saved, lost), "; "))
	}
	return s.sayChanges()
}
