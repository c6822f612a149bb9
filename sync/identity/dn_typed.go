package identity

import (
	"encoding/hex"
	"strings"
)

// DNs that a person types, and DNs that ParseDN refuses, are compared as far as they can be parsed:
// a container with an unreadable name must still be found. SplitUnescaped and UnescapeDNValue take
// them apart without refusing deviations from RFC 4514.

// SplitUnescaped splits s at each separator without a backslash before it. Escapes are kept.
func SplitUnescaped(s, separators string) (parts []string) {
	from := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case strings.IndexByte(separators, s[i]) >= 0:
			parts, from = append(parts, s[from:i]), i+1
		}
	}
	return append(parts, s[from:])
}

// UnescapeDNValue trims the spaces around a value and decodes its escapes: \, and the like, and
// \2C, which is a byte (RFC 4514 section 2.4). An escaped space is kept. It returns false if the
// value ends within an escape.
func UnescapeDNValue(value string) (string, bool) {
	value = strings.TrimLeft(value, " ")
	var b strings.Builder
	kept := 0 // bytes to keep, including spaces
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
