package cloud_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"dirbridge/cloud"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// fill adds n users to the embedded cloud.
func fill(t *testing.T, s *scimtest.Server, n int) {
	t.Helper()
	for i := range n {
		if _, err := s.Add(scimtest.User{UserName: fmt.Sprintf("user%04d@example.com", i), ExternalID: guid(i)}); err != nil {
			t.Fatal(err)
		}
	}
}

// P1: a listing is complete or an error.
func TestListingIsCompleteOrAnError(t *testing.T) {
	for _, effect := range []struct {
		fault scimtest.Fault
		words string
	}{
		{scimtest.Fault{Effect: scimtest.HalfList}, "not whole"},
		{scimtest.Fault{Effect: scimtest.SamePage}, "the same page again"},
		{scimtest.Fault{Effect: scimtest.TruncateJSON, Method: "GET", Nth: 2}, "cut short"},
		{scimtest.Fault{Effect: scimtest.HTML, Method: "GET"}, "web page"},
		{scimtest.Fault{Effect: scimtest.Refuse, Status: 403, Method: "GET"}, "403"},
		{scimtest.Fault{Effect: scimtest.Refuse, Status: 401, Method: "GET"}, "401"},
		{scimtest.Fault{Effect: scimtest.Refuse, Status: 500, Method: "GET"}, "500"},
		{scimtest.Fault{Effect: scimtest.DropBefore, Method: "GET"}, "connection"},
	} {
		t.Run(string(effect.fault.Effect)+strconv.Itoa(effect.fault.Status), func(t *testing.T) {
			s, target := webexSandbox(t, scimtest.Options{})
			fill(t, s, 250)
			s.Inject(effect.fault)
			err := target.Resources(t.Context(), identity.User, func(identity.Resource) error { return nil })
			if err == nil || !strings.Contains(err.Error(), effect.words) {
				t.Fatalf("error %v", err)
			}
			if identity.Remedy(err) == "" {
				t.Errorf("no remedy for %v", err)
			}
			s.Heal()
			if got := list(t, target, identity.User); len(got) != 250 {
				t.Errorf("%d users once healed", len(got))
			}
		})
	}
}

func TestListingRetriesTemporaryFailures(t *testing.T) {
	for _, f := range []scimtest.Fault{
		{Effect: scimtest.DropBefore, Nth: 2}, {Effect: scimtest.CutBody, Nth: 2},
		{Effect: scimtest.Refuse, Status: 503, Nth: 1},
		{Effect: scimtest.Refuse, Status: 500, Nth: 3}, {Effect: scimtest.Refuse, Status: 429, Nth: 2, RetryAfter: 1e9},
	} {
		s, target := webexSandbox(t, scimtest.Options{})
		fill(t, s, 250)
		s.Inject(f)
		if got := list(t, target, identity.User); len(got) != 250 || s.Stats().Fired == 0 {
			t.Errorf("%s: %d users, %d faults", f.Effect, len(got), s.Stats().Fired)
		}
	}
}

// pages is a server with lists from a function.
func pages(t *testing.T, answer func(start int) (total int, ids []string)) *cloud.Target {
	t.Helper()
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		start, _ := strconv.Atoi(q.FormValue("startIndex"))
		total, ids := answer(start)
		var rows []string
		for _, id := range ids {
			rows = append(rows, fmt.Sprintf(`{"id":%q,"userName":%q}`, id, id))
		}
		fmt.Fprintf(w, `{"Resources":[%s],"totalResults":%d}`, strings.Join(rows, ","), total)
	}))
	t.Cleanup(h.Close)
	target, err := cloud.New(options("webex", h.URL, "t"))
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// numbers is a page of up to three from start on, out of n.
func numbers(start, n int) []string {
	var ids []string
	for i := start; i < start+3 && i <= n; i++ {
		ids = append(ids, strconv.Itoa(i))
	}
	return ids
}

