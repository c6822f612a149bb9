package scimtest

import (
	"net/http"
	"slices"
)

// memberSet is the members of a group, in the order of addition. Adding and removing take constant
// time: a removed member leaves a hole, and holes are closed when they are more than half.
type memberSet struct {
	list []*resource // nil is a hole
	at   map[*resource]int
}

func newMemberSet() *memberSet { return &memberSet{at: map[*resource]int{}} }

func (m *memberSet) has(r *resource) bool { _, ok := m.at[r]; return ok }
func (m *memberSet) size() int            { return len(m.at) }

func (m *memberSet) add(r *resource) {
	if !m.has(r) {
		m.at[r] = len(m.list)
		m.list = append(m.list, r)
	}
}

func (m *memberSet) remove(r *resource) {
	i, ok := m.at[r]
	if !ok {
		return
	}
	m.list[i] = nil
	delete(m.at, r)
	if len(m.list) > 2*len(m.at)+16 {
		m.list = m.all()
		for i, r := range m.list {
			m.at[r] = i
		}
	}
}

// all lists the members in order.
func (m *memberSet) all() []*resource {
	out := make([]*resource, 0, len(m.at))
	for _, r := range m.list {
		if r != nil {
			out = append(out, r)
		}
	}
	return out
}

func memberValue(s *store, r *resource) map[string]any {
	v := map[string]any{"value": r.id, "type": r.memberType(), "$ref": s.reference(r)}
	if r.display != "" {
		v["display"] = r.display
	}
	return v
}

func (r *resource) memberValues() any {
	if r.members == nil || r.members.size() == 0 {
		return nil
	}
	var out []any
	for _, m := range r.members.all() {
		out = append(out, map[string]any{"value": m.id, "type": m.memberType(), "display": m.display})
	}
	return out
}

func (r *resource) groupValues() any {
	if len(r.in) == 0 {
		return nil
	}
	var out []any
	for _, g := range r.in {
		out = append(out, map[string]any{"value": g.id, "display": g.display, "type": "direct"})
	}
	return out
}

// memberEdit collects what one request does to the members of a group. Nothing changes until
// commit, so a request that fails half-way changes nothing.
type memberEdit struct {
	store   *store
	group   *resource
	cleared bool
	want    map[*resource]bool
	added   []*resource // in order, may repeat
}

func (e *memberEdit) has(r *resource) bool {
	if w, ok := e.want[r]; ok {
		return w
	}
	return !e.cleared && e.group.members.has(r)
}

func (e *memberEdit) set(r *resource, in bool) {
	e.want[r] = in
	if in {
		e.added = append(e.added, r)
	}
}

func (e *memberEdit) clear() {
	e.cleared = true
	e.added = nil
	clear(e.want)
}

// current lists the members as they would be, in order.
func (e *memberEdit) current() []*resource {
	var out []*resource
	seen := map[*resource]bool{}
	take := func(r *resource) {
		if e.has(r) && !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	if !e.cleared {
		for _, r := range e.group.members.all() {
			take(r)
		}
	}
	for _, r := range e.added {
		take(r)
	}
	return out
}

// referred returns the resource in a member value, or nil if the member is to be left out.
func (e *memberEdit) referred(v any) (*resource, error) {
	m, _ := v.(map[string]any)
	id := textOf(m, "value")
	if id == "" {
		return nil, refuse(http.StatusBadRequest, "invalidValue", "a member has no value")
	}
	r := e.store.byID[id]
	if r == nil && e.store.opt.LooseMembers {
		return nil, nil
	}
	if r == nil {
		return nil, refuse(http.StatusBadRequest, "invalidValue", "the member %s does not exist", id)
	}
	if r == e.group {
		return nil, refuse(http.StatusBadRequest, "invalidValue", "a group cannot be a member of itself")
	}
	return r, nil
}

func (e *memberEdit) addAll(values any) error {
	for _, v := range asList(values) {
		r, err := e.referred(v)
		if err != nil {
			return err
		}
		if r != nil && !e.has(r) {
			e.set(r, true)
		}
	}
	return nil
}

// commit applies the edit and reports whether anything changed.
func (e *memberEdit) commit() bool {
	changed := false
	drop := func(r *resource) {
		e.group.members.remove(r)
		r.in = slices.DeleteFunc(r.in, func(g *resource) bool { return g == e.group })
		changed = true
	}
	if e.cleared {
		for _, r := range e.group.members.all() {
			if !e.want[r] {
				drop(r)
			}
		}
	}
	for r, in := range e.want {
		if !in && e.group.members.has(r) {
			drop(r)
		}
	}
	for _, r := range e.added {
		if e.want[r] && !e.group.members.has(r) {
			e.group.members.add(r)
			r.in = append(r.in, e.group)
			changed = true
		}
	}
	return changed
}
