package scope

import (
	"encoding/hex"
	"strings"
)

// fold is the form in which DNs are compared: components without the spaces around
// their signs, escapes undone, in lower case. RFC 4514 leaves several spellings of
// the same name; attribute values of containers are compared without regard to case.
func fold(dn string) []string {
	var parts []string
	var b strings.Builder
	end := func() {
		parts = append(parts, component(b.String()))
		b.Reset()
	}
	for i := 0; i < len(dn); i++ {
		switch c := dn[i]; {
		case c == '\\' && i+1 < len(dn):
			b.WriteByte(c)
			i++
			b.WriteByte(dn[i])
		case c == ',' || c == ';':
			end()
		default:
			b.WriteByte(c)
		}
	}
	if strings.TrimSpace(b.String()) != "" {
		end()
	}
	return parts
}

// component folds one "type=value".
func component(s string) string {
	name, value, found := strings.Cut(s, "=")
	name = strings.ToLower(strings.TrimSpace(name))
	if !found {
		return name
	}
	return name + "=" + strings.ToLower(unescape(trim(value)))
}

// trim takes the spaces around a value, but not one that a backslash keeps.
func trim(s string) string {
	s = strings.TrimLeft(s, " ")
	t := strings.TrimRight(s, " ")
	if strings.HasSuffix(t, `\`) && len(t) < len(s) {
		t += " "
	}
	return t
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+2 < len(s) {
			if c, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				b.Write(c)
				i += 2
				continue
			}
		}
		i++
		b.WriteByte(s[i])
	}
	return b.String()
}

// key is a folded DN as one string, root first, so that a subtree is a prefix. The
// separator cannot stand in a component that was typed as text.
func key(dn string) string {
	parts := fold(dn)
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteString(parts[i])
		b.WriteByte(0)
	}
	return b.String()
}

// parent is the key above k, "" above a single component.
func parent(k string) string {
	if k == "" {
		return ""
	}
	return k[:strings.LastIndexByte(k[:len(k)-1], 0)+1]
}
