package scope

import (
	"strings"

	"dirbridge/sync/identity"
)

// fold returns the form in which DNs are compared: components without the spaces around their
// signs, escapes decoded, in lower case. RFC 4514 allows several spellings of the same name;
// attribute values of containers are compared without regard to case.
func fold(dn string) []string {
	parts := identity.SplitUnescaped(dn, ",;")
	if last := len(parts) - 1; strings.TrimSpace(parts[last]) == "" {
		parts = parts[:last]
	}
	for i, p := range parts {
		parts[i] = component(p)
	}
	return parts
}

// component folds one "type=value". A backslash at the end, which escapes nothing, stands for
// itself.
func component(s string) string {
	name, value, found := strings.Cut(s, "=")
	name = strings.ToLower(strings.TrimSpace(name))
	if !found {
		return name
	}
	plain, ok := identity.UnescapeDNValue(value)
	if !ok {
		plain, _ = identity.UnescapeDNValue(value + `\`)
	}
	return name + "=" + strings.ToLower(plain)
}

// key returns a folded DN as one string, root first, so that a subtree is a prefix. The separator
// cannot occur in a typed component.
func key(dn string) string {
	parts := fold(dn)
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteString(parts[i])
		b.WriteByte(0)
	}
	return b.String()
}

// parent returns the key above k, "" above a single component.
func parent(k string) string {
	if k == "" {
		return ""
	}
	return k[:strings.LastIndexByte(k[:len(k)-1], 0)+1]
}
