package identity

import (
	"errors"
	"strings"
	"unicode/utf8"
)

var errDN = errors.New("not a distinguished name (RFC 4514)")

// CanonicalDN returns a distinguished name in canonical form: no space around separators, special
// characters escaped with a backslash (RFC 4514 section 2.4; the equals sign too, as Active
// Directory does and Samba requires), control characters and invalid UTF-8 as \XX, parts of a
// multi-valued RDN sorted by type. Case is kept, so two names are the same if their lower-case
// canonical forms are equal.
func CanonicalDN(s string) (string, error) {
	if certainlyCanonical(s) {
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

// DisplayDN is the canonical form if s is a DN, else s itself: a name that cannot be parsed must
// still be shown.
func DisplayDN(s string) string {
	if c, err := CanonicalDN(s); err == nil {
		return c
	}
	return s
}

// FoldDN is the form for comparing DNs.
func FoldDN(canonical string) string { return strings.ToLower(canonical) }

// certainlyCanonical reports whether s is certainly canonical, by its bytes. It may return false for a
// canonical name, but never true for another one.
func certainlyCanonical(s string) bool {
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
	Type  string // as spelled
	Value string // unescaped
	Hex   bool   // Value is the #hex form, unchanged
}

// RDN is one component of a DN: usually one value, or several sorted by type.
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

// SplitDN splits a canonical DN into its first RDN and the DN of its parent.
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

// RDNValue is the value of a canonical RDN, for display.
func RDNValue(r string) string {
	rdns, err := ParseDN(r)
	if err != nil || len(rdns) == 0 || len(rdns[0]) == 0 {
		return r
	}
	return rdns[0][0].Value
}

// UnderDN reports whether the folded DN is base or below it.
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
	// After an odd number of backslashes the comma is part of a value.
	slashes := 0
	for cut > slashes && folded[cut-1-slashes] == '\\' {
		slashes++
	}
	return slashes%2 == 0
}
