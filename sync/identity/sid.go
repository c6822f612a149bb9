package identity

import (
	"strings"
)

// What Active Directory knows a person by beside the GUID: the security identifier, and
// those that the person had in other domains before (MS-ADA3).
const (
	AttrSID        = "objectSid"
	AttrSIDHistory = "sIDHistory"
)

// ValuesOf are the values of a directory attribute, however it was spelled when it was
// asked for.
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

// SID is the security identifier of an object with these attributes, "" where it has
// none.
func SID(attrs Attrs) string {
	if v := ValuesOf(attrs, AttrSID); len(v) > 0 {
		return v[0]
	}
	return ""
}
