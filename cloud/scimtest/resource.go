package scimtest

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// resource is a stored user or group. Its encoded form is authoritative: each write replaces raw
// and never modifies it, so a listing may keep it without a lock. The store's lock guards all other
// fields.
type resource struct {
	rt       *resourceType
	id       string
	seq      uint64 // order of creation
	created  time.Time
	modified time.Time
	version  int
	raw      []byte // the complete JSON object, without the members of a group

	// Copies for the most common queries.
	key        string // userName, or displayName of a group
	display    string
	externalID string
	active     bool

	hidden  any         // roles, if answers omit them
	members *memberSet  // of a group
	in      []*resource // the groups with it as a member
}

// memberType is the type of the resource as a member of a group.
func (r *resource) memberType() string { return strings.ToLower(r.rt.name) }

// attrs decodes the attributes that a client may write: without id, meta, schemas and members.
func (r *resource) attrs() map[string]any {
	all := r.decode()
	for _, name := range []string{"id", "meta", "schemas"} {
		delete(all, name)
	}
	for _, ext := range r.rt.extensions {
		m, ok := all[ext.id].(map[string]any)
		if !ok {
			continue
		}
		delete(m, "meta")
		if len(m) == 0 {
			delete(all, ext.id)
		}
	}
	if roles, ok := all["roles"].([]any); ok && len(roles) == 0 {
		delete(all, "roles")
	}
	if r.hidden != nil {
		all["roles"] = r.hidden
	}
	return all
}

func (r *resource) decode() map[string]any {
	var all map[string]any
	if err := json.Unmarshal(r.raw, &all); err != nil {
		panic("scimtest: stored resource does not decode: " + err.Error()) // the server encoded it
	}
	if _, ok := all["active"]; ok {
		all["active"] = r.active // however answers write it
	}
	return all
}

// encode sets raw, and the copied fields, from the attributes. The caller holds the write lock.
func (s *store) encode(r *resource, attrs map[string]any) {
	isUser := r.rt == s.cat.users
	r.externalID = textOf(attrs, "externalId")
	r.display = textOf(attrs, "displayName")
	r.key = r.display
	schemas := []any{r.rt.core.id}
	for _, ext := range r.rt.extensions {
		if attrs[ext.id] != nil || isUser && ext.id == WebexUserURN && !s.opt.Plain {
			schemas = append(schemas, ext.id)
		}
	}
	b := append(s.scratch[:0], '{')
	b = field(b, "schemas", schemas)
	b = field(b, "id", r.id)
	if isUser {
		r.key = textOf(attrs, "userName")
		r.active = attrs["active"] == true
		r.hidden = nil
		switch {
		case s.opt.WithoutRoles:
			r.hidden = attrs["roles"]
		case attrs["roles"] == nil && !s.opt.Plain:
			b = field(b, "roles", []any{})
		}
	}
	for _, name := range sortedKeys(attrs) {
		if name == WebexUserURN || name == "roles" && s.opt.WithoutRoles {
			continue
		}
		if name == "active" && isUser && s.opt.ActiveAs != nil {
			b = field(b, name, json.RawMessage(s.opt.ActiveAs(r.active)))
			continue
		}
		b = field(b, name, attrs[name])
	}
	if isUser && !s.opt.Plain {
		b = field(b, WebexUserURN, withOrganization(attrs[WebexUserURN], s.opt.Org))
	}
	b = field(b, "meta", map[string]any{
		"resourceType": r.rt.name,
		"created":      r.created.UTC().Format(time.RFC3339Nano),
		"lastModified": r.modified.UTC().Format(time.RFC3339Nano),
		"version":      r.etag(),
		"location":     s.location(r),
	})
	s.scratch = append(b, '}')
	r.raw = bytes.Clone(s.scratch)
}

func withOrganization(ext any, org string) map[string]any {
	out := map[string]any{"meta": map[string]any{"organizationId": org}}
	m, _ := ext.(map[string]any)
	for k, v := range m {
		out[k] = v
	}
	return out
}

func (r *resource) etag() string { return `W/"` + strconv.Itoa(r.version) + `"` }

func (s *store) location(r *resource) string { return s.base + r.rt.endpoint + "/" + r.id }

// reference is how another resource refers to r: by its location or, for a plain provider, relative
// to the SCIM root (RFC 7643 section 2.3.7).
func (s *store) reference(r *resource) string {
	if s.opt.Plain {
		return r.rt.endpoint[1:] + "/" + r.id
	}
	return s.location(r)
}

// view reads attributes of a resource for a filter, and decodes the resource only for a field
// without a copy. The caller holds the store's lock.
type view struct {
	r       *resource
	decoded map[string]any
}

func (v *view) read(ext *schema, a *attribute) any {
	if ext == nil {
		switch a.name {
		case "id":
			return v.r.id
		case "userName":
			return v.r.key
		case "displayName":
			return emptyIsNone(v.r.display)
		case "externalId":
			return emptyIsNone(v.r.externalID)
		case "active":
			return v.r.active
		case "members":
			return v.r.memberValues()
		case "groups":
			return v.r.groupValues()
		}
	}
	if v.decoded == nil {
		v.decoded = v.r.decode()
	}
	if ext == nil {
		return v.decoded[a.name]
	}
	m, _ := v.decoded[ext.id].(map[string]any)
	return m[a.name]
}

func emptyIsNone(s string) any {
	if s == "" {
		return nil
	}
	return s
}
