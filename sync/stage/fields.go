package stage

import (
	"fmt"
	"strings"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// Same compares values as the attribute wants it: a name with an accent is the same in
// either Unicode form, which no reader could tell apart. A GUID has no letter case; the
// key has, here, because a change of case is a rename.
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

// AttributeOf are the values that a resource has of a cloud attribute.
func AttributeOf(r *identity.Resource, name string) []string {
	if name == schema.Active {
		return []string{fmt.Sprint(r.Active)}
	}
	return r.Attrs[name]
}

// KeyField is the cloud attribute that holds the key of a kind.
func KeyField(kind identity.Kind) string {
	if kind == identity.Group {
		return schema.GroupName
	}
	return schema.UID
}

// Called is what an object of the cloud is called in a sentence.
func Called(kind identity.Kind) string {
	if kind == identity.Group {
		return "group"
	}
	return "account"
}

// Quoted are values in a sentence.
func Quoted(v []string) string {
	if len(v) == 0 {
		return "nothing"
	}
	return "[" + strings.Join(v, ", ") + "]"
}

// Young says whether what was made then may not be listed yet. What is of the future is
// not: the clock was set back, and nobody can wait for that long.
func Young(made, now time.Time, settling time.Duration) bool {
	age := now.Sub(made)
	return age < settling && age > -settling
}
