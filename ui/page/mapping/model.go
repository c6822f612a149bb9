package mapping

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// Model edits which directory attributes make each cloud attribute, and shows the result for
// a sample person. It edits only the draft.
type Model struct {
	host       page.Host
	conn       Connector
	draft      page.Draft
	picker     *picker // the open one; nil if none
	dialog     bool    // a dialog is open
	attributes []schema.Attribute
	people     []identity.Entry // samples; a person chosen by name is the first
	previews   []map[string]control.Mapped
	asked      bool                // for samples
	schema     []control.Attribute // of all directories; nil until it is read
	coverage   map[string]control.Coverage
	counting   bool
	stop       context.CancelFunc
	number     int // of the last requested preview
	list       component.Window[int]
	pane       component.Pane
	find       component.Input
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
		rows   [][]control.Mapped // of each sample
		err    error
	}
	schemaMsg struct {
		schema []control.Attribute
		err    error
	}
	coverageMsg struct {
		coverage map[string]control.Coverage
		err      error
	}
	// triedMsg is the result of testing a typed rule.
	triedMsg struct {
		attribute, rule string
		rows            [][]control.Mapped
		err             error
	}
)

// Connector is what the page needs of the engine.
type Connector interface {
	control.Mapping
	Schema(ctx context.Context, directory string) ([]control.Attribute, error)
	Find(ctx context.Context, directory, text string, limit int) ([]identity.Entry, error)
}

// New returns the page as it is when the console opens.
func New(h page.Host, conn Connector, f page.Facts) *Model {
	return &Model{host: h, conn: conn, draft: f.Draft, stop: func() {}}
}

func (m *Model) Init() tea.Cmd {
	m.attributes = m.conn.Catalogue().Users
	m.list.Reset(int64(len(m.attributes)))
	return nil
}

// examples is the number of sample people.
const examples = 3

// Enter requests samples, and the directories' attributes, the first time.
func (m *Model) Enter() tea.Cmd {
	if m.asked || len(m.draft.Edited.Directories) == 0 {
		return nil
	}
	m.asked = true
	return tea.Batch(m.search("", examples), m.readSchema())
}

// readSchema reads the attributes of all directories, each once.
func (m *Model) readSchema() tea.Cmd {
	ctx, conn, dirs := m.host.Ctx, m.conn, m.draft.Edited.Clone().Directories
	return func() tea.Msg {
		all := []control.Attribute{}
		for _, d := range dirs {
			own, err := conn.Schema(ctx, d.Name)
			if err != nil {
				return schemaMsg{err: err}
			}
			for _, a := range own {
				if !a.Secret && !slices.ContainsFunc(all, func(o control.Attribute) bool {
					return strings.EqualFold(o.Name,
						a.Name)
				}) {
					all = append(all, a)
				}
			}
		}
		return schemaMsg{schema: all}
	}
}

// search finds people whose name or e-mail address starts with text, in every directory.
func (m *Model) search(text string, limit int) tea.Cmd {
	ctx, conn := m.host.Ctx, m.conn
	var names []string
	for _, d := range m.draft.Edited.Directories {
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

func (m *Model) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case foundMsg:
		return m.found(msg)
	case previewMsg:
		if msg.number != m.number {
			return nil
		}
		if msg.err != nil {
			m.host.Fail("The mapping could not be tested", msg.err)
			return nil
		}
		m.take(msg.rows)
	case schemaMsg:
		if msg.err != nil {
			m.host.Fail("The attributes of the directory could not be read; you can still type a rule", msg.err)
		}
		m.schema = msg.schema
		if m.picker != nil {
			m.picker.narrow()
		}
	case ruleTriedMsg:
		if p := m.picker; p != nil && msg.number == p.number {
			p.values, p.err = msg.values, msg.err
		}
	case coverageMsg:
		m.counting = false
		if msg.err != nil {
			if !draw.Stale(msg.err) {
				m.host.Fail("The values could not be counted", msg.err)
			}
			return nil
		}
		m.coverage = msg.coverage
		problems := 0
		for _, a := range m.attributes {
			if m.trouble(a.Name) {
				problems++
			}
		}
		m.host.Say("Validated: %s. [n] next",
			look.Count(int64(problems), "attribute has a problem", "attributes have problems"))
	case triedMsg:
		return m.tried(msg)
	case page.LookMsg:
		m.host.Look = msg.Look
	case page.DialogMsg:
		m.dialog = msg.Open
	case page.DraftMsg:
		if m.draft = msg.Draft; msg.Replaced {
			m.coverage = nil
			return m.try()
		}
	case page.SettingsMsg:
		m.coverage = nil
		return m.try()
	}
	return nil
}

func (m *Model) take(rows [][]control.Mapped) {
	m.previews = nil
	for _, of := range rows {
		preview := make(map[string]control.Mapped, len(of))
		for _, r := range of {
			preview[r.Attribute.Name] = r
		}
		m.previews = append(m.previews, preview)
	}
}

