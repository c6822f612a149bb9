package disasters

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"dirbridge/ldap/ldaptest"
)

// safetyDisasters returns the disasters of hostile text, of hostile users on the machine, and of
// the program's own faults.
func safetyDisasters() []disaster {
	return []disaster{
		{"a bit of the state flipped under a leaver", bitFlippedUnderLeaver, false},
		{"leftovers of killed runs", leftoversOfKilledRuns, false},
		{"plans of the service", plansOfTheService, false},
		{"demo killed", demoKilled, false},
		{"unfinished files of killed processes", unfinishedFiles, false},
		{"out of file descriptors", descriptorsOut, false},
		{"listing refused", listingsRefused, false},
	}
}

func TestSafetyDisaster(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/disasters.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range safetyDisasters() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(string(page), "`"+d.name+"`") {
				t.Errorf("docs/disasters.md does not tell of %s", d.name)
			}
			d.play(t)
		})
	}
}

// bitFlippedUnderLeaver checks a leaver whose remembered values in the state are corrupt.
func bitFlippedUnderLeaver(t *testing.T) {
	s := newDrill(t, drillOptions{people: 8, dir: ldaptest.Options{Rights: ldaptest.Rights{Replicate: true,
		ReadDeleted: true}}})
	db, err := sql.Open("sqlite", s.state("state.db"))
	s.must1(t, err)
	defer db.Close()
	for i, leave := range []func(){
		func() { s.set(t, "p3", "userAccountControl", "514") },
		func() { s.must1(t, s.ldap.Delete(s.dn("p4"))) },
	} {
		who := []string{"p3@example.com", "p4@example.com"}[i]
		var anchor string
		var payload []byte
		s.must1(t, db.QueryRow("SELECT anchor, payload FROM shadow WHERE id = ?", s.account(t, who).ID).Scan(&anchor,
			&payload))
		payload[len(payload)/2] ^= 4
		_, err := db.Exec("UPDATE shadow SET payload = ? WHERE anchor = ?", payload, anchor)
		s.must1(t, err)
		leave()
		s.rests(t, who)
		s.told(t)
		s.Must(t, 0, "sync")
		if s.account(t, who).Active {
			t.Errorf("%s is still active", who)
		}
		told := ""
		for _, e := range s.told(t) {
			if e.Code == "state-damaged" && string(e.Anchor) == anchor && e.Remedy != "" {
				told = e.Message
			}
		}
		if told == "" {
			t.Errorf("%s: the event log does not tell of the damage", who)
		}
		s.intact(t)
	}
	s.Unwritten(t, func() { s.Settled(t); s.Must(t, 0, "sync") })
}
