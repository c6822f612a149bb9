package ui

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/ui/view"
)

// draftMsg tells every page that undo, redo or a reload has replaced the draft; a page knows about
// its own edits. It comes before the next frame: a page that still lists the values of the previous
// draft would draw values that no longer exist. TestUndoOfAListDrawsWhatIsThere pins this.
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

// stepped shows what an undo or a redo did.
func (s *shell) stepped(what string, was config.Draft) tea.Cmd {
	if lines := view.Changes(was, s.draft.Edited); len(lines) > 0 {
		s.say("%s: %s", what, lines[0])
	}
	s.replaced = true
	return nil
}
