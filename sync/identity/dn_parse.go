package identity

import (
	"encoding/hex"
	"slices"
	"strings"
)

// ParseDN accepts RFC 4514, and what servers still send of RFC 2253 and 1779: spaces around
// separators, quoted values, semicolons as separators.
func ParseDN(s string) ([]RDN, error) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	p := dnParser{s: s}
	var out []RDN
	for {
		r, err := p.rdn()
		if err != nil {
			return nil, err
		}
		out = append(out, r)
		if p.i == len(p.s) {
			return out, nil
		}
		p.i++ // the separator that ended the RDN
	}
}

type dnParser struct {
	s string
	i int
}

func (p *dnParser) rdn() (RDN, error) {
	var r RDN
	for {
		eq := strings.IndexByte(p.s[p.i:], '=')
		if eq < 0 {
			return nil, errDN
		}
		name := strings.Trim(p.s[p.i:p.i+eq], " ")
		if !attributeType(name) {
			return nil, errDN
		}
		p.i += eq + 1
		tv, err := p.value()
		if err != nil {
			return nil, err
		}
		tv.Type = name
		r = append(r, tv)
		if p.i < len(p.s) && p.s[p.i] == '+' {
			p.i++
			continue
		}
		slices.SortStableFunc(r, func(a, b AttributeValue) int {
			return strings.Compare(strings.ToLower(a.Type), strings.ToLower(b.Type))
		})
		return r, nil
	}
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

// value reads up to the next separator, which remains unread.
func (p *dnParser) value() (AttributeValue, error) {
	for p.i < len(p.s) && p.s[p.i] == ' ' {
		p.i++
	}
	if p.i < len(p.s) && p.s[p.i] == '"' {
		return p.quoted()
	}
	if p.i < len(p.s) && p.s[p.i] == '#' {
		return p.hexValue()
	}
	var b strings.Builder
	kept := 0 // length up to the last character before trailing spaces
	for p.i < len(p.s) {
		c := p.s[p.i]
		if c == ',' || c == ';' || c == '+' {
			break
		}
		if c == '"' {
			return AttributeValue{}, errDN
		}
		if c == '\\' {
			if err := p.escape(&b); err != nil {
				return AttributeValue{}, err
			}
			kept = b.Len()
			continue
		}
		b.WriteByte(c)
		if c != ' ' {
			kept = b.Len()
		}
		p.i++
	}
	return AttributeValue{Value: b.String()[:kept]}, nil
}

func (p *dnParser) quoted() (AttributeValue, error) {
	var b strings.Builder
	for p.i++; p.i < len(p.s); {
		switch c := p.s[p.i]; c {
		case '"':
			p.i++
			return AttributeValue{Value: b.String()}, p.toSeparator()
		case '\\':
			if err := p.escape(&b); err != nil {
				return AttributeValue{}, err
			}
		default:
			b.WriteByte(c)
			p.i++
		}
	}
	return AttributeValue{}, errDN
}

func (p *dnParser) hexValue() (AttributeValue, error) {
	start := p.i
	for p.i++; p.i < len(p.s); p.i++ {
		if _, ok := unhex(p.s[p.i]); !ok {
			break
		}
	}
	v := p.s[start:p.i]
	if len(v) < 3 || len(v)%2 == 0 {
		return AttributeValue{}, errDN
	}
	return AttributeValue{Value: strings.ToLower(v), Hex: true}, p.toSeparator()
}

func (p *dnParser) toSeparator() error {
	for p.i < len(p.s) && p.s[p.i] == ' ' {
		p.i++
	}
	if p.i < len(p.s) && strings.IndexByte(",;+", p.s[p.i]) < 0 {
		return errDN
	}
	return nil
}

func (p *dnParser) escape(b *strings.Builder) error {
	p.i++
	if p.i >= len(p.s) {
		return errDN
	}
	if p.i+1 < len(p.s) {
		if raw, err := hex.DecodeString(p.s[p.i : p.i+2]); err == nil {
			b.WriteByte(raw[0])
			p.i += 2
			return nil
		}
	}
	if strings.IndexByte(` "#+,;<=>\/`, p.s[p.i]) < 0 {
		return errDN
	}
	b.WriteByte(p.s[p.i])
	p.i++
	return nil
}

func unhex(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
