package disasters

import (
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/ui/e2e/site"
)

// peopleDisasters returns the disasters that start with an ordinary change of a person's data.
func peopleDisasters() []disaster {
	return []disaster{
		{"mail changed", mailChanged, false},
		{"mails swapped", mailsSwapped, false},
		{"mail handed on", mailHandedOn, false},
		{"case changed", caseChanged, false},
		{"duplicate mail", duplicateMail, false},
		{"mail removed", mailRemoved, false},
		{"person deleted and created again", madeAnew, false},
	}
}

func mailChanged(t *testing.T) {
	for _, incremental := range []bool{true, false} {
		s := newDrill(t, drillOptions{people: 5})
		id := s.account(t, "p1@example.com").ID
		s.set(t, "p1", "mail", "married@example.com")
		s.set(t, "p2", "title", "Chief")
		verb := []string{"sync"}
		if !incremental {
			verb = append(verb, "--full")
		}
		s.tells(t, 0, verb)
		if u := s.account(t, "married@example.com"); u.ID != id {
			t.Errorf("it is another account: %+v", u)
		}
		if u := s.account(t, "p2@example.com"); u.Title != "Chief" {
			t.Error("the others were held up")
		}
		s.recovers(t)
	}
}

func mailsSwapped(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	first, second := s.account(t, "p1@example.com").ID, s.account(t, "p2@example.com").ID
	s.set(t, "p1", "mail", "swap@example.com")
	s.set(t, "p2", "mail", "p1@example.com")
	s.set(t, "p1", "mail", "p2@example.com")
	s.tells(t, 0, []string{"sync"})
	if s.account(t, "p2@example.com").ID != first || s.account(t, "p1@example.com").ID != second {
		t.Error("the accounts were not kept")
	}
	s.recovers(t)
}

// mailHandedOn gives a new person the address of a person who has another one now: in one run, and
// with the cloud refusing the first half.
func mailHandedOn(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	id := s.account(t, "p1@example.com").ID
	s.set(t, "p1", "mail", "old.p1@example.com")
	s.hire(t, "heir", "mail", "p1@example.com")
	s.sky.Inject(scimtest.Fault{Effect: scimtest.RefuseKey, Key: "old.p1@example.com"})
	s.tells(t, 4, []string{"sync"}, "2 failed")
	if u := s.account(t, "p1@example.com"); u.ID != id {
		t.Errorf("the account went to the heir: %+v", u)
	}
	s.recovers(t)
	if u := s.account(t, "old.p1@example.com"); u.ID != id {
		t.Errorf("the account was not kept: %+v", u)
	}
}

// caseChanged checks an account that was created, or converted, in another letter case than in the
// directory. No account is deleted, even if the cloud mirrors the directory.
func caseChanged(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3, settings: site.Settings{Policy: `on_unmatched = "deactivate"`}, prepared: func(s *drill) {
		for _, mail := range []string{"User1@Example.com", "P1@example.com"} {
			_, err := s.sky.Add(scimtest.User{UserName: mail, Attrs: map[string]any{"active": true,
				"emails": []any{map[string]any{"value": mail, "type": "work"}}}})
			s.must1(t, err)
		}
		s.hire(t, "user1")
	}})
	if n := len(s.sky.Users()); n != 4 {
		t.Errorf("%d accounts of 4 people", n)
	}
	id := s.account(t, "user1@example.com").ID
	s.set(t, "user1", "mail", "USER1@EXAMPLE.COM")
	s.tells(t, 0, []string{"sync"})
	if u := s.account(t, "user1@example.com"); u.ID != id || !u.Active || u.UserName != "USER1@EXAMPLE.COM" {
		t.Errorf("%+v", u)
	}
	s.must1(t, s.sky.Set(id, "userName", "User1@example.com"))
	s.tells(t, 0, []string{"sync", "--full"})
	s.recovers(t)
}

func duplicateMail(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	s.hire(t, "twin", "mail", "P1@example.com")
	s.set(t, "p1", "title", "Chief")
	s.set(t, "p2", "title", "Chief")
	for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
		s.tells(t, 0, verb)
		if s.account(t, "p1@example.com").Title != "Clerk" || s.account(t, "p2@example.com").Title != "Chief" {
			t.Error("an account was guessed, or the others were held up")
		}
	}
	s.problem(t, s.dn("p1"), "mail", "p1@example.com")
	s.problem(t, s.dn("twin"), "mail", "P1@example.com")
	s.set(t, "twin", "mail", "twin@example.com")
	s.recovers(t)
}

func mailRemoved(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	s.set(t, "p1", "mail")
	for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
		s.Unwritten(t, func() { s.tells(t, 0, verb) })
	}
	s.problem(t, s.dn("p1"), "mail", "mail")
	s.set(t, "p1", "mail", "p1@example.com")
	s.recovers(t)
}

func madeAnew(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	id := s.account(t, "p1@example.com").ID
	s.must1(t, s.ldap.Delete(s.dn("p1")))
	s.hire(t, "p1", "title", "Chief")
	s.tells(t, 0, []string{"sync"})
	if u := s.account(t, "p1@example.com"); u.ID != id || !u.Active || u.Title != "Chief" {
		t.Errorf("%+v", u)
	}
	s.recovers(t)
}
