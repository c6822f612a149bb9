package app

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/view"
)

// quit leaves at once if nothing would be lost, else it asks. The key that asks does not ask twice.
func (r *root) quit() tea.Cmd {
	r.menu = nil
	if r.conn == nil || r.quitting {
		return tea.Quit
	}
	var q *component.Question
	switch {
	case r.work.Running():
		q = r.quitRun()
	case r.draft.Changed():
		q = &component.Question{
			Title: "There are changes that are not saved.",
			Options: []component.Option{
				{Key: "s", Text: "Stay"},
				{Key: "x", Text: "Leave without saving them", Do: func() tea.Cmd { return tea.Quit }},
			},
		}
	default:
		return tea.Quit
	}
	if open, ok := r.top().(*component.Question); ok && open.Title == q.Title {
		return nil
	}
	r.ask(q)
	return nil
}

// quitRun asks what becomes of the run under way; the run belongs to this process.
func (r *root) quitRun() *component.Question {
	p := r.work.Progress
	q := &component.Question{
		Title: "Quit? " + view.Mode(p.Mode) + " is under way.",
		Lines: []string{"No change was written."},
		Options: []component.Option{
			{Key: "s", Text: "Stay"},
			{Key: "c", Text: "Cancel it, and quit when it has stopped", Off: r.readOnlyOff(), Do: func() tea.Cmd {
				r.conn.Cancel()
				r.quitting = true
				r.say("Stopping; then it closes. q closes it at once.")
				return nil
			}},
		},
	}
	if p.Phase == control.Applying || p.Phase == control.Recording {
		q.Lines = []string{view.WrittenSoFar(p), view.CancelMeans}
	}
	if r.draft.Changed() {
		q.Lines = append(q.Lines, "Your changes of the settings are not saved, and are lost.")
	}
	return q
}
