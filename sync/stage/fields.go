package stage

import (
	"fmt"
	"strings"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// Same compares values as the attribute requires. Both Unicode forms of an accented name are the
// same, because no reader could tell them apart. A GUID ignores letter case; the key does not,
// because here a change of case is a rename.
func Same(name string, a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !identity.Alike(a[i], b[i]) && !(name == schema.ExternalID && strings.EqualFold(a[i], b[i])) {
			return false
		}
	}
	return true
}

// AttributeOf returns the values that a resource has in a cloud attribute.
func AttributeOf(r *identity.Resource, name string) []string {
	if name == schema.Active {
		return []string{fmt.Sprint(r.Active)}
	}
	return r.Attrs[name]
}

// KeyField returns the cloud attribute that holds the key of a kind.
func KeyField(kind identity.Kind) string {
	if kind == identity.Group {
		return schema.GroupName
	}
	return schema.UID
}

// Called returns the word for an object of the cloud in a sentence.
func Called(kind identity.Kind) string {
	if kind == identity.Group {
		return "group"
	}
	return "account"
}

// Quoted formats values for a sentence.
func Quoted(v []string) string {
	if len(v) == 0 {
		return "nothing"
	}
	return "[" + strings.Join(v, ", ") + "]"
}

// Young says whether an object made at that time may not be listed yet. A time in the future does
// not count: the clock was set back, and no run can wait that long.
func Young(made, now time.Time, settling time.Duration) bool {
	age := now.Sub(made)
	return age < settling && age > -settling
}
