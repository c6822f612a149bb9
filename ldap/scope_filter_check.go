package ldap

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FilterError is a syntax error in a filter, with its place.
type FilterError struct {
	Filter string // as given
	Offset int    // of the place, in bytes; the length of Filter means its end
	Reason string // a clause: "a closing parenthesis is missing"
}

func (e *FilterError) Error() string {
	return fmt.Sprintf("%s, at character %d\n%s", e.Reason, utf8.RuneCountInString(e.Filter[:e.Offset])+1, e.Marked())
}

// Marked is the filter on one line and, on the next, ^ under the place. A long filter is cut to the
// text around the place.
func (e *FilterError) Marked() string {
	const before, after = 50, 20
	text := []rune(e.Filter)
	place := utf8.RuneCountInString(e.Filter[:e.Offset])
	lead, tail := "", ""
	if place+after < len(text) {
		text, tail = text[:place+after], "..."
	}
	if place > before {
		text, lead = text[place-before:], "..."
		place = before
	}
	for i, r := range text {
		if !unicode.IsPrint(r) {
			text[i] = ' '
		}
	}
	return lead + string(text) + tail + "\n" + strings.Repeat(" ", len(lead)+place) + "^"
}

// maxFilterDepth bounds the nesting of an operator's filter. Servers have such a limit.
const maxFilterDepth = 100

// CheckFilter checks that the text is one filter (RFC 4515; the outermost parentheses may be
// omitted, as in cn=Sales*). The error is a *FilterError. The empty text is valid.
func CheckFilter(filter string) error {
	_, err := parseFilter(filter)
	if err != nil {
		return err
	}
	return nil
}

// filterNode is a part of a filter. text is that of a node without parts, with its parentheses.
type filterNode struct {
	op        byte // '&', '|', '!', or 0 for an assertion
	parts     []*filterNode
	text      string
	attribute string // of an assertion; "" for a matching rule without an attribute
}

// parseFilter returns nil for a blank filter.
func parseFilter(filter string) (*filterNode, *FilterError) {
	p := &filterParser{s: filter}
	p.blanks()
	if p.i == len(p.s) {
		return nil, nil
	}
	var n *filterNode
	switch op := p.s[p.i]; op {
	case '(':
		n = p.filter(0)
	case '&', '|', '!':
		p.i++
		n = p.operator(op, -1, 0)
	default:
		n = p.assertion(false)
	}
	if p.err != nil {
		return nil, p.err
	}
	p.blanks()
	switch {
	case p.i == len(p.s):
		return n, nil
	case p.s[p.i] == ')':
		p.fail(p.i, "a closing parenthesis too many")
	case p.s[p.i] == '(':
		p.fail(p.i, "a second filter, where several are joined as in (&(mail=*)(department=Sales))")
	default:
		p.fail(p.i, "text after the end of the filter")
	}
	return nil, p.err
}

// String writes the filter without space between its parts.
func (n *filterNode) String() string {
	if n.op == 0 {
		return n.text
	}
	var b strings.Builder
	b.WriteByte('(')
	b.WriteByte(n.op)
	for _, part := range n.parts {
		b.WriteString(part.String())
	}
	b.WriteByte(')')
	return b.String()
}

// assertions calls fn for every assertion in the filter.
func (n *filterNode) assertions(fn func(*filterNode)) {
	if n == nil {
		return
	}
	if n.op == 0 {
		fn(n)
	}
	for _, part := range n.parts {
		part.assertions(fn)
	}
}

type filterParser struct {
	s   string
	i   int
	err *FilterError // the first
}

func (p *filterParser) fail(at int, format string, args ...any) {
	if p.err == nil {
		p.err = &FilterError{Filter: p.s, Offset: at, Reason: fmt.Sprintf(format, args...)}
	}
}

func (p *filterParser) blanks() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

