package ldaptest

import (
	"errors"
	"strings"
	"unicode/utf8"

	"dirbridge/sync/identity"
)

// rdn is one component of a DN. Active Directory has no multi-valued components.
type rdn struct {
	attr  string // "CN"; upper case for the usual ones
	value string // unescaped
}

var errDN = errors.New("not a distinguished name")

// parseDN splits a DN, leftmost component first (RFC 4514). The empty DN has no components.
func parseDN(s string) ([]rdn, error) {
	if s == "" {
		return nil, nil
	}
	if !utf8.ValidString(s) {
		return nil, errDN
	}
	read, err := identity.ParseDN(s)
	if err != nil || len(read) == 0 {
		return nil, errDN
	}
	parts := make([]rdn, 0, len(read))
	for _, r := range read {
		if len(r) != 1 || r[0].Value == "" || !utf8.ValidString(r[0].Value) {
			return nil, errDN
		}
		parts = append(parts, rdn{rdnAttribute(r[0].Type), r[0].Value})
	}
	return parts, nil
}

func rdnAttribute(attr string) string {
	switch up := strings.ToUpper(attr); up {
	case "CN", "OU", "DC", "O", "L", "ST", "C":
		return up
	}
	return strings.ToLower(attr)
}

// appendRDN escapes as Active Directory does: control characters in hexadecimal, special characters
// with a backslash.
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

// key is the form for comparison: case-insensitive.
func (r rdn) key() string { return strings.ToLower(r.attr) + "=" + strings.ToLower(r.value) }

func dnKey(parts []rdn) string {
	keys := make([]string, len(parts))
	for i, p := range parts {
		keys[i] = p.key()
	}
	return strings.Join(keys, "\x00")
}
