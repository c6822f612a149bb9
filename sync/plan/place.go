package plan

import (
	"errors"
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// place is a distinguished name for comparison: its RDNs, the nearest first, without escapes (RFC
// 4514 section 2.4) and in lower case. Multi-valued RDNs have their parts in order.
type place []string

var errPlace = errors.New(
	`not a distinguished name such as OU=Sales,DC=corp,DC=example,DC=com; a comma within a name is written \,`)

// parsePlace parses a DN as a person types it: space around separators is ignored.
func parsePlace(dn string) (place, error) {
	var out place
	for _, rdn := range identity.SplitUnescaped(dn, ",") {
		var values []string
		for _, one := range identity.SplitUnescaped(rdn, "+") {
			name, value, ok := strings.Cut(one, "=")
			name = strings.TrimSpace(name)
			if !ok || name == "" {
				return nil, errPlace
			}
			value, ok = identity.UnescapeDNValue(value)
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

// below reports whether p is the container, or below it.
func (p place) below(container place) bool {
	return len(p) >= len(container) && slices.Equal(p[len(p)-len(container):], container)
}
