package scimtest

import (
	"fmt"
	"net/http"
	"strings"
)

// URNs of the schemas that the server knows.
const (
	UserURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	GroupURN      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	EnterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	WebexUserURN  = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User"
	WebexGroupURN = "urn:scim:schemas:extension:cisco:webexidentity:2.0:Group"
)

type attrKind string

const (
	kindString   attrKind = "string"
	kindBoolean  attrKind = "boolean"
	kindComplex  attrKind = "complex"
	kindDateTime attrKind = "dateTime"
	kindRef      attrKind = "reference"
	kindBinary   attrKind = "binary"
)

type mutability string

const (
	readWrite mutability = "readWrite"
	readOnly  mutability = "readOnly"
	immutable mutability = "immutable"
	writeOnly mutability = "writeOnly"
)

// attribute is one attribute of a schema, as in RFC 7643 section 7.
type attribute struct {
	name     string
	kind     attrKind
	multi    bool
	exact    bool // caseExact
	required bool
	unique   bool // within the server
	mutable  mutability
	refs     []string // referenceTypes of a reference
	subs     []*attribute
}

func (a *attribute) sub(name string) *attribute {
	for _, s := range a.subs {
		if strings.EqualFold(s.name, name) {
			return s
		}
	}
	return nil
}

// schema is a set of attributes under one URN.
type schema struct {
	id, name, about string
	attrs           []*attribute
	index           map[string]*attribute // by lower-case name
}

func newSchema(id, name, about string, attrs ...*attribute) *schema {
	s := &schema{id: id, name: name, about: about, attrs: attrs, index: map[string]*attribute{}}
	for _, a := range attrs {
		s.index[strings.ToLower(a.name)] = a
	}
	return s
}

func (s *schema) attr(name string) *attribute {
	if a, ok := s.index[name]; ok { // already lower case
		return a
	}
	return s.index[strings.ToLower(name)]
}

// resourceType is a kind of resource with its schemas, as in RFC 7643 section 6.
type resourceType struct {
	name, endpoint string
	core           *schema
	extensions     []*schema
	common         *schema // id, externalId, meta, schemas
}

func (rt *resourceType) extension(urn string) *schema {
	for _, s := range rt.extensions {
		if strings.EqualFold(s.id, urn) {
			return s
		}
	}
	return nil
}

// target is the attribute of a name, with or without a URN: an attribute of the core (ext nil) or
// of an extension, or a complete extension (attr nil).
type target struct {
	ext  *schema
	attr *attribute
	sub  *attribute
}

// leaf is the attribute with the values: the sub-attribute if there is one.
func (t target) leaf() *attribute {
	if t.sub != nil {
		return t.sub
	}
	return t.attr
}

// unknownName is the error of a well-formed but unknown name.
type unknownName struct {
	name   string
	schema bool // the schema is unknown
}

func (e *unknownName) Error() string { return fmt.Sprintf("unknown attribute %q", e.name) }

// resolve finds the attribute of a path without a value filter (RFC 7644 section 3.10: names and
// URNs are case-insensitive).
func (rt *resourceType) resolve(name string) (target, error) {
	if len(name) > 4 && strings.EqualFold(name[:4], "urn:") {
		return rt.resolveURN(name)
	}
	t, ok := find(rt.core, name)
	if !ok {
		t, ok = find(rt.common, name)
	}
	if !ok {
		return target{}, &unknownName{name: name}
	}
	return t, nil
}

func (rt *resourceType) resolveURN(name string) (target, error) {
	for _, s := range append([]*schema{rt.core}, rt.extensions...) {
		n := len(s.id)
		if len(name) < n || !strings.EqualFold(name[:n], s.id) {
			continue
		}
		if len(name) == n && s != rt.core {
			return target{ext: s}, nil
		}
		if len(name) <= n+1 || name[n] != ':' {
			continue
		}
		t, ok := find(s, name[n+1:])
		if !ok && s == rt.core {
			t, ok = find(rt.common, name[n+1:])
		}
		if !ok {
			return target{}, &unknownName{name: name}
		}
		if s != rt.core {
			t.ext = s
		}
		return t, nil
	}
	return target{}, &unknownName{name: name, schema: true}
}

func find(s *schema, name string) (target, bool) {
	first, rest, dotted := strings.Cut(name, ".")
	a := s.attr(first)
	if a == nil {
		return target{}, false
	}
	if !dotted {
		return target{attr: a}, true
	}
	sub := a.sub(rest)
	return target{attr: a, sub: sub}, sub != nil
}

// accept converts the attributes of a request body to canonical form. It silently drops what the
// schemas lack and what a client may not write, as Webex does.
func (rt *resourceType) accept(in map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(in))
	for key, v := range in {
		if ext := rt.extension(key); ext != nil {
			m, err := acceptExtension(ext, v)
			if err != nil {
				return nil, err
			}
			if len(m) > 0 {
				out[ext.id] = m
			}
			continue
		}
		a := rt.core.attr(key)
		if a == nil {
			a = rt.common.attr(key)
		}
		if err := acceptInto(out, a, v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func acceptExtension(ext *schema, v any) (map[string]any, error) {
	if v == nil {
		return nil, nil
	}
	in, ok := v.(map[string]any)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "invalidValue", "%s must be an object", ext.id)
	}
	out := make(map[string]any, len(in))
	for key, v := range in {
		if err := acceptInto(out, ext.attr(key), v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func acceptInto(out map[string]any, a *attribute, v any) error {
	if a == nil || a.mutable == readOnly || a.mutable == writeOnly {
		return nil
	}
	c, err := a.accept(v)
	if err != nil {
		return err
	}
	if c != nil {
		out[a.name] = c
	}
	return nil
}

// accept converts a value of the attribute to canonical form; nil means "no value".
func (a *attribute) accept(v any) (any, error) {
	if !a.multi {
		return a.acceptOne(v)
	}
	list, ok := v.([]any)
	if !ok {
		if v == nil {
			return nil, nil
		}
		list = []any{v}
	}
	return a.acceptList(list)
}

func (a *attribute) acceptList(list []any) (any, error) {
	out := make([]any, 0, len(list))
	primaries := 0
	for _, v := range list {
		c, err := a.acceptOne(v)
		if err != nil {
			return nil, err
		}
		if c == nil || contains(out, c) {
			continue
		}
		if isPrimary(c) {
			primaries++
		}
		out = append(out, c)
	}
	if primaries > 1 {
		return nil, refuse(http.StatusBadRequest, "invalidValue", "%s has more than one primary value", a.name)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

func (a *attribute) acceptOne(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	switch a.kind {
	case kindComplex:
		return a.acceptComplex(v)
	case kindBoolean:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	default:
		if s, ok := v.(string); ok {
			return s, nil
		}
	}
	return nil, refuse(http.StatusBadRequest, "invalidValue", "the value of %s must be a %s", a.name, a.kind)
}

func (a *attribute) acceptComplex(v any) (any, error) {
	in, ok := v.(map[string]any)
	if !ok {
		// A plain value stands for the sub-attribute "value" (some clients send manager that way).
		if _, text := v.(string); !text || a.sub("value") == nil {
			return nil, refuse(http.StatusBadRequest, "invalidValue", "the value of %s must be an object", a.name)
		}
		in = map[string]any{"value": v}
	}
	out := make(map[string]any, len(in))
	for key, v := range in {
		if err := acceptInto(out, a.sub(key), v); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}
