package cloud_test

import (
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// TestFollow: an attribute that is not mapped is not read, until Follow adds it; an attribute that
// the provider lacks is ignored.
func TestFollow(t *testing.T) {
	server := startSandbox(t, scimtest.Options{})
	o := options(schema.KindWebex, server.URL(), server.Token())
	o.Managed = []string{schema.UID}
	target := open(t, o)
	id := done(t, apply(t, target, person(1, "a@example.com", set("title", "Clerk"))), 1)
	title := func() string {
		t.Helper()
		r, ok, err := target.Get(t.Context(), identity.User, id)
		if err != nil || !ok {
			t.Fatalf("%t %v", ok, err)
		}
		return r.Attrs.First("title")
	}
	if got := title(); got != "" {
		t.Errorf("not mapped, and read: %s", got)
	}
	target.Follow([]string{"title", "nothing", schema.GroupName})
	if got := title(); got != "Clerk" {
		t.Errorf("followed, and read as %q", got)
	}
}
