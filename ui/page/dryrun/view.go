package dryrun

import (
	"slices"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// low says that there is hardly room for a list: the lines above it are reduced.
func (d *Model) low() bool { return d.height < 15 }

// panel is the frame of the list, without rows.
func (d *Model) panel() component.Split {
	p := component.Split{Look: d.host.Look, Width: d.width, Height: d.height, Head: d.head(), Headed: true,
		Pane: &d.pane, List: &d.list, Single: d.source == nil}
	if d.source != nil {
		p.Head = append(p.Head, d.viewLine())
		if chips := d.chips(); len(chips.Items) > 0 && d.height >= 12 {
			p.Head = append(p.Head, chips.View())
		}
	}
	return p
}

// summaryRoom is the number of lines of the Summary.
func (d *Model) summaryRoom() int { return d.panel().ListHeight() + 1 }

// isReplaced reports whether an undo or a purge is being planned: the rows of the plan before would
// pass for it.
func (d *Model) isReplaced() bool {
	return d.work.Running() && (d.work.Mode == control.UndoPlan || d.work.Mode == control.PurgePlan)
}

func (d *Model) View() []string {
	p := d.panel()
	p.Title, p.Foot = "Changes", d.place()
	switch {
	case d.source == nil && d.work.Running():
		return p.Head
	case d.isReplaced():
		return draw.Progress(p.Look, d.work, d.host.Now(), min(d.width, 100))
	case d.source == nil:
		p.Title, p.Foot, p.Empty = "Dry Run", "", "No dry run has been made since the console was opened.\n\n"+
			"d  makes one: it reads the directory and the cloud, shows every change, and writes nothing.\n"+
			"p  opens a plan that was saved."
		return p.View()
	case d.shown.view == viewSummary:
		frame := component.Panel{Look: p.Look, Width: d.width, Height: d.summaryRoom() + 2, Title: "Summary", Focused: true}
		all := d.summaryLines(d.width - 2)
		lines := d.summary.Lines(all, d.summaryRoom())
		frame.Scroll = component.Extent{From: int64(d.summary.Top()), Shown: int64(d.summaryRoom()), Total: int64(len(all))}
		return append(p.Head, frame.View(lines)...)
	}
	p.Title = planViews()[d.shown.view].name
	if name := d.headline(d.header()); d.width >= 60 {
		p.Title += " - " + strings.TrimSpace(name)
	}
	p.Empty = d.emptyWords()
	columns := d.columns(p.ListWidth())
	p.Fill(columns, func(i int64) []component.Cell {
		if row, ok := d.list.Row(i); ok {
			return d.cells(row, len(columns))
		}
		return []component.Cell{nil, component.Text(d.host.Look.Mark.Ellipsis)}
	})
	p.Details = func(width, _ int) []string {
		row, ok := d.list.Current()
		if !ok {
			return nil
		}
		return d.details(row, width)
	}
	return p.View()
}

func (d *Model) emptyWords() string {
	text := "None. Left and right go to the other kinds."
	switch {
	case d.shown.filter != "" || len(d.shown.in) > 0:
		text = "Nothing matches the filters. Backspace drops the last."
	case d.shown.grouped():
		text = "These changes have nothing in common. Esc goes back."
	case d.shown.view == viewAll:
		text = "There is nothing to change: the cloud matches the directory."
	case d.shown.view == viewMatched:
		text = "No new matches. Existing matches are counted and not listed."
	}
	return text
}

// table returns the columns of the list: a mark, a name, the place, the change, and what else changes.
func (d *Model) columns(width int) []component.Column {
	columns := []component.Column{{Width: 1}, {Title: "Name", Width: 14, Grow: 2}}
	change := "Change"
	if in := d.shown.narrowedBy("field"); in != nil {
		change = in.name + ": old " + d.host.Look.Mark.Arrow + " new"
	}
	switch {
	case d.shown.grouped():
		columns = []component.Column{{Width: 1}, {Title: "Changes", Width: 8, Right: true},
			{Title: "Group", Width: 10, Grow: 1}}
	case width < 64:
		columns = append(columns, component.Column{Title: change, Width: 12, Grow: 4, Keep: true})
	default:
		columns = append(columns, component.Column{Title: "OU", Width: 12, Grow: 1},
			component.Column{Title: change, Width: 20, Grow: 4, Keep: true})
		if width >= 100 {
			columns = append(columns, component.Column{Title: "Also", Width: 14})
		}
	}
	if len(columns) > 2 && !d.shown.grouped() {
		switch d.shown.order {
		case control.ByName:
			columns[1].Sort = component.Rising
		case control.ByPlace:
			columns[2].Sort = component.Rising
		}
	}
	return columns
}

// cells returns a row; columns is the number of columns.
func (d *Model) cells(row planRow, columns int) []component.Cell {
	l := d.host.Look
	mark, key, rest, style := rowText(l, row)
	change, also := component.Marked(rest, d.shown.filter, nil, l.Style.Match), ""
	note := func(text string) { change = slices.Concat(component.Styled(text, l.Style.Warn), change) }
	if c := row.change; c != nil && c.Action == "add" && rest == c.DN { // the columns before it show the DN
		change = component.Marked(c.Key, d.shown.filter, nil, l.Style.Match)
	}
	if row.change != nil {
		change, also = d.changeCell(row.change, change)
	}
	switch c, g := row.change, row.group; {
	case c != nil && d.left.Has(c.Seq):
		mark, style = "x", l.Style.Dim
		note("excluded: ")
	case row.waits != nil && d.confirmed[row.waits.Fingerprint]:
		mark = l.Mark.Match
		note("confirmed: ")
	case g != nil && g.left == g.count:
		mark = "x"
		note("excluded: ")
	case g != nil && g.left > 0:
		note(look.Number(g.left) + " excluded: ")
	}
	first := component.Styled(mark, style)
	if row.group != nil {
		return []component.Cell{first, component.Text(key), change}
	}
	name, place, levels := key, "", 1
	if columns > 4 {
		levels = 2
	}
	switch {
	case row.change != nil && row.change.DN != "" && row.change.Kind != identity.Member:
		name, place = draw.Place(l, row.change.DN, levels)
	case row.problem != nil && row.problem.DN != "":
		name, place = draw.Place(l, row.problem.DN, levels)
	}
	who := component.Marked(name, d.shown.filter, nil, l.Style.Match)
	if columns < 4 {
		return []component.Cell{first, who, change}
	}
	return []component.Cell{first, who, component.Marked(place, d.shown.filter, l.Style.Dim, l.Style.Match), change,
		component.Styled(also, l.Style.Dim)}
}

// changeCell shows the field that matters: the one that matched the filter or the group, else the
// first that is no housekeeping; also names the others. Without fields, words say it.
func (d *Model) changeCell(c *control.Change, words component.Cell) (component.Cell, string) {
	if c.Action != "update" && c.Action != "rename" || c.Kind == identity.Member || len(c.Fields) == 0 {
		return words, ""
	}
	at, best := 0, -1
	for i, f := range c.Fields {
		if n := d.weight(c, f); n > best {
			at, best = i, n
		}
	}
	l, f := d.host.Look, c.Fields[at]
	if best == 0 { // nothing but housekeeping
		return component.Styled(view.FirstLink, l.Style.Dim), ""
	}
	var others []string
	for i, o := range c.Fields {
		if i != at && !view.Housekeeping(o.Name) {
			others = append(others, o.Name)
		}
	}
	cell := component.Cell{}
	if f.Drift {
		cell = component.Styled("cloud edit: ", l.Style.Warn)
	}
	if in := d.shown.narrowedBy("field"); in == nil || in.name != f.Name { // else the header has the name
		cell = append(cell, component.Run{Text: f.Name + ": "})
	}
	cell = append(cell, component.Marked(look.Values(f.Old), d.shown.filter, l.Style.Dim, l.Style.Match)...)
	cell = append(cell, component.Run{Text: " " + l.Mark.Arrow + " "})
	return append(cell, component.Marked(look.Values(f.New), d.shown.filter, l.Style.Title, l.Style.Match)...),
		strings.Join(others, ", ")
}

// weight is how much a field tells of its change.
func (d *Model) weight(c *control.Change, f control.Field) int {
	n := 1
	switch {
	case view.Housekeeping(f.Name):
		n = 0
	case f.Drift:
		n = 3
	case c.Action == "rename" && f.Name == "uid":
		n = 2
	}
	if in := d.shown.narrowedBy("field"); in != nil && in.name == f.Name {
		n += 8
	}
	text := f.Name + " " + look.Values(f.Old) + " " + look.Values(f.New)
	if d.shown.filter != "" && component.Contains(text, d.shown.filter) {
		n += 4
	}
	return n
}
