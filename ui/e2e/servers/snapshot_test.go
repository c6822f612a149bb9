package servers

import (
	"fmt"
	"strings"
	"testing"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/ui/e2e/site"
)

// TestSnapshotRestoredOnSamba restores a domain controller from a snapshot: people hired since are
// gone. The next run notices, reads everything, and is held if they are many.
func TestSnapshotRestoredOnSamba(t *testing.T) {
	t.Parallel()
	snapshot := lab.Company(100, 5)
	d := lab.Samba(t, snapshot) // its own: the test restores it
	t.Cleanup(d.Close)
	s := site.New(t, d, site.EmbeddedCloud(t), site.Settings{Policy: "delete_threshold = 4"})
	s.Sync(t)
	base := d.Scratch(t)
	for i := range 5 {
		name := fmt.Sprintf("hired%d", i)
		d.AddPerson(t, base, name, map[string][]string{"mail": {name + "@example.com"}, "displayName": {name}})
	}
	s.Sync(t)
	accounts := s.Cloud.Sandbox.Users()

	d.Restore(t, snapshot)
	s.Unwritten(t, func() {
		got := s.Must(t, 3, "sync")
		if !strings.Contains(got.Err, "5 objects would be deactivated") {
			t.Error(got.Err)
		}
	})
	told := false
	for _, e := range s.Events(t, 0) {
		told = told || e.Code == "full-instead" && e.Remedy != ""
	}
	if !told {
		t.Error("no event says that everything was read")
	}
	base = d.Scratch(t)
	for i := range 5 { // hired again: new objects, the same addresses
		name := fmt.Sprintf("hired%d", i)
		d.AddPerson(t, base, name, map[string][]string{"mail": {name + "@example.com"}, "displayName": {name}})
	}
	s.Sync(t)
	s.Settled(t)
	if now := s.Cloud.Sandbox.Users(); len(now) != len(accounts) {
		t.Errorf("%d accounts, and there were %d", len(now), len(accounts))
	}
	for _, u := range accounts {
		if is, ok := s.Cloud.Sandbox.User(u.UserName); !ok || is.ID != u.ID || is.Active != u.Active {
			t.Errorf("%s became %+v", u.UserName, is)
		}
	}
	neverTwice(t, s.Cloud.Sandbox)
}
