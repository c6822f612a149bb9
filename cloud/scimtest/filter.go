package scimtest

import (
	"encoding/json"
	"net/http"
	"strings"
)

// expr is a parsed filter of RFC 7644 section 3.4.2.2.
type expr interface{ isExpr() }

type (
	andExpr struct{ left, right expr }
	orExpr  struct{ left, right expr }
	notExpr struct{ of expr }
	// compareExpr is `name op value`; op is lower case, value a JSON scalar, unused for pr.
	compareExpr struct {
		name, op string
		value    any
	}
	// someExpr is a value path: `name[filter]`.
	someExpr struct {
		name string
		of   expr
	}
)

func (andExpr) isExpr()     {}
func (orExpr) isExpr()      {}
func (notExpr) isExpr()     {}
func (compareExpr) isExpr() {}
func (someExpr) isExpr()    {}

// maxFilterDepth and maxFilterTerms bound the cost of a hostile filter.
const (
	maxFilterDepth = 32
	maxFilterTerms = 200
)

type filterParser struct {
	in           string
	pos          int
	depth, terms int
	inner        bool // inside a value path
}

// parseFilter parses a complete filter. The error is a 400 invalidFilter.
func parseFilter(in string) (expr, error) {
	p := &filterParser{in: in}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.peek() != 0 {
		return nil, p.wrong("unexpected %q", p.in[p.pos:])
	}
	return e, nil
}

func (p *filterParser) wrong(format string, args ...any) error {
	f := refuse(http.StatusBadRequest, "invalidFilter", format, args...)
	f.detail = "filter: " + f.detail
	return f
}

// peek skips blanks and returns the next byte, 0 at the end.
func (p *filterParser) peek() byte {
	for p.pos < len(p.in) && p.in[p.pos] == ' ' {
		p.pos++
	}
	if p.pos == len(p.in) {
		return 0
	}
	return p.in[p.pos]
}

func (p *filterParser) take(c byte) bool {
	if p.peek() != c || c == 0 {
		return false
	}
	p.pos++
	return true
}

// keyword consumes the word if it comes next, in any case.
func (p *filterParser) keyword(word string) bool {
	p.peek()
	start := p.pos
	if strings.EqualFold(p.word(), word) {
		return true
	}
	p.pos = start
	return false
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_-.:$", c) >= 0
}

func (p *filterParser) word() string {
	p.peek()
	start := p.pos
	for p.pos < len(p.in) && nameByte(p.in[p.pos]) {
		p.pos++
	}
	return p.in[start:p.pos]
}

func (p *filterParser) or() (expr, error) {
	left, err := p.and()
	for err == nil && p.keyword("or") {
		var right expr
		right, err = p.and()
		left = orExpr{left, right}
	}
	return left, err
}

func (p *filterParser) and() (expr, error) {
	left, err := p.unary()
	for err == nil && p.keyword("and") {
		var right expr
		right, err = p.unary()
		left = andExpr{left, right}
	}
	return left, err
}

func (p *filterParser) unary() (expr, error) {
	if p.terms++; p.terms > maxFilterTerms {
		return nil, p.wrong("more than %d terms", maxFilterTerms)
	}
	if p.peek() == '(' {
		return p.parenthesis()
	}
	start := p.pos
	if p.keyword("not") && p.peek() == '(' {
		e, err := p.parenthesis()
		return notExpr{e}, err
	}
	p.pos = start
	return p.term()
}

func (p *filterParser) parenthesis() (expr, error) {
	if p.depth++; p.depth > maxFilterDepth {
		return nil, p.wrong("nested too deeply")
	}
	defer func() { p.depth-- }()
	p.take('(')
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.take(')') {
		return nil, p.wrong("missing )")
	}
	return e, nil
}

func (p *filterParser) term() (expr, error) {
	name := p.word()
	if !validName(name) {
		return nil, p.wrong("an attribute name was expected at %q", p.in[p.pos-len(name):])
	}
	if p.pos < len(p.in) && p.in[p.pos] == '[' {
		return p.some(name)
	}
	op := strings.ToLower(p.word())
	switch op {
	case "pr":
		return compareExpr{name: name, op: op}, nil
	case "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le":
		v, err := p.literal()
		return compareExpr{name: name, op: op, value: v}, err
	}
	return nil, p.wrong("unknown operator %q", op)
}

func (p *filterParser) some(name string) (expr, error) {
	if p.inner {
		return nil, p.wrong("a value path within a value path")
	}
	p.inner = true
	defer func() { p.inner = false }()
	p.pos++
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.take(']') {
		return nil, p.wrong("missing ]")
	}
	return someExpr{name, e}, nil
}

// literal reads a JSON string, number, true, false or null.
func (p *filterParser) literal() (any, error) {
	start := p.pos
	if p.peek() != '"' {
		for p.pos < len(p.in) && (nameByte(p.in[p.pos]) || p.in[p.pos] == '+') {
			p.pos++
		}
	} else {
		for p.pos++; p.pos < len(p.in) && p.in[p.pos] != '"'; p.pos++ {
			if p.in[p.pos] == '\\' {
				p.pos++
			}
		}
		p.pos = min(p.pos+1, len(p.in))
	}
	raw := p.in[start:p.pos]
	var v any
	// Some clients send booleans as "True" and "False".
	if strings.EqualFold(raw, "true") || strings.EqualFold(raw, "false") {
		raw = strings.ToLower(raw)
	}
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		return nil, p.wrong("%q is not a value", raw)
	}
	switch v.(type) {
	case map[string]any, []any:
		return nil, p.wrong("%q is not a value", raw)
	}
	return v, nil
}

// validName reports whether a word is an attribute path: [URN:]name[.sub].
func validName(word string) bool {
	name := word[strings.LastIndexByte(word, ':')+1:]
	if name != word && !(len(word) > 4 && strings.EqualFold(word[:4], "urn:")) {
		return false
	}
	first, rest, dotted := strings.Cut(name, ".")
	if dotted && !validSimple(strings.TrimPrefix(rest, "$")) {
		return false
	}
	return validSimple(first)
}

func validSimple(name string) bool {
	if name == "" || !(name[0] >= 'a' && name[0] <= 'z' || name[0] >= 'A' && name[0] <= 'Z') {
		return false
	}
	return !strings.ContainsAny(name, ".:$")
}