// preview returns the attribute's value for the first sample.
func (m *Model) preview(attribute string) control.Mapped {
	if len(m.previews) == 0 {
		return control.Mapped{}
	}
	return m.previews[0][attribute]
}

// found takes over the samples or the person searched for by name, or asks which of several is
// meant.
func (m *Model) found(msg foundMsg) tea.Cmd {
	switch {
	case msg.err != nil:
		m.host.Fail("The sample people could not be read", msg.err)
	case len(msg.entries) == 0 && msg.text == "":
		m.host.Say("%s", view.NoSample)
	case len(msg.entries) == 0:
		m.host.Say("%s", view.NoSampleNamed(msg.text))
	case msg.text == "":
		m.people = append(m.people, msg.entries...)
		return m.try()
	case len(msg.entries) == 1:
		return m.choose(msg.entries[0])
	default:
		var all []component.Option
		for _, e := range msg.entries {
			all = append(all, component.Option{Text: view.PersonName(e) + "   " + e.DN,
				Do: func() tea.Cmd { return m.choose(e) }})
		}
		m.host.Ask(component.NewFinder("Pick a sample person", all))
	}
	return nil
}

// choose makes a person the first sample, before the others.
func (m *Model) choose(e identity.Entry) tea.Cmd {
	people := slices.DeleteFunc(m.people, func(o identity.Entry) bool { return o.DN == e.DN })
	m.people = append([]identity.Entry{e}, people[:min(len(people), examples)]...)
	return m.try()
}

// try maps the samples by the draft's rules.
func (m *Model) try() tea.Cmd {
	if len(m.people) == 0 {
		return nil
	}
	m.number++
	number, tried := m.number, m.trying(m.draft.Edited.Clone().Mapping)
	return func() tea.Msg {
		rows, err := tried()
		return previewMsg{number, rows, err}
	}
}

// trying maps the samples by rules. It checks the rules even if there is no sample.
func (m *Model) trying(rules map[string]string) func() ([][]control.Mapped, error) {
	conn, people := m.conn, slices.Clone(m.people)
	return func() (rows [][]control.Mapped, err error) {
		if len(people) == 0 {
			_, err = conn.Preview(rules, identity.Entry{})
			return nil, err
		}
		for _, e := range people {
			of, err := conn.Preview(rules, e)
			if err != nil {
				return nil, err
			}
			rows = append(rows, of)
		}
		return rows, nil
	}
}

func (m *Model) count() tea.Cmd {
	m.stop()
	ctx, stop := context.WithCancel(m.host.Ctx)
	m.stop, m.counting = stop, true
	conn, settings := m.conn, m.draft.Edited.Clone()
	m.host.Say("Validating all people in scope. You can continue to work meanwhile.")
	return func() tea.Msg {
		c, err := conn.Coverage(ctx, settings)
		return coverageMsg{c, err}
	}
}

// edit asks for the rule of the attribute under the cursor. It tests the rule before accepting it,
// and asks again if the rule does not work.
func (m *Model) edit() tea.Cmd { return m.editWith("", "") }

// check tests the rule on the samples.
func (m *Model) check(attribute, rule string) tea.Cmd {
	if rule == m.rule(attribute) {
		return nil
	}
	rules := m.draft.Edited.Clone().Mapping
	rules[attribute] = rule
	tried := m.trying(rules)
	return func() tea.Msg {
		rows, err := tried()
		return triedMsg{attribute, rule, rows, err}
	}
}

func (m *Model) tried(msg triedMsg) tea.Cmd {
	if msg.err != nil {
		if m.current().Name == msg.attribute && !m.dialog {
			return m.editWith(msg.rule, msg.err.Error())
		}
		m.host.Fail("The rule was not accepted", msg.err)
		return nil
	}
	m.draft = m.host.Edit(m.draft, func(s *config.Draft) { s.Mapping[msg.attribute] = msg.rule })
	delete(m.coverage, msg.attribute)
	m.number++
	m.take(msg.rows)
	return nil
}

// unknown returns the names in an attribute's rule that no directory has. It skips the defaults:
// they serve every kind of directory, so one directory may lack some of their attributes.
func (m *Model) unknown(a schema.Attribute) []string {
	rule := m.rule(a.Name)
	if rule == a.Default {
		return nil
	}
	return control.UnknownAttributes(rule, m.schema)
}

func (m *Model) rule(attribute string) string { return m.draft.Edited.Mapping[attribute] }

func (m *Model) current() schema.Attribute {
	if i := m.list.Cursor(); i < int64(len(m.attributes)) {
		return m.attributes[i]
	}
	return schema.Attribute{}
}

// trouble reports whether the attribute has a problem, for the sample or for any person.
func (m *Model) trouble(name string) bool {
	return m.preview(name).Problem != "" || m.coverage[name].Invalid > 0
}

// next moves to the next attribute that ok accepts, after the cursor, and wraps around.
func (m *Model) next(from int64, ok func(schema.Attribute) bool) bool {
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
