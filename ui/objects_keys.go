package ui

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/widget"
)

func (o *objectsPage) Keys() []Key {
	empty := ""
	if len(o.rows) == 0 {
		empty = "no directory is configured"
	}
	undoOff := ""
	if len(o.undone) == 0 {
		undoOff = "nothing was changed here"
	}
	keys := []Key{
		{On: []string{"space", "x"}, Show: "Space", Short: "tick", Help: "tick or untick the container and all below it", Off: empty, Do: o.toggle},
		{On: []string{"right", "l", "enter"}, Show: "Right", Short: "open", Help: "open the container", Off: empty, Do: o.openNode},
		{On: []string{"d", "p"}, Short: "Dry Run", Help: "dry run with these changes, nothing saved", Off: o.dryOff(empty), Do: o.dryRun},
		{On: []string{"a"}, Short: "Apply" + o.look.Mark.Ellipsis, Help: "apply the changes, or see their effect first", Off: o.applyOff(), Do: o.askApply},
		{On: []string{"u"}, Short: "Undo", Help: "undo the last change here", Off: undoOff, Do: o.undo},
		{On: []string{"left", "h"}, Show: "Left", Help: "close it, or go up", Off: empty, Do: o.closeNode},
		{On: []string{"/"}, Short: "find", Help: "find a container among those that were opened", Off: empty, Do: o.startFind},
		{On: []string{"n"}, Help: "next one found", Off: empty, Do: func() tea.Cmd { o.findNext(1); return nil }},
		{On: []string{"f"}, Short: "Filter", Help: "edit the user filter", Off: empty, Do: func() tea.Cmd { return o.editFilter(false) }},
		{On: []string{"F"}, Help: "edit the group filter", Off: empty, Do: func() tea.Cmd { return o.editFilter(true) }},
		{On: []string{"s"}, Short: "users", Help: "synchronize users, or not", Off: empty, Do: o.switchUsers},
		{On: []string{"g"}, Short: "groups", Help: "synchronize groups, or not", Off: empty, Do: o.switchGroups},
		{On: []string{"r"}, Help: "read the containers again", Off: empty, Do: o.reload},
	}
	for _, k := range []string{"up", "down", "pgup", "pgdown", "home", "end", "k", "j", "G"} {
		keys = append(keys, Key{On: []string{k}, Do: func() tea.Cmd { o.list.Key(k); return nil }})
	}
	return keys
}

func (o *objectsPage) dryOff(empty string) string {
	if empty != "" {
		return empty
	}
	for i, s := range o.scopes {
		if s.None() {
			return "nothing is in scope: tick at least one container of " + o.draft.edited.Directories[i].Name
		}
	}
	return o.writable()
}

// applyOff adds to the shell's reasons that nothing is ticked.
func (o *objectsPage) applyOff() string {
	if off := o.shell.applyOff(); off != "" {
		return off
	}
	for i, s := range o.scopes {
		if s.None() {
			return "nothing is in scope: tick at least one container of " + o.draft.edited.Directories[i].Name
		}
	}
	return ""
}

func (o *objectsPage) switchUsers() tea.Cmd {
	return o.change(o.dir(), func(d *control.DirectorySettings) { d.SyncUsers = !d.SyncUsers })
}

func (o *objectsPage) switchGroups() tea.Cmd {
	return o.change(o.dir(), func(d *control.DirectorySettings) { d.SyncGroups = !d.SyncGroups })
}

func (o *objectsPage) editFilter(groups bool) tea.Cmd {
	dir := o.dir()
	d := o.draft.edited.Directories[dir]
	title, now := "User filter of "+d.Name, d.UserFilter
	if groups {
		title, now = "Group filter of "+d.Name, d.GroupFilter
	}
	o.ask(&prompt{
		title: title,
		lines: []string{
			"An LDAP filter; it narrows the built-in one. Without disabled people:",
			"(!(userAccountControl:1.2.840.113556.1.4.803:=2))",
		},
		label: "Filter:", input: widget.NewInput(now), check: checkFilter,
		done: func(text string) tea.Cmd {
			if text == now {
				return nil
			}
			return o.change(dir, func(d *control.DirectorySettings) {
				if groups {
					d.GroupFilter = text
				} else {
					d.UserFilter = text
				}
			})
		},
	})
	return nil
}

func (o *objectsPage) Typing() bool { return o.typing }

func (o *objectsPage) startFind() tea.Cmd {
	o.typing = true
	o.find.Clear()
	return nil
}

// Type takes a key of the search; the cursor goes along.
func (o *objectsPage) Type(k tea.KeyPressMsg) tea.Cmd {
	switch name := k.String(); name {
	case "enter":
		o.typing = false
	case "esc":
		o.typing = false
		o.find.Clear()
	case "down":
		o.findNext(1)
	default:
		if o.find.Key(name, k.Text) {
			o.findNext(0)
		}
	}
	return nil
}

// findNext puts the cursor on the next container that is found, from ahead of it.
func (o *objectsPage) findNext(ahead int64) {
	text := o.find.Text()
	n := int64(len(o.rows))
	for i := int64(0); i < n && text != ""; i++ {
		at := (o.list.Cursor() + ahead + i) % n
		if row := o.rows[at]; row.node != nil && sameText(row.node.Name, text) {
			o.list.Go(at)
			return
		}
	}
	if text != "" {
		o.say("No opened container has %q in its name.", text)
	}
}
