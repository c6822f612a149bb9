package scimtest

import (
	"net/url"
	"strings"
)

// maxMembersShown is how many members a group shows at most outside of Groups/{id}/Members, as in
// Webex.
const maxMembersShown = 500

// attributeSelection selects the attributes of a resource in an answer (RFC 7644 section 3.9).
type attributeSelection struct {
	attributes []string // only these, if set
	excluded   []string
	members    bool // of a group
	groups     bool // of a user
}

func selectionOf(q url.Values) attributeSelection {
	l := attributeSelection{attributes: names(q.Get("attributes")), excluded: names(q.Get("excludedAttributes"))}
	l.members = strings.EqualFold(q.Get("includeMembers"), "true")
	l.groups = strings.EqualFold(q.Get("returnGroups"), "true") || strings.EqualFold(q.Get("includeGroupDetails"), "true")
	return l
}

func names(list string) []string {
	var out []string
	for _, n := range strings.Split(list, ",") {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}

func (l attributeSelection) includes(name string) bool {
	for _, a := range l.attributes {
		if first, _, _ := strings.Cut(a, "."); strings.EqualFold(first, name) {
			return true
		}
	}
	return false
}

func (l attributeSelection) excludes(name string) bool {
	for _, a := range l.excluded {
		if strings.EqualFold(a, name) {
			return true
		}
	}
	return false
}

// encodeSelected is the JSON of one resource with the selected attributes. The caller holds the lock.
func (s *store) encodeSelected(r *resource, l attributeSelection) []byte {
	plain := len(l.attributes) == 0 && len(l.excluded) == 0
	withMembers := r.members != nil && !s.opt.Departures.HideMembers &&
		(l.includes("members") || len(l.attributes) == 0 && (l.members || s.opt.MembersInListing)) && !l.excludes("members")
	withGroups := r.members == nil && (l.includes("groups") || len(l.attributes) == 0 && l.groups)
	if plain && !withMembers && !withGroups {
		return r.raw
	}
	b := r.raw
	if !plain {
		b = appendJSON(make([]byte, 0, len(r.raw)), project(r.rt, r.decode(), l))
	}
	b = append([]byte(nil), b[:len(b)-1]...) // reopen the object
	if withMembers {
		b = field(b, "members", s.memberList(r.members.all(), maxMembersShown))
	}
	if withGroups {
		b = field(b, "groups", orEmpty(r.groupValues()))
	}
	return append(b, '}')
}

func (s *store) memberList(members []*resource, most int) []any {
	out := make([]any, 0, min(len(members), most))
	for _, m := range members[:min(len(members), most)] {
		out = append(out, memberValue(s, m))
	}
	return out
}

func orEmpty(v any) any {
	if v == nil {
		return []any{}
	}
	return v
}

// project keeps the selected attributes. id and schemas are always shown.
func project(rt *resourceType, all map[string]any, l attributeSelection) map[string]any {
	if len(l.attributes) == 0 {
		for _, name := range l.excluded {
			t, err := rt.resolve(name)
			if err == nil {
				exclude(all, t)
			}
		}
		return all
	}
	out := map[string]any{"id": all["id"], "schemas": all["schemas"]}
	for _, name := range l.attributes {
		if t, err := rt.resolve(name); err == nil {
			include(out, all, t)
		}
	}
	return out
}

func exclude(all map[string]any, t target) {
	home := all
	if t.ext != nil {
		if t.attr == nil {
			delete(all, t.ext.id)
			return
		}
		home, _ = all[t.ext.id].(map[string]any)
	}
	if t.attr.name == "id" || t.attr.name == "schemas" || home == nil {
		return
	}
	if t.sub == nil {
		delete(home, t.attr.name)
		return
	}
	for _, v := range asList(home[t.attr.name]) {
		if m, ok := v.(map[string]any); ok {
			delete(m, t.sub.name)
		}
	}
}

func include(out, all map[string]any, t target) {
	if t.ext != nil {
		from, ok := all[t.ext.id].(map[string]any)
		if !ok {
			return
		}
		if t.attr == nil {
			out[t.ext.id] = from
			return
		}
		to, ok := out[t.ext.id].(map[string]any)
		if !ok {
			to = map[string]any{}
			out[t.ext.id] = to
		}
		out, all = to, from
	}
	v := all[t.attr.name]
	if v == nil {
		return
	}
	if t.sub == nil {
		out[t.attr.name] = v
		return
	}
	out[t.attr.name] = narrow(v, out[t.attr.name], t.sub.name)
}

// narrow adds one sub-attribute of v to what was already included of it.
func narrow(v, have any, sub string) any {
	if list, ok := v.([]any); ok {
		got, _ := have.([]any)
		if len(got) != len(list) {
			got = make([]any, len(list))
		}
		for i := range list {
			got[i] = narrow(list[i], got[i], sub)
		}
		return got
	}
	from, _ := v.(map[string]any)
	to, ok := have.(map[string]any)
	if !ok {
		to = map[string]any{}
	}
	if from[sub] != nil {
		to[sub] = from[sub]
	}
	return to
}
