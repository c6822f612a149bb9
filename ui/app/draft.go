package app

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// draftChanged brings the draft to all pages; replaced says that undo, redo or a reload replaced it.
func (r *root) draftChanged(replaced bool) tea.Cmd {
	var cmds []tea.Cmd
	for id := range r.pages {
		msg := page.DraftMsg{Draft: r.facts().Draft, Of: r.planned, Replaced: replaced}
		cmds = append(cmds, r.tell(page.ID(id+1), msg))
	}
	return tea.Batch(cmds...)
}

// edited takes over an edit of a page. A review that was opened while the page checked its edit
// lists the draft without it, but would save it, so the review starts again
// (TestTheReviewListsAValueThatIsTakenLate).
func (r *root) edited(d config.Draft) tea.Cmd {
	r.draft.Change(func(e *config.Draft) { *e = d })
	return tea.Batch(r.draftChanged(false), r.reviewAgain())
}

func (r *root) undoCommand() page.Command {
	c := page.Command{ID: "settings.undo", Changes: true, Key: page.Keys("", "u"),
		Title: "undo the last change of the settings", Do: func() tea.Cmd {
			return r.stepped("Undone", r.draft.Undo())
		}}
	if !r.draft.CanUndo() {
		c.Off = view.NothingChangedHere
	}
	return c
}

func (r *root) redoCommand() page.Command {
	c := page.Command{ID: "settings.redo", Changes: true, Key: page.Keys("", "U", "ctrl+r"), Title: "redo what was undone",
		Do: func() tea.Cmd {
			return r.stepped("Done again", r.draft.Redo())
		}}
	if !r.draft.CanRedo() {
		c.Off = "nothing was undone"
	}
	return c
}

// stepped shows what an undo or a redo did.
func (r *root) stepped(what string, was config.Draft) tea.Cmd {
	if lines := view.Changes(was, r.draft.Edited); len(lines) > 0 {
		r.say("%s: %s", what, lines[0])
	}
	return r.draftChanged(true)
}
