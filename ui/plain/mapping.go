package plain

import (
	"context"
	"maps"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
	"dirbridge/ui/view"
)

// examples is the number of real people on whom a mapping is tested.
const examples = 3

// attributes is the edited mapping, with the sample people on whom it is tested.
type attributes struct {
	*session
	people   []identity.Entry
	known    []control.Attribute // of all directories; nil until they were read
	coverage map[string]control.Coverage
}

// mapping edits which directory attributes make each cloud attribute, only in the draft.
func (s *session) mapping() error {
	m := &attributes{session: s}
	return s.menu(page{title: view.MappingTitle, head: func() error {
		if err := m.find(""); err != nil {
			return err
		}
		mapped := 0
		for _, rule := range s.draft.Edited.Mapping {
			if rule != "" {
				mapped++
			}
		}
		s.say("%d of %d cloud attributes are mapped.", mapped, len(s.conn.Catalogue().Users))
		return nil
	}, choices: func() []choice {
		undo := s.forbidden()
		if undo == "" && !s.draft.CanUndo() {
			undo = view.NothingChangedHere
		}
		return []choice{
			{text: "List the attributes; a number edits one", do: m.list},
			{text: "Pick the sample person", do: m.chooseExamples},
			{text: "Validate all people in scope", do: m.cover},
			{text: "List the attributes of the directory", do: m.schema},
			{text: "Undo the last change", off: undo,
				do: func() error { s.draft.Undo(); m.coverage = nil; return s.sayChanges() }},
			{text: s.dryRunText(), off: first(s.busy(), s.scopeOff()), do: s.dryRun},
			{text: "Apply the changes", off: s.settingsOff(), do: s.applySettings},
		}
	}})
}

// find makes samples of the first people whose name or e-mail address starts with text.
func (m *attributes) find(text string) error {
	var found []identity.Entry
	err := m.wait("Looking for sample people", func(ctx context.Context) error {
		for _, d := range m.draft.Edited.Directories {
			people, err := m.conn.Find(ctx, d.Name, text, examples-len(found))
			if err != nil {
				return err
			}
			if found = append(found, people...); len(found) >= examples {
				break
			}
		}
		return nil
	})
	if err != nil {
		if m.ctx.Err() != nil {
			return err
		}
		return nil // already printed; the mapping can be edited without samples
	}
	switch {
	case len(found) > 0:
		m.people = found
		text := ""
		for _, e := range found {
			text += ", " + view.PersonName(e)
		}
		m.say("Sample people: %s.", text[2:])
	case text == "":
		m.say("%s", view.NoSample)
	default:
		m.say("%s", view.NoSampleNamed(text))
	}
	return nil
}

func (m *attributes) chooseExamples() error {
	text, err := m.text(view.SampleAsk, nil, nil)
	if err != nil {
		return err
	}
	return m.find(text)
}

// list prints all attributes; a number edits one.
func (m *attributes) list() error {
	all := m.conn.Catalogue().Users
	passing := func(filter string) (out []schema.Attribute) {
		for _, a := range all {
			if view.Has(m.line(a), filter) {
				out = append(out, a)
			}
		}
		return out
	}
	return m.session.list(listing{title: "Attributes", none: "The cloud has no attributes to map.",
		total: func(_ context.Context, filter string) (int64, error) { return int64(len(passing(filter))), nil },
		window: func(_ context.Context, filter string, from int64, n int) (rows []row, err error) {
			found := passing(filter)
			from = min(max(from, 0), int64(len(found)))
			for _, a := range found[from:min(from+int64(n), int64(len(found)))] {
				rows = append(rows, row{m.line(a), func() error { return m.edit(a) }})
			}
			return rows, nil
		}})
}

func (m *attributes) line(a schema.Attribute) string {
	c, counted := m.coverage[a.Name]
	return view.Attribute(a, m.draft.Edited.Mapping[a.Name], c, counted)
}

// edit asks for a rule, tests it on real people, prints the result, and accepts the rule.
func (m *attributes) edit(a schema.Attribute) error {
	m.heading(view.Sentence(m.line(a)))
	if a.Label != "" && a.Label != a.Name {
		m.fact("In words", a.Label)
	}
	m.fact("In the cloud", a.Path)
	for _, d := range m.draft.Edited.Directories {
		if rule, own := d.Mapping[a.Name]; own {
			m.say("Directory %s has its own rule: %s.", d.Name, rule)
		}
	}
	if c := m.coverage[a.Name]; c.Example != "" {
		m.say("Error: %s", view.Sentence(c.Example))
	}
	if err := m.preview(a, m.draft.Edited.Mapping); err != nil {
		return err
	}
	if off := m.forbidden(); off != "" {
		m.say("It cannot be changed: %s.", off)
		return nil
	}
	lines := []string{view.RuleHint, view.UnmappedMeans}
	for {
		rule, err := m.text("New rule, none for not mapped, or Enter to keep it:", lines, func(rule string) string {
			if a.Required && rule == "none" {
				return a.Name + " is required and must be mapped."
			}
			return ""
		})
		if err != nil || rule == "" {
			return err
		}
		if rule == "none" {
			rule = ""
		}
		taken, err := m.offerRule(a, rule)
		if err != nil || taken {
			return err
		}
		lines = nil
	}
}

