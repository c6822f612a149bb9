package disasters

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/ui/e2e/site"
)

// keptDisasters returns the disasters of a cloud that does not keep what it claims to have written.
func keptDisasters() []disaster {
	return []disaster{
		{"cloud leaves a leaver active", leaverStaysActive, false},
		{"leaver reactivated by hand", leaverReactivated, false},
		{"cloud leaves a leaver active for good", leaverNeverKept, false},
		{"cloud never keeps a manager", managerNeverKept, false},
		{"cloud writes active in its own way", activeInItsOwnWay, false},
	}
}

// deactivationsIgnored silently drops writes to active.
var deactivationsIgnored = scimtest.Fault{Effect: scimtest.IgnoreAttribute, Attribute: "active"}

// failingOf returns the entries of an account that status lists as failing.
func (s *drill) failingOf(t *testing.T, mail string) (found []record.Failing) {
	t.Helper()
	var st control.Status
	site.Parse(t, s.Must(t, 0, "status").Out, &st)
	for _, f := range st.Failing {
		if f.Record == mail {
			found = append(found, f)
		}
	}
	return found
}

// disable disables people in the directory.
func (s *drill) disable(t *testing.T, names ...string) {
	t.Helper()
	for _, n := range names {
		s.set(t, n, "userAccountControl", "514")
	}
}

// leaverStaysActive has the cloud answer 200, or 204, while the account of a disabled or deleted
// person stays active. It is one error, a failed write in each run, visible in the status while it
// lasts, and no run is held because of earlier ones.
func leaverStaysActive(t *testing.T) {
	for name, o := range map[string]scimtest.Options{"the answer shows it": {},
		"the answer is empty": {QuietPatch: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDrill(t, drillOptions{people: 12, cloud: o, settings: site.Settings{Policy: "delete_threshold = 5"}})
			s.later(time.Hour)
			s.sky.Inject(deactivationsIgnored)
			leavers := []string{"p1", "p2", "p3", "p4"}
			s.disable(t, "p1", "p2")
			s.must1(t, s.ldap.Delete(s.dn("p3")))
			s.must1(t, s.ldap.Delete(s.dn("p4")))
			s.tells(t, 4, []string{"sync", "--full"}, "4 failed")
			for range 2 { // the threshold does not count them again
				s.Must(t, 4, "sync", "--full")
			}
			s.disable(t, "p5")
			leavers = append(leavers, "p5")
			s.must1(t, s.ldap.Delete(s.dn("p6")))
			s.must1(t, s.ldap.Delete(s.dn("p7")))
			leavers = append(leavers, "p6", "p7")
			s.Must(t, 4, "sync", "--full")
			told := map[string]int{}
			for _, e := range s.Events(t, 0) {
				if e.Code == "still-active" && e.Level == record.Error && e.Field == schema.Active && e.Remedy != "" {
					told[e.Record]++
				}
				if strings.Contains(e.Message, "by hand") || strings.Contains(e.Message, "reactivated") {
					t.Errorf("a false reason: %s", e.Message)
				}
			}
			for _, n := range leavers {
				mail := n + "@example.com"
				if told[mail] != 1 {
					t.Errorf("%s is told %d times", mail, told[mail])
				}
				if f := s.failingOf(t, mail); len(f) != 1 || !strings.Contains(f[0].Message, "still active") {
					t.Errorf("the status does not list %s: %+v", mail, f)
				}
			}
			s.later(30 * 24 * time.Hour)
			s.Run(t, "purge") // an active account is not purged
			s.sky.Heal()
			for _, n := range leavers {
				s.rests(t, n+"@example.com")
			}
			s.Must(t, 0, "sync", "--full")
			for _, n := range leavers {
				if s.account(t, n+"@example.com").Active || len(s.failingOf(t, n+"@example.com")) > 0 {
					t.Errorf("%s is still active, or said to be", n)
				}
			}
			s.Settled(t)
			s.intact(t)
		})
	}
}

// leaverReactivated has an account in grace, and one of a disabled person, activated in the cloud
// by hand. The next full run deactivates both again and reports it, and the grace period starts
// again.
func leaverReactivated(t *testing.T) {
	s := newDrill(t, drillOptions{people: 12})
	s.later(time.Hour)
	s.disable(t, "p1")
	s.must1(t, s.ldap.Delete(s.dn("p2")))
	s.rests(t, "p1@example.com", "p2@example.com")
	s.tells(t, 0, []string{"sync", "--full"})
	for _, mail := range []string{"p1@example.com", "p2@example.com"} {
		s.must1(t, s.sky.Edit(s.account(t, mail).ID, scimtest.Op{Op: "replace", Path: "active", Value: true}))
	}
	s.later(48 * time.Hour)
	_, file := s.Plan(t, 2)
	changes := s.Changes(t, file)
	for mail, reason := range map[string]string{"p1@example.com": "reactivated in the cloud since the last run, and " +
		"disabled", "p2@example.com": "reactivated in the cloud by hand"} {
		at := slices.IndexFunc(changes, func(c site.Change) bool { return c.Key == mail })
		if at < 0 || changes[at].Action != "deactivate" || !strings.Contains(changes[at].Reason, reason) {
			t.Errorf("%s: %+v", mail, changes)
		}
	}
	s.tells(t, 0, []string{"sync", "--full"})
	for _, mail := range []string{"p1@example.com", "p2@example.com"} {
		if s.account(t, mail).Active {
			t.Errorf("%s is active", mail)
		}
	}
	told := map[string]int{}
	for _, e := range s.Events(t, 0) {
		if e.Code == "leaver-reactivated" && e.Level == record.Error && e.Remedy != "" {
			told[e.Record]++
		}
	}
	if len(told) != 2 || told["p1@example.com"] != 1 || told["p2@example.com"] != 1 {
		t.Errorf("it is told in red of %v", told)
	}
	s.Unwritten(t, func() { s.tells(t, 0, []string{"sync", "--full"}) })
	s.later(8 * 24 * time.Hour) // seven days after the first deactivation, six after the second
	s.Must(t, 0, "purge")
	s.Settled(t)
}

