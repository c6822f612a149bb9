package mapping

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/schema"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

func (m *Model) Mouse(at page.Mouse) tea.Cmd { m.panel().Mouse(at); return nil }

func (m *Model) Commands() []page.Command {
	none := ""
	if len(m.attributes) == 0 {
		none = "there are no attributes"
	}
	countOff := ""
	if m.counting {
		countOff = "the count is running"
	}
	keys := []page.Command{
		{ID: "mapping.edit", Changes: true, Key: page.Keys("edit", "enter"),
			Title: "edit the selected rule", Off: none, Do: m.edit},
		page.Of("settings.apply", "Apply"+m.host.Look.Mark.Ellipsis),
		{ID: "mapping.find", Key: page.Keys("find", "/"), Title: "find an attribute", Off: none,
			Do: func() tea.Cmd { m.find.Begin(); m.find.Clear(); return nil }},
		{ID: "mapping.problem", Key: page.Keys("Next problem", "n"), Title: "go to the next problem", Off: none,
			Do: m.nextProblem},
		{ID: "mapping.example", Key: page.Keys("pick sample person", "w"), Title: "pick the sample person", Off: none,
			Do: m.whose},
		{ID: "mapping.count", Key: page.Keys("validate all", "o"),
			Title: "count for how many people each value is valid", Off: countOff, Do: m.count},
		{ID: "dryrun", Key: page.Keys("Dry Run", "d", "p"), Title: "dry run with the unsaved settings"},
		page.Of("settings.undo", "Undo"), page.Of("settings.redo", ""),
	}
	return append(keys, m.panel().Moves(m.panel().Move)...)
}

func (m *Model) nextProblem() tea.Cmd {
	if !m.next(1, func(a schema.Attribute) bool { return m.trouble(a.Name) || m.unplaced(a) || len(m.unknown(a)) > 0 }) {
		m.host.Say("No problem found yet. Press [o] to validate all people.")
	}
	return nil
}

// unplaced reports whether the attribute is mapped but the cloud has no place for it.
func (m *Model) unplaced(a schema.Attribute) bool { return a.Path == "" && m.rule(a.Name) != "" }

func (m *Model) whose() tea.Cmd {
	m.host.Ask(&component.Prompt{Title: "Pick a sample person", Lines: []string{view.SampleAsk},
		Label: "Name:",
		Done:  func(text string) tea.Cmd { return m.search(strings.TrimSpace(text), 20) }})
	return nil
}

func (m *Model) Typing() bool { return m.find.Typing() }

// Paste inserts text into the search.
func (m *Model) Paste(text string) tea.Cmd {
	m.find.Insert(text)
	m.findNext(0)
	return nil
}

// Type handles a key of the search; the cursor follows.
func (m *Model) Type(k tea.KeyPressMsg) tea.Cmd {
	ahead := int64(0)
	switch name := k.String(); name {
	case "enter", "esc":
		m.find.End()
		return nil
	case "down":
		ahead = 1
	default:
		if !m.find.Key(k) {
			return nil
		}
	}
	m.findNext(ahead)
	return nil
}

// findNext moves the cursor to the next matching attribute, starting ahead lines after it.
func (m *Model) findNext(ahead int64) {
	text := m.find.Text()
	found := m.next(ahead, func(a schema.Attribute) bool {
		return view.Has(a.Name, text) || view.Has(m.rule(a.Name), text) || view.Has(a.Label, text)
	})
	if !found {
		m.host.Say("No attribute has %q in its name or rule.", text)
	}
}

// more returns the number of lines for the other samples at the bottom, if there is no column for
// them.
func (m *Model) more() int { return max(len(m.people)-m.shown(), 0) }

// shown returns how many samples have a column.
func (m *Model) shown() int {
	if m.width < 120 {
		return min(len(m.people), 1)
	}
	return len(m.people)
}

func (m *Model) SetSize(w, h int) tea.Cmd {
	m.width, m.height = w, h
	m.list.SetHeight(m.panel().ListHeight())
	return nil
}

