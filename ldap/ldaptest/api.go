package ldaptest

import (
	"errors"
	"slices"
	"sort"
)

// Entry is the present state of an object.
type Entry struct {
	DN    string
	GUID  string // canonical text
	SID   string // text; "" without one
	Attrs map[string][]string
}

// Add creates an entry. attrs must have an objectClass; attributes that Active Directory fills in
// itself may be left out.
func (s *Server) Add(dn string, attrs map[string][]string) error {
	s.dir.mu.Lock()
	defer s.dir.mu.Unlock()
	return s.dir.put(entry{dn: dn, attrs: attrs})
}

// AddWithGUID is Add with this objectGUID (canonical text).
func (s *Server) AddWithGUID(dn, id string, attrs map[string][]string) error {
	g, ok := parseGUID(id)
	if !ok {
		return errors.New("not a GUID: " + id)
	}
	s.dir.mu.Lock()
	defer s.dir.mu.Unlock()
	return s.dir.put(entry{dn: dn, attrs: attrs, guid: &g})
}

// Modify replaces the values of the given attributes; an empty list removes an attribute. It does
// all or nothing.
func (s *Server) Modify(dn string, replace map[string][]string) error {
	changes := make([]change, 0, len(replace))
	for name, v := range replace {
		changes = append(changes, change{op: changeReplace, attr: name, values: v})
	}
	sort.Slice(changes, func(i, j int) bool { return changes[i].attr < changes[j].attr })
	return s.change(dn, changes)
}

// AddValues adds values to an attribute, such as members to a group.
func (s *Server) AddValues(dn, attr string, values ...string) error {
	return s.change(dn, []change{{op: changeAdd, attr: attr, values: values}})
}

// DeleteValues removes values from an attribute.
func (s *Server) DeleteValues(dn, attr string, values ...string) error {
	return s.change(dn, []change{{op: changeDelete, attr: attr, values: values}})
}

func (s *Server) change(dn string, changes []change) error {
	s.dir.mu.Lock()
	defer s.dir.mu.Unlock()
	o, r := s.dir.lookup(dn)
	if r != nil {
		return r
	}
	return asError(s.dir.modify(o, changes, false))
}

// Delete removes an entry without children.
func (s *Server) Delete(dn string) error { return s.remove(dn, false) }

// DeleteTree removes an entry and everything below it.
func (s *Server) DeleteTree(dn string) error { return s.remove(dn, true) }

func (s *Server) remove(dn string, tree bool) error {
	s.dir.mu.Lock()
	defer s.dir.mu.Unlock()
	o, r := s.dir.lookup(dn)
	if r != nil {
		return r
	}
	return asError(s.dir.remove(o, tree))
}

// Rename gives an entry another RDN ("CN=Ana Silva"), and another parent if parent is set.
// Everything below moves along, and links follow.
func (s *Server) Rename(dn, rdn, parent string) error {
	s.dir.mu.Lock()
	defer s.dir.mu.Unlock()
	return asError(s.dir.rename(dn, rdn, parent))
}

// Move puts an entry below another parent and keeps its RDN.
func (s *Server) Move(dn, parent string) error {
	s.dir.mu.Lock()
	defer s.dir.mu.Unlock()
	o, r := s.dir.lookup(dn)
	if r != nil {
		return r
	}
	return asError(s.dir.rename(dn, formatDN([]rdn{o.rdn}), parent))
}

// asError returns a nil error for a nil refusal.
func asError(r *refusal) error {
	if r == nil {
		return nil
	}
	return r
}

// ResultCode returns the LDAP result code in an error of this package, or -1.
func ResultCode(err error) int {
	if r, ok := errors.AsType[*refusal](err); ok {
		return int(r.code)
	}
	return -1
}

// Lookup finds an entry by DN, <GUID=...> or <SID=...>.
func (s *Server) Lookup(dn string) (Entry, bool) {
	s.dir.mu.RLock()
	defer s.dir.mu.RUnlock()
	o, r := s.dir.lookup(dn)
	if r != nil {
		return Entry{}, false
	}
	return s.dir.entry(o), true
}

// Account finds an entry by sAMAccountName.
func (s *Server) Account(name string) (Entry, bool) {
	s.dir.mu.RLock()
	defer s.dir.mu.RUnlock()
	o := s.dir.byAccount[lower(name)]
	if o == nil {
		return Entry{}, false
	}
	return s.dir.entry(o), true
}

// People lists the people: entries of class user or inetOrgPerson, without computers.
func (s *Server) People() []Entry { return s.list("user", "inetOrgPerson") }

// Groups lists the groups, system groups included.
func (s *Server) Groups() []Entry { return s.list("group", "groupOfNames") }

func (s *Server) list(classes ...string) []Entry {
	s.dir.mu.RLock()
	defer s.dir.mu.RUnlock()
	var list []Entry
	for _, o := range s.dir.candidates(s.dir.heads[0], scopeSub, &filter{op: filterAnd}) {
		if slices.Contains(classes, o.class.name) {
			list = append(list, s.dir.entry(o))
		}
	}
	return list
}

// entry copies an object.
func (d *directory) entry(o *object) Entry {
	e := Entry{DN: o.dn(), GUID: o.guid.String(), Attrs: map[string][]string{}}
	for _, a := range d.schema.all {
		d.each(o, a, func(v string) bool {
			e.Attrs[a.name] = append(e.Attrs[a.name], v)
			return true
		})
	}
	if v := o.get(d.at.sid); len(v) > 0 {
		e.SID = sidText(v[0])
	}
	return e
}
