package plan

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// place is a distinguished name in a form in which it can be compared: its parts, the
// nearest first, without escapes (RFC 4514 section 2.4) and without regard to letter
// case. Parts of several values have them in order.
type place []string

var errPlace = errors.New(`not a distinguished name such as OU=Sales,DC=corp,DC=example,DC=com; a comma within a name is written \,`)

// parsePlace reads a DN as a person writes it: space around separators is dropped.
func parsePlace(dn string) (place, error) {
	var out place
	for _, rdn := range splitPlain(dn, ',') {
		var values []string
		for _, one := range splitPlain(rdn, '+') {
			name, value, ok := strings.Cut(one, "=")
			name = strings.TrimSpace(name)
			if !ok || name == "" {
				return nil, errPlace
			}
			value, ok = unescape(value)
			if !ok {
				return nil, errPlace
			}
			values = append(values, identity.Fold(name)+"="+identity.Fold(value))
		}
		slices.Sort(values)
		out = append(out, strings.Join(values, "\x00"))
	}
	return out, nil
}

// splitPlain cuts at separators that are not escaped.
func splitPlain(s string, at byte) (parts []string) {
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case at:
			parts, from = append(parts, s[from:i]), i+1
		}
	}
	return append(parts, s[from:])
}

// unescape drops space around a value and reads its escapes: \, and the like, and \2C,
// which is a byte. Space that is escaped stays.
func unescape(value string) (string, bool) {
	value = strings.TrimLeft(value, " ")
	var b strings.Builder
	kept := 0 // bytes that stay whatever they are
	for i := 0; i < len(value); i++ {
		if value[i] != '\\' {
			b.WriteByte(value[i])
			continue
		}
		if i++; i == len(value) {
			return "", false
		}
		if i+1 < len(value) {
			if raw, err := hex.DecodeString(value[i : i+2]); err == nil {
				b.WriteByte(raw[0])
				i++
				kept = b.Len()
				continue
			}
		}
		b.WriteByte(value[i])
		kept = b.Len()
	}
	out := b.String()
	return out[:kept] + strings.TrimRight(out[kept:], " "), true
}

// below says that p is the container, or stands somewhere below it.
func (p place) below(container place) bool {
	return len(p) >= len(container) && slices.Equal(p[len(p)-len(container):], container)
}
