package sync_test

import (
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestFlattenedGroupTouched: one group contains another, whose people are written to both. The
// inner one changes without a change of its members, and the outer one gains a member: the
// incremental run adds that one and removes no other.
func TestFlattenedGroupTouched(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.policy.Flatten = true
	member, added := f.dir.Add(person("Ana", "ana@example.com")), f.dir.Add(person("Bo", "bo@example.com"))
	inner := f.group("Inner", member)
	outer := f.group("Outer", inner)
	f.mustSync()
	f.edit(inner, "description", "another one")
	f.dir.Edit(outer, func(o *synctest.Object) { o.Members[added] = true })
	p, err := f.engine().Plan(t.Context(), sync.Request{Mode: record.Incremental})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	members := 0
	for _, c := range changes(t, p) {
		if c.Kind == identity.Member {
			members++
			if c.Anchor != outer || c.Member != added || c.Action != "add" {
				t.Errorf("%s %s of %s: %s", c.Action, c.Member, c.Anchor, c.Reason)
			}
		}
	}
	if p.Header().Mode != record.Incremental || members != 1 {
		t.Errorf("%s, %d memberships", p.Header().Mode, members)
	}
}