func TestPaging(t *testing.T) {
	asked := 0
	tests := []struct {
		name   string
		answer func(start int) (int, []string)
		want   int
		err    string
	}{
		{"pages smaller than asked for", func(start int) (int, []string) { return 10, numbers(start, 10) }, 10, ""},
		{"none", func(int) (int, []string) { return 0, nil }, 0, ""},
		{"the list grows", func(start int) (int, []string) { return min(5+start, 12), numbers(start, 12) }, 12, ""},
		{"pages overlap", func(start int) (int, []string) {
			if start > 1 {
				start-- // an account was added before
			}
			return 7, numbers(start, 7)
		}, 7, ""},
		{"one is missing", func(start int) (int, []string) { return 8, numbers(start, 7) }, 0, "7 of 8 came"},
		{"past the end comes page one", func(start int) (int, []string) {
			if start > 7 {
				start = 1
			}
			return 8, numbers(start, 7)
		}, 0, "the same page again"},
		{"no id", func(int) (int, []string) { return 1, []string{""} }, 0, "without an id"},
		// Number 1 is deleted during the reading: the rest moves up, and 4 is missed.
		{"one is deleted meanwhile", func(start int) (int, []string) {
			asked++
			if asked == 1 {
				return 7, []string{"1", "2", "3"}
			}
			all := []string{"2", "3", "4", "5", "6", "7"}
			return 6, all[min(start-1, 6):min(start+2, 6)]
		}, 7, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := map[identity.ResourceID]int{}
			err := pages(t, tt.answer).Resources(t.Context(), identity.User, func(r identity.Resource) error {
				got[r.ID]++
				return nil
			})
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil || len(got) != tt.want {
				t.Fatalf("%d of %d, %v", len(got), tt.want, err)
			}
			for id, n := range got {
				if n != 1 {
					t.Errorf("%s came %d times", id, n)
				}
			}
		})
	}
}

func TestErrorOfTheCallbackEndsTheListing(t *testing.T) {
	s, target := webexSandbox(t, scimtest.Options{})
	fill(t, s, 150)
	full := errors.New("disk full")
	n := 0
	err := target.Resources(t.Context(), identity.User, func(identity.Resource) error { n++; return full })
	if !errors.Is(err, full) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}

func TestDescribeSaysWhatIsWrong(t *testing.T) {
	s := startSandbox(t, scimtest.Options{})
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html><body>Please sign in</body></html>")
	}))
	defer page.Close()
	moved := httptest.NewServer(http.RedirectHandler("https://elsewhere.example.com/", http.StatusFound))
	defer moved.Close()
	dead := httptest.NewServer(nil)
	dead.Close()
	for _, tt := range []struct{ name, url, token, words string }{
		{"wrong token", s.URL(), "secret-but-wrong", "401"},
		{"a web page", page.URL, "secret", "web page"},
		{"a redirect", moved.URL, "secret", "redirects to https://elsewhere.example.com/"},
		{"nobody there", dead.URL, "secret", "refused"},
		{"wrong address", s.URL() + "/nothing", "sandbox-token", "404"},
	} {
		for _, kind := range []string{"webex", "scim"} {
			target, err := cloud.New(options(kind, tt.url, tt.token))
			if err != nil {
				t.Fatal(err)
			}
			_, err = target.Describe(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.words) || identity.Remedy(err) == "" {
				t.Errorf("%s, %s: %v; remedy %q", tt.name, kind, err, identity.Remedy(err))
			}
			if err != nil && strings.Contains(err.Error(), tt.token) {
				t.Errorf("%s: the token is in the error: %v", tt.name, err)
			}
		}
	}
	target, err := cloud.New(options("webex", s.URL(), s.Token()))
	if err != nil {
		t.Fatal(err)
	}
	org, err := target.Describe(t.Context())
	if err != nil || org.ID != s.Org() || org.URL != s.URL() || org.Kind != "webex" {
		t.Errorf("%+v, %v", org, err)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tt := range []struct {
		words  string
		change func(*cloud.Options)
	}{
		{"unknown kind", func(o *cloud.Options) { o.Kind = "okta" }},
		{"must begin with https", func(o *cloud.Options) { o.BaseURL = "http://scim.example.com/v2" }},
		{"not an address", func(o *cloud.Options) { o.BaseURL = "scim.example.com" }},
		{"not an address", func(o *cloud.Options) { o.BaseURL = "ftp://scim.example.com" }},
		{"without user", func(o *cloud.Options) { o.BaseURL = "https://u:p@scim.example.com" }},
		{"needs a token", func(o *cloud.Options) { o.Token = nil }},
		{"no cloud attribute", func(o *cloud.Options) { o.Managed = []string{"shoeSize"} }},
	} {
		o := options("webex", "https://scim.example.com/v2", "t")
		tt.change(&o)
		if _, err := cloud.New(o); err == nil || !strings.Contains(err.Error(), tt.words) {
			t.Errorf("error %v, want %q", err, tt.words)
		}
	}
}

