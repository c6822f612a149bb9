package settings

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
	"dirbridge/ui/wizard"
)

// Model edits the settings that are text, section by section. It edits only the draft.
type Model struct {
	page.Plain
	host     page.Host
	conn     Connector
	draft    page.Draft
	dialog   bool // a dialog is open
	all      []config.Setting
	sections []string
	section  int
	rows     []settingRow
	list     component.Window[int]
	pane     component.Pane
	open     *settingForm // the last that was opened
	number   int          // of the last checked text
	tested   string       // result of the cloud test; "" before
	testing  bool
	width    int
	height   int
}

// settingRow is a setting, one value of a list, or a heading.
type settingRow struct {
	heading string
	of      config.Setting
	item    int // of a list; -1 is the list itself, and any other setting
}

type (
	// typedMsg is the result of checking a value as its field is left.
	typedMsg struct {
		number int
		wrong  string
	}
	// takenMsg is the result of checking a chosen value.
	takenMsg struct {
		key, value, wrong string
		again             func(wrong string) // asks again; nil if nothing was typed
	}
	testedMsg struct {
		org  identity.Organization
		took time.Duration
		err  error
	}
)

// Connector is what the page needs of the engine.
type Connector interface {
	control.Drafts
	Path() string
}

// New returns the page as it is when the console opens.
func New(h page.Host, conn Connector, f page.Facts) *Model {
	return &Model{host: h, conn: conn, draft: f.Draft}
}

func (p *Model) Init() tea.Cmd {
	p.all = p.conn.SettingList()
	p.sections = nil
	for _, s := range p.all {
		if !slices.Contains(p.sections, s.Section) {
			p.sections = append(p.sections, s.Section)
		}
	}
	p.layout()
	return nil
}

// layout creates the rows of the section in front.
func (p *Model) layout() {
	p.rows = p.rows[:0]
	under := ""
	for _, s := range p.all {
		if len(p.sections) == 0 || s.Section != p.sections[p.section] {
			continue
		}
		if s.Under != under && !s.List {
			under = s.Under
			p.rows = append(p.rows, settingRow{heading: under + " (inherits what is not set)", item: -1})
		}
		p.rows = append(p.rows, settingRow{of: s, item: -1})
		if s.Kind == config.List {
			for i := range config.SplitList(p.value(s)) {
				p.rows = append(p.rows, settingRow{of: s, item: i})
			}
		}
	}
	p.list.Reset(int64(len(p.rows)))
}

func (p *Model) value(s config.Setting) string { return p.draft.Edited.Values[s.Key] }

func (p *Model) current() settingRow {
	if i := p.list.Cursor(); i < int64(len(p.rows)) {
		return p.rows[i]
	}
	return settingRow{item: -1}
}

func (p *Model) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case typedMsg:
		if msg.number == p.number && p.open != nil {
			p.open.fail(msg.wrong)
		}
	case takenMsg:
		return p.take(msg)
	case testedMsg:
		p.testing = false
		if msg.err != nil {
			p.tested = ""
			p.host.Fail("The cloud could not be reached", msg.err)
			return nil
		}
		p.tested = "Organization " + msg.org.Name + " (" + msg.org.Kind + ") answered in " +
			look.Length(max(msg.took, time.Millisecond))
	case page.LookMsg:
		p.host.Look = msg.Look
	case page.DialogMsg:
		p.dialog = msg.Open
	case page.DraftMsg:
		if p.draft = msg.Draft; msg.Replaced {
			p.layout()
		}
	case page.SettingsMsg:
		return p.Init()
	}
	return nil
}

// turn shows another section; its list starts at the top.
func (p *Model) turn(by int) func() tea.Cmd {
	return func() tea.Cmd {
		if n := len(p.sections); n > 0 {
			p.section = (p.section + by + n) % n
		}
		p.layout()
		p.list.Go(0)
		return nil
	}
}

// edit edits the value under the cursor in a form.
func (p *Model) edit() tea.Cmd {
	row := p.current()
	if row.heading != "" {
		return nil
	}
	return p.form(row.of, editingOf(row.of, p.value(row.of)), func(value string) string { return value })
}