// filter reads from an opening parenthesis to the one that closes it.
func (p *filterParser) filter(depth int) *filterNode {
	opened := p.i
	if depth > maxFilterDepth {
		p.fail(p.i, "parentheses nested more than %d deep", maxFilterDepth)
		return nil
	}
	p.i++
	p.blanks()
	if p.i == len(p.s) {
		p.fail(p.i, "a parenthesis is opened, and nothing follows")
		return nil
	}
	op := p.s[p.i]
	switch op {
	case '&', '|', '!':
		p.i++
		return p.operator(op, opened, depth)
	case ')':
		p.fail(p.i, "nothing between the parentheses")
		return nil
	case '(':
		// Doubled parentheses are harmless.
		n := p.filter(depth + 1)
		p.closing(opened)
		return n
	}
	return p.assertion(true)
}

// operator reads the filters after it, and the closing parenthesis if one was opened: at opened,
// which is negative if none was.
func (p *filterParser) operator(op byte, opened, depth int) *filterNode {
	n := &filterNode{op: op}
	for p.err == nil {
		p.blanks()
		switch {
		case p.i == len(p.s) || p.s[p.i] == ')':
			if len(n.parts) == 0 {
				p.fail(p.i, "nothing follows the %c", op)
			}
			if opened >= 0 {
				p.closing(opened)
			}
			return n
		case p.s[p.i] != '(':
			p.fail(p.i, "an opening parenthesis is missing")
		case op == '!' && len(n.parts) == 1:
			p.fail(p.i, "more than one filter after the !")
		default:
			n.parts = append(n.parts, p.filter(depth+1))
		}
	}
	return nil
}

func (p *filterParser) closing(opened int) {
	p.blanks()
	switch {
	case p.err != nil:
	case p.i == len(p.s):
		p.fail(p.i, "a closing parenthesis is missing for the one at character %d", utf8.RuneCountInString(p.s[:opened])+1)
	case p.s[p.i] != ')':
		p.fail(p.i, "a closing parenthesis is missing")
	default:
		p.i++
	}
}

// assertion reads attribute, operator and value, and the closing parenthesis if one was opened.
func (p *filterParser) assertion(opened bool) *filterNode {
	start := p.i
	n := &filterNode{attribute: p.attribute()}
	rule := p.rule(n.attribute)
	p.comparison(n.attribute, rule)
	if p.err != nil {
		return nil
	}
	// Without blanks before the operator, as servers read it.
	head := n.attribute + strings.TrimLeft(p.s[start+strings.Index(p.s[start:], n.attribute)+len(n.attribute):p.i], " ")
	from := p.i
	p.value()
	n.text = "(" + head + p.s[from:p.i] + ")"
	if p.err != nil {
		return nil
	}
	if opened {
		if p.i == len(p.s) {
			p.fail(p.i, "a closing parenthesis is missing for the one at character %d",
				utf8.RuneCountInString(p.s[:strings.LastIndexByte(p.s[:start], '(')])+1)
			return nil
		}
		p.i++
	}
	return n
}

// attribute reads the name of an attribute with its options, or an OID
// (RFC 4512 section 2.5).
func (p *filterParser) attribute() string {
	start := p.i
	for p.i < len(p.s) && (typeByte(p.s[p.i]) || p.s[p.i] == ';') {
		p.i++
	}
	name := p.s[start:p.i]
	for p.i < len(p.s) && p.s[p.i] == ' ' {
		p.i++
	}
	switch {
	case name == "" && p.i < len(p.s) && p.s[p.i] == ':':
		return "" // a matching rule for all attributes
	case name == "" && p.i < len(p.s) && strings.IndexByte("=<>~", p.s[p.i]) >= 0:
		p.fail(p.i, "the name of an attribute is missing")
	case name == "":
		p.fail(p.i, "this is not the name of an attribute")
	case p.i == len(p.s) || p.s[p.i] == ')' || p.s[p.i] == '(':
		p.fail(p.i, "an operator and a value are missing after %s, as in (%s=*)", name, name)
	}
	return name
}

