package cloud_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	stdsync "sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/cloud"
	"dirbridge/cloud/profile"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
)

var updateRequests = flag.Bool("update", false, "write the golden files of requests")

// recorder is a provider with one user, A, and one group, G, that does nothing and records requests.
type recorder struct {
	mu  stdsync.Mutex
	log strings.Builder
}

const (
	recordedUser = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"A","userName":"anna@example.com",` +
		`"externalId":"6f1c2e0a-95d2-4a53-8c4e-000000000001","active":true,"title":"Engineer",` +
		`"emails":[{"type":"work","value":"anna@example.com","primary":true}],` +
		`"phoneNumbers":[{"type":"work","value":"+1 1"},{"type":"mobile","value":"+1 2"}],` +
		`"groups":[{"value":"G"}],"meta":{"version":"W/\"7\""}}`
	recordedGroup = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"G","displayName":"Team",` +
		`"members":[{"value":"A"}],"meta":{"version":"W/\"3\""}}`
	recordedConfig = `{"patch":{"supported":true},"bulk":{"supported":false},"filter":{"supported":true,"maxResults":50},` +
		`"etag":{"supported":true}}`
)

func (rec *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	rec.record(r, body)
	path := strings.TrimPrefix(r.URL.Path, "/scim")
	w.Header().Set("Content-Type", "application/scim+json")
	list := func(key, count, one string) {
		if strings.Contains(r.URL.Query().Get("filter"), "nobody") || strings.Contains(r.URL.RawQuery, "example.invalid") {
			fmt.Fprintf(w, `{%q:0,%q:[]}`, count, key)
			return
		}
		fmt.Fprintf(w, `{%q:1,%q:[%s]}`, count, key, one)
	}
	switch one := map[bool]string{true: recordedGroup, false: recordedUser}[strings.HasPrefix(path, "/Groups")]; {
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPost:
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, one)
	case path == "/ServiceProviderConfig":
		io.WriteString(w, recordedConfig)
	case path == "/Users" || path == "/Groups":
		list("Resources", "totalResults", one)
	case strings.HasSuffix(path, "/Members"):
		list("members", "memberSize", `{"value":"A"}`)
	case strings.Count(path, "/") == 2:
		io.WriteString(w, one)
	default:
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"status":"404"}`)
	}
}

func (rec *recorder) record(r *http.Request, body []byte) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	query, _ := url.QueryUnescape(r.URL.RawQuery)
	if query != "" {
		query = "?" + query
	}
	fmt.Fprintf(&rec.log, "    %s %s%s\n", r.Method, strings.TrimPrefix(r.URL.Path, "/scim"), query)
	if v := r.Header.Get("If-Match"); v != "" {
		fmt.Fprintf(&rec.log, "        If-Match: %s\n", v)
	}
	var v any
	if json.Unmarshal(body, &v) == nil {
		text, _ := json.Marshal(v) // keys in order
		fmt.Fprintf(&rec.log, "        %s\n", text)
	}
}

func (rec *recorder) title(name string) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	fmt.Fprintln(&rec.log, name)
}

// The requests of every embedded profile, as they go over the wire. Each file of testdata/requests
// was read against the facts whose sources the profile's file names.
func TestRequestsOfEveryProfile(t *testing.T) {
	t.Parallel()
	for _, name := range profile.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := requestsOf(t, name)
			file := filepath.Join("testdata", "requests", name+".golden")
			if *updateRequests {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Error(d)
			}
		})
	}
}

func requestsOf(t *testing.T, name string) string {
	rec := &recorder{}
	h := httptest.NewServer(rec)
	defer h.Close()
	p := profile.Must(name)
	kind := schema.KindSCIM
	if name == "webex" {
		kind = schema.KindWebex
	}
	o := options(kind, h.URL+"/scim", "t")
	o.Profile, o.Settling, o.Concurrency = &p, -1, 1
	o.Known = func(_ context.Context, kind identity.Kind, fn func(identity.ResourceID) error) error {
		return fn(map[identity.Kind]identity.ResourceID{identity.User: "A", identity.Group: "G"}[kind])
	}
	target, err := cloud.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	check := func(err error) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	rec.title("sign in, and what is published")
	_, err = target.Describe(t.Context())
	check(err)
	rec.title("list the users")
	check(target.Resources(t.Context(), identity.User, func(identity.Resource) error { return nil }))
	if p.Group.Supported {
		rec.title("list the groups and their members")
		check(target.Resources(t.Context(), identity.Group, func(identity.Resource) error { return nil }))
		check(target.Members(t.Context(), func(_, _ identity.ResourceID) error { return nil }))
	}
	rec.title("find by name")
	_, err = target.Find(t.Context(), identity.User, "anna@example.com")
	check(err)
	rec.title("find by externalId")
	_, err = target.FindExternal(t.Context(), identity.User, guid(1))
	check(err)
	for _, step := range stepsOf(p.Group.Supported) {
		rec.title(step.title)
		for seq, o := range apply(t, target, step.changes...) {
			if o.Message != "" {
				t.Errorf("%s: %s: change %d: %s", name, step.title, seq, o.Message)
			}
		}
	}
	return rec.log.String()
}

type recordedStep struct {
	title   string
	changes []plan.Change
}

// stepsOf are the changes of the table.
func stepsOf(groups bool) []recordedStep {
	change := func(a plan.Action, fields ...plan.FieldDiff) plan.Change {
		return plan.Change{Action: a, Kind: identity.User, ID: "A", Key: "anna@example.com", CloudVersion: `W/"7"`,
			Fields: fields}
	}
	steps := []recordedStep{
		{"create", []plan.Change{person(1, "anna@example.com", set("displayName", "Anna A"), set("givenName", "Anna"),
			set("sn", "A"), set("title", "Engineer"), set("telephoneNumber", "+1 1"), set("departmentNumber", "R&D"))}},
		{"update", []plan.Change{change(plan.Update, diff("title", "Engineer", "Lead"),
			diff("telephoneNumber", "+1 1", "+1 9"))}},
		{"change the e-mail address", []plan.Change{change(plan.Rename, diff(schema.UID, "anna@example.com",
			"anna.b@example.com"))}},
		{"clear a field", []plan.Change{change(plan.Update, diff("title", "Engineer", ""))}},
		{"deactivate", []plan.Change{change(plan.Deactivate, diff(schema.Active, "true", "false"))}},
		{"delete", []plan.Change{change(plan.Delete)}},
	}
	if !groups {
		return steps
	}
	return append(steps,
		recordedStep{"create a group", []plan.Change{team(2, "Team")}},
		recordedStep{"rename a group", []plan.Change{{Action: plan.Rename, Kind: identity.Group, ID: "G", Key: "Team",
			CloudVersion: `W/"3"`, Fields: []plan.FieldDiff{diff(schema.GroupName, "Team", "Crew")}}}},
		recordedStep{"add two members", []plan.Change{membership(plan.Add, "G", "B"), membership(plan.Add, "G", "C")}},
		recordedStep{"remove a member", []plan.Change{membership(plan.Remove, "G", "A")}},
		recordedStep{"delete a group", []plan.Change{{Action: plan.Delete, Kind: identity.Group, ID: "G", Key: "Team"}}})
}