func (m *Model) View() []string {
	l, p := m.host.Look, m.panel()
	p.Title, p.About = view.MappingTitle, "Attribute"
	p.Empty = component.Working(l, m.host.Now()) + " Reading the cloud's attributes" + l.Mark.Ellipsis
	if m.find.Typing() {
		p.Head = []string{" /" + m.find.View(m.width-3, l.Clean)}
	}
	name, source := 20, 14
	if p.ListWidth() >= 110 {
		name, source = 26, 22
	}
	columns := []component.Column{{Width: 2}, {Title: "Cloud attribute", Width: name, Grow: 2},
		{Title: "AD source", Width: source, Grow: 2}}
	for i := range max(m.shown(), 1) {
		who := "Example" + l.Mark.Ellipsis
		if i < m.shown() {
			who = view.PersonName(m.people[i])
		}
		columns = append(columns, component.Column{Title: l.Clean(who), Width: 12, Grow: 3})
	}
	p.Fill(append(columns, component.Column{Width: 1, Keep: true},
		component.Column{Title: "Valid for", Width: 9, Right: true, Keep: true}),
		func(i int64) []component.Cell { return m.cells(m.attributes[i]) })
	if len(m.attributes) > 0 {
		p.Details = func(width, _ int) []string { return m.details(m.current(), width) }
	}
	return p.View()
}

// cells returns a row: marks, the names on both sides, the values of the samples, for how many people the
// value is valid.
func (m *Model) cells(a schema.Attribute) []component.Cell {
	l, rule := m.host.Look, m.rule(a.Name)
	changed, problem, style := " ", len(m.unknown(a)) > 0 || m.unplaced(a), component.Styler(nil)
	if rule != m.draft.Saved.Mapping[a.Name] {
		changed = l.Mark.Change
	}
	required := component.Run{Text: " "}
	if a.Required {
		required = component.Run{Text: "*", Style: l.Style.Bad}
	}
	var values []string
	for i := range max(m.shown(), 1) {
		value := ""
		if i < len(m.previews) {
			p := m.previews[i][a.Name]
			value, problem = p.Value, problem || p.Problem != ""
		}
		values = append(values, value)
	}
	count := ""
	if c, ok := m.coverage[a.Name]; ok && rule != "" {
		count, problem = look.Number(c.OK), problem || c.Invalid > 0
	}
	if a.Path == "" {
		count = "no place"
	}
	mark := " "
	switch {
	case problem:
		mark, style = l.Mark.Problem, l.Style.Warn
	case rule == "":
		style = l.Style.Dim
	}
	if rule == "" {
		rule = "(" + view.Unmapped + ")"
	}
	cells := []component.Cell{{{Text: changed, Style: style}, required}, component.Styled(a.Name, style),
		component.Styled(rule, style)}
	for _, value := range values {
		cells = append(cells, component.Styled(value, style))
	}
	return append(cells, component.Styled(mark, style), component.Styled(count, style))
}

// details says which cloud field the attribute sets, and what is wrong with its values.
func (m *Model) details(a schema.Attribute, width int) []string {
	l := m.host.Look
	place := a.Path
	if place == "" {
		place = view.NoPlace
	}
	lines := []string{l.Cut(" "+a.Name+" "+l.Mark.Arrow+" "+place, width)}
	var text string
	switch p, c := m.preview(a.Name), m.coverage[a.Name]; {
	case c.Invalid > 0:
		text = view.Invalid(c)
	case p.Problem != "":
		text = p.Problem
	case len(m.unknown(a)) > 0:
		text = view.UnknownNames(m.unknown(a))
	case m.rule(a.Name) == "":
		text = view.UnmappedMeans
	default:
		text = a.Label
		if a.Required {
			text += ", required"
		}
		if c, ok := m.coverage[a.Name]; ok {
			text += ". " + view.Capital(view.ValidFor(c))
		}
		if p.Value != "" {
			text += ": " + p.Value
		}
	}
	for i, s := range l.Wrap(l.Clean(text), width-2) {
		if i == 3 {
			break
		}
		lines = append(lines, " "+s)
	}
	for i := m.shown(); i < len(m.people); i++ {
		lines = append(lines, l.Cut(" "+m.exampleWords(i, a.Name), width))
	}
	return lines
}

// exampleWords returns the attribute's value for one of the samples.
func (m *Model) exampleWords(i int, attribute string) string {
	var p control.Mapped
	if i < len(m.previews) {
		p = m.previews[i][attribute]
	}
	return m.valueWords(i, p.Value, p.Problem)
}

func (m *Model) valueWords(i int, value, problem string) string {
	l := m.host.Look
	text := l.Fit(l.Clean(view.PersonName(m.people[i])), 20) + " " + l.Clean(view.None(value))
	if problem != "" {
		text += "  " + l.Mark.Problem + " " + l.Clean(problem)
	}
	return text
}

func (m *Model) panel() component.Split {
	p := component.Split{Look: m.host.Look, Width: m.width, Height: m.height, Headed: true, Stacked: true,
		Under: 5 + m.more(), Pane: &m.pane, List: &m.list}
	if m.height < 18 {
		p.Under = 4
	}
	if m.find.Typing() {
		p.Above = 1
	}
	return p
}
