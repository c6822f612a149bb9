package cloud_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	stdsync "sync"
	"testing"

	"dirbridge/cloud"
	"dirbridge/cloud/profile"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

// The target conforms at providers that depart from RFC 7644, if their profile says so.
func TestTargetConformanceByProfile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		profile    string
		departures scimtest.Departures
		cursors    bool
	}{
		"PUT only":    {profile: "generic", departures: scimtest.Departures{NoPatch: true}},
		"with cursor": {profile: "generic", cursors: true},
		"AWS": {profile: "aws", cursors: true, departures: scimtest.Departures{NoValueFilter: true, RemoveByValue: true,
			HideMembers: true, Chunk: 100, Filters: []string{"userName", "externalId", "groups.value", "displayName"}}},
		"Entra": {profile: "entra", departures: scimtest.Departures{Capitals: true, RemoveByValue: true}},
		"Okta": {profile: "okta", departures: scimtest.Departures{NoPath: true, NoValueFilter: true, PatchState: true,
			Filters: []string{"userName", "displayName"}}},
		"Slack":         {profile: "slack", departures: scimtest.Departures{NoValueFilter: true}},
		"with versions": {profile: "generic", departures: scimtest.Departures{RequireVersion: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Target(t, func(t *testing.T) synctest.TargetFixture {
				s := startSandbox(t, scimtest.Options{Plain: true, MembersInListing: true, PageSize: 40, WithoutBulk: true,
					Cursors: c.cursors, Departures: c.departures})
				p := profile.Must(c.profile)
				p.User.Attributes, p.List.Page = nil, 40
				f := targetFixtureWith(t, schema.KindSCIM, s.URL(), s.Token(), &p)
				f.NoNested = !p.Group.Nested
				return f
			})
		})
	}
}

// A profile without groups lists none, asks for none, and says what to set for a group.
func TestAProviderWithoutGroups(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, scimtest.Options{Plain: true, Departures: scimtest.Departures{NoGroups: true}})
	o := options(schema.KindSCIM, s.URL(), s.Token())
	p := profile.Must("zitadel")
	o.Profile = &p
	target := open(t, o)
	if got := list(t, target, identity.Group); len(got) != 0 {
		t.Errorf("groups: %v", got)
	}
	if got := members(t, target); len(got) != 0 {
		t.Errorf("members: %v", got)
	}
	out := apply(t, target, team(1, "Team"))
	if got := out[1]; got.State != "failed" || got.Remedy != "Set sync_groups = false in each [[directory]]." {
		t.Errorf("%+v", got)
	}
}

// A provider that lists nothing is read account by account; others are found when they are in the
// way.
func TestAProviderThatListsNothing(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, scimtest.Options{Plain: true, WithoutBulk: true,
		Departures: scimtest.Departures{RequireFilter: true, Filters: []string{"userName", "displayName"}}})
	var known []identity.ResourceID
	o := options(schema.KindSCIM, s.URL(), s.Token())
	p := profile.Must("google")
	o.Profile, o.Settling = &p, -1
	o.Known = func(_ context.Context, kind identity.Kind, fn func(identity.ResourceID) error) error {
		for _, id := range known {
			if kind == identity.User {
				if err := fn(id); err != nil {
					return err
				}
			}
		}
		return nil
	}
	target := open(t, o)
	id := done(t, apply(t, target, person(1, "anna@example.com")), 1)
	if got := list(t, target, identity.User); len(got) != 0 {
		t.Errorf("listed although unknown: %v", got)
	}
	known = []identity.ResourceID{id, id, "gone"}
	if got := list(t, target, identity.User); len(got) != 1 || got["anna@example.com"].ID != id {
		t.Errorf("listed %v", got)
	}
	// The account is ours, and the state forgot it: it is linked, not made twice.
	known = nil
	if out := apply(t, target, person(1, "anna@example.com")); out[1].ID != id || !out[1].Linked {
		t.Errorf("%+v", out[1])
	}
	o.Known = nil
	if _, err := cloud.New(o); err == nil {
		t.Error("a target without the known accounts is accepted")
	}
}

