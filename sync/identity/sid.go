package identity

import (
	"strings"
)

// Other identifiers of a person in Active Directory: the security identifier, and those that the
// person had in other domains before (MS-ADA3).
const (
	AttrSID        = "objectSid"
	AttrSIDHistory = "sIDHistory"
)

// ValuesOf returns the values of a directory attribute, whatever the case of its name.
func ValuesOf(attrs Attrs, name string) []string {
	if v, ok := attrs[name]; ok {
		return v
	}
	for n, v := range attrs {
		if len(n) == len(name) && strings.EqualFold(n, name) {
			return v
		}
	}
	return nil
}

// SID is the security identifier in these attributes, or "".
func SID(attrs Attrs) string {
	if v := ValuesOf(attrs, AttrSID); len(v) > 0 {
		return v[0]
	}
	return ""
}
