package ui

import (
	"fmt"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
)

// checkHead is the number of lines above the list: what was read, and a rule.
const checkHead = 2

func (c *checkPage) wide() bool { return c.width >= component.Wide }

// below returns the number of lines for the details under the list; 0 if they are beside it, or if
// there is no room.
func (c *checkPage) below() int {
	switch {
	case c.wide(), c.height < 12:
		return 0
	case c.height < 22:
		return 8
	}
	return 10
}

func (c *checkPage) listHeight() int {
	lines := checkHead + c.below()
	if c.lineAbove() != "" {
		lines++
	}
	return max(c.height-lines, 1)
}

// lineAbove returns the line right above the list: the progress of a running check, else a note on
// the references; "" if neither exists.
func (c *checkPage) lineAbove() string {
	l := c.host.Look
	switch {
	case c.report == nil:
		return ""
	case c.checking():
		return l.Style.Warn.Render(" " + checkProgressWords(c.progress))
	case c.open != nil:
		return ""
	}
	n := c.report.Counts
	var words []string
	for _, w := range []struct {
		n         int64
		one, many string
	}{{n.Contacts, "contact", "contacts"}, {n.Rooms, "room", "rooms"}, {n.ManagersElsewhere, "manager out of scope",
		"managers out of scope"},
		{n.MembersElsewhere, "member out of scope", "members out of scope"}} {
		if w.n > 0 {
			words = append(words, look.Count(w.n, w.one, w.many))
		}
	}
	if n.MembersElsewhere > 0 {
		words[len(words)-1] += " in " + look.Count(n.GroupsElsewhere, "group", "groups")
	}
	if len(words) == 0 {
		return ""
	}
	return l.Style.Dim.Render(" " + strings.Join(words, ", "))
}

func (c *checkPage) View() []string {
	l := c.host.Look
	lines := []string{l.Sides(" "+c.headWords(), c.headTail()+" ", c.width), l.Line(c.width)}
	if c.report == nil {
		return append(lines, c.emptyLines()...)
	}
	if above := c.lineAbove(); above != "" {
		lines = append(lines, above)
	}
	if len(c.report.Classes) == 0 {
		return append(lines, "", " Nothing was found: every value can be taken as it is.")
	}
	width := c.width
	if c.wide() {
		width = c.width * 3 / 5
	}
	rows := c.classRows(width)
	if c.open != nil {
		rows = c.findingRows(width)
	}
	if c.wide() {
		return append(lines, c.beside(rows, width)...)
	}
	lines = append(lines, rows...)
	if c.below() > 0 {
		for len(lines) < c.height-c.below() {
			lines = append(lines, "")
		}
		lines = append(lines, l.Line(c.width))
		lines = append(lines, c.details(c.width, c.below()-1)...)
	}
	return lines
}

// beside adds the details to the right of the rows.
func (c *checkPage) beside(rows []string, width int) []string {
	l := c.host.Look
	details := c.details(c.width-width-2, c.listHeight())
	var lines []string
	for i := range max(len(rows), len(details)) {
		left, right := "", ""
		if i < len(rows) {
			left = rows[i]
		}
		if i < len(details) {
			right = details[i]
		}
		lines = append(lines, l.Fit(left, width)+l.Style.Rule.Render(l.Mark.Column)+right)
	}
	return lines
}

func (c *checkPage) headWords() string {
	l := c.host.Look
	switch {
	case c.open != nil:
		return l.Style.Head.Render(c.open.Title)
	case c.report == nil:
		return "CHECK"
	}
	n := c.report.Counts
	text := look.Count(n.People, "person", "people")
	if n.Disabled > 0 {
		text += " (" + look.Number(n.Disabled) + " disabled)"
	}
	return text + ", " + look.Count(n.Groups, "group", "groups")
}

func (c *checkPage) headTail() string {
	switch {
	case c.open != nil:
		return fmt.Sprintf("%s of %s", look.Number(c.list.Cursor()+1), look.Number(c.list.Total()))
	case c.report == nil:
		return ""
	}
	text := "checked " + look.Clock(c.host.Now(), c.report.Ended)
	if n := len(c.report.Classes); n > 0 {
		text = fmt.Sprintf("%d of %s   %s", c.classes.Cursor()+1, look.Count(int64(n), "class", "classes"), text)
	}
	if c.draft {
		text = "DRAFT: the settings are not saved   " + text
	}
	return text
}