// A cursor that expired makes the listing begin again, and no account is listed twice.
func TestAnExpiredCursor(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, scimtest.Options{Plain: true, Cursors: true, PageSize: 2, Departures: scimtest.Departures{
		ExpiredCursors: 1}})
	target := open(t, options(schema.KindSCIM, s.URL(), s.Token()))
	var all []plan.Change
	for n := range 5 {
		all = append(all, person(n, string(rune('a'+n))+"@example.com"))
	}
	done(t, apply(t, target, all...), 5)
	var keys []string
	err := target.Resources(t.Context(), identity.User, func(r identity.Resource) error {
		keys = append(keys, r.Key)
		return nil
	})
	slices.Sort(keys)
	if err != nil || len(keys) != 5 || len(slices.Compact(keys)) != 5 {
		t.Errorf("%v, %v", keys, err)
	}
}

// A change that is based on an old version is refused by the cloud, and made again from what the
// account is now.
func TestAChangeOfAnOldVersion(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, scimtest.Options{Plain: true, WithoutBulk: true,
		Departures: scimtest.Departures{RequireVersion: true}})
	target := open(t, options(schema.KindSCIM, s.URL(), s.Token()))
	id := done(t, apply(t, target, person(1, "anna@example.com", set("title", "Engineer"))), 1)
	old := list(t, target, identity.User)["anna@example.com"].Version
	change := update(id, "anna@example.com", diff("title", "Engineer", "Lead"))
	change.CloudVersion = old
	done(t, apply(t, target, change), 1)
	again := update(id, "anna@example.com", diff("displayName", "", "Anna"))
	again.CloudVersion = old
	if out := apply(t, target, again); out[1].Status != http.StatusOK {
		t.Errorf("%+v", out[1])
	}
	if got := get(t, target, id); got.Name != "Anna" || got.Attrs["title"][0] != "Lead" {
		t.Errorf("%+v", got)
	}
}

// A bulk request carries the version of each account, and a request about members stays below the
// size that the profile allows.
func TestVersionsInBulkAndSizesOfRequests(t *testing.T) {
	t.Parallel()
	var mu stdsync.Mutex
	var bulk string
	var largest int
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("Content-Type", "application/scim+json")
		switch {
		case r.URL.Path == "/Bulk":
			bulk = string(body)
			io.WriteString(w, `{"Operations":[]}`)
		case strings.HasPrefix(r.URL.Path, "/Groups/"):
			largest = max(largest, len(body))
			io.WriteString(w, `{"id":"g"}`)
		default:
			io.WriteString(w, `{"id":"u","totalResults":0,"Resources":[]}`)
		}
	}))
	defer h.Close()
	o := options(schema.KindSCIM, h.URL, "t")
	p := profile.Standard()
	p.Title, p.Write.ETag, p.Bulk.Operations, p.Group.Payload = "A provider", profile.Always, 20, 300
	o.Profile, o.Concurrency = &p, 1
	target := open(t, o)
	var changes, adds []plan.Change
	for n := range 12 {
		c := update("u", "u@example.com", diff("title", "a", "b"))
		c.CloudVersion = `W/"7"`
		changes = append(changes, c)
		adds = append(adds, membership(plan.Add, "g", identity.ResourceID(guid(n))))
	}
	apply(t, target, changes...)
	done(t, apply(t, target, adds...), len(adds))
	if n := strings.Count(bulk, `"version":"W/\"7\""`); n != len(changes) {
		t.Errorf("%d versions in %s", n, bulk)
	}
	if largest == 0 || largest > p.Group.Payload {
		t.Errorf("a request about members has %d bytes", largest)
	}
}

// A provider that shows one version and means another one is written to without any.
func TestAProviderThatMeansAnotherVersion(t *testing.T) {
	t.Parallel()
	for _, method := range []profile.Method{profile.Patch, profile.Put} {
		h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/scim+json")
			if r.Header.Get("If-Match") != "" {
				w.WriteHeader(http.StatusPreconditionFailed)
			}
			io.WriteString(w, `{"id":"u","userName":"u@example.com","title":"a","meta":{"version":"W/\"1\""},"totalResults":0}`)
		}))
		t.Cleanup(h.Close)
		o := options(schema.KindSCIM, h.URL, "t")
		p := profile.Standard()
		p.Title, p.Write.ETag, p.Write.Users = "A provider", profile.Always, method
		o.Profile = &p
		c := update("u", "u@example.com", diff("title", "a", "b"))
		c.CloudVersion = `W/"1"`
		done(t, apply(t, open(t, o), c), 1)
	}
}
