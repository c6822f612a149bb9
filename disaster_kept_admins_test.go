package main

import (
	"strings"
	"testing"

	"dirbridge/sync/control"
)

// keptAdminDisasters are those of full administrators whom the directory does not know.
func keptAdminDisasters() []disaster {
	return []disaster{{"administrators that would have been removed", administratorsKept, false}}
}

// administratorsKept: one that was never linked and one who left are listed by name, in a
// list of their own, by plan and by show, in JSON and in words.
func administratorsKept(t *testing.T) {
	s := newDrill(t, drillOptions{people: 6, settings: siteSettings{policy: `on_unmatched = "deactivate"`}})
	s.root(t, "root@example.com")
	s.promote(t, "p1@example.com")
	s.promote(t, "p2@example.com") // who stays: the last one would hold the plan
	s.must1(t, s.ldap.Delete(s.dn("p1")))
	file := s.home + "/kept.plan"
	for _, verb := range [][]string{{"plan", "--full", "--out", file}, {"show", file}} {
		var p struct {
			Counts struct {
				Admins int `json:"admins_delete"`
			}
			KeptAdmins []control.Unmatched `json:"kept_admins"`
			Unmatched  []control.Unmatched
		}
		parse(t, s.run(t, verb...).out, &p)
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
	if _, text := s.spoken(t, "show", file); !strings.Contains(text, "2 full administrators would have been deleted, and are kept") ||
		!strings.Contains(text, "p1@example.com") || !strings.Contains(text, "administrator: full administrators that the directory does not know") {
		t.Errorf("in words:\n%s", text)
	}
	s.intact(t)
}
