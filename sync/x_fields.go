package sync

import (
	"fmt"
	"strings"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// same compares values as the attribute wants it: a name with an accent is the same in
// either Unicode form, which no reader could tell apart. A GUID has no letter case; the
// key has, here, because a change of case is a rename.
func same(name string, a, b []string) bool {
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

func attributeOf(r *identity.Resource, name string) []string {
	if name == schema.Active {
		return []string{fmt.Sprint(r.Active)}
	}
	return r.Attrs[name]
}

func keyField(kind identity.Kind) string {
	if kind == identity.Group {
		return schema.GroupName
	}
	return schema.UID
}

// called is what an object of the cloud is called in a sentence.
func called(kind identity.Kind) string {
	if kind == identity.Group {
		return "group"
	}
	return "account"
}

func quoted(v []string) string {
	if len(v) == 0 {
		return "nothing"
	}
	return "[" + strings.Join(v, ", ") + "]"
}

// young says whether what was made then may not be listed yet. What is of the future is
// not: the clock was set back, and nobody can wait for that long.
func young(made, now time.Time, settling time.Duration) bool {
	age := now.Sub(made)
	return age < settling && age > -settling
}
