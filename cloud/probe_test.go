package cloud_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/cloud/scimtest"
	"dirbridge/cloud/scimtest/elimity"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
)

// What reading shows of a provider becomes a profile, and nothing is written.
func TestProbing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options scimtest.Options
		want    string // of the profile, without its title
		found   string // a finding
	}{
		"one that conforms": {scimtest.Options{Plain: true, MembersInListing: true}, "discover = true\n",
			"members: in the list of groups"},
		"one like AWS": {scimtest.Options{Plain: true, Cursors: true, Departures: scimtest.Departures{HideMembers: true}},
			"discover = true\n\n[list]\npaging = \"cursor\"\n\n[group]\nmembers = \"filter\"\n",
			"members: by a search for users in the group"},
		"one with few searches": {scimtest.Options{Plain: true,
			Departures: scimtest.Departures{Filters: []string{"userName"}}},
			"discover = true\n\n[filter]\nusers = [\"userName\"]\ngroups = []\n\n[group]\nmembers = \"group\"\n",
			"search for externalId in /Users: refused (400)"},
		"one like GitHub": {scimtest.Options{Plain: true, Departures: scimtest.Departures{NoGroups: true}},
			"discover = true\n\n[group]\nsupported = false\n", "groups: there are none at this provider"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startSandbox(t, c.options)
			target := open(t, options(schema.KindSCIM, s.URL(), s.Token()))
			ids := [2]identity.ResourceID{}
			for i := range ids {
				ids[i] = done(t, apply(t, target, person(i, fmt.Sprintf("p%d@example.com", i))), 1)
			}
			if !c.options.Departures.NoGroups {
				g := done(t, apply(t, target, team(9, "Team")), 1)
				done(t, apply(t, target, membership(plan.Add, g, ids[0])), 1)
			}
			before := s.Stats().Writes
			f, err := target.Probe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, got, _ := strings.Cut(f.Profile.Text(), "\n")
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("%s\n%v", d, f.List)
			}
			var all []string
			for _, one := range f.List {
				all = append(all, one.Subject+": "+one.Result)
			}
			if !strings.Contains(strings.Join(all, "\n"), c.found) {
				t.Errorf("found %q", all)
			}
			if after := s.Stats().Writes; after != before {
				t.Errorf("%d writes", after-before)
			}
		})
	}
}

// A server that answers everything with an error ends the probing with that error.
func TestProbingAServerThatFails(t *testing.T) {
	t.Parallel()
	failing := false
	s, err := elimity.Start(5, func(*http.Request) int {
		if failing {
			return http.StatusInternalServerError
		}
		return 0
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	target := open(t, options(schema.KindSCIM, s.URL, elimity.Token))
	failing = true
	if _, err := target.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("%v", err)
	}
}
