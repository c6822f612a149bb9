package ui

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/ui/words"
)

// draft is the settings as they are edited here, beside those that are saved, and the
// way back and forth between the edits. All editors share it.
type draft struct {
	saved, edited  config.Draft
	undone, redone []config.Draft // what undo and redo go to, the next one last
}

// mostUndone is how many edits can be undone.
const mostUndone = 100

// draftMsg tells every page that the draft is another one now, by undo, redo or a
// reload; a page that edits it knows of its own edit. It comes before the next frame:
// a page that still lists the values of the draft before would draw what is not there.
type draftMsg struct{}

func (d *draft) changed() bool { return !d.saved.Same(d.edited) }

// change edits the draft, so that it can be undone.
func (d *draft) change(edit func(*config.Draft)) {
	before := d.edited.Clone()
	edit(&d.edited)
	if before.Same(d.edited) {
		return
	}
	d.undone, d.redone = append(d.undone, before), nil
	if len(d.undone) > mostUndone {
		d.undone = d.undone[1:]
	}
}

// step goes to the newest of one list, and puts what was before into the other.
func (d *draft) step(from, to *[]config.Draft) (was config.Draft) {
	n := len(*from) - 1
	was = d.edited
	d.edited = (*from)[n]
	*from, *to = (*from)[:n], append(*to, was)
	return was
}

// start takes other saved settings, with these edits on top, which can be undone as one.
// What was undone before belongs to what was saved then.
func (d *draft) start(saved, edited config.Draft) {
	*d = draft{saved: saved.Clone(), edited: edited.Clone()}
	if d.changed() {
		d.undone = append(d.undone, saved.Clone())
	}
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
func (s *shell) stepped(what string, was config.Draft) tea.Cmd {
	if lines := words.Changes(was, s.draft.edited); len(lines) > 0 {
		s.say("%s: %s", what, lines[0])
	}
	s.replaced = true
	return nil
}
