package cloud_test

import (
	"net/http"
	"testing"

	"dirbridge/cloud"
	"dirbridge/cloud/scimtest"
	"dirbridge/cloud/webex"
)

// TestAssumptionsAreTestedByReading: each assumption is tested or says why not, what does not hold is
// found, and nothing is written.
func TestAssumptionsAreTestedByReading(t *testing.T) {
	t.Parallel()
	s, target := webexSandbox(t, scimtest.Options{})
	done(t, apply(t, target, people(3)...), 3)
	if _, err := s.AddGroup(scimtest.Group{DisplayName: "team"}); err != nil {
		t.Fatal(err)
	}
	u, _ := s.User(s.Users()[0].ID)
	if err := s.Set(u.ID, scimtest.WebexUserURN+":provisionSource", "DirSync"); err != nil {
		t.Fatal(err)
	}
	s.ResetStats()
	check := func() map[string]string {
		t.Helper()
		all, err := target.CheckAssumptions(t.Context())
		if err != nil || len(all) != len(webex.Assumptions()) {
			t.Fatalf("%d assumptions, %v", len(all), err)
		}
		verdicts := map[string]string{}
		for _, a := range all {
			verdicts[a.ID] = a.Verdict
			if a.Detail == "" || a.Source == "" || a.Otherwise == "" || (a.Verdict == cloud.NotTested) != (a.Untestable != "") &&
				a.ID != "second-base" {
				t.Errorf("%+v", a)
			}
		}
		return verdicts
	}
	holds := check()
	for _, id := range []string{"paging", "tracking-id", "work-address", "user-type", "name-search", "external-id-search",
		"members", "provision-source", "archive"} {
		if holds[id] != cloud.Holds {
			t.Errorf("%s: %s", id, holds[id])
		}
	}
	s.Inject(scimtest.Fault{Effect: scimtest.Refuse, Status: http.StatusForbidden, Path: "Groups/{id}/Members"},
		scimtest.Fault{Effect: scimtest.Refuse, Status: http.StatusForbidden, Path: "ArchivedUser/{id}"})
	fails := check()
	if fails["members"] != cloud.Fails || fails["archive"] != cloud.Fails {
		t.Errorf("%v", fails)
	}
	for request := range s.Stats().Requests {
		if request[:4] != "GET " {
			t.Errorf("%s was sent", request)
		}
	}
}
