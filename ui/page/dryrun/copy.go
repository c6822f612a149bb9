package dryrun

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
)

// details returns what is beside the list.
func (d *Model) details(row planRow, width int) []string {
	l := d.host.Look
	lines := rowDetails(l, row, width, d.ids)
	if row.change != nil && d.left.Has(row.change.Seq) {
		lines = append(lines, l.Style.Warn.Render(l.Cut(" Excluded: applying the plan does not do it.", width)))
	}
	if row.change != nil {
		lines = append(lines, "", l.Style.Dim.Render(l.Cut(" i ids   y copy   Enter explain", width)))
	}
	return lines
}

// openDetails shows the details over the list.
func (d *Model) openDetails(row planRow) {
	r := &component.Reading{Title: "Details", Lines: func(_ look.Look, w int) []string { return d.details(row, w) }}
	if explain := d.explainRow(); explain.Do != nil {
		explain.Keys, explain.Show = append([]string{"enter"}, explain.Keys...), "Enter"
		r.Commands = append(r.Commands, explain)
	}
	r.Commands = append(r.Commands,
		page.Command{Keys: []string{"i"}, Short: "ids", Do: d.toggleIDs},
		page.Command{Keys: []string{"y"}, Short: "copy", Off: d.copyOff(""), Do: d.copy})
	d.host.Ask(r)
}

// opens names what Enter does with the row under the cursor.
func (d *Model) opens() string {
	row, ok := d.list.Current()
	switch {
	case ok && row.group != nil:
		return "open"
	case d.source != nil && d.panel().Wide() && d.explainRow().Do != nil:
		return "explain"
	}
	return "details"
}

// toggleIDs shows the ids and the DN in the details, or hides them.
func (d *Model) toggleIDs() tea.Cmd {
	d.ids = !d.ids
	return nil
}

func (d *Model) copyOff(none string) string {
	if row, ok := d.list.Current(); none == "" && (!ok || len(copies(d.host.Look, row)) == 0) {
		return "nothing to copy here"
	}
	return none
}

// copy asks what of the row to put into the clipboard.
func (d *Model) copy() tea.Cmd {
	row, ok := d.list.Current()
	if !ok {
		return nil
	}
	var options []component.Option
	for _, c := range copies(d.host.Look, row) {
		options = append(options, component.Option{Key: c.key, Text: c.name, About: c.text, Do: func() tea.Cmd {
			d.host.Say("Copied %s: %s", c.name, d.host.Look.Clean(c.text))
			return tea.SetClipboard(c.text)
		}})
	}
	d.host.Ask(&component.Question{Title: "Copy to the clipboard", Options: options})
	return nil
}

// copyable is a text of a row that can be copied.
type copyable struct{ key, name, text string }

func copies(l look.Look, row planRow) (all []copyable) {
	add := func(key, name, text string) {
		if text != "" {
			all = append(all, copyable{key, name, text})
		}
	}
	switch {
	case row.change != nil:
		c := row.change
		if name := row.name(l); name != c.Key && name != c.MemberKey {
			add("n", "name", name)
		}
		add("m", "e-mail or group", c.Key)
		add("p", "member", c.MemberKey)
		add("d", "DN", c.DN)
		add("a", "AD id", string(c.Anchor))
		add("c", "cloud id", string(c.ID))
	case row.account != nil:
		add("m", "e-mail or group", row.account.Key)
		add("n", "name", row.account.Name)
		add("c", "cloud id", string(row.account.ID))
	case row.problem != nil:
		add("e", "error", row.problem.Message)
		add("d", "DN", row.problem.DN)
		add("a", "AD id", string(row.problem.Anchor))
	case row.waits != nil:
		add("p", "person", row.waits.Person.Key)
		add("c", "account", row.waits.Account.Key)
	}
	return all
}
