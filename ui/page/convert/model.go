package convert

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// Model leads through the conversion: turn the schedule off, convert the accounts, make a dry run, check
// what it does to them, turn the schedule on. The engine keeps its state, so that the page shows the same
// after a restart, and every step can be done again.
type Model struct {
	page.Plain
	host   page.Host
	conn   Connector
	work   page.Work
	mode   control.ModeStatus
	known  []string // accounts that can be converted
	list   component.Window[int]
	pane   component.Pane
	width  int
	height int
}

// Connector is what the page needs of the engine.
type Connector interface{ control.Procedures }

// doneMsg says how a request to the engine ended.
type doneMsg struct {
	said, what string
	err        error
}

// New returns the page as it is when the console opens.
func New(h page.Host, conn Connector, f page.Facts) *Model {
	m := &Model{host: h, conn: conn, work: f.Work}
	m.take(f.Status)
	return m
}

func (m *Model) Init() tea.Cmd { return nil }

func (m *Model) Enter() tea.Cmd {
	m.host.Request(page.ReadStatusMsg{})
	return nil
}

func (m *Model) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.LookMsg:
		m.host.Look = msg.Look
	case page.ProgressMsg:
		m.work = msg.Work
	case page.StatusMsg:
		m.take(msg.Status)
	case doneMsg:
		if msg.err != nil {
			m.host.Fail(msg.what, msg.err)
		} else {
			m.host.Say("%s", msg.said)
		}
		m.host.Request(page.ReadStatusMsg{})
	}
	return nil
}

// take shows another state; the first time, the cursor goes to the step that is next.
func (m *Model) take(s control.Status) {
	begun := m.mode.Procedure == nil && s.Mode.Procedure != nil
	m.mode, m.known = s.Mode, control.Conflicts(s)
	m.list.Reset(int64(len(m.rows())))
	if begun {
		m.list.Go(int64(m.next()))
	}
}

// steps returns the steps, also before the first one is done.
func (m *Model) steps() []control.Step {
	if p := m.mode.Procedure; p != nil {
		return p.Steps
	}
	return control.ConversionSteps()
}

// The steps, by their places.
const (
	turnOff = iota
	convertThem
	dryRun
	checkThem
	turnOn
)

// row is a step, or an account below the step that checks it.
type row struct {
	step    int
	account *control.Converted
}

func (m *Model) rows() (rows []row) {
	for i := range m.steps() {
		rows = append(rows, row{step: i})
		if p := m.mode.Procedure; p != nil && i == checkThem {
			for j := range p.Accounts {
				rows = append(rows, row{i, &p.Accounts[j]})
			}
		}
	}
	return rows
}

func (m *Model) current() row {
	rows := m.rows()
	return rows[min(m.list.Cursor(), int64(len(rows)-1))]
}

// next returns the first step that is not done.
func (m *Model) next() int {
	for i, s := range m.steps() {
		if !s.Done {
			return i
		}
	}
	return turnOn
}

func (m *Model) SetSize(w, h int) tea.Cmd {
	m.width, m.height = w, h
	m.list.SetHeight(m.panel().ListHeight())
	return nil
}

func (m *Model) Mouse(at page.Mouse) tea.Cmd { m.panel().Mouse(at); return nil }

func (m *Model) Commands() []page.Command {
	add := page.Command{ID: "convert.add", Changes: true, Key: page.Keys("", "n"),
		Title: "add accounts to the conversion", Do: m.begin}
	abandon := page.Command{ID: "convert.abandon", Changes: true, Key: page.Keys("", "A"), Do: m.abandon,
		Title: "abandon the conversion; the schedule stays off"}
	if m.mode.Procedure == nil {
		abandon.Off = view.NoConversion
	} else {
		add.Call("add" + m.host.Look.Mark.Ellipsis)
		abandon.Call("abandon" + m.host.Look.Mark.Ellipsis)
	}
	keys := []page.Command{m.enter(), page.Of("dryrun", "dry run", "d"), add, m.copies().Command(m.host, m.host.Look),
		m.explain(), abandon}
	return append(keys, m.panel().Moves(m.panel().Move)...)
}

