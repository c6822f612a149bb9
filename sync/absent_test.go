package sync_test

import (
	"strings"
	"testing"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/synctest"
)

// TestUnlistedAccountsAreLookedAtAgain: with a cloud that claims that an incomplete list is
// complete, no account is added again, no group is added twice although names may be shared, and no
// leaver is forgotten.
func TestUnlistedAccountsAreLookedAtAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.cloud.Limit.UniqueGroupNames = false
	stays, leaves, lost := f.dir.Add(person("Ana", "ana@example.com")), f.dir.Add(person("Bo",
		"bo@example.com")), f.dir.Add(person("Cy", "cy@example.com"))
	f.dir.Add(person("Di", "di@example.com"))
	team := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team"})
	f.mustSync()
	f.now = f.now.Add(time.Hour)
	gone := f.account(lost).ID
	f.cloud.Remove(gone)
	group, _ := f.shadow(team)
	f.cloud.Unlisted = map[identity.ResourceID]bool{f.account(stays).ID: true, f.account(leaves).ID: true, group.ID: true}
	f.dir.Delete(leaves)

	p := f.plan()
	for _, c := range changes(t, p) {
		if c.Anchor != lost {
			t.Errorf("%s %s %s", c.Action, c.Kind, c.Key)
		}
	}
	if said := f.problems(p); strings.Count(said, "the list is incomplete") != 3 || !strings.Contains(said, "Ana") ||
		!strings.Contains(said, "Team") {
		t.Errorf("it says %q", said)
	}
	f.mustSync()
	if f.account(lost).ID == gone {
		t.Error("who was removed in the cloud is not made again")
	}
	if n := len(f.cloud.All(identity.Group)); n != 1 {
		t.Errorf("%d groups", n)
	}
	f.cloud.Unlisted = nil
	f.mustSync()
	if f.account(leaves).Active {
		t.Error("who left was forgotten")
	}
	if l := f.plan().Len(); l != 0 {
		t.Errorf("%d changes are left", l)
	}
}
