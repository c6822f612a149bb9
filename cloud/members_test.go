package cloud_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"dirbridge/cloud"
	"dirbridge/cloud/profile"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
)

func groupMembers(t *testing.T, target *cloud.Target, group string) (ids []identity.ResourceID, err error) {
	t.Helper()
	err = target.GroupMembers(t.Context(), identity.ResourceID(group), func(m identity.ResourceID) error {
		ids = append(ids, m)
		return nil
	})
	return ids, err
}

// Members that could not be read are not removed members.
func TestGroupMembersAreCompleteOrAnError(t *testing.T) {
	for _, kind := range []string{"webex", "scim"} {
		for _, fault := range []scimtest.Fault{
			{Effect: scimtest.HTML, Method: "GET"}, {Effect: scimtest.Refuse, Status: 403, Method: "GET"},
			{Effect: scimtest.Refuse, Status: 500, Method: "GET"},
			{Effect: scimtest.DropBefore, Method: "GET"}, {Effect: scimtest.TruncateJSON, Method: "GET"},
		} {
			s := startSandbox(t, scimtest.Options{})
			target := open(t, options(kind, s.URL(), s.Token()))
			member, err := s.Add(scimtest.User{UserName: "ana@example.com"})
			if err != nil {
				t.Fatal(err)
			}
			group, err := s.AddGroup(scimtest.Group{DisplayName: "Team", Members: []string{member}})
			if err != nil {
				t.Fatal(err)
			}
			s.Inject(fault)
			if ids, err := groupMembers(t, target, group); err == nil || identity.Remedy(err) == "" {
				t.Errorf("%s, %s %d: %v, %v", kind, fault.Effect, fault.Status, ids, err)
			}
			s.Heal()
			if ids, err := groupMembers(t, target, group); err != nil || len(ids) != 1 || ids[0] != identity.ResourceID(member) {
				t.Errorf("%s, once healed: %v, %v", kind, ids, err)
			}
		}
	}
}

// Some servers list a member twice. A web page with status 404 does not prove that the group is
// gone.
func TestGroupMembersOfAnUnusualServer(t *testing.T) {
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "application/scim+json")
		switch q.URL.Path {
		case "/Groups/twice":
			w.Write([]byte(`{"id":"twice","displayName":"Team","members":[{"value":"a"},{"value":"b"},{"value":"a"}]}`))
		case "/Groups/page":
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusNotFound)
			w.Write([]byte(`<html><body>not here</body></html>`))
		default:
			w.WriteHeader(http.StatusNotFound)
			w.Write([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404"}`))
		}
	}))
	t.Cleanup(h.Close)
	standard := profile.Standard()
	o := options("scim", h.URL, "token")
	o.Profile = &standard
	target, err := cloud.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	if ids, err := groupMembers(t, target, "twice"); err != nil || !slices.Equal(ids, []identity.ResourceID{"a", "b"}) {
		t.Errorf("of one that keeps a member twice: %v, %v", ids, err)
	}
	if ids, err := groupMembers(t, target, "gone"); err != nil || len(ids) > 0 {
		t.Errorf("of one that is gone: %v, %v", ids, err)
	}
	if ids, err := groupMembers(t, target, "page"); err == nil {
		t.Errorf("behind a web page: %v", ids)
	}
}

// TestMembersWithoutTheirEndpoint: where /Members is not there, a group shows its members itself, and
// one that may not show all of them is an error.
func TestMembersWithoutTheirEndpoint(t *testing.T) {
	t.Parallel()
	for n, whole := range map[int]bool{0: true, 3: true, 500: false} {
		s, target := webexSandbox(t, scimtest.Options{})
		var ids []string
		for i := range n {
			id, err := s.Add(scimtest.User{UserName: fmt.Sprintf("p%d@example.com", i)})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		if _, err := s.AddGroup(scimtest.Group{DisplayName: "team", Members: ids}); err != nil {
			t.Fatal(err)
		}
		s.Inject(scimtest.Fault{Effect: scimtest.Refuse, Status: 404, Path: "Groups/{id}/Members"})
		got := 0
		err := target.Members(t.Context(), func(_, _ identity.ResourceID) error { got++; return nil })
		if (err == nil) != whole || whole && got != n {
			t.Errorf("of %d members came %d, %v", n, got, err)
		}
	}
}
