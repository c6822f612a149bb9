package settings

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/ui/component"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

func (p *Model) Mouse(m page.Mouse) tea.Cmd { p.panel().Mouse(m); return nil }

func (p *Model) Commands() []page.Command {
	row := p.current()
	none, inList, item := "", "", ""
	if row.of.Key == "" {
		none = "this is a heading"
	}
	lists := row.of.Kind == config.List
	if !lists && row.of.Kind != config.Times {
		inList = "this is no list"
	}
	if row.item < 0 {
		item = "the cursor is on no value of a list"
	}
	remove, removes := none, "clear"
	if lists {
		remove, removes = item, "remove"
	}
	cloud := page.Command{ID: "settings.test", Key: page.Keys("", "t"),
		Title: "test connection: sign in to the cloud with these settings", Do: p.test}
	if p.testing {
		cloud.Off = "it is being tried"
	}
	if len(p.sections) > 0 && p.sections[p.section] == "Cloud" {
		cloud.Call("Test connection")
	}
	keys := []page.Command{
		{ID: "settings.edit", Changes: true, Key: page.Keys("edit", "enter"),
			Title: "edit the value under the cursor", Off: none, Do: p.edit},
		page.Of("settings.apply", "Apply"+p.host.Look.Mark.Ellipsis),
		cloud,
		{ID: "settings.right", Key: page.KeysShown("Left Right", "section", "right", "l"), Title: "next section",
			Do: p.turn(1)},
		{ID: "settings.left", Key: page.Keys("", "left", "h"), Title: "section before", Do: p.turn(-1)},
		{ID: "settings.find", Key: page.Keys("", "/"), Title: "search in settings: a name, a key or a word, in all sections",
			Do: p.find},
		{ID: "settings.add", Changes: true, Key: page.Keys("", "+", "n"), Title: "add a value to the list", Off: inList,
			Do: p.add},
		{ID: "settings.remove", Changes: true, Key: page.Keys("", "-", "delete"), Title: removes +
			" the value under the cursor", Off: remove, Do: p.remove},
		{ID: "settings.up", Changes: true, Key: page.Keys("", "K"), Title: "move the value up: it is taken earlier",
			Off: item, Do: p.move(-1)},
		{ID: "settings.down", Changes: true, Key: page.Keys("", "J"), Title: "move the value down", Off: item, Do: p.move(1)},
		page.Of("settings.undo", "Undo"), page.Of("settings.redo", ""),
		{ID: "dryrun", Key: page.Keys("Dry Run", "d", "p"), Title: "dry run with these changes, nothing saved"},
	}
	if lists {
		keys[6].Call("add")
		keys[7].Call("remove")
		keys[8].Key = page.KeysShown("K J", "move", "K")
	}
	return append(keys, p.panel().Moves(p.panel().Move)...)
}

func (p *Model) SetSize(w, h int) tea.Cmd {
	p.width, p.height = w, h
	p.list.SetHeight(p.panel().ListHeight())
	return nil
}

func (p *Model) View() []string {
	l := p.host.Look
	frame := p.panel()
	bar := component.Bar{Width: p.width}
	for i, name := range p.sections {
		bar.Items = append(bar.Items, component.Item{ID: name, Text: l.Tab(name, i == p.section) + " "})
	}
	frame.Head = []string{bar.View()}
	frame.Title, frame.About = "Settings", "About"
	if p.section < len(p.sections) {
		frame.Title = p.sections[p.section]
	}
	frame.Fill([]component.Column{{Width: 1}, {Title: "Setting", Width: 16, Grow: 2},
		{Title: "Value", Width: 14, Grow: 3, Keep: true}},
		func(i int64) []component.Cell { return p.cells(p.rows[i]) })
	frame.Details = func(width, _ int) []string {
		lines := p.details(width - 2)
		for i := range lines {
			lines[i] = " " + lines[i]
		}
		return lines
	}
	return frame.View()
}

// cells returns a row: a mark if it is changed, its name, its value.
func (p *Model) cells(r settingRow) []component.Cell {
	l := p.host.Look
	if r.heading != "" {
		return []component.Cell{nil, component.Styled(r.heading, l.Style.Head), nil}
	}
	value, style := p.value(r.of), component.Styler(nil)
	changed := " "
	if value != p.draft.Saved.Values[r.of.Key] {
		changed = l.Mark.Change
	}
	label := r.of.Label
	if r.of.Under != "" && r.of.List {
		label = r.of.Under + ": " + label
	}
	switch {
	case r.item >= 0:
		changed, label, value = " ", "  "+strconv.Itoa(r.item+1)+".", config.SplitList(value)[r.item]
	case value == "":
		value, style = "("+view.Unset(r.of)+")", l.Style.Dim
	case r.of.Kind == config.List:
		value = view.Ordered(r.of, value)
	default:
		value = view.Setting(r.of, value)
	}
	return []component.Cell{component.Styled(changed, l.Style.Warn), component.Styled(label, style),
		component.Styled(value, style)}
}

// details describes the row under the cursor: its meaning, its key in the file, and its previous
// value.
func (p *Model) details(width int) []string {
	l, r := p.host.Look, p.current()
	var lines []string
	add := func(text string) {
		lines = append(lines, l.Wrap(l.Clean(text), width)...)
	}
	if r.of.Key == "" {
		if r.heading != "" {
			add("What is not set here is inherited from the limits for all directories.")
		}
		return lines
	}
	for _, line := range view.SettingMeans(r.of) {
		add(line)
	}
	if was, is := p.draft.Saved.Values[r.of.Key], p.value(r.of); was != is {
		add("Was: " + view.Setting(r.of, was))
	}
	if r.of.Section == "Cloud" {
		switch {
		case p.testing:
			add(component.Working(l, p.host.Now()) + " " + view.SigningIn + l.Mark.Ellipsis)
		case p.tested != "":
			add(p.tested + ".")
		}
	}
	for _, s := range l.Wrap(l.Clean("config key  "+r.of.Key+" in "+p.conn.Path()), width) {
		lines = append(lines, l.Style.Dim.Render(s))
	}
	return lines
}

func listed(values []string) string { return strings.Join(values, "\n") }

func (p *Model) panel() component.Split {
	return component.Split{Look: p.host.Look, Width: p.width, Height: p.height, Above: 1, Under: 7, Headed: true,
		Pane: &p.pane, List: &p.list}
}
