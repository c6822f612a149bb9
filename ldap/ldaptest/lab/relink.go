package lab

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// relink changes references to the object at was, and to those below it, to its present DN, or
// removes them if it no longer exists. It returns now.
func (d *Directory) relink(t testing.TB, was, now string) string {
	t.Helper()
	if !d.Relink {
		return now
	}
	old := Same(t, was)
	for _, attribute := range []string{"member", "manager"} {
		for _, e := range d.search(t, d.Base, ldap.ScopeWholeSubtree, "("+attribute+"=*)", attribute) {
			var values []string
			changed := false
			for _, v := range e.GetAttributeValues(attribute) {
				same := Same(t, v)
				switch {
				case same != old && !strings.HasSuffix(same, ","+old):
					values = append(values, v)
					continue
				case now != "":
					values = append(values, moved(t, v, was, now))
				}
				changed = true
			}
			if changed {
				d.Set(t, e.DN, attribute, values...)
			}
		}
	}
	return now
}

// moved is the DN of an object at or below was, after was became now.
func moved(t testing.TB, dn, was, now string) string {
	t.Helper()
	var above []string
	for Same(t, dn) != Same(t, was) {
		parent := Parent(dn)
		above = append(above, strings.TrimSuffix(dn, ","+parent))
		dn = parent
	}
	return strings.Join(append(above, now), ",")
}
