package synctest

import (
	"slices"
	"strings"
	"testing"

	"dirbridge/sync/identity"
)

// sourceFindsByAttribute: people in scope with the value are found, case-insensitively, and no others;
// characters that are special in filters are not special in a value.
func sourceFindsByAttribute(t *testing.T, f *SourceFixture) {
	f.Directory.AddPerson(t, f.Base, "One",
		map[string][]string{"mail": {"shared@example.com"}, "displayName": {"The (first) *"}})
	f.Directory.AddPerson(t, f.Base, "Two", map[string][]string{"mail": {"two@example.com"}, "displayName": {"Shared"}})
	f.Directory.AddPerson(t, f.Base, "Three", map[string][]string{"mail": {"shared@example.com"}})
	f.Directory.AddPerson(t, f.Outside, "Out", map[string][]string{"mail": {"shared@example.com"}})
	f.Directory.AddGroup(t, f.Base, "Staff")
	for _, c := range []struct {
		kind               identity.Kind
		attributes, values []string
		want               string
	}{
		{identity.User, []string{"mail"}, []string{"SHARED@example.com"}, "One Three"},
		{identity.User, []string{"mail", "displayName"}, []string{"two@example.com", "the (first) *"}, "One Two"},
		{identity.User, []string{"displayName"}, []string{"*"}, ""},
		{identity.User, []string{"displayName"}, []string{"x)(mail=*"}, ""},
		{identity.User, []string{"mail"}, nil, ""},
		{identity.User, nil, []string{"shared@example.com"}, ""},
		{identity.Group, []string{"cn"}, []string{"staff"}, "Staff"},
		{identity.Group, []string{"mail"}, []string{"shared@example.com"}, ""},
	} {
		var found []string
		err := f.Source.FindByAttribute(t.Context(), c.kind, c.attributes, c.values, func(e identity.Entry) error {
			f.checkEntry(t, c.kind, e)
			_, name, _ := strings.Cut(e.RDN, "=")
			found = append(found, name)
			return nil
		})
		slices.Sort(found)
		if got := strings.Join(found, " "); err != nil || got != c.want {
			t.Errorf("%v having %q: %q, %v", c.attributes, c.values, got, err)
		}
	}
}
