package ui

import (
	"fmt"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
)

// wide is the width from which details stand beside a list, not below it.
const wide = 110

func (d *dryRunPage) wide() bool { return d.width >= wide }

// low says that there is hardly room for a list: what stands above it gives way.
func (d *dryRunPage) low() bool { return d.height < 15 }

// head is what stands above the list: totals, then progress or holds.
func (d *dryRunPage) head() []string {
	l, w := d.look, d.width
	h := d.header()
	var lines []string
	if d.source != nil {
		lines = append(lines, l.Sides(d.headline(h), d.verdict(h), w))
		totals := d.totals(h)
		if d.low() {
			totals = totals[:1]
		}
		if d.height < 8 && !d.running() {
			return lines
		}
		lines = append(lines, totals...)
	}
	switch {
	case d.running():
		if d.source != nil {
			lines = append(lines, l.Line(w))
		}
		progress := progressLines(d.shell, min(w, 100))
		if d.low() {
			progress = progress[:2]
		}
		lines = append(lines, progress...)
	case d.applied != "":
		mark := l.Style.Good.Render("ok")
		if d.result.Err != nil || d.result.Run.Outcome != "done" {
			mark = l.Style.Bad.Render(l.Mark.Problem)
		}
		lines = append(lines, l.Line(w), l.Cut(" "+mark+" "+d.applied+". e Events", w))
	case len(h.Holds) > 0:
		lines = append(lines, l.Line(w))
		lines = append(lines, d.holds(h)...)
	}
	return append(lines, d.notes(h)...)
}

// notes are the sentences on the plan as a whole; of an undo among them how
// much of it the next run would make again.
func (d *dryRunPage) notes(h control.Header) (lines []string) {
	for _, note := range h.Notes {
		for i, s := range d.look.Wrap(d.look.Clean(note), d.width-4) {
			mark := "   "
			if i == 0 {
				mark = " " + d.look.Mark.Star + " "
			}
			lines = append(lines, mark+s)
		}
	}
	room := map[bool]int{true: 1, false: max(d.height/4, 2)}[d.low()]
	if len(lines) > room {
		lines = append(lines[:room-1], d.look.Fit(strings.TrimRight(lines[room-1], " "), d.width-5)+" "+d.look.Mark.Ellipsis)
	}
	return lines
}

func (d *dryRunPage) headline(h control.Header) string {
	if h.UndoOf != 0 {
		return fmt.Sprintf(" Undo of run %d, %s, plan %s", h.UndoOf, look.Clock(d.now(), h.Made), shortID(h.ID))
	}
	return fmt.Sprintf(" Dry run, %s, %s, plan %s", h.Mode, look.Clock(d.now(), h.Made), shortID(h.ID))
}

func (d *dryRunPage) verdict(h control.Header) string {
	l := d.look
	switch {
	case d.applied != "":
		return "applied "
	case d.planOfDraft():
		text := "DRAFT: the settings are not saved"
		if len(h.Holds) > 0 {
			text = "DRAFT, not saved; and HELD"
		}
		return l.Style.Warn.Render(text) + " "
	case len(h.Holds) > 0:
		return l.Style.Bad.Render("HELD: nothing can be applied yet") + " "
	case !h.Complete:
		return l.Style.Warn.Render(l.Mark.Problem+" not all could be read") + " "
	case h.Counts.Writes() == 0:
		return l.Style.Good.Render("nothing to do") + " "
	}
	return "ready to apply "
}

// totals are the guide's counts, in as many lines as they need.
func (d *dryRunPage) totals(h control.Header) []string {
	c := h.Counts
	n := look.Number
	words := []string{
		"Objects Added " + n(c.Users.Add+c.Groups.Add), "Matched " + n(c.Users.Match+c.Groups.Match),
		"Updated " + n(c.Users.Update+c.Users.Rename+c.Users.Reactivate+c.Groups.Update+c.Groups.Rename),
		"Deactivated " + n(c.Users.Deactivate+c.Groups.Deactivate), "Deleted " + n(c.Users.Delete+c.Groups.Delete),
		"Admins " + n(c.AdminsDelete), "Groups " + n(c.Groups.Writes()), "Members +" + n(c.Members.Add) + " -" + n(c.Members.Remove),
		"Unmatched " + n(c.Users.Unmatched+c.Groups.Unmatched), "Problems " + n(c.Users.Problem+c.Groups.Problem),
	}
	if len(d.exclude) > 0 {
		words = append(words, d.look.Style.Warn.Render(n(int64(len(d.exclude)))+" left out"))
	}
	return flow(words, d.width)
}

// flow puts words into lines, two spaces between.
func flow(words []string, width int) []string {
	var lines []string
	line := ""
	for _, word := range words {
		if line != "" && look.Width(line)+2+look.Width(word) > width-1 {
			lines, line = append(lines, line), ""
		}
		if line == "" {
			line = " " + word
		} else {
			line += "  " + word
		}
	}
	return append(lines, line)
}

