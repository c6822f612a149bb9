package disasters

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
	"dirbridge/ui/e2e/site"
)

// leaverDisasters returns the disasters in which a leaver keeps access.
func leaverDisasters() []disaster {
	return []disaster{
		{"leaver whose data is a problem", leaverWithProblem, false},
		{"leaver whose data is a problem, and the state lost", leaverUnremembered, false},
		{"leaver whose address is handed on", leaversAddress, false},
		{"leaver with a value that the cloud refuses", leaverRefused, false},
		{"leavers behind other people's new names", leaversHeld, false},
	}
}

// leaves makes p1 a leaver, in one of the possible ways.
func (s *drill) leaves(t *testing.T, way string) {
	t.Helper()
	switch way {
	case "disabled":
		s.set(t, "p1", "userAccountControl", "514")
	case "gone":
		s.must1(t, s.ldap.Delete(s.dn("p1")))
	default:
		s.must1(t, s.ldap.Move(s.dn("p1"), "OU=Left,"+s.base()))
	}
}

// seesDeletions grants the bind account the rights that incremental runs need to detect deletions.
func (s *drill) seesDeletions() {
	s.ldap.Grant("", ldaptest.Rights{Replicate: true, ReadDeleted: true})
}

func (s *drill) base() string { return s.crew[len("OU=Crew,"):] }

func leaverWithProblem(t *testing.T) {
	for _, way := range []string{"disabled", "gone", "out of scope"} {
		for _, problem := range []string{"mail cleared", "phone", "title", "same mail"} {
			for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
				t.Run(fmt.Sprint(way, ", ", problem, ", ", verb), func(t *testing.T) {
					t.Parallel()
					s := newDrill(t, drillOptions{people: 3, prepared: func(s *drill) {
						s.seesDeletions()
						s.must1(t, s.ldap.Add("OU=Left,"+s.base(), map[string][]string{"objectClass": {"organizationalUnit"}}))
						s.Configure(t, site.Settings{Base: []string{s.crew}})
					}})
					s.rests(t, "p1@example.com")
					id := s.account(t, "p1@example.com").ID
					switch problem {
					case "mail cleared":
						s.set(t, "p1", "mail")
					case "phone":
						s.set(t, "p1", "telephoneNumber", "+")
					case "title":
						s.set(t, "p1", "title", "Chief\x07")
					default:
						s.set(t, "p2", "mail", "p1@example.com")
					}
					s.leaves(t, way)
					s.Run(t, verb...)
					if u := s.account(t, "p1@example.com"); u.Active || u.ID != id || u.Title != "Clerk" {
						t.Errorf("%+v", u)
					}
					if u := s.account(t, "p2@example.com"); !u.Active {
						t.Errorf("another one is out: %+v", u)
					}
					if way == "disabled" {
						s.problem(t, s.dn("p1"), map[string]string{"phone": "telephoneNumber",
							"title": "title"}[problem]+map[string]string{"mail cleared": "mail", "same mail": "mail"}[problem], "")
					}
					s.Unwritten(t, func() { s.Run(t, verb...) })
					s.intact(t)
				})
			}
		}
	}
}

// leaverUnremembered checks a leaver whose link is lost, while externalId identifies the account's
// owner.
func leaverUnremembered(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3})
	s.rests(t, "p1@example.com", "p2@example.com")
	for _, name := range []string{"p1", "p2"} {
		s.set(t, name, "userAccountControl", "514")
	}
	s.set(t, "p1", "mail")
	s.set(t, "p2", "telephoneNumber", "+")
	s.loses(t)
	s.Run(t, "sync", "--full")
	for _, mail := range []string{"p1@example.com", "p2@example.com"} {
		if s.account(t, mail).Active {
			t.Errorf("%s is still in", mail)
		}
	}
	s.Unwritten(t, func() { s.Run(t, "sync", "--full") })
	s.intact(t)
}

// leaversAddress checks that the leaver is deactivated at once. The new owner of the address is
// reported, keeps the account and the old name, and takes the new name once it is free in the
// cloud.
func leaversAddress(t *testing.T) {
	for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
		s := newDrill(t, drillOptions{people: 5})
		first, heir := s.account(t, "p1@example.com").ID, s.account(t, "p2@example.com").ID
		s.rests(t, "p1@example.com")
		s.must1(t, s.ldap.Delete(s.dn("p1")))
		s.set(t, "p2", "mail", "p1@example.com")
		s.set(t, "p3", "mail", "p2@example.com")
		s.Run(t, verb...)
		if u := s.account(t, "p1@example.com"); u.Active || u.ID != first {
			t.Errorf("the leaver: %+v", u)
		}
		if u := s.account(t, "p2@example.com"); !u.Active || u.ID != heir {
			t.Errorf("the heir: %+v", u)
		}
		s.problem(t, s.dn("p2"), "uid", "naming conflict")
		file := filepath.Join(s.Home, "purge.plan")
		s.Must(t, 2, "purge", "--now", "p1@example.com", "--out", file)
		s.Must(t, 0, "apply", file)
		s.gone[first] = true
		s.Run(t, verb...)
		if u := s.account(t, "p1@example.com"); !u.Active || u.ID != heir {
			t.Errorf("the heir, once the name is free: %+v", u)
		}
		s.recovers(t)
	}
}

func leaverRefused(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3})
	s.rests(t, "p1@example.com")
	s.set(t, "p1", "userAccountControl", "514")
	s.set(t, "p1", "mail", "taken@example.com")
	s.sky.Inject(scimtest.Fault{Effect: scimtest.RefuseKey, Key: "taken@example.com", Status: http.StatusConflict})
	s.tells(t, 4, []string{"sync"}, "1 failed")
	if u := s.account(t, "p1@example.com"); u.Active {
		t.Errorf("%+v", u)
	}
	s.recovers(t)
}

// leaversHeld checks that many new names are held, but the leavers among them are not.
func leaversHeld(t *testing.T) {
	for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
		s := newDrill(t, drillOptions{people: 30, prepared: (*drill).seesDeletions})
		s.rests(t, "p1@example.com", "p2@example.com")
		s.set(t, "p1", "userAccountControl", "514")
		s.must1(t, s.ldap.Delete(s.dn("p2")))
		for i := 3; i <= 28; i++ {
			s.set(t, fmt.Sprint("p", i), "mail", fmt.Sprintf("new%d@example.com", i))
		}
		s.tells(t, 3, verb, "would get another userName", "2 accounts were deactivated all the same")
		for _, name := range []string{"p1", "p2"} {
			if u := s.account(t, name+"@example.com"); u.Active {
				t.Errorf("%+v", u)
			}
		}
		s.account(t, "p3@example.com") // not renamed
		s.Unwritten(t, func() { s.tells(t, 3, verb, "would get another userName") })
		if got := s.Run(t, "sync", "--full", "--override-threshold", "26"); got.Code != 0 {
			t.Errorf("overridden: %d %s", got.Code, got.Err)
		}
		s.recovers(t)
	}
}
