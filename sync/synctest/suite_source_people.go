package synctest

import (
	"fmt"
	"slices"
	"testing"

	"dirbridge/sync/identity"
)

func sourceDescribes(t *testing.T, f *SourceFixture) {
	first, err := f.Source.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first.Name != f.Name || first.Kind == "" || first.Server == "" || first.BaseDN == "" || first.Identity == "" {
		t.Errorf("described as %+v", first)
	}
	f.Directory.AddPerson(t, f.Base, "Newcomer", nil)
	again, err := f.Source.Describe(t.Context())
	if err != nil || again.Identity != first.Identity {
		t.Errorf("described again as %+v, %v", again, err)
	}
}

func sourceEmpty(t *testing.T, f *SourceFixture) {
	if n := len(f.people(t)); n != 0 {
		t.Errorf("%d people", n)
	}
	if n := len(f.groups(t)); n != 0 {
		t.Errorf("%d groups", n)
	}
	if edges := f.edges(t); len(edges) != 0 {
		t.Errorf("edges %v", edges)
	}
}

func sourcePeople(t *testing.T, f *SourceFixture) {
	site := f.Directory.AddContainer(t, f.Base, "Site")
	floor := f.Directory.AddContainer(t, site, "Floor")
	want := map[identity.Anchor]string{}
	for i := range 34 {
		parent := []string{f.Base, site, floor}[i%3]
		mail := fmt.Sprintf("p%02d@example.com", i)
		dn := f.Directory.AddPerson(t, parent, fmt.Sprintf("Person %02d", i), map[string][]string{
			"mail": {mail}, "givenName": {"Given"}, "displayName": {"Person, " + mail}, "title": {"not asked for"},
		})
		want[f.anchor(t, dn)] = mail
	}
	f.Directory.AddPerson(t, f.Outside, "Stranger", map[string][]string{"mail": {"stranger@example.com"}})

	got := f.people(t)
	for anchor, mail := range want {
		e, ok := got[anchor]
		if !ok {
			t.Errorf("%s is missing", mail)
			continue
		}
		if e.Attrs.First("mail") != mail || e.Attrs.First("displayName") != "Person, "+mail ||
			e.Attrs.First("givenName") != "Given" {
			t.Errorf("%s has %v", e.DN, e.Attrs)
		}
		for _, absent := range []string{"telephoneNumber", "title"} {
			if v, there := e.Attrs[absent]; there {
				t.Errorf("%s has %s %q", e.DN, absent, v)
			}
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d people listed, of %d", len(got), len(want))
	}
}

func sourceOddNames(t *testing.T, f *SourceFixture) {
	odd := f.Directory.AddContainer(t, f.Base, `Research, "Development" + Tools`)
	for _, name := range []string{`Silva, Ana`, `Ana "Aninha" Silva`, `Søren Ångström 王`, `#1 Fan`, `Back\slash`,
		`a+b=c`, `less<more>;`, `O'Neil`} {
		dn := f.Directory.AddPerson(t, odd, name,
			map[string][]string{"displayName": {name}, "mail": {"o'neil+tag@example.com"}})
		e, ok := f.people(t)[f.anchor(t, dn)]
		if !ok || e.Attrs.First("displayName") != name || e.Attrs.First("mail") != "o'neil+tag@example.com" {
			t.Errorf("%s came as %+v", name, e)
		}
		if ok && f.anchor(t, e.Parent) != f.anchor(t, odd) {
			t.Errorf("%s has parent %s", name, e.Parent)
		}
		f.Directory.Delete(t, dn)
	}
}

func sourceKinds(t *testing.T, f *SourceFixture) {
	person := f.Directory.AddPerson(t, f.Base, "Person", nil)
	group := f.Directory.AddGroup(t, f.Base, "Group")
	if got := f.people(t); len(got) != 1 || got[f.anchor(t, person)].DN == "" {
		t.Errorf("people: %v", got)
	}
	if got := f.groups(t); len(got) != 1 || got[f.anchor(t, group)].DN == "" {
		t.Errorf("groups: %v", got)
	}
}

// Identity is the GUID (P5): whatever is edited, the person stays the same.
func sourceAnchors(t *testing.T, f *SourceFixture) {
	here, there := f.Directory.AddContainer(t, f.Base, "Here"), f.Directory.AddContainer(t, f.Base, "There")
	dn := f.Directory.AddPerson(t, here, "Before", map[string][]string{"mail": {"before@example.com"}})
	anchor := f.anchor(t, dn)
	only := func(when string) identity.Entry {
		t.Helper()
		got := f.people(t)
		e, ok := got[anchor]
		if !ok || len(got) != 1 {
			t.Fatalf("%s the people are %v", when, got)
		}
		return e
	}
	only("at first")

	f.Directory.Rename(t, dn, "After, all")
	if e := only("after a rename"); e.DN == dn {
		t.Errorf("renamed, it is still %s", e.DN)
	}
	f.Directory.Rename(t, here, "Elsewhere")
	moved := f.Directory.Move(t, only("after its container's rename").DN, there)
	if e := only("after a move"); f.anchor(t, e.Parent) != f.anchor(t, there) {
		t.Errorf("moved, it is in %s", e.Parent)
	}
	f.Directory.Set(t, moved, "mail", "after@example.com")
	if e := only("after a change of mail"); !slices.Equal(e.Attrs["mail"], []string{"after@example.com"}) {
		t.Errorf("mail %q", e.Attrs["mail"])
	}
	f.Directory.Set(t, moved, "mail")
	if e := only("after its mail was removed"); e.Attrs["mail"] != nil {
		t.Errorf("mail %q", e.Attrs["mail"])
	}
	f.Directory.Delete(t, moved)
	if got := f.people(t); len(got) != 0 {
		t.Errorf("deleted, but listed: %v", got)
	}
}

func sourceNewAnchor(t *testing.T, f *SourceFixture) {
	attrs := map[string][]string{"mail": {"same@example.com"}}
	dn := f.Directory.AddPerson(t, f.Base, "Same", attrs)
	first := f.anchor(t, dn)
	f.Directory.Delete(t, dn)
	f.Directory.AddPerson(t, f.Base, "Same", attrs)
	got := f.people(t)
	if _, same := got[first]; same || len(got) != 1 {
		t.Errorf("made again, the people are %v", got)
	}
}
