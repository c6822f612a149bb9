package app

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// review is the guide's question about unsaved changes, with their effect on the scope, which is
// counted while the review is open.
type review struct {
	component.Question
	root     *root
	changes  []string
	progress *control.ScopeProgress
	stop     context.CancelFunc // nil if nothing is counted
	delta    *control.ScopeDelta
	note     string // why there is no delta
	early    bool   // [a] was pressed while the scope was counted
}

// reviewedMsg goes to the root.
type reviewedMsg struct {
	of    *review
	delta control.ScopeDelta
	err   error
}

// askApply asks the guide's question. If the scope may change, it counts the scope first.
func (r *root) askApply() tea.Cmd {
	v := &review{root: r, changes: changeList(r.draft.Saved, r.draft.Edited)}
	v.Title = "Apply the configuration changes?"
	r.ask(v)
	if r.draft.Saved.SameScope(r.draft.Edited) {
		v.note = "Scope unchanged."
		return nil
	}
	ctx, stop := context.WithCancel(r.ctx)
	v.stop, v.progress = stop, &control.ScopeProgress{}
	conn, draft, progress := r.conn, r.draft.Edited.Clone(), v.progress
	return func() tea.Msg {
		delta, err := conn.ScopeDelta(ctx, draft, progress)
		return reviewedMsg{v, delta, err}
	}
}

// reviewAgain replaces an open review with one of the current draft, if the draft has changed
// since.
func (r *root) reviewAgain() tea.Cmd {
	v, open := r.top().(*review)
	if !open {
		return nil
	}
	if v.stop != nil {
		v.stop()
		v.stop = nil
	}
	r.dialogs = r.dialogs[:len(r.dialogs)-1]
	return r.askApply()
}

// reviewed takes over the count. Changes that were applied before it arrived are saved now, unless
// people or groups leave: the operator has not seen that.
func (r *root) reviewed(msg reviewedMsg) tea.Cmd {
	v := msg.of
	if v.stop == nil {
		return nil // it was stopped
	}
	v.stop()
	v.stop = nil
	if msg.err != nil {
		v.note = "The effect on the scope could not be counted: " + msg.err.Error()
		return nil
	}
	v.delta = &msg.delta
	if v.early && r.top() == v && v.delta.People.Leave+v.delta.Groups.Leave == 0 {
		return r.pressDialog(v, tea.KeyPressMsg{Code: 'a', Text: "a"})
	}
	return nil
}

func (v *review) Key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	if k.String() == "s" && v.stop != nil {
		v.stop()
		v.stop, v.note = nil, "Stopped: the effect on the scope is unknown. A dry run shows it."
		return nil, false
	}
	v.early = v.early || v.stop != nil && (k.String() == "a" || k.String() == "enter" && v.At == 0)
	v.Options = v.answers()
	cmd, closed := v.Question.Key(k)
	if closed && v.stop != nil {
		v.stop()
		v.stop = nil
	}
	return cmd, closed
}

func (v *review) answers() []component.Option {
	off := v.root.work.Busy()
	if off == "" && v.stop != nil {
		off = "its effect on the scope is being counted; [s] stops that"
		if v.early {
			off = "saved after the count, unless people or groups leave; [s] stops that"
		}
	}
	return []component.Option{
		{Key: "a", Text: "Apply Config Changes: save them; nothing is written to the cloud", Off: off,
			Do: v.root.saveSettings},
		{Key: "d", Text: "Dry run first: preview every change", Off: v.root.work.Busy(), Do: v.root.dryRun},
		{Key: "c", Text: "Cancel"},
	}
}

func (v *review) View(l look.Look, width, height int) []string {
	v.Options = v.answers()
	v.Lines = append(append([]string(nil), v.changes...), v.scopeWords(l, width, max(height-len(v.changes)-11, 1))...)
	return v.Question.View(l, width, height)
}

// scopeWords lists people who enter and leave the scope: in total, and by container as far as room
// lines go.
func (v *review) scopeWords(l look.Look, width, room int) []string {
	switch {
	case v.stop != nil:
		return []string{"Counting people who enter and leave: " + look.Count(v.progress.Read(), "entry read",
			"entries read") + ". [s] stops it."}
	case v.delta == nil:
		return append([]string{v.note}, view.SwitchedOff(v.root.draft.Saved, v.root.draft.Edited)...)
	}
	d := v.delta
	lines := view.ScopeMoves(*d)
	for i := range lines {
		lines[i] = l.Arrows(lines[i])
	}
	several := len(v.root.draft.Edited.Directories) > 1
	shown := d.Containers
	if len(shown) > room {
		shown = shown[:max(room-1, 0)]
	}
	for _, c := range shown {
		name := c.DN
		if several {
			name = c.Directory + ": " + name
		}
		lines = append(lines, l.Cut("  "+delta(l, c)+"  "+l.Clean(name), width-2))
	}
	if rest := int64(len(d.Containers)-len(shown)) + d.OtherCount; rest > 0 {
		lines = append(lines, "  and in "+look.Count(rest, "other container", "other containers"))
	}
	return append(lines, view.Leavers(v.root.draft.Saved, v.root.draft.Edited, *d)...)
}

// delta returns one container in short form: "-318 +636 people, -2 groups".
func delta(l look.Look, c control.ContainerDelta) string {
	text := ""
	for _, k := range []struct {
		name         string
		enter, leave int64
	}{{"people", c.PeopleEnter, c.PeopleLeave}, {"groups", c.GroupsEnter, c.GroupsLeave}} {
		if k.enter+k.leave == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		if k.leave > 0 {
			text += l.Mark.Take + look.Number(k.leave) + " "
		}
		if k.enter > 0 {
			text += l.Mark.Add + look.Number(k.enter) + " "
		}
		text += k.name
	}
	return text
}
