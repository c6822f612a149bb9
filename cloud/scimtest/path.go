package scimtest

import (
	"net/http"
	"strings"
)

// patchPath is a parsed PATCH path (RFC 7644 section 3.5.2): an attribute path, or a value path
// with an optional sub-attribute after it.
type patchPath struct {
	name   string // attribute path with URN and, without a filter, sub-attribute
	filter expr   // nil without a filter
	sub    string // after the filter
}

// parsePath parses a path. The error is a 400 invalidPath.
func parsePath(in string) (patchPath, error) {
	wrong := func() (patchPath, error) {
		return patchPath{}, refuse(http.StatusBadRequest, "invalidPath", "the path %q is not valid", in)
	}
	p := &filterParser{in: in, inner: true}
	name := p.word()
	if name == "" || strings.TrimSpace(in) != in {
		return wrong()
	}
	if p.pos == len(in) {
		if !validName(name) && !schemaName(name) {
			return wrong()
		}
		return patchPath{name: name}, nil
	}
	if in[p.pos] != '[' || !validName(name) {
		return wrong()
	}
	p.pos++
	e, err := p.or()
	if err != nil || !p.take(']') {
		return wrong()
	}
	rest := in[p.pos:]
	if rest == "" {
		return patchPath{name: name, filter: e}, nil
	}
	sub, dotted := strings.CutPrefix(rest, ".")
	if !dotted || !validSimple(strings.TrimPrefix(sub, "$")) ||
		strings.ContainsFunc(sub, func(r rune) bool { return r > 0x7f || !nameByte(byte(r)) }) {
		return wrong()
	}
	return patchPath{name: name, filter: e, sub: sub}, nil
}

// schemaName reports whether the word has the form of a URN.
func schemaName(word string) bool {
	return len(word) > 4 && strings.EqualFold(word[:4], "urn:") && !strings.HasSuffix(word, ":")
}
