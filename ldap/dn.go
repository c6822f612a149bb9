package ldap

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

var errDN = errors.New("not a distinguished name (RFC 4514)")

// canonicalDN spells a distinguished name in the one form that this package
// yields: no space around separators, special characters escaped by a backslash
// (RFC 4514 section 2.4; the equals sign too, as Active Directory does and Samba
// wants it), control characters and bytes that are not UTF-8 as \XX,
// parts of a multi-valued RDN in order of their types. Letter case is kept, so two
// names are the same where their lower-cased canonical forms are.
func canonicalDN(s string) (string, error) {
	if plainDN(s) {
		return s, nil
	}
	rdns, err := parseDN(s)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i, r := range rdns {
		if i > 0 {
			b.WriteByte(',')
		}
		r.write(&b)
	}
	return b.String(), nil
}

// displayDN is the canonical form where s is a DN, else s itself: a name that
// cannot be parsed must still be shown.
func displayDN(s string) string {
	if c, err := canonicalDN(s); err == nil {
		return c
	}
	return s
}

// foldDN is the form in which DNs are compared.
func foldDN(canonical string) string { return strings.ToLower(canonical) }

// plainDN reports whether s is canonical already, by the looks of its bytes. It
// may say no to a canonical name, never yes to another one.
func plainDN(s string) bool {
	before, typed, ascii := byte(','), false, true
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case !typed && c == '=':
			if before == ',' {
				return false
			}
			typed = true
		case !typed:
			if !typeByte(c) {
				return false
			}
		case c == ',':
			if before == ' ' {
				return false
			}
			typed = false
		case (c == ' ' || c == '#') && before == '=':
			return false
		case c == '=' || c == '\\' || c == '"' || c == ';' || c == '<' || c == '>' || c == '+' || c < 0x20 || c == 0x7f:
			return false
		case c >= utf8.RuneSelf:
			ascii = false
		}
		before = c
	}
	return (s == "" || typed && before != ' ') && (ascii || utf8.ValidString(s))
}

type typeAndValue struct {
	name  string
	value string // unescaped
	ber   bool   // value is the #hex form, kept as it is
}

type rdn []typeAndValue

func (r rdn) write(b *strings.Builder) {
	for i, tv := range r {
		if i > 0 {
			b.WriteByte('+')
		}
		b.WriteString(tv.name)
		b.WriteByte('=')
		if tv.ber {
			b.WriteString(tv.value)
		} else {
			escapeValue(b, tv.value)
		}
	}
}

func escapeValue(b *strings.Builder, v string) {
	for i := 0; i < len(v); {
		c := v[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(v[i:])
			if r == utf8.RuneError && n == 1 {
				escapeHex(b, c)
			} else {
				b.WriteString(v[i : i+n])
			}
			i += n
			continue
		}
		switch {
		case c < 0x20 || c == 0x7f:
			escapeHex(b, c)
		case strings.IndexByte(`,+"\<>;=`, c) >= 0,
			c == ' ' && (i == 0 || i == len(v)-1),
			c == '#' && i == 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
		i++
	}
}

func escapeHex(b *strings.Builder, c byte) {
	const digits = "0123456789ABCDEF"
	b.WriteByte('\\')
	b.WriteByte(digits[c>>4])
	b.WriteByte(digits[c&15])
}

// parseDN takes what RFC 4514 allows, and of RFC 2253 and 1779 what servers still
// send: spaces around separators, quoted values, semicolons as separators.
func parseDN(s string) ([]rdn, error) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	p := dnParser{s: s}
	var out []rdn
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

func (p *dnParser) rdn() (rdn, error) {
	var r rdn
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
		tv.name = name
		r = append(r, tv)
		if p.i < len(p.s) && p.s[p.i] == '+' {
			p.i++
			continue
		}
		slices.SortStableFunc(r, func(a, b typeAndValue) int {
			return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name))
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

// value reads up to the next separator, which it leaves unread.
func (p *dnParser) value() (typeAndValue, error) {
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
	kept := 0 // length up to the last character that is not a trailing space
	for p.i < len(p.s) {
		c := p.s[p.i]
		if c == ',' || c == ';' || c == '+' {
			break
		}
		if c == '"' {
			return typeAndValue{}, errDN
		}
		if c == '\\' {
			if err := p.escape(&b); err != nil {
				return typeAndValue{}, err
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
	return typeAndValue{value: b.String()[:kept]}, nil
}

func (p *dnParser) quoted() (typeAndValue, error) {
	var b strings.Builder
	for p.i++; p.i < len(p.s); {
		switch c := p.s[p.i]; c {
		case '"':
			p.i++
			return typeAndValue{value: b.String()}, p.toSeparator()
		case '\\':
			if err := p.escape(&b); err != nil {
				return typeAndValue{}, err
			}
		default:
			b.WriteByte(c)
			p.i++
		}
	}
	return typeAndValue{}, errDN
}

func (p *dnParser) hexValue() (typeAndValue, error) {
	start := p.i
	for p.i++; p.i < len(p.s); p.i++ {
		if _, ok := unhex(p.s[p.i]); !ok {
			break
		}
	}
	v := p.s[start:p.i]
	if len(v) < 3 || len(v)%2 == 0 {
		return typeAndValue{}, errDN
	}
	return typeAndValue{value: strings.ToLower(v), ber: true}, p.toSeparator()
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

// splitDN cuts a canonical DN into its first RDN and the DN of its parent.
func splitDN(dn string) (first, parent string) {
	for i := 0; i < len(dn); i++ {
		switch dn[i] {
		case '\\':
			i++
		case ',':
			return dn[:i], dn[i+1:]
		}
	}
	return dn, ""
}

// rdnValue is the value of a canonical RDN, for people to read.
func rdnValue(r string) string {
	rdns, err := parseDN(r)
	if err != nil || len(rdns) == 0 || len(rdns[0]) == 0 {
		return r
	}
	return rdns[0][0].value
}

// under reports whether the folded DN is base or stands below it.
func under(folded, base string) bool {
	if base == "" || folded == base {
		return true
	}
	if !strings.HasSuffix(folded, base) {
		return false
	}
	cut := len(folded) - len(base) - 1
	if folded[cut] != ',' {
		return false
	}
	// An odd number of backslashes makes the comma part of a value.
	slashes := 0
	for cut > slashes && folded[cut-1-slashes] == '\\' {
		slashes++
	}
	return slashes%2 == 0
}