// emptyLines returns the lines to show before the first check.
func (c *checkPage) emptyLines() []string {
	l := c.host.Look
	if c.checking() {
		return []string{"", " " + l.Style.Head.Render(checkProgressWords(c.progress)), "",
			" The directories are read as they are mapped; nothing is written. c cancels it."}
	}
	text := "No check was made yet. r reads the directories and lists what would be left alone, and what may surprise: " +
		"duplicate, missing, invalid and odd values, each with its remedy. It needs no cloud and writes nothing."
	if c.failed {
		text = "The last check did not end well. r tries it again."
	}
	lines := []string{""}
	for _, s := range l.Wrap(text, c.width-2) {
		lines = append(lines, " "+s)
	}
	return lines
}

func checkProgressWords(p control.CheckProgress) string {
	text := string(p.Phase)
	if p.Directory != "" {
		text += " of " + p.Directory
	}
	if p.Done > 0 {
		text += ": " + look.Number(p.Done)
	}
	return text + ", " + findingsWord(p.Findings) + " so far"
}

func findingsWord(n int64) string { return look.Count(n, "finding", "findings") }

func (c *checkPage) classRows(width int) []string {
	l := c.host.Look
	var rows []string
	from, to := c.classes.Visible()
	for i := from; i < to; i++ {
		class := c.report.Classes[i]
		mark, style := severityMark(l, class)
		text := l.Sides(" "+l.Clean(class.Title), look.Number(class.Count)+" ", width-12)
		word := l.Fit(string(class.Severity), 8)
		if i == c.classes.Cursor() {
			rows = append(rows, l.Row(" "+mark+" "+word+" "+text, width))
			continue
		}
		rows = append(rows, " "+style.Render(mark+" "+word)+" "+text)
	}
	return rows
}

func severityMark(l look.Look, class control.ClassCount) (string, component.Styler) {
	if class.Severity == control.SeverityProblem {
		return l.Mark.Problem, l.Style.Bad
	}
	return " ", l.Style.Dim
}

func (c *checkPage) findingRows(width int) []string {
	l := c.host.Look
	var rows []string
	from, to := c.list.Visible()
	for i := from; i < to; i++ {
		text := " " + l.Mark.Ellipsis
		if f, ok := c.list.Row(i); ok {
			text = findingRow(l, f, width)
		}
		if i == c.list.Cursor() {
			text = l.Row(text, width)
		}
		rows = append(rows, text)
	}
	return rows
}

// findingRow returns a finding in one line: the object, and the value or else the fault.
func findingRow(l look.Look, f control.Finding, width int) string {
	value := f.Detail
	if f.Value != "" {
		value = `"` + f.Value + `"`
	}
	half := (width - 3) / 2
	return " " + l.Fit(l.Clean(f.DN), half) + "  " + l.Cut(l.Clean(value), width-half-3)
}

// details returns the known facts of the row under the cursor, in at most room lines.
func (c *checkPage) details(width, room int) []string {
	class, ok := c.class()
	if !ok {
		return nil
	}
	l := c.host.Look
	w := draw.Details{L: l, Width: width}
	if c.open != nil {
		f, ok := c.list.Current()
		if !ok {
			return nil
		}
		w.Text(f.DN)
		w.Fact(f.Attribute, quoted(f.Value))
		if f.Value == "" && f.Attribute != "" {
			w.Fact("attribute", f.Attribute)
		}
		w.Fact("why", f.Detail)
		w.Remedy(f.Remedy)
		if c.report != nil && len(c.report.Directories) > 1 {
			w.Fact("directory", f.Directory)
		}
		return w.Lines[:min(len(w.Lines), max(room, 0))]
	}
	w.Text(class.Remedy)
	if c.examplesOf == class.ID {
		w.Lines = append(w.Lines, "")
		for _, f := range c.examples {
			w.Lines = append(w.Lines, findingRow(l, f, width))
		}
		if int64(len(c.examples)) < class.Count || len(w.Lines) > room {
			w.Lines = append(w.Lines[:min(len(w.Lines), max(room-1, 0))],
				l.Style.Dim.Render(" "+l.Mark.Ellipsis+" Enter shows all "+look.Number(class.Count)))
		}
	}
	return w.Lines[:min(len(w.Lines), max(room, 0))]
}

func quoted(v string) string {
	if v == "" {
		return ""
	}
	return `"` + v + `"`
}
