package dryrun

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
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
		explain.Also("enter")
		r.Commands = append(r.Commands, explain)
	}
	r.Commands = append(r.Commands,
		page.Command{Key: page.Keys("ids", "i"), Do: d.toggleIDs},
		d.copies().Command(d.host, d.host.Look))
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

// copies returns the texts of the row under the cursor.
func (d *Model) copies() (all draw.Copies) {
	row, ok := d.list.Current()
	if !ok || d.source == nil {
		return nil
	}
	switch l := d.host.Look; {
	case row.change != nil:
		if name := row.name(l); name != row.change.Key && name != row.change.MemberKey {
			all.Add("n", "name", name)
		}
		all.Change(row.change)
	case row.account != nil:
		all.Add("m", "e-mail or group", row.account.Key)
		all.Add("n", "name", row.account.Name)
		all.Add("c", "cloud id", string(row.account.ID))
	case row.problem != nil:
		all.Error(row.problem.Message)
		all.Add("d", "DN", row.problem.DN)
		all.Add("a", "AD id", string(row.problem.Anchor))
	case row.waits != nil:
		all.Withheld(row.waits)
	}
	return all
}
