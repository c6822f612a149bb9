package app

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/ui/component"
	"dirbridge/ui/page"
	"dirbridge/ui/scope"
	"dirbridge/ui/view"
)

// settingsSavedMsg goes to the root: every page may show settings.
type settingsSavedMsg struct {
	settings config.Draft // that were sent to be saved
	err      error
}

// reloadedMsg goes to the root: the file was read again.
type reloadedMsg struct {
	settings config.Draft
	err      error
}

func (r *root) saveSettings() tea.Cmd {
	ctx, conn, settings := r.ctx, r.conn, r.draft.Edited.Clone()
	return func() tea.Msg { return settingsSavedMsg{settings, conn.SaveSettings(ctx, settings)} }
}

// saved takes over settings that were written to the file.
func (r *root) saved(msg settingsSavedMsg) tea.Cmd {
	var changed *config.Changed
	if errors.As(msg.err, &changed) {
		r.askReload(changed)
		return nil
	}
	if msg.err != nil {
		r.fail("The settings were not saved", msg.err)
		return nil
	}
	if r.planned != nil && r.planned.Same(msg.settings) {
		r.planned = nil // they are no longer a draft
	}
	edited := r.draft.Edited
	if edited.Same(msg.settings) {
		edited = r.conn.Settings()
	}
	r.draft.Saved, r.draft.Edited = r.conn.Settings().Clone(), edited.Clone()
	r.say("Saved in %s; the service reads it when it starts.", r.conn.Path())
	return tea.Batch(r.draftChanged(false), r.broadcast(page.SettingsMsg{}), r.readStatus())
}

// askReload shows what changed in the file outside the console.
func (r *root) askReload(changed *config.Changed) {
	q := &component.Question{
		Title: "Another person changed the file. Nothing was saved.",
		Lines: []string{changed.Path + " has changed since it was read here:"},
	}
	switch {
	case changed.Err != nil:
		q.Lines = append(q.Lines, "It cannot be used now: "+changed.Err.Error())
	case len(changed.Differences) == 0:
		q.Lines = append(q.Lines, "Its values are the same; comments or the layout changed.")
	}
	for _, d := range changed.Differences {
		q.Lines = append(q.Lines, view.Difference(r.draft.Saved, d))
	}
	off := ""
	if changed.Err != nil {
		off = view.FileIsWrong
	}
	q.Options = []component.Option{
		{Key: "r", Text: view.ReloadFile, Off: off, Do: r.reload},
		{Key: "c", Text: view.CancelSaving},
	}
	r.ask(q)
}

func (r *root) reload() tea.Cmd {
	ctx, conn := r.ctx, r.conn
	return func() tea.Msg {
		settings, err := conn.ReloadSettings(ctx)
		return reloadedMsg{settings, err}
	}
}

// reloaded reapplies the edits to the current contents of the file.
func (r *root) reloaded(msg reloadedMsg) tea.Cmd {
	if msg.err != nil {
		r.fail("The file could not be read", msg.err)
		return nil
	}
	edited, lost := config.Merge(r.draft.Saved, r.draft.Edited, msg.settings)
	r.draft = config.NewEditing(msg.settings, edited)
	switch {
	case len(lost) > 0:
		r.say("Reloaded. The file's value replaced yours for: %s.", strings.Join(view.Called(r.draft.Saved, lost), "; "))
	case r.draft.Changed():
		r.say("Reloaded; your changes are kept, and not saved yet.")
	default:
		r.say("Reloaded.")
	}
	return tea.Batch(r.draftChanged(false), r.broadcast(page.SettingsMsg{}), r.readStatus())
}

// discard drops the edits. Undo restores them.
func (r *root) discard() tea.Cmd {
	r.draft.Change(func(e *config.Draft) { *e = r.draft.Saved.Clone() })
	r.say("Discarded. [u] on the page of the settings brings the changes back.")
	return r.draftChanged(true)
}

// askDraft asks, after a dry run of unsaved settings, what to do with them.
func (r *root) askDraft() tea.Cmd {
	lines := changeList(r.draft.Saved, r.draft.Edited)
	if r.plan != nil {
		h := r.plan.Header()
		lines = append(lines, "The dry run would "+view.Doing(h.Counts)+".")
		for _, hold := range h.Holds {
			lines = append(lines, "Held: "+hold.Detail)
		}
	}
	off := ""
	if !r.draft.Changed() {
		off = "there are no unsaved changes"
	}
	r.ask(&component.Question{
		Title: "The dry run of your changes is done. Save the settings?", Lines: lines,
		Options: []component.Option{
			{Key: "s", Text: "Save settings", Off: cmp.Or(off, r.work.Busy()), Do: r.saveSettings},
			{Key: "d", Text: "Discard the changes", Off: off, Do: r.discard},
			{Key: "k", Text: "Keep editing: look at the dry run first; [a] asks again"},
		},
	})
	return nil
}

// offered returns the commands that only pages have: they name them, and give them their place.
func (r *root) offered() []page.Command {
	return []page.Command{
		{ID: "settings.apply", Changes: true, Key: page.Keys("", "a"), Title: "apply the changes, or see their effect first",
			Off: r.applyOff(), Do: r.askApply},
		{ID: "settings.decide", Changes: true, Key: page.Keys("", "a"),
			Title: "save the settings that this dry run was made of, or discard them", Do: r.askDraft},
		r.undoCommand(), r.redoCommand(),
	}
}

// applyOff returns why there is nothing to apply, or "".
func (r *root) applyOff() string {
	switch {
	case !r.draft.Changed():
		return "there are no changes"
	}
	for _, d := range r.draft.Edited.Directories {
		if b, x := d.BaseDNs, d.ExcludeDNs; len(b) > 0 && scope.New(b, x).None() {
			return view.NothingInScope + d.Name
		}
	}
	return ""
}

// changeList returns the differences in words, in a few lines.
func changeList(saved, edited config.Draft) []string {
	lines := view.Changes(saved, edited)
	if len(lines) > 8 {
		lines = append(lines[:7], fmt.Sprintf("and %d more.", len(lines)-7))
	}
	return lines
}
