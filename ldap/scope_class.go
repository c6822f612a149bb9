package ldap

import (
	"slices"
	"strings"
)

// hasClass reports whether the entry has one of the object classes.
func (e *rawEntry) hasClass(classes ...string) bool {
	for _, a := range e.attrs {
		if !strings.EqualFold(string(a.name), "objectClass") {
			continue
		}
		for _, v := range a.values {
			if slices.ContainsFunc(classes, func(c string) bool { return strings.EqualFold(c, string(v)) }) {
				return true
			}
		}
	}
	return false
}
