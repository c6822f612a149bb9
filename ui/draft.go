package ui

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/ui/words"
)

// draftMsg tells every page that the draft is another one now, by undo, redo or a
// reload; a page that edits it knows of its own edit. It comes before the next frame:
// a page that still lists the values of the draft before would draw what is not there.
type draftMsg struct{}

func (s *shell) undoCommand() Command {
	c := Command{ID: "settings.undo", Changes: true, Keys: []string{"u"}, Short: "Undo",
		Title: "undo the last change of the settings", Do: func() tea.Cmd {
			return s.stepped("Undone", s.draft.Undo())
		}}
	if !s.draft.CanUndo() {
		c.Off = "nothing was changed here"
	}
	return c
}

func (s *shell) redoCommand() Command {
	c := Command{ID: "settings.redo", Changes: true, Keys: []string{"U", "ctrl+r"}, Title: "redo what was undone",
		Do: func() tea.Cmd {
			return s.stepped("Done again", s.draft.Redo())
		}}
	if !s.draft.CanRedo() {
		c.Off = "nothing was undone"
	}
	return c
}

// stepped says what an undo or a redo did.
func (s *shell) stepped(what string, was config.Draft) tea.Cmd {
	if lines := words.Changes(was, s.draft.Edited); len(lines) > 0 {
		s.say("%s: %s", what, lines[0])
	}
	s.replaced = true
	return nil
}
