package synctest

import (
	"maps"
	"strings"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// wantExternal checks that exactly these resources are found by externalId, once each.
func (f *TargetFixture) wantExternal(t *testing.T, kind identity.Kind, externalID string, want ...identity.ResourceID) {
	t.Helper()
	found, err := f.Target.FindExternal(t.Context(), kind, externalID)
	if err != nil {
		t.Errorf("looking %s %q up: %v", kind, externalID, err)
	}
	expected, got := map[identity.ResourceID]bool{}, map[identity.ResourceID]bool{}
	for _, id := range want {
		expected[id] = true
	}
	for _, r := range found {
		got[r.ID] = true
		if r.Kind != kind || !strings.EqualFold(r.ExternalID, externalID) {
			t.Errorf("%s %q gave %+v", kind, externalID, r)
		}
	}
	if !maps.Equal(got, expected) || len(found) != len(want) {
		t.Errorf("%s %q gave %v, want %v", kind, externalID, found, want)
	}
}

func targetFindsExternal(t *testing.T, f *TargetFixture) {
	if f.Target.Limits().Anchorless {
		return
	}
	people := f.people(t, 60) // more than a page
	group := f.done(t, addGroup(500, "Group"))[0]
	user := identity.User
	f.wantExternal(t, user, external(1), people[0])
	f.wantExternal(t, user, strings.ToUpper(external(60)), people[59])
	f.wantExternal(t, identity.Group, external(500), group)
	f.wantExternal(t, identity.Group, strings.ToUpper(external(500)), group)
	f.wantExternal(t, user, external(500))
	f.wantExternal(t, identity.Group, external(1))
	f.wantExternal(t, user, external(61))
	f.wantExternal(t, user, external(1)[:12])
	f.wantExternal(t, user, "")

	found, err := f.Target.FindExternal(t.Context(), user, external(2))
	if err != nil || len(found) != 1 || found[0].Key != mail(2) || found[0].Attrs.First("title") != "Title 2" ||
		!found[0].Active {
		t.Errorf("found as %+v, %v", found, err)
	}
	odd := `" or externalId pr or externalId eq "\`
	if found, err := f.Target.FindExternal(t.Context(), user, odd); len(found) > 0 || err != nil && !f.NoQuotes {
		t.Errorf("%s gave %v, %v", odd, found, err)
	}

	// If the cloud accepts a second account with the same externalId, both are found.
	second := f.apply(t, addPerson(3, "second@example.com"))[0]
	if want := []identity.ResourceID{people[2]}; second.State == record.WriteDone && second.ID != people[2] {
		f.wantExternal(t, user, external(3), append(want, second.ID)...)
	} else {
		f.wantExternal(t, user, external(3), want...)
	}
}

// If externalId is not returned, it finds no account; the key still does.
func targetAnchorless(t *testing.T, f *TargetFixture) {
	if !f.Target.Limits().Anchorless {
		return
	}
	id := f.person(t, 1)
	f.wantExternal(t, identity.User, external(1))
	if found, err := f.Target.Find(t.Context(), identity.User, mail(1)); err != nil || len(found) != 1 ||
		found[0].ID != id {
		t.Errorf("by key: %v, %v", found, err)
	}
}
