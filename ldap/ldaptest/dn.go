package ldaptest

import (
	"encoding/hex"
	"errors"
	"strings"
	"unicode/utf8"
)

// rdn is one component of a DN. Active Directory has no components of several values.
type rdn struct {
	attr  string // "CN", upper case for the usual ones
	value string // unescaped
}

var errDN = errors.New("not a distinguished name")

// parseDN takes a DN apart, leftmost component first (RFC 4514). The empty DN has
// no components.
func parseDN(s string) ([]rdn, error) {
	if s == "" {
		return nil, nil
	}
	if !utf8.ValidString(s) {
		return nil, errDN
	}
	var parts []rdn
	for {
		eq := strings.IndexByte(s, '=')
		if eq < 0 {
			return nil, errDN
		}
		attr := strings.TrimSpace(s[:eq])
		if attr == "" || strings.ContainsAny(attr, `,+"\<>; `) {
			return nil, errDN
		}
		value, rest, more, err := rdnValue(s[eq+1:])
		if err != nil {
			return nil, err
		}
		parts = append(parts, rdn{rdnAttribute(attr), value})
		if !more {
			return parts, nil
		}
		s = rest
	}
}

func rdnAttribute(attr string) string {
	switch up := strings.ToUpper(attr); up {
	case "CN", "OU", "DC", "O", "L", "ST", "C":
		return up
	}
	return strings.ToLower(attr)
}

// rdnValue reads a value up to the next unescaped comma.
func rdnValue(s string) (value, rest string, more bool, err error) {
	s = strings.TrimLeft(s, " ")
	if strings.HasPrefix(s, `"`) {
		return quotedValue(s[1:])
	}
	var b strings.Builder
	keep := 0 // length up to the last character that is not a bare space
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; ch {
		case '\\':
			raw, n := unescape(s[i+1:])
			if n == 0 {
				return "", "", false, errDN
			}
			b.WriteByte(raw)
			keep = b.Len()
			i += n
		case ',', ';':
			return finishValue(b.String()[:keep], s[i+1:], true)
		case '+', '"', '<', '>':
			return "", "", false, errDN
		default:
			b.WriteByte(ch)
			if ch != ' ' {
				keep = b.Len()
			}
		}
	}
	return finishValue(b.String()[:keep], "", false)
}

// quotedValue reads the form of RFC 2253 that quotes the whole value.
func quotedValue(s string) (value, rest string, more bool, err error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			raw, n := unescape(s[i+1:])
			if n == 0 {
				return "", "", false, errDN
			}
			b.WriteByte(raw)
			i += n
		case '"':
			rest := strings.TrimLeft(s[i+1:], " ")
			if rest == "" {
				return finishValue(b.String(), "", false)
			}
			if rest[0] != ',' && rest[0] != ';' {
				return "", "", false, errDN
			}
			return finishValue(b.String(), rest[1:], true)
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false, errDN
}

func finishValue(value, rest string, more bool) (string, string, bool, error) {
	if value == "" || !utf8.ValidString(value) {
		return "", "", false, errDN
	}
	return value, rest, more, nil
}

// unescape reads what follows a backslash: two hex digits or one special character.
// n is how many characters that took, 0 where it is neither.
func unescape(s string) (raw byte, n int) {
	if len(s) >= 2 {
		if b, err := hex.DecodeString(s[:2]); err == nil {
			return b[0], 2
		}
	}
	if s == "" || strings.IndexByte(` #"+,;<=>\`, s[0]) < 0 {
		return 0, 0
	}
	return s[0], 1
}

// appendRDN escapes the way Active Directory does: control characters in hex, the
// special characters with a backslash, all else as it is.
func appendRDN(b []byte, r rdn) []byte {
	b = append(b, r.attr...)
	b = append(b, '=')
	for i := 0; i < len(r.value); i++ {
		ch := r.value[i]
		switch {
		case ch < ' ':
			b = append(b, '\\', "0123456789ABCDEF"[ch>>4], "0123456789ABCDEF"[ch&15])
			continue
		case i == 0 && (ch == ' ' || ch == '#'), i == len(r.value)-1 && ch == ' ',
			ch == ',', ch == '+', ch == '"', ch == '\\', ch == '<', ch == '>', ch == ';', ch == '=':
			b = append(b, '\\')
		}
		b = append(b, ch)
	}
	return b
}

func formatDN(parts []rdn) string {
	var b []byte
	for i, p := range parts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRDN(b, p)
	}
	return string(b)
}

// key is the form in which components are compared: without regard to letter case.
func (r rdn) key() string { return strings.ToLower(r.attr) + "=" + strings.ToLower(r.value) }

func dnKey(parts []rdn) string {
	keys := make([]string, len(parts))
	for i, p := range parts {
		keys[i] = p.key()
	}
	return strings.Join(keys, "\x00")
}
