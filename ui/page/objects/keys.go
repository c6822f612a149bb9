package objects

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

func (o *Model) Mouse(m page.Mouse) tea.Cmd { o.panel().Mouse(m); return nil }

func (o *Model) Commands() []page.Command {
	empty := ""
	if len(o.rows) == 0 {
		empty = "no directory is configured"
	}
	var copies draw.Copies
	if row, ok := o.current(); ok && row.node != nil {
		copies.Add("d", "DN", row.node.DN)
	}
	keys := []page.Command{
		{ID: "objects.tick", Changes: true, Key: page.Keys("tick", "space"),
			Title: "tick or untick the container and all below it", Off: empty, Do: o.toggle},
		{ID: "objects.open", Key: page.Keys("open", "right", "l", "enter"),
			Title: "open the container", Off: empty, Do: o.openNode},
		{ID: "dryrun", Key: page.Keys("Dry Run", "d", "p"), Title: "dry run with these changes, nothing saved",
			Off: o.dryOff(empty)},
		{ID: "settings.apply", Key: page.Keys("Apply" + o.host.Look.Mark.Ellipsis), Off: o.applyOff()},
		page.Of("settings.undo", "Undo"), page.Of("settings.redo", ""),
		{ID: "objects.close", Key: page.Keys("", "left", "h"), Title: "close it, or go up", Off: empty,
			Do: o.closeNode},
		{ID: "objects.find", Key: page.Keys("search", "/"), Title: "find a container in the whole directory",
			Off: empty, Do: o.startFind},
		{ID: "objects.only", Changes: true, Key: page.Keys("only this", "o"),
			Title: "tick only this container, and all below it", Off: empty, Do: o.only},
		{ID: "objects.userfilter", Changes: true, Key: page.Keys("Filter", "f"), Title: "edit the user filter",
			Off: empty, Do: func() tea.Cmd { return o.editFilter(false) }},
		{ID: "objects.groupfilter", Changes: true, Key: page.Keys("", "F"), Title: "edit the group filter", Off: empty,
			Do: func() tea.Cmd { return o.editFilter(true) }},
		{ID: "objects.users", Changes: true, Key: page.Keys("users", "s"), Title: "synchronize users, or not",
			Off: empty, Do: o.switchUsers},
		{ID: "objects.groups", Changes: true, Key: page.Keys("groups", "g"), Title: "synchronize groups, or not",
			Off: empty, Do: o.switchGroups},
		copies.Command(o.host, o.host.Look),
		{ID: "objects.reload", Key: page.Keys("", "r"), Title: "read the containers again", Off: empty, Do: o.reload},
	}
	return append(keys, o.panel().Moves(o.panel().Move)...)
}

func (o *Model) dryOff(empty string) string {
	if empty != "" {
		return empty
	}
	for i, s := range o.scopes {
		if s.None() {
			return view.NothingInScope + o.draft.Edited.Directories[i].Name
		}
	}
	return ""
}

// applyOff returns why changes cannot be applied: nothing is ticked.
func (o *Model) applyOff() string {
	if !o.draft.Changed() {
		return ""
	}
	for i, s := range o.scopes {
		if s.None() {
			return view.NothingInScope + o.draft.Edited.Directories[i].Name
		}
	}
	return ""
}

func (o *Model) switchUsers() tea.Cmd {
	return o.change(o.dir(), func(d *config.Directory) { d.SyncUsers = !d.SyncUsers })
}

func (o *Model) switchGroups() tea.Cmd {
	return o.change(o.dir(), func(d *config.Directory) { d.SyncGroups = !d.SyncGroups })
}