func TestSupportsWhatTheSchemasHave(t *testing.T) {
	serve := func(schemas string) *cloud.Target {
		h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			switch {
			case q.URL.Path == "/Schemas" && schemas != "":
				fmt.Fprint(w, schemas)
			case q.URL.Path == "/Users":
				fmt.Fprint(w, `{"totalResults":0}`)
			default:
				w.WriteHeader(http.StatusNotFound)
			}
		}))
		t.Cleanup(h.Close)
		return open(t, options("scim", h.URL, "t"))
	}
	sip, boss := "sipAddresses;type=enterprise", schema.Manager
	bare := serve("")
	full := serve(`{"Resources":[
		{"id":"urn:ietf:params:scim:schemas:core:2.0:User","attributes":[{"name":"userName"},{"name":"displayName"},{"name":"name","subAttributes":[{"name":"givenName"}]}]},
		{"id":"urn:scim:schemas:extension:cisco:webexidentity:2.0:User","attributes":[{"name":"sipAddresses","subAttributes":[{"name":"value"},{"name":"type"}]}]}]}`)
	for _, tt := range []struct {
		target *cloud.Target
		name   string
		want   bool
	}{
		{bare, sip, false}, {bare, boss, true}, {bare, "title", true}, {bare, "buildingName", false},
		{full, sip, true}, {full, boss, false}, {full, "title", false}, {full, "givenName", true}, {full, "sn", false},
		{full, schema.ExternalID, true}, {full, schema.UID, true}, {full, schema.Active, true},
	} {
		if got := tt.target.Supports(tt.name); got != tt.want {
			t.Errorf("Supports(%s) = %v", tt.name, got)
		}
	}
}

func TestNormalize(t *testing.T) {
	webex, _ := cloud.New(options("webex", "https://example.com", "t"))
	scim, _ := cloud.New(options("scim", "https://example.com", "t"))
	for _, tt := range []struct {
		target         *cloud.Target
		name, in, want string
	}{
		{webex, "title", "  Clerk ", "Clerk"},
		{webex, "preferredLanguage", "EN-us", "en_US"},
		{scim, "preferredLanguage", "en_us", "en-US"},
		{webex, "preferredLanguage", "DE", "de"},
		{webex, "preferredLanguage", "zh-Hans-CN", "zh-Hans-CN"},
		{webex, schema.ExternalID, "6F1C2E0A-95D2-4A53-8C4E-2F4F8D0F7F11", "6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11"},
		{webex, schema.UID, "Ana@Example.com", "Ana@Example.com"},
		{webex, "mobile", " ", ""},
	} {
		got := strings.Join(tt.target.Normalize(tt.name, []string{tt.in}), "|")
		if got != tt.want {
			t.Errorf("%s %q becomes %q, want %q", tt.name, tt.in, got, tt.want)
		}
		if again := strings.Join(tt.target.Normalize(tt.name, []string{got}), "|"); again != got {
			t.Errorf("%s %q becomes %q at the second time", tt.name, tt.in, again)
		}
	}
}
