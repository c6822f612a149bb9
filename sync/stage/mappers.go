package stage

import (
	"fmt"
	"maps"
	"slices"

	"dirbridge/sync/digest"
	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/schema"
)

// MergeRules returns the mapping rules of one directory: its own rules over the general ones. It
// changes neither map.
func MergeRules(general, own map[string]string) map[string]string {
	rules := make(map[string]string, len(general)+len(own))
	maps.Copy(rules, general)
	maps.Copy(rules, own)
	return rules
}

// AlwaysRead lists the directory attributes that a source must read whatever the mapping says: they
// identify a person who moved here from another domain. A directory without them returns nothing
// for them.
func AlwaysRead() []string { return []string{identity.AttrSID, identity.AttrSIDHistory} }

// Mappers holds the mapping of each directory.
type Mappers struct {
	general *mapping.Mapper
	own     map[string]*mapping.Mapper // of directories with rules of their own
	// fields has, by directory, the cloud attributes that follow it; nil if they are the same in
	// all directories.
	fields map[string]map[string]bool
}

// NewMappers compiles the rules of every directory.
func NewMappers(cat schema.Catalogue, rules map[string]string, overrides map[string]map[string]string,
	supports func(string) bool) (*Mappers, error) {
	general, err := mapping.New(cat, rules, supports)
	if err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	m := &Mappers{general: general, own: map[string]*mapping.Mapper{}}
	alike := true
	for _, dir := range slices.Sorted(maps.Keys(overrides)) {
		if len(overrides[dir]) == 0 {
			continue
		}
		own, err := mapping.New(cat, MergeRules(rules, overrides[dir]), supports)
		if err != nil {
			return nil, fmt.Errorf("mapping of directory %s: %w", dir, err)
		}
		m.own[dir] = own
		alike = alike && slices.Equal(own.Managed(), general.Managed())
	}
	if !alike {
		m.fields = map[string]map[string]bool{"": setOf(general.Managed())}
		for dir, own := range m.own {
			m.fields[dir] = setOf(own.Managed())
		}
	}
	return m, nil
}

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, n := range names {
		set[n] = true
	}
	return set
}

// Of returns the mapper of one directory.
func (m *Mappers) Of(directory string) *mapping.Mapper {
	if own := m.own[directory]; own != nil {
		return own
	}
	return m.general
}

// Follow returns the cloud attributes that follow a directory. nil means that all directories have
// the same ones.
func (m *Mappers) Follow(directory string) map[string]bool {
	if m == nil || m.fields == nil {
		return nil
	}
	if set := m.fields[directory]; set != nil {
		return set
	}
	return m.fields[""]
}

// digest pins the rules in force in every directory.
func (m *Mappers) digest() string {
	parts := []string{m.general.Digest()}
	for _, dir := range slices.Sorted(maps.Keys(m.own)) {
		parts = append(parts, dir, m.own[dir].Digest())
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return digest.Of(parts...)
}

// Mapped returns what the mapping of its directory makes of an entry.
func (e *Env) Mapped(directory string, en identity.Entry) identity.Person {
	m := e.Mappers.Of(directory)
	if en.Kind == identity.Group {
		return m.Group(en)
	}
	return m.Person(en)
}
