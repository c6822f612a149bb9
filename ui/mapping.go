package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
	"dirbridge/ui/widget"
)

// mappingPage edits which directory attributes make each cloud attribute, and shows
// what that gives for an example person. It edits the draft alone.
type mappingPage struct {
	*shell
	attributes []schema.Attribute
	preview    map[string]control.Mapped
	person     *identity.Entry
	asked      bool // for an example person
	coverage   map[string]control.Coverage
	counting   bool
	stop       context.CancelFunc
	undone     []map[string]string
	number     int // of the last preview that was asked for
	list       widget.Window[int]
	find       widget.Input
	typing     bool
	width      int
	height     int
}

type (
	foundMsg struct {
		text    string
		entries []identity.Entry
		err     error
	}
	previewMsg struct {
		number int
		rows   []control.Mapped
		err    error
	}
	coverageMsg struct {
		coverage map[string]control.Coverage
		err      error
	}
	// triedMsg is the answer to a rule that was typed.
	triedMsg struct {
		attribute, rule string
		rows            []control.Mapped
		err             error
	}
)

func newMapping(s *shell) *mappingPage { return &mappingPage{shell: s, stop: func() {}} }

func (m *mappingPage) Title() string { return "User Attribute Mapping" }

func (m *mappingPage) Init() tea.Cmd {
	m.attributes = m.conn.Catalogue().Users
	m.list.Reset(int64(len(m.attributes)))
	return nil
}

// Enter looks for an example person the first time.
func (m *mappingPage) Enter() tea.Cmd {
	if m.asked || len(m.draft.edited.Directories) == 0 {
		return nil
	}
	m.asked = true
	return m.search("", 1)
}

// search looks for people whose name or mail begins with text, in every directory.
func (m *mappingPage) search(text string, limit int) tea.Cmd {
	ctx, conn := m.ctx, m.conn
	var names []string
	for _, d := range m.draft.edited.Directories {
		names = append(names, d.Name)
	}
	return func() tea.Msg {
		var entries []identity.Entry
		for _, name := range names {
			found, err := conn.Find(ctx, name, text, limit-len(entries))
			if err != nil {
				return foundMsg{text: text, err: err}
			}
			if entries = append(entries, found...); len(entries) >= limit {
				break
			}
		}
		return foundMsg{text: text, entries: entries}
	}
}

func (m *mappingPage) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case foundMsg:
		return m.found(msg)
	case previewMsg:
		if msg.number != m.number {
			return nil
		}
		if msg.err != nil {
			m.fail("The mapping could not be tried", msg.err)
			return nil
		}
		m.take(msg.rows)
	case coverageMsg:
		m.counting = false
		if msg.err != nil {
			if !stale(msg.err) {
				m.fail("The values could not be counted", msg.err)
			}
			return nil
		}
		m.coverage = msg.coverage
		m.say("Counted for all people in scope. n goes to the next problem.")
	case triedMsg:
		return m.tried(msg)
	case settingsMsg:
		return m.try()
	}
	return nil
}

func (m *mappingPage) take(rows []control.Mapped) {
	m.preview = make(map[string]control.Mapped, len(rows))
	for _, r := range rows {
		m.preview[r.Attribute.Name] = r
	}
}

// found takes the example person, or asks which of several.
func (m *mappingPage) found(msg foundMsg) tea.Cmd {
	switch {
	case msg.err != nil:
		m.fail("No example person could be read", msg.err)
	case len(msg.entries) == 0 && msg.text == "":
		m.say("There are no people in scope to take an example from.")
	case len(msg.entries) == 0:
		m.say("Nobody's name or mail begins with %q.", msg.text)
	case len(msg.entries) == 1:
		return m.choose(msg.entries[0])
	default:
		var all []option
		for _, e := range msg.entries {
			all = append(all, option{text: personName(e) + "   " + e.DN, do: func() tea.Cmd { return m.choose(e) }})
		}
		m.ask(newFinder("Whose example?", all))
	}
	return nil
}

func personName(e identity.Entry) string {
	for _, name := range []string{"displayName", "mail", "cn"} {
		if v := e.Attrs.First(name); v != "" {
			return v
		}
	}
	return e.RDN
}

