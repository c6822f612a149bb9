package mapping

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/schema"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// picker chooses the rule of one cloud attribute, from the directories' attributes or as typed
// text. Below is the result of the rule under the cursor for the samples.
type picker struct {
	page      *Model
	attribute schema.Attribute
	input     component.Input
	rules     []string // matching
	at        int
	note      string
	number    int // of the last tested rule
	values    []control.Mapped
	err       error
}

// ruleTriedMsg is the result of the rule under the cursor for the samples.
type ruleTriedMsg struct {
	number int
	values []control.Mapped
	err    error
}

func (m *Model) editWith(text, wrong string) tea.Cmd {
	p := &picker{page: m, attribute: m.current(), input: component.NewInput(text), note: wrong}
	p.narrow()
	m.picker = p
	m.host.Ask(p)
	return p.try()
}

// offered returns the rules in display order: the current one, the default, both orders of names,
// none, and each attribute of the directories.
func (p *picker) offered() []string {
	a := p.attribute
	all := []string{p.page.rule(a.Name), a.Default, "givenName sn", "sn givenName"}
	for _, s := range p.page.schema {
		all = append(all, s.Name)
	}
	var rules []string
	seen := map[string]bool{}
	for i, rule := range all {
		if i == 4 && !a.Required {
			rules = append(rules, "")
		}
		if rule != "" && !seen[rule] {
			seen[rule] = true
			rules = append(rules, rule)
		}
	}
	if len(all) == 4 && !a.Required {
		rules = append(rules, "")
	}
	return rules
}

// narrow finds the rules that contain the typed text. The typed text is a rule as well.
func (p *picker) narrow() {
	typed := strings.Join(strings.Fields(p.input.Text()), " ")
	var options []component.Option
	for _, rule := range p.offered() {
		options = append(options, component.Option{Text: ruleWords(rule), Keys: rule})
	}
	p.rules, p.at = nil, 0
	for _, o := range component.Fuzzy(options, typed) {
		p.rules = append(p.rules, o.Keys)
	}
	as := typed
	if typed == "" {
		as = p.page.rule(p.attribute.Name)
	}
	exact := slices.Index(p.rules, as)
	p.at = max(exact, 0) // an exact match comes before similar names
	if exact < 0 && typed != "" {
		p.rules = append([]string{typed}, p.rules...)
		if len(p.rules) > 1 && !strings.Contains(typed, " ") {
			p.at = 1 // a typed prefix means the name
		}
	}
}

func ruleWords(rule string) string {
	if rule == "" {
		return "(" + view.Unmapped + ")"
	}
	return rule
}

func (p *picker) chosen() (string, bool) {
	if p.at < len(p.rules) {
		return p.rules[p.at], true
	}
	return "", false
}

// try maps the samples by the rule under the cursor.
func (p *picker) try() tea.Cmd {
	p.number++
	p.values, p.err = nil, nil
	rule, ok := p.chosen()
	if !ok {
		return nil
	}
	rules := p.page.draft.Edited.Clone().Mapping
	rules[p.attribute.Name] = rule
	number, name, tried := p.number, p.attribute.Name, p.page.trying(rules)
	return func() tea.Msg {
		rows, err := tried()
		values := make([]control.Mapped, len(rows))
		for i, of := range rows {
			for _, r := range of {
				if r.Attribute.Name == name {
					values[i] = r
				}
			}
		}
		return ruleTriedMsg{number, values, err}
	}
}

// Paste inserts pasted text.
func (p *picker) Paste(text string) tea.Cmd {
	p.input.Insert(text)
	p.narrow()
	return p.try()
}

// Key handles a key. The page forgets a picker that is done.
func (p *picker) Key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	cmd, closed := p.press(k)
	if closed && p.page.picker == p {
		p.page.picker = nil
	}
	return cmd, closed
}

func (p *picker) press(k tea.KeyPressMsg) (tea.Cmd, bool) {
	p.note = ""
	switch k.String() {
	case "esc":
		return nil, true
	case "enter":
		rule, ok := p.chosen()
		if !ok {
			return nil, false
		}
		return p.page.check(p.attribute.Name, rule), true
	}
	at, moved := page.Moved(page.ChoiceKeys(), k.String(), p.at, 8, len(p.rules))
	switch {
	case moved && at != p.at:
		p.at = at
	case !moved && p.input.Key(k):
		p.narrow()
	default:
		return nil, false
	}
	return p.try(), false
}

func (p *picker) View(l look.Look, width, height int) []string {
	lines := []string{" :" + p.input.View(width-2, l.Clean)}
	foot := p.examples(l, width)
	room := max(min(height-len(lines)-len(foot), 8), 1)
	from := max(min(p.at-room/2, len(p.rules)-room), 0)
	for i := from; i < min(from+room, len(p.rules)); i++ {
		lines = append(lines, component.OptionLine(l, l.Sides("   "+l.Clean(ruleWords(p.rules[i])), p.kind(p.rules[i])+" ",
			width),
			width, i == p.at, ""))
	}
	if p.page.schema == nil {
		lines = append(lines, l.Cut("   reading the attributes of the directory"+l.Mark.Ellipsis, width))
	}
	return append(lines, foot...)
}

func (p *picker) Dress(frame *component.Panel) {
	frame.Title = p.attribute.Name + " (" + p.attribute.Label + ") comes from"
}

// Wide says that it needs room.
func (p *picker) Wide() bool { return true }

// kind returns the note on a rule.
func (p *picker) kind(rule string) string {
	switch {
	case rule == p.page.rule(p.attribute.Name):
		return "now"
	case rule == p.attribute.Default && rule != "":
		return "default"
	}
	switch unknown := control.UnknownAttributes(rule, p.page.schema); {
	case len(unknown) == 0:
	case strings.Contains(rule, " "):
		return "not in the directory: " + p.page.host.Look.Clean(strings.Join(unknown, ", "))
	default:
		return "not in the directory"
	}
	for _, a := range p.page.schema {
		if strings.EqualFold(a.Name, rule) {
			return a.Syntax
		}
	}
	return ""
}

// examples returns the lines with the result of the rule.
func (p *picker) examples(l look.Look, width int) []string {
	if p.note != "" || p.err != nil {
		text := p.note
		if text == "" {
			text = p.err.Error()
		}
		var lines []string
		for _, s := range l.Wrap(l.Clean(text), width-3) {
			lines = append(lines, l.Style.Bad.Render(" "+l.Mark.Problem+" "+s))
		}
		return lines
	}
	var lines []string
	for i := range p.page.people {
		value, problem := l.Mark.Ellipsis, ""
		if i < len(p.values) {
			value, problem = view.None(p.values[i].Value), p.values[i].Problem
		}
		lines = append(lines, l.Cut(" "+p.page.valueWords(i, value, problem), width))
	}
	return lines
}

func (p *picker) Hints() []key.Binding {
	return []key.Binding{page.Keys("use it", "enter"), page.Keys("back", "esc")}
}
