package config

// Editing is a draft beside the saved one, with the edits that can be undone and redone.
type Editing struct {
	Saved, Edited  Draft
	undone, redone []Draft // drafts that undo and redo go to, the next one last
}

// mostUndone is how many edits can be undone.
const mostUndone = 100

// NewEditing starts with the saved draft and with edits on top of it, which count as one edit for
// undo. It shares nothing with its arguments.
func NewEditing(saved, edited Draft) Editing {
	e := Editing{Saved: saved.Clone(), Edited: edited.Clone()}
	if e.Changed() {
		e.undone = append(e.undone, saved.Clone())
	}
	return e
}

// Changed reports whether there are unsaved edits.
func (e *Editing) Changed() bool { return !e.Saved.Same(e.Edited) }

// Change edits the draft and records the edit for undo.
func (e *Editing) Change(edit func(*Draft)) {
	before := e.Edited.Clone()
	edit(&e.Edited)
	if before.Same(e.Edited) {
		return
	}
	e.undone, e.redone = append(e.undone, before), nil
	if len(e.undone) > mostUndone {
		e.undone = e.undone[1:]
	}
}

// CanUndo and CanRedo report whether Undo and Redo may be called.
func (e *Editing) CanUndo() bool { return len(e.undone) > 0 }
func (e *Editing) CanRedo() bool { return len(e.redone) > 0 }

// Undo reverts the last edit; was is the draft before the undo.
func (e *Editing) Undo() (was Draft) { return e.step(&e.undone, &e.redone) }

// Redo repeats the last undone edit; was is the draft before the redo.
func (e *Editing) Redo() (was Draft) { return e.step(&e.redone, &e.undone) }

// step goes to the newest draft of one list, and adds the current one to the other.
func (e *Editing) step(from, to *[]Draft) (was Draft) {
	n := len(*from) - 1
	was = e.Edited
	e.Edited = (*from)[n]
	*from, *to = (*from)[:n], append(*to, was)
	return was
}
