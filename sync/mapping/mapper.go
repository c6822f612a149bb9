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

// Mapper applies one set of rules. It is immutable and may be used from several goroutines.
type Mapper struct {
	rules      []rule // in the catalogue's order, without state and externalId
	state      *rule  // nil if the state is not mapped
	group      rule
	externalID bool
	inForce    []rule // all rules in force, in the catalogue's order
	requested  []string
	managed    []string
	dropped    []string
	digest     string
}

// New compiles rules: a cloud attribute's name and its directory attribute, or several joined by a
// blank. An attribute without a rule has the catalogue's default; "" leaves it unmapped, so it is
// never changed in the cloud.
//
// managed reports whether the target supports an attribute; nil means all. Unsupported attributes
// are not mapped (see Dropped).
//
// The error joins one *RuleError for each invalid rule.
func New(cat schema.Catalogue, rules map[string]string, managed func(attr string) bool) (*Mapper, error) {
	errs := unknownAttributes(cat, rules)
	if _, ok := cat.User(schema.UID); !ok {
		errs = append(errs, fmt.Errorf("the catalogue of %s has no %s, the key of every person", cat.Kind, schema.UID))
	}
	m := &Mapper{requested: []string{anchorAttribute}}
	places := map[string]string{}
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
		if other := places[attr.Path]; other != "" {
			errs = append(errs, &RuleError{Attribute: attr.Name, Rule: expr,
				Message: other + ` has the same place in the cloud; map one of them, and set the other to ""`})
			continue
		}
		if attr.Path != "" {
			places[attr.Path] = attr.Name
		}
		m.add(r, spelling)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	m.group = rule{
		attr: schema.Attribute{Name: schema.GroupName, Format: schema.Text, Required: true, Single: true,
			MaxLen: groupNameMaxLen},
		text: groupName, sources: []string{groupName}, check: checkFor(schema.Text),
	}
	m.digest = digest(cat.Kind, m)
	return m, nil
}

// add adds a rule. spelling unifies directory attributes that differ in case only: for the
// directory they are one attribute, requested once.
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
	m.inForce = append(m.inForce, r)
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

// Attributes lists the directory attributes to request from a source, each once.
func (m *Mapper) Attributes() []string { return slices.Clone(m.requested) }

// GroupAttributes lists those that Group reads.
func (m *Mapper) GroupAttributes() []string { return []string{anchorAttribute, groupName} }

// KeyAttributes lists the attributes that the key of a kind of object is made of. joined means that
// their values are joined, so that none need be the whole key.
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

// Managed lists the cloud attributes that follow the directory, in the catalogue's order, without
// the state.
func (m *Mapper) Managed() []string { return slices.Clone(m.managed) }

// ManagesState reports whether the state of an account follows the directory.
func (m *Mapper) ManagesState() bool { return m.state != nil }

// Rules lists the rules in force by cloud attribute, including the state's, each in a form that
// does not depend on case.
func (m *Mapper) Rules() map[string]string {
	rules := make(map[string]string, len(m.inForce))
	for _, r := range m.inForce {
		rules[r.attr.Name] = strings.ToLower(r.text)
	}
	return rules
}

// Sources lists the directory attributes that a cloud attribute follows; none if it is not mapped.
func (m *Mapper) Sources(attribute string) []string {
	for _, r := range m.inForce {
		if r.attr.Name == attribute {
			return slices.Clone(r.sources)
		}
	}
	return nil
}

// Dropped lists the attributes that have a rule but are not supported by this cloud.
func (m *Mapper) Dropped() []string { return slices.Clone(m.dropped) }

// Digest identifies the rules in force. It does not depend on their order.
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

// Person is what the cloud should have of an entry. If Problems is not empty the whole account must
// be left unchanged (P2); Attrs then has the valid values.
//
// Values are trimmed; a blank value is no value. For a single-valued attribute the first value in
// byte order counts, so that the server's order does not matter.
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

// Group is what the cloud should have of a group: its name, and the anchor.
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

// setExternalID takes the GUID from the anchor, not from the attributes: a server without
// objectGUID has its entryUUID there.
func (m *Mapper) setExternalID(p *identity.Person, e identity.Entry) {
	guid := guidOf(e)
	switch {
	case guid == nil:
		p.Problems, p.Lacks = append(p.Problems, missing(e, anchorAttribute, anchorAttribute)), append(p.Lacks,
			anchorAttribute)
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
	Sources   []string // the attributes that are read for it, in the order of precedence
	Values    []string
	Problem   *identity.Problem // nil if the values, or their absence, are valid
}

// Fields maps an entry attribute by attribute, for a preview: the state is a field like the others,
// with the value "true" for a disabled account.
func (m *Mapper) Fields(e identity.Entry) []Field {
	fields := make([]Field, 0, len(m.inForce))
	for _, r := range m.inForce {
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

// GroupFields is Fields for a group.
func (m *Mapper) GroupFields(e identity.Entry) []Field {
	g := Mapper{inForce: []rule{m.group}}
	for _, r := range m.inForce {
		if r.attr.Format == schema.GUID {
			g.inForce = append(g.inForce, r)
		}
	}
	return g.Fields(e)
}

// RuleError is an invalid rule.
type RuleError struct {
	Attribute string // of the cloud
	Rule      string
	Message   string
}

func (e *RuleError) Error() string {
	return fmt.Sprintf("mapping of %s: %s", e.Attribute, e.Message)
}
