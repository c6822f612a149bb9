package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/schema"
	"dirbridge/ui/look"
)

func (m *mappingPage) Keys() []Key {
	undoOff, none := "", ""
	if len(m.undone) == 0 {
		undoOff = "nothing was changed here"
	}
	if len(m.attributes) == 0 {
		none = "there are no attributes"
	}
	countOff := ""
	if m.counting {
		countOff = "it is counting already"
	}
	keys := []Key{
		{On: []string{"enter"}, Show: "Enter", Short: "edit", Help: "edit the rule under the cursor", Off: none, Do: m.edit},
		{On: []string{"a"}, Short: "Apply" + m.look.Mark.Ellipsis, Help: "apply the changes, or see their effect first", Off: m.applyOff(), Do: m.askApply},
		{On: []string{"/"}, Short: "find", Help: "find an attribute", Off: none, Do: func() tea.Cmd { m.typing = true; m.find.Clear(); return nil }},
		{On: []string{"n"}, Short: "Next problem", Help: "go to the next problem", Off: none, Do: m.nextProblem},
		{On: []string{"w"}, Short: "Whose example", Help: "choose the example person", Off: none, Do: m.whose},
		{On: []string{"o"}, Short: "count OK", Help: "count for how many people each value is valid", Off: countOff, Do: m.count},
		{On: []string{"d", "p"}, Short: "Dry Run", Help: "dry run with these changes, nothing saved", Off: m.writable(), Do: m.dryRun},
		{On: []string{"u"}, Short: "Undo", Help: "undo the last change here", Off: undoOff, Do: m.undo},
	}
	for _, k := range []string{"up", "down", "pgup", "pgdown", "home", "end", "k", "j", "G"} {
		keys = append(keys, Key{On: []string{k}, Do: func() tea.Cmd { m.list.Key(k); return nil }})
	}
	return keys
}

func (m *mappingPage) nextProblem() tea.Cmd {
	if !m.next(1, func(a schema.Attribute) bool { return m.trouble(a.Name) }) {
		m.say("No problem is known. o counts for all people.")
	}
	return nil
}

func (m *mappingPage) whose() tea.Cmd {
	m.ask(&prompt{title: "Whose example?", lines: []string{"The beginning of a name or of a mail address."}, label: "Name:",
		done: func(text string) tea.Cmd { return m.search(strings.TrimSpace(text), 20) }})
	return nil
}

func (m *mappingPage) Typing() bool { return m.typing }

// Type takes a key of the search; the cursor goes along.
func (m *mappingPage) Type(k tea.KeyPressMsg) tea.Cmd {
	ahead := int64(0)
	switch name := k.String(); name {
	case "enter", "esc":
		m.typing = false
		return nil
	case "down":
		ahead = 1
	default:
		if !m.find.Key(name, k.Text) {
			return nil
		}
	}
	text := m.find.Text()
	found := m.next(ahead, func(a schema.Attribute) bool {
		return sameText(a.Name, text) || sameText(m.rule(a.Name), text) || sameText(a.Label, text)
	})
	if !found {
		m.say("No attribute has %q in its name or rule.", text)
	}
	return nil
}

func (m *mappingPage) foot() int {
	if m.height < 12 {
		return 0
	}
	if m.height < 18 {
		return 4
	}
	return 5
}

func (m *mappingPage) SetSize(w, h int) tea.Cmd {
	m.width, m.height = w, h
	m.list.SetHeight(max(h-2-m.foot(), 1))
	return nil
}

// columns are the widths of the four columns.
func (m *mappingPage) columns() (name, rule, value, ok int) {
	ok = 10
	room := max(min(m.width, 140)-5-ok-3, 12)
	name = min(room*35/100, 34)
	rule = min(room*33/100, 40)
	return name, rule, room - name - rule, ok
}

func (m *mappingPage) View() []string {
	l := m.look
	name, rule, value, ok := m.columns()
	example := "example" + l.Mark.Ellipsis
	if m.person != nil {
		example = personName(*m.person)
	}
	head := "    " + l.Fit("cloud attribute", name) + " " + l.Fit("from", rule) + " " + l.Fit(l.Clean(example), value) + " " + l.Right("ok for", ok)
	lines := []string{l.Style.Dim.Render(head), l.Line(m.width)}
	if m.typing {
		lines[0] = " /" + m.find.View(m.width-3, l.Style.Cursor.Render)
	}
	from, to := m.list.Visible()
	for i := from; i < to; i++ {
		lines = append(lines, m.row(m.attributes[i], i == m.list.Cursor()))
	}
	if m.foot() == 0 || len(m.attributes) == 0 {
		return lines
	}
	for len(lines) < m.height-m.foot() {
		lines = append(lines, "")
	}
	lines = append(lines, l.Line(m.width))
	return append(lines, m.details(m.current())...)
}

func (m *mappingPage) row(a schema.Attribute, current bool) string {
	l := m.look
	nameW, ruleW, valueW, okW := m.columns()
	mark := " "
	if a.Required {
		mark = "*"
	}
	changed := " "
	if m.rule(a.Name) != m.draft.saved.Mapping[a.Name] {
		changed = l.Mark.Change
	}
	p := m.preview[a.Name]
	rule := m.rule(a.Name)
	if rule == "" {
		rule = "(not mapped)"
	}
	value, problem := p.Value, " "
	if p.Problem != "" {
		problem = l.Mark.Problem
	}
	count := ""
	if c, ok := m.coverage[a.Name]; ok && m.rule(a.Name) != "" {
		count = look.Number(c.OK)
		if c.Invalid > 0 {
			problem = l.Mark.Problem
		}
	}
	text := " " + changed + mark + " " + l.Fit(l.Clean(a.Name), nameW) + " " + l.Fit(l.Clean(rule), ruleW) + " " + l.Fit(l.Clean(value), valueW) + " "
	text += l.Right(problem+" "+l.Right(count, okW-2), okW)
	switch {
	case current:
		return l.Style.Cursor.Render(l.Fit(text, m.width))
	case problem != " ":
		return l.Style.Warn.Render(text)
	case m.rule(a.Name) == "":
		return l.Style.Dim.Render(text)
	}
	return text
}

// details say where the attribute goes, and what is wrong with its values.
func (m *mappingPage) details(a schema.Attribute) []string {
	l := m.look
	place := a.Path
	if place == "" {
		place = "this cloud has no place for it"
	}
	lines := []string{l.Cut(" "+a.Name+" "+l.Mark.Arrow+" "+place, m.width)}
	var text string
	switch p, c := m.preview[a.Name], m.coverage[a.Name]; {
	case c.Invalid > 0:
		text = look.Count(c.Invalid, "person has", "people have") + " an invalid value: " + c.Example
	case p.Problem != "":
		text = p.Problem
	case m.rule(a.Name) == "":
		text = "Not mapped: it is never touched in the cloud."
	default:
		text = a.Label
		if a.Required {
			text += ", required"
		}
		if c, ok := m.coverage[a.Name]; ok {
			text += ". Valid for " + look.Number(c.OK) + ", empty for " + look.Number(c.Empty)
		}
		if p.Value != "" {
			text += ": " + p.Value
		}
	}
	for i, s := range l.Wrap(l.Clean(text), m.width-2) {
		if i == m.foot()-2 {
			break
		}
		lines = append(lines, " "+s)
	}
	return lines
}
