package cloud

import (
	"fmt"
	"strconv"
	"strings"
)

// Schemas of RFC 7643 and messages of RFC 7644.
const (
	coreUser       = "urn:ietf:params:scim:schemas:core:2.0:User"
	coreGroup      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseUser = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	patchMessage   = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	bulkMessage    = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
)

// path is the place of a value in a resource, in the notation of RFC 7644 section 3.5.2:
// [urn:]attribute[filter].sub. Attribute names are case-insensitive.
type path struct {
	urn    string // of an extension; "" for the core schema
	attr   string
	filter *comparison // picks elements of a multi-valued attribute; nil for none
	sub    string      // "" for the attribute itself
}

// comparison is the single comparison that a path of the catalogue may have: attribute eq value.
type comparison struct {
	attr  string
	value any // a string or a bool
}

// text is the value for the comparison with a resource.
func (t comparison) text() string {
	if b, ok := t.value.(bool); ok {
		return strconv.FormatBool(b)
	}
	return t.value.(string)
}

func (t comparison) String() string {
	if b, ok := t.value.(bool); ok {
		return t.attr + " eq " + strconv.FormatBool(b)
	}
	return t.attr + " eq " + quote(t.value.(string))
}

// quote writes a string as a filter's value, which is a JSON string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// parsePath parses a path of the catalogue.
func parsePath(text string) (path, error) {
	var p path
	rest := text
	if len(rest) > 4 && strings.EqualFold(rest[:4], "urn:") {
		// The last colon before a filter ends the schema: versions such as 2.0 have dots, and a
		// filter's value may have colons.
		head := rest
		if i := strings.IndexByte(rest, '['); i >= 0 {
			head = rest[:i]
		}
		i := strings.LastIndexByte(head, ':')
		p.urn, rest = rest[:i], rest[i+1:]
		if strings.EqualFold(p.urn, coreUser) || strings.EqualFold(p.urn, coreGroup) {
			p.urn = ""
		}
	}
	if open := strings.IndexByte(rest, '['); open >= 0 {
		end := strings.LastIndexByte(rest, ']')
		if end < open {
			return path{}, fmt.Errorf("path %q: the filter does not end", text)
		}
		f, err := parseTest(rest[open+1 : end])
		if err != nil {
			return path{}, fmt.Errorf("path %q: %w", text, err)
		}
		sub, ok := strings.CutPrefix(rest[end+1:], ".")
		if !ok {
			return path{}, fmt.Errorf("path %q: a filter must be followed by .attribute", text)
		}
		p.attr, p.filter, p.sub = rest[:open], &f, sub
	} else {
		var dotted bool
		if p.attr, p.sub, dotted = strings.Cut(rest, "."); dotted && p.sub == "" {
			return path{}, fmt.Errorf("path %q ends in a dot", text)
		}
	}
	if !isName(p.attr) || p.sub != "" && !isName(p.sub) || p.filter != nil && p.sub == "" {
		return path{}, fmt.Errorf("path %q names no attribute", text)
	}
	return p, nil
}

func parseTest(text string) (comparison, error) {
	words := strings.SplitN(strings.TrimSpace(text), " ", 3)
	if len(words) != 3 || !isName(words[0]) || !strings.EqualFold(words[1], "eq") {
		return comparison{}, fmt.Errorf("the filter %q is not of the form attribute eq value", text)
	}
	value := strings.TrimSpace(words[2])
	switch value {
	case "true":
		return comparison{words[0], true}, nil
	case "false":
		return comparison{words[0], false}, nil
	}
	s, err := strconv.Unquote(value)
	if err != nil || value[0] != '"' {
		return comparison{}, fmt.Errorf("the filter %q compares with no string", text)
	}
	return comparison{words[0], s}, nil
}

// isName implements ATTRNAME of RFC 7643 section 2.1; "$" occurs in $ref.
func isName(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '$':
		default:
			return false
		}
	}
	return s != ""
}

// top is the attribute without filter and sub-attribute.
func (p path) top() string {
	if p.urn != "" {
		return p.urn + ":" + p.attr
	}
	return p.attr
}

// element is the element of a multi-valued attribute that the path selects.
func (p path) element() string {
	if p.filter == nil {
		return p.top()
	}
	return p.top() + "[" + p.filter.String() + "]"
}

func (p path) String() string {
	if p.sub == "" {
		return p.element()
	}
	return p.element() + "." + p.sub
}

// holder returns the object with the attribute: the resource, or the object of its extension, nil
// if that is absent.
func (p path) holder(resource map[string]any) map[string]any {
	if p.urn == "" {
		return resource
	}
	m, _ := member(resource, p.urn).(map[string]any)
	return m
}

// values returns the values at the path, as text.
func (p path) values(resource map[string]any) []string {
	at := member(p.holder(resource), p.attr)
	if p.sub == "" {
		return texts(at)
	}
	var out []string
	for _, e := range p.picked(at) {
		out = append(out, texts(member(e, p.sub))...)
	}
	return out
}

// picked returns the complex values of an attribute that match the filter.
func (p path) picked(at any) []map[string]any {
	list, ok := at.([]any)
	if !ok {
		list = []any{at}
	}
	var out []map[string]any
	for _, e := range list {
		m, ok := e.(map[string]any)
		if ok && (p.filter == nil || p.filter.takes(m)) {
			out = append(out, m)
		}
	}
	return out
}

func (t comparison) takes(element map[string]any) bool {
	got := texts(member(element, t.attr))
	return len(got) == 1 && strings.EqualFold(got[0], t.text())
}

// member finds a key case-insensitively, an exact match first.
func member(m map[string]any, key string) any {
	if v, ok := m[key]; ok {
		return v
	}
	for k, v := range m {
		if strings.EqualFold(k, key) {
			return v
		}
	}
	return nil
}

// texts returns the scalars of a JSON value. Empty strings count as absent.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		if v != "" {
			return []string{v}
		}
	case bool:
		return []string{strconv.FormatBool(v)}
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, texts(e)...)
		}
		return out
	}
	return nil
}