// offerRule tests a rule and asks whether to accept it.
func (m *attributes) offerRule(a schema.Attribute, rule string) (taken bool, err error) {
	rules := maps.Clone(m.draft.Edited.Mapping)
	rules[a.Name] = rule
	if err := m.preview(a, rules); err != nil {
		if m.ctx.Err() != nil {
			return false, err
		}
		return false, nil // already printed; another rule may work
	}
	if err := m.flag(rule); err != nil {
		return false, err
	}
	err = m.pickOne("Use this rule?", []choice{
		{text: "Use it", do: func() error {
			taken = true
			m.draft.Change(func(e *config.Draft) { e.Mapping[a.Name] = rule })
			delete(m.coverage, a.Name)
			m.edited(m.line(a))
			return nil
		}},
		{text: "Type another one"},
	})
	return taken, err
}

// flag says which names in a rule no directory has.
func (m *attributes) flag(rule string) error {
	if m.known == nil {
		all := []control.Attribute{}
		for _, d := range m.draft.Edited.Directories {
			var own []control.Attribute
			err := m.wait("Reading the schema", func(ctx context.Context) (err error) {
				own,
					err = m.conn.Schema(ctx, d.Name)
				return err
			})
			if err != nil {
				return told(err)
			}
			all = append(all, own...)
		}
		m.known = all
	}
	if text := view.UnknownNames(control.UnknownAttributes(rule, m.known)); text != "" {
		m.say("Warning: %s", text)
	}
	return nil
}

// preview prints the result of the rules for an attribute and each sample.
func (m *attributes) preview(a schema.Attribute, rules map[string]string) error {
	people := m.people
	if len(people) == 0 {
		people = []identity.Entry{{}} // an empty entry, so that an unusable rule is found all the same
	}
	for _, e := range people {
		rows, err := m.conn.Preview(rules, e)
		if err != nil {
			m.fail("The rule cannot be used", err)
			return errBack
		}
		for _, r := range rows {
			if r.Attribute.Name == a.Name && len(m.people) > 0 {
				m.example(view.PersonName(e), r)
			}
		}
	}
	return nil
}

func (m *attributes) example(who string, r control.Mapped) {
	switch {
	case r.Problem != "":
		m.say("%s: %s", who, view.Sentence(r.Problem))
	case r.Value == "":
		m.say("%s: empty.", who)
	default:
		m.say("%s: %s.", who, r.Value)
	}
}

// cover counts the people for whom each attribute is valid.
func (m *attributes) cover() error {
	settings := m.draft.Edited.Clone()
	err := m.wait("Validating", func(ctx context.Context) (err error) {
		m.coverage, err = m.conn.Coverage(ctx, settings)
		return err
	})
	if err != nil {
		return err
	}
	bad := 0
	for _, a := range m.conn.Catalogue().Users {
		if c := m.coverage[a.Name]; c.Invalid > 0 {
			bad++
			m.say("%s: %s", a.Name, view.Sentence(view.Invalid(c)))
		}
	}
	if bad == 0 {
		m.say("%s", view.AllValid)
	}
	m.say("1 lists the attributes with the counts.")
	return nil
}

// schema lists the attributes that a rule can use.
func (m *attributes) schema() error {
	var rows []row
	for _, d := range m.draft.Edited.Directories {
		var all []control.Attribute
		err := m.wait("Reading the schema", func(ctx context.Context) (err error) {
			all,
				err = m.conn.Schema(ctx, d.Name)
			return err
		})
		if err != nil {
			return err
		}
		for _, a := range all {
			if a.Secret {
				continue // no mapping may use it
			}
			text := a.Name + ", " + a.Syntax
			if !a.Single {
				text += ", several values"
			}
			if len(m.draft.Edited.Directories) > 1 {
				text += ", in " + d.Name
			}
			rows = append(rows, row{text: text})
		}
	}
	return m.session.list(inMemory("Attributes of the directory", "The server does not show its attributes.", rows))
}