func (m *mappingPage) choose(e identity.Entry) tea.Cmd {
	m.person = &e
	return m.try()
}

// try maps the example person by the draft's rules.
func (m *mappingPage) try() tea.Cmd {
	if m.person == nil {
		return nil
	}
	m.number++
	conn, number, person, rules := m.conn, m.number, *m.person, cloneSettings(m.draft.edited).Mapping
	return func() tea.Msg {
		rows, err := conn.Preview(rules, person)
		return previewMsg{number, rows, err}
	}
}

func (m *mappingPage) count() tea.Cmd {
	m.stop()
	ctx, stop := context.WithCancel(m.ctx)
	m.stop, m.counting = stop, true
	conn, settings := m.conn, cloneSettings(m.draft.edited)
	m.say("Counting: all people in scope are read. It goes on while you do other things.")
	return func() tea.Msg {
		c, err := conn.Coverage(ctx, settings)
		return coverageMsg{c, err}
	}
}

// edit asks for the rule of the attribute under the cursor. The rule is tried
// before it is taken; one that does not work is asked for again.
func (m *mappingPage) edit() tea.Cmd { return m.editWith(m.rule(m.current().Name), "") }

func (m *mappingPage) editWith(text, wrong string) tea.Cmd {
	a := m.current()
	lines := []string{"Directory attributes, joined by a space, as in: givenName sn. Nothing: not mapped, and never touched."}
	m.ask(&prompt{
		title: a.Name + " (" + a.Label + ") comes from", lines: lines, label: "Rule:", input: widget.NewInput(text), wrong: wrong,
		check: func(rule string) string {
			if a.Required && rule == "" {
				return a.Name + " is required: it cannot be left unmapped."
			}
			return ""
		},
		done: func(rule string) tea.Cmd { return m.check(a.Name, rule) },
	})
	return nil
}

// check tries the rule on the example person, or on nobody where there is none.
func (m *mappingPage) check(attribute, rule string) tea.Cmd {
	if rule == m.rule(attribute) {
		return nil
	}
	rules := cloneSettings(m.draft.edited).Mapping
	rules[attribute] = rule
	var person identity.Entry
	if m.person != nil {
		person = *m.person
	}
	conn := m.conn
	return func() tea.Msg {
		rows, err := conn.Preview(rules, person)
		return triedMsg{attribute, rule, rows, err}
	}
}

func (m *mappingPage) tried(msg triedMsg) tea.Cmd {
	if msg.err != nil {
		if m.current().Name == msg.attribute && m.top() == nil {
			return m.editWith(msg.rule, msg.err.Error())
		}
		m.fail("The rule was not taken", msg.err)
		return nil
	}
	m.undone = append(m.undone, cloneSettings(m.draft.edited).Mapping)
	m.draft.edited.Mapping[msg.attribute] = msg.rule
	delete(m.coverage, msg.attribute)
	if m.person != nil {
		m.number++
		m.take(msg.rows)
	}
	return nil
}

func (m *mappingPage) undo() tea.Cmd {
	n := len(m.undone)
	m.draft.edited.Mapping, m.undone = m.undone[n-1], m.undone[:n-1]
	m.coverage = nil
	return m.try()
}

func (m *mappingPage) rule(attribute string) string { return m.draft.edited.Mapping[attribute] }

func (m *mappingPage) current() schema.Attribute {
	if i := m.list.Cursor(); i < int64(len(m.attributes)) {
		return m.attributes[i]
	}
	return schema.Attribute{}
}

// trouble says whether the attribute has a problem, for the example or for anyone.
func (m *mappingPage) trouble(name string) bool {
	return m.preview[name].Problem != "" || m.coverage[name].Invalid > 0
}

// next goes to the next attribute that ok accepts, behind the cursor and around.
func (m *mappingPage) next(from int64, ok func(schema.Attribute) bool) bool {
	n := int64(len(m.attributes))
	for i := int64(0); i < n; i++ {
		at := (m.list.Cursor() + from + i) % n
		if ok(m.attributes[at]) {
			m.list.Go(at)
			return true
		}
	}
	return false
}
