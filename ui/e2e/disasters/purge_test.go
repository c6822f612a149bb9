package disasters

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/control"
	"dirbridge/ui/e2e/site"
)

func purgeDisasters() []disaster {
	return []disaster{
		{"disabled first and deleted later", disabledThenDeleted, false},
		{"mirror removes what no directory knows", mirrorRemoves, false},
	}
}

// gonePeople returns those of these e-mail addresses for which the cloud has no account.
func (s *drill) gonePeople(mails ...string) (gone []string) {
	for _, m := range mails {
		if _, ok := s.sky.User(m); !ok {
			gone = append(gone, strings.TrimSuffix(m, "@example.com"))
		}
	}
	return gone
}

// purge plans the purge, which must have something to do, and applies it.
func (s *drill) purge(t *testing.T) {
	t.Helper()
	file := filepath.Join(s.Home, "purge.plan")
	os.Remove(file)
	s.Must(t, 2, "purge", "--out", file)
	s.Must(t, 0, "apply", file)
}

func disabledThenDeleted(t *testing.T) {
	s := newDrill(t, drillOptions{people: 6})
	disable := func(name string) { s.set(t, name, "userAccountControl", "514") }
	// p1 is disabled in the directory; p2 in the cloud by hand first; p3 comes back; p4 is enabled
	// again before it leaves.
	s.sky.Edit(s.account(t, "p2@example.com").ID, scimtest.Op{Op: "replace", Path: "active", Value: false})
	for _, name := range []string{"p1", "p2", "p3", "p4"} {
		disable(name)
	}
	s.Run(t, "sync", "--full")
	s.rests(t, "p1@example.com", "p2@example.com", "p3@example.com", "p4@example.com")
	for name, byUs := range map[string]bool{"p1": true, "p2": false} {
		var x struct{ State control.Remembered }
		site.Parse(t, s.Explained(t, name+"@example.com", 0), &x)
		if !x.State.Inactive || x.State.ByUs != byUs {
			t.Errorf("explain does not say who deactivated %s: %+v", name, x.State)
		}
	}
	s.set(t, "p4", "userAccountControl", "512")
	s.Run(t, "sync")
	var people []string
	for _, name := range []string{"p1", "p2", "p3", "p4"} {
		people = append(people, name+"@example.com")
		s.must1(t, s.ldap.Delete(s.dn(name)))
	}
	s.later(time.Hour)
	if got := s.Run(t, "sync", "--full"); got.Code != 0 {
		t.Errorf("%d %s", got.Code, got.Err)
	}
	queue := s.Run(t, "purge", "--list").Out
	for name, want := range map[string]bool{"p1@": true, "p2@": false, "p3@": true, "p4@": true} {
		if strings.Contains(queue, name) != want {
			t.Errorf("%s is in the queue: %v\n%s", name, !want, queue)
		}
	}
	if got := s.Run(t, "plan", "--full"); got.Code != 0 {
		t.Errorf("again it is not nothing: %d %s", got.Code, got.Out)
	}
	s.Must(t, 0, "purge") // the grace period has not ended
	// p3 is hired again, with another address.
	s.hire(t, "p3")
	s.set(t, "p3", "userAccountControl", "512")
	s.Run(t, "sync", "--full")
	s.later(8 * 24 * time.Hour)
	s.purge(t)
	if got := s.gonePeople(people...); strings.Join(got, " ") != "p1 p4" {
		t.Errorf("purged are %v, not p1 and p4", got)
	}
	for _, m := range []string{"p1", "p4"} {
		for _, u := range s.before {
			if u.UserName == m+"@example.com" {
				s.gone[u.ID] = true
			}
		}
	}
	if got := s.Run(t, "plan", "--full"); got.Code != 0 {
		t.Errorf("not settled: %d %s", got.Code, got.Out)
	}
	s.intact(t)
}

func mirrorRemoves(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5, settings: site.Settings{Policy: `on_unmatched = "remove"`}, prepared: func(s *drill) {
		for _, name := range []string{"ghost", "hired", "resting", "kept"} {
			_, err := s.sky.Add(scimtest.User{UserName: name + "@example.com",
				Attrs: map[string]any{"active": name != "resting"}})
			s.must1(t, err)
		}
		_, err := s.sky.AddGroup(scimtest.Group{DisplayName: "Board"})
		s.must1(t, err)
	}})
	strangers := []string{"ghost@example.com", "hired@example.com", "resting@example.com", "kept@example.com"}
	for _, m := range []string{"ghost", "hired", "kept"} {
		if s.account(t, m+"@example.com").Active {
			t.Errorf("%s is active", m)
		}
	}
	// The state may have been lost: no account waits for the purge before a full run has succeeded.
	queue := func() string { return s.Run(t, "purge", "--list").Out }
	if text := queue(); strings.Contains(text, "@example.com") {
		t.Errorf("after the first run of this state an account waits:\n%s", text)
	}
	s.later(time.Hour)
	s.Run(t, "sync", "--full")
	text := queue()
	for name, want := range map[string]bool{"ghost": true, "hired": true, "kept": true, "resting": false, "Board": false} {
		if strings.Contains(text, name) != want {
			t.Errorf("%s waits: %v\n%s", name, !want, text)
		}
	}
	s.Settled(t)
	s.Must(t, 0, "purge", "--keep", "kept@example.com", "--reason", "on leave")
	s.later(9 * 24 * time.Hour)
	// Hired since then: now the account matches a person in the directory.
	s.hire(t, "hired")
	s.purge(t)
	if got := s.gonePeople(strangers...); strings.Join(got, " ") != "ghost" {
		t.Errorf("purged are %v, not ghost", got)
	}
	s.Run(t, "sync", "--full")
	if u := s.account(t, "hired@example.com"); !u.Active || u.ExternalID == "" {
		t.Errorf("who was hired since has %+v", u)
	}
	s.Settled(t)
	if _, ok := s.sky.Group("Board"); !ok {
		t.Error("a group was removed")
	}
	// Another policy ends the wait: the accounts stay.
	if s.Run(t, "purge", "--release", "kept@example.com"); s.account(t, "kept@example.com").Active {
		t.Error("kept is active")
	}
	s.Configure(t, site.Settings{Policy: `on_unmatched = "deactivate"`})
	s.Must(t, 0, "purge")
	if text := queue(); strings.Contains(text, "kept@") {
		t.Errorf("it waits although the policy is deactivate:\n%s", text)
	}
}