// leaverNeverKept has the cloud never keep the deactivation, with incremental runs only. They write
// it a few times and then only read, and each fails because of it: it is reported once, and the
// status stays red. A full run writes it again.
func leaverNeverKept(t *testing.T) {
	for name, o := range map[string]scimtest.Options{"it shows it": {},
		"it does not show it": {ActiveAs: func(bool) string { return "null" }}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDrill(t, drillOptions{people: 6, cloud: o})
			s.sky.Inject(deactivationsIgnored)
			s.disable(t, "p1")
			for range 4 {
				s.Must(t, 4, "sync")
			}
			s.Unwritten(t, func() {
				for range 4 {
					s.Must(t, 4, "sync")
				}
			})
			told := 0
			for _, e := range s.Events(t, 0) {
				if e.Code == "still-active" && e.Level == record.Error && strings.Contains(e.Remedy, "Full runs try again") {
					told++
				}
			}
			var st control.Status
			site.Parse(t, s.Must(t, 0, "status").Out, &st)
			if f := s.failingOf(t, "p1@example.com"); told != 1 || st.Condition != control.Failed || len(f) != 1 ||
				f[0].Runs != 8 {
				t.Errorf("told %d times, %s, %+v", told, st.Condition, f)
			}
			// A change of another person at the same time is written.
			s.set(t, "p2", "title", "Chief")
			s.Must(t, 4, "sync")
			if s.account(t, "p2@example.com").Title != "Chief" {
				t.Error("the others were held up")
			}
			s.rests(t, "p1@example.com")
			if name == "it shows it" {
				s.sky.Heal()
				s.tells(t, 0, []string{"sync", "--full"})
				if s.account(t, "p1@example.com").Active || len(s.failingOf(t, "p1@example.com")) > 0 {
					t.Error("a full run does not try again")
				}
				s.Settled(t)
			}
		})
	}
}

// managerNeverKept uses a cloud that stores no manager, whatever it answers. Each is reported once,
// and not written again.
func managerNeverKept(t *testing.T) {
	for name, o := range map[string]scimtest.Options{"the answer shows it": {},
		"the answer is empty": {QuietPatch: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDrill(t, drillOptions{people: 6, cloud: o, settings: site.Settings{Mapping: `manager = "manager"`}})
			s.later(time.Hour)
			s.sky.Inject(scimtest.Fault{Effect: scimtest.IgnoreAttribute, Attribute: scimtest.EnterpriseURN + ":manager"})
			for _, n := range []string{"p2", "p3"} {
				s.set(t, n, "manager", s.dn("p1"))
			}
			s.hire(t, "new", "manager", s.dn("p1"))
			told := map[string]int{}
			for range 4 {
				s.Run(t, "sync", "--full")
				for _, e := range s.told(t) {
					if e.Code == "value-rewritten" && e.Field == schema.Manager && e.Remedy != "" {
						told[e.Record]++
					}
				}
			}
			for _, n := range []string{"p2", "p3", "new"} {
				if told[n+"@example.com"] != 1 {
					t.Errorf("%s is told %d times", n, told[n+"@example.com"])
				}
			}
			s.Unwritten(t, func() { s.tells(t, 0, []string{"sync", "--full"}) })
			// Another manager is a new change.
			s.sky.Heal()
			s.set(t, "p2", "manager", s.dn("p4"))
			s.tells(t, 0, []string{"sync", "--full"})
			if s.account(t, "p2@example.com").Manager != s.account(t, "p4@example.com").ID {
				t.Error("the new manager is not written")
			}
			s.Settled(t)
		})
	}
}

// activeInItsOwnWay checks that numbers and texts are understood. If the cloud does not show the
// value at all, a deactivation cannot be verified, and that is reported.
func activeInItsOwnWay(t *testing.T) {
	for name, as := range map[string]func(bool) string{
		"as a number": func(active bool) string { return map[bool]string{true: "1", false: "0"}[active] },
		"as a text":   func(active bool) string { return map[bool]string{true: `"True"`, false: `"False"`}[active] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDrill(t, drillOptions{people: 4, cloud: scimtest.Options{ActiveAs: as}})
			s.later(time.Hour)
			s.disable(t, "p1")
			s.rests(t, "p1@example.com")
			s.tells(t, 0, []string{"sync"})
			s.Settled(t)
			s.Must(t, 0, "sync", "--full")
		})
	}
	t.Run("not at all", func(t *testing.T) {
		t.Parallel()
		s := newDrill(t, drillOptions{people: 4, cloud: scimtest.Options{ActiveAs: func(bool) string { return "null" }}})
		s.later(time.Hour)
		s.disable(t, "p1")
		s.rests(t, "p1@example.com")
		for range 3 {
			s.Must(t, 4, "sync", "--full")
		}
		told := 0
		for _, e := range s.Events(t, 0) {
			if e.Code == "still-active" && strings.Contains(e.Message, "does not show whether the account is active") {
				told++
			}
		}
		if told != 1 || len(s.failingOf(t, "p1@example.com")) != 1 {
			t.Errorf("told %d times", told)
		}
	})
}
