package ui

import (
	"maps"
	"reflect"
	"slices"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/words"
)

// draft is the settings as they are edited here, beside those that are saved, and the
// way back and forth between the edits. All editors share it.
type draft struct {
	saved, edited  control.Settings
	undone, redone []control.Settings // what undo and redo go to, the next one last
}

// mostUndone is how many edits can be undone.
const mostUndone = 100

// draftMsg tells every page that the draft is another one now, by undo, redo or a
// reload; whoever edits it knows of the own edit.
type draftMsg struct{}

func (d *draft) changed() bool { return !sameSettings(d.saved, d.edited) }

// change edits the draft, so that it can be undone.
func (d *draft) change(edit func(*control.Settings)) {
	before := cloneSettings(d.edited)
	edit(&d.edited)
	if sameSettings(before, d.edited) {
		return
	}
	d.undone, d.redone = append(d.undone, before), nil
	if len(d.undone) > mostUndone {
		d.undone = d.undone[1:]
	}
}

// step goes to the newest of one list, and puts what was before into the other.
func (d *draft) step(from, to *[]control.Settings) (was control.Settings) {
	n := len(*from) - 1
	was = d.edited
	d.edited = (*from)[n]
	*from, *to = (*from)[:n], append(*to, was)
	return was
}

// start takes other saved settings, with these edits on top. What was undone before
// belongs to what was saved then.
func (d *draft) start(saved, edited control.Settings) {
	*d = draft{saved: cloneSettings(saved), edited: cloneSettings(edited)}
}

// sameSettings compares what is edited.
func sameSettings(a, b control.Settings) bool {
	a.Policy, b.Policy = control.Policy{}, control.Policy{}
	return reflect.DeepEqual(a, b)
}

func cloneSettings(s control.Settings) control.Settings {
	c := s
	c.Directories = make([]control.DirectorySettings, len(s.Directories))
	for i, d := range s.Directories {
		for _, list := range []*[]string{&d.BaseDNs, &d.ExcludeDNs, &d.MemberOf} {
			*list = append([]string(nil), *list...)
		}
		c.Directories[i] = d
	}
	c.Mapping, c.Values = maps.Clone(s.Mapping), maps.Clone(s.Values)
	return c
}

func (s *shell) undoCommand() Command {
	c := Command{ID: "settings.undo", Changes: true, Keys: []string{"u"}, Short: "Undo", Title: "undo the last change of the settings", Do: func() tea.Cmd {
		return s.stepped("Undone", s.draft.step(&s.draft.undone, &s.draft.redone))
	}}
	if len(s.draft.undone) == 0 {
		c.Off = "nothing was changed here"
	}
	return c
}

func (s *shell) redoCommand() Command {
	c := Command{ID: "settings.redo", Changes: true, Keys: []string{"U", "ctrl+r"}, Title: "redo what was undone", Do: func() tea.Cmd {
		return s.stepped("Done again", s.draft.step(&s.draft.redone, &s.draft.undone))
	}}
	if len(s.draft.redone) == 0 {
		c.Off = "nothing was undone"
	}
	return c
}

// stepped says what an undo or a redo did.
func (s *shell) stepped(what string, was control.Settings) tea.Cmd {
	if lines := words.Changes(was, s.draft.edited); len(lines) > 0 {
		s.say("%s: %s", what, lines[0])
	}
	return func() tea.Msg { return draftMsg{} }
}

// merged is theirs with the changes between saved and mine on top. Where both changed
// the same thing theirs stands, and it is in lost, in words.
func merged(saved, mine, theirs control.Settings) (out control.Settings, lost []string) {
	out = cloneSettings(theirs)
	mergeMap("mapping of ", saved.Mapping, mine.Mapping, out.Mapping, &lost)
	mergeMap("", saved.Values, mine.Values, out.Values, &lost)
	for i := range out.Directories {
		to := &out.Directories[i]
		named := func(d control.DirectorySettings) bool { return d.Name == to.Name }
		was, now := slices.IndexFunc(saved.Directories, named), slices.IndexFunc(mine.Directories, named)
		if was >= 0 && now >= 0 {
			mergeDirectory(saved.Directories[was], mine.Directories[now], to, &lost)
		}
	}
	return out, lost
}

func mergeMap(what string, was, mine, to map[string]string, lost *[]string) {
	for _, key := range slices.Sorted(maps.Keys(mine)) {
		theirs, there := to[key]
		switch {
		case mine[key] == was[key] || there && mine[key] == theirs:
		case !there || theirs != was[key]:
			*lost = append(*lost, what+key)
		default:
			to[key] = mine[key]
		}
	}
}

// mergeDirectory goes through what the editors change of a directory.
func mergeDirectory(was, mine control.DirectorySettings, to *control.DirectorySettings, lost *[]string) {
	of := func(d *control.DirectorySettings) map[string]any {
		return map[string]any{"chosen": &d.BaseDNs, "excluded": &d.ExcludeDNs, "users": &d.SyncUsers, "groups": &d.SyncGroups,
			"user filter": &d.UserFilter, "group filter": &d.GroupFilter}
	}
	before, now, then := of(&was), of(&mine), of(to)
	for _, name := range slices.Sorted(maps.Keys(now)) {
		value := func(m map[string]any) any { return reflect.ValueOf(m[name]).Elem().Interface() }
		switch {
		case alike(value(now), value(before)) || alike(value(now), value(then)):
		case !alike(value(then), value(before)):
			*lost = append(*lost, to.Name+", "+name)
		default:
			reflect.ValueOf(then[name]).Elem().Set(reflect.ValueOf(value(now)))
		}
	}
}

// alike compares two values of a key; a list of nothing is no list.
func alike(a, b any) bool {
	if x, ok := a.([]string); ok {
		return slices.Equal(x, b.([]string))
	}
	return a == b
}
