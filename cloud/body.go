package cloud

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
)

// edit is one field of a change with its place in a resource.
type edit struct {
	plan.FieldDiff
	place place
}

// edits finds the places of a change's fields. It omits fields that the provider does not support:
// the mapping was checked with Supports.
func (t *Target) edits(c *plan.Change) ([]edit, error) {
	var out []edit
	mail := t.mail
	for _, f := range c.Fields {
		p, ok := t.placeOf(c.Kind, f.Name)
		if !ok {
			continue
		}
		if p.boolean && len(f.New) > 0 {
			if _, err := strconv.ParseBool(f.New[0]); err != nil {
				return nil, fmt.Errorf("%s must be true or false, not %q", f.Name, f.New[0])
			}
		}
		out = append(out, edit{f, p})
		if p.mail {
			mail = nil
		}
	}
	if mail == nil || c.Kind != identity.User {
		return out, nil
	}
	// The work address must equal the key.
	for _, e := range out {
		if e.Name == schema.UID {
			out = append(out, edit{e.FieldDiff, place{name: schema.UID, path: *mail, single: true, mail: true}})
			break
		}
	}
	return out, nil
}

func (t *Target) placeOf(kind identity.Kind, name string) (place, bool) {
	switch {
	case kind == identity.User && name == schema.Active:
		return place{name: name, path: path{attr: "active"}, single: true, boolean: true}, true
	case kind == identity.User && name != schema.State:
		p, ok := t.places[name]
		return p, ok
	case kind == identity.Group && name == schema.GroupName:
		return place{name: name, path: path{attr: "displayName"}, single: true}, true
	case kind == identity.Group && name == schema.ExternalID:
		return place{name: name, path: path{attr: "externalId"}, single: true}, true
	}
	return place{}, false
}

// value is the JSON value of an edit.
func (e edit) value() any {
	if e.place.boolean {
		b, _ := strconv.ParseBool(e.New[0]) // checked in edits
		return b
	}
	if e.place.single || e.place.path.filter != nil || e.place.path.sub != "" {
		return e.New[0]
	}
	return e.New
}

// create is the body of a POST.
func (t *Target) create(c *plan.Change) ([]byte, error) {
	edits, err := t.edits(c)
	if err != nil {
		return nil, err
	}
	body := map[string]any{}
	urns := []string{coreGroup}
	if c.Kind == identity.User {
		urns = []string{coreUser}
		body["active"] = true
		if t.profile.User.Type != "" {
			body["userType"] = t.profile.User.Type
		}
	}
	for _, e := range edits {
		if len(e.New) == 0 {
			continue
		}
		if urn := e.place.path.urn; urn != "" && member(body, urn) == nil {
			urns = append(urns, urn)
		}
		put(body, e, e.place.mail)
	}
	body["schemas"] = urns
	return json.Marshal(body)
}

// put writes the values of an edit into a resource under construction.
func put(body map[string]any, e edit, primary bool) {
	p := e.place.path
	at := body
	if p.urn != "" {
		at = objectAt(body, p.urn)
	}
	switch {
	case p.filter != nil:
		list, _ := at[p.attr].([]any)
		at[p.attr] = elements(list, e, primary)
	case p.sub != "":
		objectAt(at, p.attr)[p.sub] = e.value()
	default:
		at[p.attr] = e.value()
	}
}

// objectAt returns the object at a key, and creates it if necessary.
func objectAt(m map[string]any, key string) map[string]any {
	o, ok := m[key].(map[string]any)
	if !ok {
		o = map[string]any{}
		m[key] = o
	}
	return o
}

// elements puts the values of an edit into the elements that match its filter: the first one into
// an existing element without such a value, others into new elements.
func elements(list []any, e edit, primary bool) []any {
	p := e.place.path
	for _, v := range e.New {
		var into map[string]any
		for _, have := range p.picked(list) {
			if member(have, p.sub) == nil {
				into = have
				break
			}
		}
		if into == nil {
			into = map[string]any{p.filter.attr: p.filter.value}
			if primary {
				into["primary"] = true
			}
			list = append(list, into)
		}
		into[p.sub] = v
	}
	return list
}

// operation is an operation of a PATCH (RFC 7644 section 3.5.2). Op is lower case.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path,omitempty"`
	Value any    `json:"value,omitempty"`
}

// sameValues compares values as they would be read back.
func sameValues(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// fieldNames names the fields of a change, for messages.
func fieldNames(c *plan.Change) string {
	names := make([]string, len(c.Fields))
	for i, f := range c.Fields {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}
