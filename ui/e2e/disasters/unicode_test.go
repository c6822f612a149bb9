package disasters

import (
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/ui/e2e/site"
)

// unicodeDisasters returns the disasters of letters that look the same but are different
// characters.
func unicodeDisasters() []disaster {
	return []disaster{{"user names that differ in Unicode form alone", unicodeForms, false}}
}

// unicodeForms has the cloud use a composed accent and the directory a separate one, and the
// reverse. Each account matches its person: nothing is planned for the name and no second account
// is created, by link, by externalId and by name alone.
func unicodeForms(t *testing.T) {
	const joined, apart = "jos\u00e9@example.com", "jose\u0301@example.com"
	for name, x := range map[string]struct{ cloud, directory string }{"apart in the directory": {joined, apart},
		"apart in the cloud": {apart, joined}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDrill(t, drillOptions{people: 2, kind: schema.KindSCIM, cloud: scimtest.Options{AnyUserName: true}})
			_, err := s.sky.Add(scimtest.User{UserName: x.cloud, DisplayName: "JOSE", Active: true})
			s.must1(t, err)
			was := s.account(t, x.cloud)
			s.hire(t, "jose", "mail", x.directory)
			one := func(what string) {
				t.Helper()
				if n := len(s.sky.Users()); n != 3 {
					t.Errorf("%s: the cloud has %d accounts", what, n)
				}
				if u, ok := s.sky.User(was.ID); !ok || u.UserName != x.cloud || !u.Active || u.ExternalID == "" {
					t.Errorf("%s: the account is %+v", what, u)
				}
			}
			var p struct {
				Counts   record.Counts
				Problems []control.Unmatched
			}
			site.Parse(t, s.Must(t, 2, "plan", "--full").Out, &p)
			if c := p.Counts.Users; c.Match != 3 || c.Add+c.Rename+c.Deactivate+c.Unmatched+c.Problem != 0 {
				t.Errorf("it is planned: %+v", c)
			}
			s.Must(t, 0, "sync", "--full")
			one("matched by name")
			for _, verb := range [][]string{{"plan", "--full"}, {"plan"}} {
				site.Parse(t, s.Must(t, 0, verb...).Out, &p)
				if c := p.Counts.Users; c.Update+c.Rename+c.Add != 0 {
					t.Errorf("%v: again is not nothing: %+v", verb, c)
				}
			}
			// The same person, from now on in the other form.
			s.set(t, "jose", "mail", x.cloud)
			s.Must(t, 0, "sync")
			one("written in the other form")
			s.set(t, "jose", "mail", x.directory)
			s.set(t, "jose", "title", "Chief")
			s.Must(t, 0, "sync")
			one("with another change beside it")
			if u, _ := s.sky.User(was.ID); u.Title != "Chief" {
				t.Errorf("the rest is not written: %+v", u)
			}
			s.Settled(t)
		})
	}
}
