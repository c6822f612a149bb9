package check

import (
	"strings"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// lineAbove returns the line right above the list: the progress of a running check, else a note on
// the references; "" if neither exists.
func (c *Model) lineAbove() string {
	l := c.host.Look
	switch {
	case c.report == nil:
		return ""
	case c.checking():
		return l.Style.Warn.Render(" " + view.CheckProgress(c.progress))
	case c.open != nil:
		return ""
	}
	words := view.CheckSpecial(c.report.Counts)
	if len(words) == 0 {
		return ""
	}
	return l.Style.Dim.Render(" " + strings.Join(words, ", "))
}

func (c *Model) View() []string {
	p := c.panel()
	switch {
	case c.report == nil:
		p.Empty = c.emptyWords()
		return p.View()
	case len(c.report.Classes) == 0:
		p.Empty = view.CheckClean
		return p.View()
	case c.open != nil:
		p.Title, p.About = c.open.Title, "Finding"
		p.Fill([]component.Column{{Title: "Object", Width: 14, Grow: 2}, {Title: "OU", Width: 10, Grow: 1},
			{Title: "Value", Width: 14, Grow: 2, Keep: true}}, c.findingCells)
	default:
		p.Fill([]component.Column{{Width: 1}, {Title: "Severity", Width: 8}, {Title: "Finding", Width: 20, Grow: 1},
			{Title: "Count", Width: 9, Right: true, Keep: true, Sort: component.Falling}}, c.classCells)
	}
	p.Details = c.details
	return p.View()
}

// headWords says what was checked.
func (c *Model) headWords() string {
	if c.report == nil {
		return ""
	}
	n := c.report.Counts
	text := look.Count(n.People, "person", "people")
	if n.Disabled > 0 {
		text += " (" + look.Number(n.Disabled) + " disabled)"
	}
	return text + ", " + look.Count(n.Groups, "group", "groups")
}

// headTail says when.
func (c *Model) headTail() string {
	if c.report == nil {
		return ""
	}
	text := "checked " + look.Clock(c.host.Now(), c.report.Ended)
	if c.draft {
		text = "DRAFT: the settings are not saved   " + text
	}
	return text
}

func (c *Model) classCells(i int64) []component.Cell {
	class := c.report.Classes[i]
	mark, style := severityMark(c.host.Look, class)
	return []component.Cell{component.Styled(mark, style), component.Styled(string(class.Severity), style),
		component.Text(class.Title), component.Text(look.Number(class.Count))}
}

func severityMark(l look.Look, class control.ClassCount) (string, component.Styler) {
	if class.Severity == control.SeverityProblem {
		return l.Mark.Problem, l.Style.Bad
	}
	return " ", l.Style.Dim
}

func (c *Model) findingCells(i int64) []component.Cell {
	if f, ok := c.list.Row(i); ok {
		return findingCells(c.host.Look, f)
	}
	return []component.Cell{component.Text(c.host.Look.Mark.Ellipsis)}
}

// details returns the known facts of the row under the cursor.
func (c *Model) details(width, _ int) []string {
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
		return w.Lines
	}
	w.Text(class.Remedy)
	if c.examplesOf == class.ID {
		if int64(len(c.examples)) < class.Count {
			w.Lines = append(w.Lines, l.Style.Dim.Render(" Enter shows all "+look.Number(class.Count)))
		}
		w.Lines = append(w.Lines, "")
		for _, f := range c.examples {
			cells := findingCells(l, f)
			w.Text(cells[0][0].Text + "  " + cells[2][0].Text)
		}
	}
	return w.Lines
}

func quoted(v string) string {
	if v == "" {
		return ""
	}
	return `"` + v + `"`
}

// panel is the frame of the page, without rows.
func (c *Model) panel() component.Split {
	p := component.Split{Look: c.host.Look, Width: c.width, Height: c.height, Title: "Check", About: "Remedy",
		Single: c.report == nil, Head: []string{c.host.Look.Sides(" "+c.headWords(), c.headTail()+" ", c.width)},
		Pane: &c.pane, List: &c.classes}
	if c.open != nil {
		p.List, p.Under = &c.list, 7
	}
	if above := c.lineAbove(); above != "" {
		p.Head = append(p.Head, above)
	}
	if p.Headed = c.report != nil; p.Headed {
		p.Header = " "
	}
	return p
}

// emptyWords says what there is before the first check.
func (c *Model) emptyWords() string {
	switch {
	case c.checking():
		return view.CheckProgress(c.progress) +
			"\n\nNothing is written. Press [c] to cancel."
	case c.failed:
		return view.CheckFailed + " Press [r] to try again."
	}
	return view.NoCheck + " Press [r] to start one. " + view.CheckMeans
}

// findingCells returns the object, its place, and the value or else the fault.
func findingCells(l look.Look, f control.Finding) []component.Cell {
	value := f.Detail
	if f.Value != "" {
		value = `"` + f.Value + `"`
	}
	name, place := draw.Place(l, f.DN, 2)
	return []component.Cell{component.Text(name), component.Styled(place, l.Style.Dim), component.Text(value)}
}
