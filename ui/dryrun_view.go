package ui

import (
	"dirbridge/ui/component"
	"dirbridge/ui/look"
)

func (d *dryRunPage) wide() bool { return d.width >= component.Wide }

// low says that there is hardly room for a list: the lines above it are reduced.
func (d *dryRunPage) low() bool { return d.height < 15 }

// headRule returns the number of lines of the rule under the head.
func (d *dryRunPage) headRule() int {
	if d.height < 8 {
		return 0
	}
	return 1
}

// below returns the number of lines of the details under the list, including their rule.
func (d *dryRunPage) below() int {
	room := d.bodyRoom()
	if d.wide() || room < 8 {
		return 0
	}
	return min(max(room/3, 3), 9)
}

// bodyRoom returns the number of lines for the list and the details under it.
func (d *dryRunPage) bodyRoom() int { return max(d.height-len(d.head())-d.headRule()-1, 1) }

func (d *dryRunPage) listHeight() int { return max(d.bodyRoom()-d.below(), 1) }

func (d *dryRunPage) View() []string {
	if d.source == nil {
		lines := d.head()
		if !d.work.Running() {
			lines = append(lines, "", " No dry run has been made since the console was opened.", "",
				" d  makes one: it reads the directory and the cloud, shows every change,", "    and writes nothing.",
				" p  opens a plan that was saved.")
		}
		return lines
	}
	head := d.head()
	if d.headRule() > 0 {
		head = append(head, d.host.Look.Line(d.width))
	}
	head = append(head, d.viewLine())
	if d.shown.view == viewSummary {
		return append(head, d.summary.Lines(d.summaryLines(d.width), d.bodyRoom())...)
	}
	list := d.listWidth()
	rows := d.rows(list)
	if d.wide() {
		return append(head, d.beside(rows, list)...)
	}
	lines := append(head, rows...)
	if d.below() > 0 {
		for len(lines) < d.height-d.below() {
			lines = append(lines, "")
		}
		lines = append(lines, d.host.Look.Line(d.width))
		lines = append(lines, d.details(d.width)...)
	}
	return lines
}

func (d *dryRunPage) listWidth() int {
	if d.wide() {
		return d.width * 3 / 5
	}
	return d.width
}

func (d *dryRunPage) beside(rows []string, list int) []string {
	details := d.details(d.width - list - 2)
	lines := make([]string, 0, d.listHeight())
	for i := range d.listHeight() {
		var left, right string
		if i < len(rows) {
			left = rows[i]
		}
		if i < len(details) {
			right = details[i]
		}
		lines = append(lines, d.host.Look.Fit(left, list)+d.host.Look.Style.Rule.Render(d.host.Look.Mark.Column)+right)
	}
	return lines
}

func (d *dryRunPage) rows(width int) []string {
	from, to := d.list.Visible()
	if from == to && !d.loading {
		return append([]string{""}, d.emptyWords(width)...)
	}
	var lines []string
	for i := from; i < to; i++ {
		row, ok := d.list.Row(i)
		text := "   " + d.host.Look.Mark.Ellipsis
		if ok {
			text = d.row(row, width, i == d.list.Cursor())
		}
		lines = append(lines, text)
	}
	return lines
}

func (d *dryRunPage) emptyWords(width int) []string {
	text := "None. Left and right go to the other kinds."
	switch {
	case d.shown.filter != "":
		text = "Nothing matches the filter. Esc clears it."
	case d.shown.grouped():
		text = "These changes have nothing in common. Esc goes back."
	case d.shown.view == viewAll:
		text = "There is nothing to change: the cloud is as the directory."
	case d.shown.view == viewMatched:
		text = "Nobody is matched anew: those who were before are counted, and not listed."
	}
	lines := d.host.Look.Wrap(text, width-2)
	for i := range lines {
		lines[i] = " " + lines[i]
	}
	return lines
}

// row draws one line; the one under the cursor is reversed, and so has no other colors.
func (d *dryRunPage) row(row planRow, width int, current bool) string {
	l := d.host.Look
	mark, key, rest, style := rowText(l, row)
	switch c, g := row.change, row.group; {
	case c != nil && d.left.Has(c.Seq):
		mark, rest = "x", "left out: "+rest
	case row.waits != nil && d.confirmed[row.waits.Fingerprint]:
		mark, rest = l.Mark.Match, "confirmed: "+rest
	case g != nil && g.left == g.count:
		mark, rest = "x", "left out: "+rest
	case g != nil && g.left > 0:
		rest = look.Number(g.left) + " left out: " + rest
	}
	keyWidth := min(max(width*2/5, 12), 44)
	if row.group != nil {
		keyWidth = 9
		key = l.Right(key, 8)
	}
	text := l.Fit(l.Clean(key), keyWidth) + " " + l.Cut(l.Clean(rest), max(width-keyWidth-5, 0))
	if current {
		return l.Row(" "+mark+" "+text, width)
	}
	return " " + style.Render(mark) + " " + text
}

func (d *dryRunPage) details(width int) []string {
	row, ok := d.list.Current()
	if !ok {
		return nil
	}
	return rowDetails(d.host.Look, row, width, d.wide())
}
