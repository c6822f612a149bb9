package identity

import (
	"errors"
	"strings"
	"unicode/utf8"
)

var errDN = errors.New("not a distinguished name (RFC 4514)")

// CanonicalDN spells a distinguished name in the one form that the product
// yields: no space around separators, special characters escaped by a backslash
// (RFC 4514 section 2.4; the equals sign too, as Active Directory does and Samba
// wants it), control characters and bytes that are not UTF-8 as \XX,
// parts of a multi-valued RDN in order of their types. Letter case is kept, so two
// names are the same where their lower-cased canonical forms are.
func CanonicalDN(s string) (string, error) {
	if plainDN(s) {
		return s, nil
	}
	rdns, err := ParseDN(s)
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

// DisplayDN is the canonical form where s is a DN, else s itself: a name that
// cannot be parsed must still be shown.
func DisplayDN(s string) string {
	if c, err := CanonicalDN(s); err == nil {
		return c
	}
	return s
}

// FoldDN is the form in which DNs are compared.
func FoldDN(canonical string) string { return strings.ToLower(canonical) }

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

// AttributeValue is one attribute type with its value in an RDN.
type AttributeValue struct {
	Type  string // as it is spelled
	Value string // unescaped
	Hex   bool   // Value is the #hex form, kept as it is
}

// RDN is one component of a DN: mostly one value, several in order of their types.
type RDN []AttributeValue

func (r RDN) write(b *strings.Builder) {
	for i, tv := range r {
		if i > 0 {
			b.WriteByte('+')
		}
		b.WriteString(tv.Type)
		b.WriteByte('=')
		if tv.Hex {
			b.WriteString(tv.Value)
		} else {
			escapeValue(b, tv.Value)
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

// SplitDN cuts a canonical DN into its first RDN and the DN of its parent.
func SplitDN(dn string) (first, parent string) {
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

// RDNValue is the value of a canonical RDN, for people to read.
func RDNValue(r string) string {
	rdns, err := ParseDN(r)
	if err != nil || len(rdns) == 0 || len(rdns[0]) == 0 {
		return r
	}
	return rdns[0][0].Value
}

// UnderDN reports whether the folded DN is base or stands below it.
func UnderDN(folded, base string) bool {
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
