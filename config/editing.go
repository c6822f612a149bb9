package config

// Editing is a draft beside what is saved, and the way back and forth between its edits.
type Editing struct {
	Saved, Edited  Draft
	undone, redone []Draft // what undo and redo go to, the next one last
}

// mostUndone is how many edits can be undone.
const mostUndone = 100

// NewEditing begins with what is saved and with edits on top of it, which can be undone as
// one. It shares nothing with them.
func NewEditing(saved, edited Draft) Editing {
	e := Editing{Saved: saved.Clone(), Edited: edited.Clone()}
	if e.Changed() {
		e.undone = append(e.undone, saved.Clone())
	}
	return e
}

// Changed says whether anything is edited that is not saved.
func (e *Editing) Changed() bool { return !e.Saved.Same(e.Edited) }

// Change edits the draft, so that it can be undone.
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

// CanUndo and CanRedo say whether Undo and Redo may be called.
func (e *Editing) CanUndo() bool { return len(e.undone) > 0 }
func (e *Editing) CanRedo() bool { return len(e.redone) > 0 }

// Undo takes the last edit back; was is the draft with it.
func (e *Editing) Undo() (was Draft) { return e.step(&e.undone, &e.redone) }

// Redo does again what was undone; was is the draft without it.
func (e *Editing) Redo() (was Draft) { return e.step(&e.redone, &e.undone) }

// step goes to the newest of one list, and puts what was before into the other.
func (e *Editing) step(from, to *[]Draft) (was Draft) {
	n := len(*from) - 1
	was = e.Edited
	e.Edited = (*from)[n]
	*from, *to = (*from)[:n], append(*to, was)
	return was
}