func (d *dryRunPage) holds(h control.Header) []string {
	l := d.look
	room := 4
	switch {
	case d.height > 25:
		room = 9
	case d.low():
		room = 1
	}
	var lines []string
	for _, hold := range h.Holds {
		for i, s := range l.Wrap(l.Clean(hold.Detail), d.width-4) {
			mark := "   "
			if i == 0 {
				mark = " " + l.Mark.Problem + " "
			}
			lines = append(lines, l.Style.Bad.Render(mark+s))
		}
		if hold.Rule == "delete-threshold" {
			for i, g := range d.removals {
				if i == 3 {
					break
				}
				lines = append(lines, l.Cut("   "+l.Right(look.Number(g.Count), 7)+"  "+l.Clean(g.Name), d.width))
			}
		}
		for _, s := range l.Wrap(l.Clean(hold.Remedy), d.width-4) {
			lines = append(lines, "   "+s)
		}
	}
	if room == 1 {
		return lines[:1]
	}
	if len(lines) > room {
		lines = append(lines[:room-1], "   "+l.Mark.Ellipsis)
	}
	return lines
}

// below is how many lines the details take under the list, their rule included.
func (d *dryRunPage) below() int {
	room := d.height - len(d.head()) - 2
	if d.wide() || room < 8 {
		return 0
	}
	return min(max(room/3, 3), 9)
}

func (d *dryRunPage) listHeight() int {
	return max(d.height-len(d.head())-2-d.below(), 1)
}

func (d *dryRunPage) View() []string {
	if d.source == nil {
		lines := d.head()
		if !d.running() {
			lines = append(lines, "", " No dry run has been made since the console was opened.", "",
				" d  makes one: it reads the directory and the cloud, shows every change,", "    and writes nothing.",
				" p  opens a plan that was saved.")
		}
		return lines
	}
	head := append(d.head(), d.look.Line(d.width), d.viewLine())
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
		lines = append(lines, d.look.Line(d.width))
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
		lines = append(lines, d.look.Fit(left, list)+d.look.Style.Rule.Render(d.look.Mark.Column)+right)
	}
	return lines
}

// viewLine names the kinds of change and says how many of the one shown there are.
func (d *dryRunPage) viewLine() string {
	l := d.look
	tail := ""
	switch {
	case d.loading:
		tail = "reading" + l.Mark.Ellipsis
	default:
		tail = look.Number(d.list.Total())
		if total := d.list.Total(); total > 0 {
			tail = look.Number(d.list.Cursor()+1) + " of " + tail
		}
	}
	if d.shown.grouped {
		tail = "by cause, " + tail
	}
	tail += " "
	var line string
	switch {
	case d.typing:
		return l.Sides(" /"+d.filter.View(d.width-look.Width(tail)-4, l.Clean, l.Style.Cursor.Render), tail, d.width)
	case d.shown.filter != "":
		line = " / " + l.Clean(d.shown.filter) + "  in"
	}
	if d.shown.cause != "" {
		line += " " + l.Clean(d.shown.cause) + ":"
	}
	return l.Sides(line+d.viewNames(d.width-look.Width(line)-look.Width(tail)-1), tail, d.width)
}

// viewNames are the kinds of change in a line, from as far left as lets the one shown
// be seen.
func (d *dryRunPage) viewNames(room int) string {
	var names []string
	for i, v := range planViews() {
		name := v.name
		if d.width < 100 && v.short != "" && i != d.shown.view {
			name = v.short
		}
		names = append(names, d.look.Tab(name, i == d.shown.view))
	}
	from := 0
	for from < d.shown.view && look.Width(strings.Join(names[from:d.shown.view+1], "")) > room {
		from++
	}
	return strings.Join(names[from:], "")
}

func (d *dryRunPage) rows(width int) []string {
	from, to := d.list.Visible()
	if from == to && !d.loading {
		return []string{"", " " + d.emptyWords()}
	}
	var lines []string
	for i := from; i < to; i++ {
		row, ok := d.list.Row(i)
		text := "   " + d.look.Mark.Ellipsis
		if ok {
			text = d.row(row, width, i == d.list.Cursor())
		}
		lines = append(lines, text)
	}
	return lines
}

func (d *dryRunPage) emptyWords() string {
	switch {
	case d.shown.filter != "":
		return "Nothing matches the filter. Esc clears it."
	case d.shown.grouped:
		return "These changes have no cause in common. Esc goes back."
	case d.shown.view == 0:
		return "There is nothing to change: the cloud is as the directory."
	}
	return "None. Left and right go to the other kinds."
}

// row draws one line; the one under the cursor is reversed, and so without colours
// of its own.
func (d *dryRunPage) row(row planRow, width int, current bool) string {
	l := d.look
	mark, key, rest, style := rowText(l, row)
	if c := row.change; c != nil && d.exclude[c.Seq] {
		mark, rest = "x", "left out: "+rest
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
	return rowDetails(d.look, row, width, d.wide())
}