// rule reads the part between an attribute and := (RFC 4515 section 3).
func (p *filterParser) rule(attribute string) bool {
	if p.err != nil || p.i == len(p.s) || p.s[p.i] != ':' {
		return false
	}
	end := strings.Index(p.s[p.i:], ":=")
	if closing := strings.IndexAny(p.s[p.i:], "()="); end < 0 || closing >= 0 && closing < end {
		p.fail(p.i, "a matching rule ends with :=")
		return true
	}
	at := p.i + 1
	name := p.s[p.i : p.i+end]
	p.i += end
	if name == "" {
		if attribute == "" {
			p.fail(p.i, "an attribute or a matching rule is missing")
		}
		return true
	}
	if len(name) >= 3 && strings.EqualFold(name[:3], ":dn") && (len(name) == 3 || name[3] == ':') {
		if name[:3] != ":dn" {
			// The library would take it for the rule.
			p.fail(at, "write :dn in lower case")
			return true
		}
		name, at = name[3:], at+3
	}
	if name == "" && attribute != "" {
		return true
	}
	if name = strings.TrimPrefix(name, ":"); !attributeType(name) {
		p.fail(at, "this is not the name of a matching rule")
	}
	return true
}

// comparison reads the operator.
func (p *filterParser) comparison(attribute string, rule bool) {
	if p.err != nil {
		return
	}
	rest := p.s[p.i:]
	switch {
	case rule:
		p.i += 2 // :=
	case rest[0] == '=' && len(rest) > 1 && rest[1] == '=':
		p.fail(p.i, "== is no operator; write (%s=...)", attribute)
	case rest[0] == '=':
		p.i++
	case strings.HasPrefix(rest, ">=") || strings.HasPrefix(rest, "<=") || strings.HasPrefix(rest, "~="):
		p.i += 2
	case rest[0] == '<' || rest[0] == '>' || rest[0] == '~':
		p.fail(p.i, "%c is no operator; write %c=", rest[0], rest[0])
	case strings.HasPrefix(rest, "!="):
		p.fail(p.i, "!= is no operator; write (!(%s=...))", attribute)
	default:
		p.fail(p.i, "an unknown operator; =, >=, <=, ~= and := are known")
	}
}

// value reads up to the closing parenthesis, or the end.
func (p *filterParser) value() {
	start := p.i
	substrings := p.i > 0 && p.s[p.i-1] == '=' && (p.i < 2 || strings.IndexByte("<>~:", p.s[p.i-2]) < 0)
	for p.i < len(p.s) && p.err == nil {
		c := p.s[p.i]
		switch {
		case c == ')':
			if strings.TrimSpace(p.s[start:p.i]) == "" {
				p.fail(p.i, "a value is missing; * stands for any")
			}
			return
		case c == '(':
			p.fail(p.i, `a closing parenthesis is missing; one that belongs to the value is written \28`)
		case c == '*' && !substrings:
			p.fail(p.i, `* stands for any text only after =; one that belongs to the value is written \2a`)
		case c == '*' && p.i > start && p.s[p.i-1] == '*':
			p.fail(p.i, "one * is enough")
		case c == 0:
			p.fail(p.i, `a zero byte is written \00`)
		case c == '\\':
			p.escape()
		case c < utf8.RuneSelf:
			p.i++
		default:
			r, n := utf8.DecodeRuneInString(p.s[p.i:])
			if r == utf8.RuneError {
				p.fail(p.i, "this is not UTF-8")
			}
			p.i += n
		}
	}
	if p.err == nil && strings.TrimSpace(p.s[start:p.i]) == "" {
		p.fail(p.i, "a value is missing; * stands for any")
	}
}

func (p *filterParser) escape() {
	for n := 1; n <= 2; n++ {
		if p.i+n >= len(p.s) {
			break
		}
		if _, ok := unhex(p.s[p.i+n]); !ok {
			break
		}
		if n == 2 {
			p.i += 3
			return
		}
	}
	p.fail(p.i, `a backslash is followed by two hexadecimal digits; one that belongs to the value is written \5c`)
}

func attributeType(s string) bool {
	for i := 0; i < len(s); i++ {
		if !typeByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func typeByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_'
}
