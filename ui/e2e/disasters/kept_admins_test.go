package disasters

import (
	"strings"
	"testing"

	"dirbridge/sync/control"
	"dirbridge/ui/e2e/site"
)

// keptAdminDisasters returns the disasters of full administrators that are not in the directory.
func keptAdminDisasters() []disaster {
	return []disaster{
		{"administrators that would have been removed", administratorsKept, false},
		{"all administrators unknown to the directory", administratorsUnknown, false},
	}
}

// administratorsKept checks that plan and show list by name, in a separate list, as JSON and as
// text, an administrator that was never linked and one who left.
func administratorsKept(t *testing.T) {
	s := newDrill(t, drillOptions{people: 6, settings: site.Settings{Policy: `on_unmatched = "deactivate"`}})
	s.root(t, "root@example.com")
	s.promote(t, "p1@example.com")
	s.promote(t, "p2@example.com") // stays: removing the last one would hold the plan
	s.must1(t, s.ldap.Delete(s.dn("p1")))
	file := s.Home + "/kept.plan"
	for _, verb := range [][]string{{"plan", "--full", "--out", file}, {"show", file}} {
		var p struct {
			Counts struct {
				Admins int `json:"admins_delete"`
			}
			KeptAdmins []control.Unmatched `json:"kept_admins"`
			Unmatched  []control.Unmatched
		}
		site.Parse(t, s.Run(t, verb...).Out, &p)
		var keys []string
		for _, u := range p.KeptAdmins {
			if !u.Admin || !u.Active || u.Kept == "" || u.ID == "" {
				t.Errorf("%+v", u)
			}
			keys = append(keys, u.Key)
		}
		if strings.Join(keys, " ") != "p1@example.com root@example.com" || p.Counts.Admins != 2 {
			t.Errorf("%s lists %v, counts %d", verb[0], keys, p.Counts.Admins)
		}
		if len(p.Unmatched) != 1 || p.Unmatched[0].Key != "root@example.com" {
			t.Errorf("%s: unmatched are %+v", verb[0], p.Unmatched)
		}
	}
	if _, text := s.spoken(t, "show", file); !strings.Contains(text,
		"2 full administrators are protected from deletion") ||
		!strings.Contains(text, "p1@example.com") || !strings.Contains(text,
		"administrator: full administrators without a match in the directory") {
		t.Errorf("in words:\n%s", text)
	}
	s.intact(t)
}

// administratorsUnknown checks a cloud whose only administrator is in no directory. The first run
// that mirrors is possible, and so is every later one: leavers are deactivated.
func administratorsUnknown(t *testing.T) {
	s := newDrill(t, drillOptions{people: 6, settings: site.Settings{Policy: `on_unmatched = "remove"`}, prepared: func(s *drill) {
		s.root(t, "root@example.com")
	}})
	s.disable(t, "p1")
	s.must1(t, s.ldap.Delete(s.dn("p2")))
	s.rests(t, "p1@example.com", "p2@example.com")
	s.Must(t, 0, "sync", "--full")
	for _, mail := range []string{"p1@example.com", "p2@example.com"} {
		if s.account(t, mail).Active {
			t.Errorf("%s is still in", mail)
		}
	}
	if !s.account(t, "root@example.com").Active {
		t.Error("the only administrator is out")
	}
	// The last administrator that would really be removed is kept.
	s.must1(t, s.sky.Set(s.account(t, "root@example.com").ID, "roles", []any{}))
	s.promote(t, "p3@example.com")
	s.disable(t, "p3")
	s.tells(t, 3, []string{"sync", "--full"}, "all existing full administrators")
	if !s.account(t, "p3@example.com").Active {
		t.Error("the last administrator is out")
	}
}