// enter does the step under the cursor, or does it again.
func (m *Model) enter() page.Command {
	at := m.current()
	own := page.Command{ID: "convert.enter", Title: "do the step under the cursor, or do it again"}
	short, begun := "", m.mode.Procedure != nil
	switch {
	case at.account != nil:
		c := m.explain()
		c.Also("enter")
		return c
	case at.step == turnOff && begun && m.mode.Enabled:
		return page.Of("mode.disable", "turn the schedule off", "enter")
	case at.step == turnOff:
		own.Changes, own.Do, short = true, m.begin, "add accounts"+m.host.Look.Mark.Ellipsis
		if !begun {
			short = "begin" + m.host.Look.Mark.Ellipsis
		}
	case at.step == convertThem:
		own.Do, short = m.tell, "how to"
	case at.step == dryRun && begun:
		return page.Of("dryrun", "dry run", "enter")
	case at.step == checkThem && begun:
		short, own.Do = "show the dry run", func() tea.Cmd { m.host.GoTo(page.DryRun); return nil }
	case at.step == turnOn && begun:
		return page.Of("mode.enable", "turn the schedule on", "enter")
	default:
		short, own.Off, own.Do = "do it", "begin with step 1", page.Idle
	}
	own.Key = page.Keys(short, "enter")
	return own
}

func (m *Model) explain() page.Command {
	if a := m.current().account; a != nil {
		return m.host.ExplainCommand(a.Mail, a.Mail)
	}
	return m.host.ExplainCommand("", "")
}

// copies returns the account under the cursor, or all of them in lines, as Control Hub takes them.
func (m *Model) copies() (all draw.Copies) {
	if a := m.current().account; a != nil {
		all.Add("m", "e-mail", a.Mail)
		all.Add("d", "result", a.Detail)
		return all
	}
	all.Add("m", "e-mail addresses", strings.Join(m.mails(), "\n"))
	return all
}

// mails returns the accounts of the conversion, or those that it would begin with.
func (m *Model) mails() (mails []string) {
	if m.mode.Procedure == nil {
		return m.known
	}
	for _, a := range m.mode.Procedure.Accounts {
		mails = append(mails, a.Mail)
	}
	return mails
}

// begin asks for accounts. Nothing typed means those of the known naming conflicts.
func (m *Model) begin() tea.Cmd {
	p := &component.Prompt{Title: "Convert accounts: turn the schedule off", Lines: []string{view.ConvertDoes},
		Label: view.ConvertWhich, Done: func(text string) tea.Cmd {
			ctx, conn := m.host.Ctx, m.conn
			return func() tea.Msg {
				err := conn.Convert(ctx, strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;\t\n", r) }))
				return doneMsg{"The schedule is off. Next: convert the accounts.", "The conversion did not begin", err}
			}
		}}
	if m.mode.Procedure != nil {
		p.Title = "Add accounts to the conversion"
	}
	m.host.Ask(p)
	return nil
}

// tell says how accounts are converted in Control Hub, and names them.
func (m *Model) tell() tea.Cmd {
	mails := m.mails()
	m.host.Ask(&component.Reading{Title: "Convert the accounts", Lines: func(l look.Look, width int) []string {
		lines := component.Markdown(l, view.ConvertHow, width)
		if len(mails) > 0 {
			lines = append(lines, "")
		}
		for _, mail := range mails {
			lines = append(lines, " "+l.Cut(l.Clean(mail), width-2))
		}
		return lines
	}, Commands: []page.Command{m.copies().Command(m.host, m.host.Look)}})
	return nil
}

func (m *Model) abandon() tea.Cmd {
	m.host.Ask(&component.Question{Title: "Abandon the conversion?", Lines: []string{
		"The schedule stays off. It can be turned on again after a dry run, without the checks of these accounts."},
		Options: []component.Option{
			{Key: "n", Text: "Continue the conversion"},
			{Key: "a", Text: "Abandon it", Do: func() tea.Cmd {
				ctx, conn := m.host.Ctx, m.conn
				return func() tea.Msg {
					return doneMsg{"The conversion was abandoned; the schedule stays off.", "Not abandoned", conn.Abandon(ctx)}
				}
			}},
		}})
	return nil
}