// add asks for another value of a list, below the one under the cursor, or for another time.
func (p *Model) add() tea.Cmd {
	row := p.current()
	if row.of.Kind == config.Times {
		e := editingOf(row.of, p.value(row.of))
		if p.value(row.of) != "" {
			e.more()
		}
		return p.form(row.of, e, func(value string) string { return value })
	}
	another := row.of
	another.Label, another.Unset = "Value", ""
	return p.form(row.of, one(wizard.Text)(another, ""), func(text string) string {
		values := slices.Clone(config.SplitList(p.value(row.of)))
		at := row.item + 1
		if row.item < 0 || at > len(values) {
			at = len(values)
		}
		return listed(slices.Insert(values, at, config.ListItems(text)...))
	})
}

// form edits a setting, whose value whole makes of that of the fields. A value that is refused
// brings the form back.
func (p *Model) form(s config.Setting, e *editing, whole func(string) string) tea.Cmd {
	d := &settingForm{title: view.Labelled(s), intro: view.SettingMeans(s), of: e, look: p.host.Look, before: e.value()}
	d.check = func(value string) tea.Cmd { return p.try(s.Key, whole(value)) }
	d.done = func(value string) tea.Cmd {
		return p.set(s.Key, whole(value), func(wrong string) {
			d.fail(wrong)
			p.open = d
			p.host.Ask(d)
		})
	}
	d.show()
	d.form.MoveTo(e.first)
	p.open = d
	p.host.Ask(d)
	return nil
}

// try checks a value as its field is left.
func (p *Model) try(key, value string) tea.Cmd {
	p.number++
	check, number := p.checking(key, value), p.number
	return func() tea.Msg { return typedMsg{number, check()} }
}

// set accepts a value after a check.
func (p *Model) set(key, value string, again func(string)) tea.Cmd {
	if value == p.draft.Edited.Values[key] {
		return nil
	}
	check := p.checking(key, value)
	return func() tea.Msg { return takenMsg{key, value, check(), again} }
}

// checking returns the problems that the value adds to the draft.
func (p *Model) checking(key, value string) func() string {
	conn, before := p.conn, p.draft.Edited.Clone()
	return func() string {
		if problem, found := control.AddedProblem(conn, before, key, value); found {
			return problem.Error()
		}
		return ""
	}
}

// take stores a checked value in the draft.
func (p *Model) take(msg takenMsg) tea.Cmd {
	switch {
	case msg.wrong == "":
		p.draft = p.host.Edit(p.draft, func(s *config.Draft) { s.Values[msg.key] = msg.value })
		p.layout()
	case msg.again != nil:
		msg.again(msg.wrong)
	default:
		p.host.Say("Not taken: %s", msg.wrong)
	}
	return nil
}

// find searches the settings of all sections, by name, key or word.
func (p *Model) find() tea.Cmd {
	var all []component.Option
	for _, s := range p.all {
		all = append(all, component.Option{Text: view.Labelled(s), About: s.Section + "  " + s.Key + "  " + s.Doc,
			Do: func() tea.Cmd { return p.goTo(s) }})
	}
	p.host.Ask(component.NewFinder("Search in settings", all))
	return nil
}

// goTo puts the cursor on a setting.
func (p *Model) goTo(s config.Setting) tea.Cmd {
	p.section = max(slices.Index(p.sections, s.Section), 0)
	p.layout()
	p.list.Go(int64(slices.IndexFunc(p.rows, func(r settingRow) bool { return r.of.Key == s.Key })))
	return nil
}

// remove removes a value from a list, or resets a setting to its default.
func (p *Model) remove() tea.Cmd {
	row := p.current()
	if row.of.Kind != config.List {
		return p.set(row.of.Key, "", nil)
	}
	values := slices.Clone(config.SplitList(p.value(row.of)))
	return p.set(row.of.Key, listed(slices.Delete(values, row.item, row.item+1)), nil)
}

// move moves a value in its list; the cursor follows.
func (p *Model) move(by int) func() tea.Cmd {
	return func() tea.Cmd {
		row := p.current()
		values := slices.Clone(config.SplitList(p.value(row.of)))
		to := row.item + by
		if to < 0 || to >= len(values) {
			return nil
		}
		values[row.item], values[to] = values[to], values[row.item]
		p.list.Move(int64(by))
		return p.set(row.of.Key, listed(values), nil)
	}
}

// test signs in to the cloud of the draft.
func (p *Model) test() tea.Cmd {
	p.testing, p.tested = true, ""
	ctx, conn, now, draft := p.host.Ctx, p.conn, p.host.Now, p.draft.Edited.Clone()
	return func() tea.Msg {
		begun := now()
		org, err := conn.TestCloud(ctx, draft)
		return testedMsg{org, now().Sub(begun), err}
	}
}
