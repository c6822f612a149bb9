package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

const (
	anchorAttribute = "objectGUID"
	groupName       = "cn"
	groupNameMaxLen = 256
)

// Mapper applies one set of rules. It is immutable and may be used from several
// goroutines.
type Mapper struct {
	rules      []rule // in the catalogue's order, without state and externalId
	state      *rule  // nil where the state is not mapped
	group      rule
	externalID bool
	shown      []rule // all that is in force, in the catalogue's order
	requested  []string
	managed    []string
	dropped    []string
	digest     string
}

// New compiles rules: a cloud attribute's name and the directory attribute, or
// several joined by a blank, that it follows. An attribute without a rule has the
// catalogue's default; "" leaves it unmapped, and so never touched in the cloud.
//
// managed says whether the target has a place for an attribute; nil means all.
// What it has no place for is not mapped (see Dropped).
//
// The error joins one *RuleError for each rule that cannot be used.
func New(cat schema.Catalogue, rules map[string]string, managed func(attr string) bool) (*Mapper, error) {
	errs := unknownAttributes(cat, rules)
	if _, ok := cat.User(schema.UID); !ok {
		errs = append(errs, fmt.Errorf("the catalogue of %s has no %s, the key of every person", cat.Kind, schema.UID))
	}
	m := &Mapper{requested: []string{anchorAttribute}}
	spelling := map[string]string{strings.ToLower(anchorAttribute): anchorAttribute}
	for _, attr := range cat.Users {
		expr, set := rules[attr.Name]
		if !set {
			expr = attr.Default
		}
		r, err := compile(attr, expr)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if len(r.sources) == 0 {
			continue
		}
		if attr.Name != schema.UID && (attr.Path == "" || managed != nil && !managed(attr.Name)) {
			m.dropped = append(m.dropped, attr.Name)
			continue
		}
		m.add(r, spelling)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	m.group = rule{
		attr: schema.Attribute{Name: schema.GroupName, Format: schema.Text, Required: true, Single: true, MaxLen: groupNameMaxLen},
		text: groupName, sources: []string{groupName}, check: checkFor(schema.Text),
	}
	m.digest = digest(cat.Kind, m)
	return m, nil
}

// add takes a rule over. spelling unifies directory attributes that differ in
// letter case only: to the directory they are one attribute, asked for once.
func (m *Mapper) add(r rule, spelling map[string]string) {
	for i, s := range r.sources {
		known, ok := spelling[strings.ToLower(s)]
		if !ok {
			known = s
			spelling[strings.ToLower(s)] = s
			m.requested = append(m.requested, s)
		}
		r.sources[i] = known
	}
	m.shown = append(m.shown, r)
	switch r.attr.Format {
	case schema.Disabled:
		m.state = &r
		return
	case schema.GUID:
		m.externalID = true
	default:
		m.rules = append(m.rules, r)
	}
	m.managed = append(m.managed, r.attr.Name)
}

// Attributes are the directory attributes that a source must be asked for, each
// once.
func (m *Mapper) Attributes() []string { return slices.Clone(m.requested) }

// GroupAttributes are those that Group reads.
func (m *Mapper) GroupAttributes() []string { return []string{anchorAttribute, groupName} }

// KeyAttributes are those that the key of a kind of object is made of. joined says
// that their values stand side by side in it, so that none need be the whole key.
func (m *Mapper) KeyAttributes(kind identity.Kind) (names []string, joined bool) {
	if kind == identity.Group {
		return []string{groupName}, false
	}
	for _, r := range m.rules {
		if r.attr.Name == schema.UID {
			return slices.Clone(r.sources), len(r.sources) > 1 && !r.first
		}
	}
	return nil, false
}

// Managed are the cloud attributes that follow the directory, in the catalogue's
// order, without the state.
func (m *Mapper) Managed() []string { return slices.Clone(m.managed) }

// ManagesState says whether the state of an account follows the directory.
func (m *Mapper) ManagesState() bool { return m.state != nil }

// Rules are the rules in force by cloud attribute, the state's among them, each in one form
// whatever the letter case.
func (m *Mapper) Rules() map[string]string {
	rules := make(map[string]string, len(m.shown))
	for _, r := range m.shown {
		rules[r.attr.Name] = strings.ToLower(r.text)
	}
	return rules
}

// Sources are the directory attributes that a cloud attribute follows; none where it is not
// mapped.
func (m *Mapper) Sources(attribute string) []string {
	for _, r := range m.shown {
		if r.attr.Name == attribute {
			return slices.Clone(r.sources)
		}
	}
	return nil
}

// Dropped are the attributes that have a rule but no place in this cloud.
func (m *Mapper) Dropped() []string { return slices.Clone(m.dropped) }

// Digest pins the rules that are in force. It does not depend on their order.
func (m *Mapper) Digest() string { return m.digest }

func digest(kind string, m *Mapper) string {
	lines := make([]string, 0, len(m.rules)+3)
	for _, r := range m.rules {
		lines = append(lines, r.attr.Name+"="+strings.ToLower(r.text))
	}
	if m.state != nil {
		lines = append(lines, schema.State+"="+strings.ToLower(m.state.text))
	}
	if m.externalID {
		lines = append(lines, schema.ExternalID)
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(kind + "\n" + strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:16])
}

// Person is what the cloud should hold of an entry. Where Problems is not empty
// the account must be left alone as a whole (P2); Attrs then holds what was valid.
//
// Values are trimmed of surrounding blanks; one of blanks alone is no value. Of an
// attribute that takes a single value the first in order of bytes counts, so that
// the server's order decides nothing.
func (m *Mapper) Person(e identity.Entry) identity.Person {
	p := identity.Person{
		Anchor:   e.Anchor,
		DN:       e.DN,
		Active:   true,
		Attrs:    make(identity.Attrs, len(m.rules)+1),
		Problems: slices.Clip(e.Problems),
	}
	for i := range m.rules {
		r := &m.rules[i]
		values, bad := r.apply(e.Attrs)
		switch {
		case bad != nil:
			p.Problems = append(p.Problems, r.invalid(e, *bad))
		case len(values) > 0:
			p.Attrs[r.attr.Name] = values
		case r.attr.Required:
			p.Problems, p.Lacks = append(p.Problems, r.missing(e)), append(p.Lacks, r.text)
		}
	}
	p.Key = p.Attrs.First(schema.UID)
	if m.state != nil {
		m.setState(&p, e)
	}
	m.setExternalID(&p, e)
	return p
}

// Group is what the cloud should hold of a group: its name, and the anchor.
func (m *Mapper) Group(e identity.Entry) identity.Person {
	p := identity.Person{
		Anchor:   e.Anchor,
		DN:       e.DN,
		Active:   true,
		Attrs:    make(identity.Attrs, 2),
		Problems: slices.Clip(e.Problems),
	}
	values, bad := m.group.apply(e.Attrs)
	switch {
	case bad != nil:
		p.Problems = append(p.Problems, m.group.invalid(e, *bad))
	case len(values) == 0:
		p.Problems, p.Lacks = append(p.Problems, m.group.missing(e)), append(p.Lacks, m.group.text)
	default:
		p.Attrs[schema.GroupName] = values
		p.Key = values[0]
	}
	m.setExternalID(&p, e)
	return p
}

func (m *Mapper) setState(p *identity.Person, e identity.Entry) {
	values, bad := m.state.apply(e.Attrs)
	if bad != nil {
		p.Problems = append(p.Problems, m.state.invalid(e, *bad))
		return
	}
	if m.state.unreadable(e, values) {
		p.Problems, p.Lacks = append(p.Problems, hidden(e)), append(p.Lacks, AccountControl)
		return
	}
	p.Active = len(values) == 0 || values[0] != isDisabled
}

// setExternalID takes the GUID from the anchor, not from the attributes: a server
// without objectGUID has its entryUUID there.
func (m *Mapper) setExternalID(p *identity.Person, e identity.Entry) {
	guid := guidOf(e)
	switch {
	case guid == nil:
		p.Problems, p.Lacks = append(p.Problems, missing(e, anchorAttribute, anchorAttribute)), append(p.Lacks, anchorAttribute)
	case m.externalID:
		p.Attrs[schema.ExternalID] = guid
	}
}

func guidOf(e identity.Entry) []string {
	if guid := e.Anchor.GUID(); guid != "" {
		return []string{guid}
	}
	return nil
}

// Field is one attribute of one person, as the rules see it.
type Field struct {
	Attribute schema.Attribute
	Rule      string   // the directory attributes
	Sources   []string // the attributes that are read for it, in the order in which they count
	Values    []string
	Problem   *identity.Problem // nil where the values, or their absence, are fine
}

// Fields maps an entry attribute by attribute, for a preview: the state is a field
// like the others, with the value "true" for a disabled account.
func (m *Mapper) Fields(e identity.Entry) []Field {
	fields := make([]Field, 0, len(m.shown))
	for _, r := range m.shown {
		f := Field{Attribute: r.attr, Rule: r.text, Sources: r.sources}
		if r.attr.Format == schema.GUID {
			f.Values = guidOf(e)
		} else {
			var bad *badValue
			if f.Values, bad = r.apply(e.Attrs); bad != nil {
				p := r.invalid(e, *bad)
				f.Problem = &p
			}
		}
		switch {
		case len(f.Values) > 0 || f.Problem != nil:
		case r.attr.Required:
			p := r.missing(e)
			f.Problem = &p
		case r.unreadable(e, f.Values):
			p := hidden(e)
			f.Problem = &p
		}
		fields = append(fields, f)
	}
	return fields
}

// GroupFields does the same for a group.
func (m *Mapper) GroupFields(e identity.Entry) []Field {
	g := Mapper{shown: []rule{m.group}}
	for _, r := range m.shown {
		if r.attr.Format == schema.GUID {
			g.shown = append(g.shown, r)
		}
	}
	return g.Fields(e)
}

// RuleError is a rule that cannot be used.
type RuleError struct {
	Attribute string // of the cloud
	Rule      string
	Message   string
}

func (e *RuleError) Error() string {
	return fmt.Sprintf("mapping of %s: %s", e.Attribute, e.Message)
}
