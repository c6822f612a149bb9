package scimtest_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"dirbridge/cloud/scimtest"
)

func TestTokenIsRequired(t *testing.T) {
	s := start(t, scimtest.Options{Token: "right"})
	for _, auth := range []string{"", "Bearer wrong", "Bearer", "Basic right", "right", "Bearer right2"} {
		r := s.call(401, "GET", "/Users", "", "Authorization", auth)
		if !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Bearer") || r.body["status"] != "401" {
			t.Errorf("%q: %v %s", auth, r.header, r.raw)
		}
	}
	s.call(200, "GET", "/Users", "", "Authorization", "bearer right")
}

func TestErrorsCarryWebexTrackingID(t *testing.T) {
	s := start(t, scimtest.Options{})
	r := s.call(404, "GET", "/Users/none", "")
	ext, _ := r.body["urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error"].(map[string]any)
	if id, _ := ext["trackingId"].(string); id == "" || id != r.header.Get("TrackingID") {
		t.Errorf("tracking id %v, header %q", ext["trackingId"], r.header.Get("TrackingID"))
	}
	if schemas := r.body["schemas"].([]any); schemas[0] != "urn:ietf:params:scim:api:messages:2.0:Error" {
		t.Errorf("schemas %v", schemas)
	}
}

func TestRefusedRequests(t *testing.T) {
	s := start(t, scimtest.Options{})
	id := s.newUser("a@example.com")
	for _, c := range []struct {
		status                   int
		method, path, body, kind string
	}{
		{404, "GET", "", "", ""},
		{404, "GET", "/Things", "", ""},
		{404, "GET", "/Users/a/b/c", "", ""},
		{404, "GET", "/Me", "", ""},
		{404, "GET", "/Groups/" + id, "", ""},
		{405, "DELETE", "/Users", "", ""},
		{405, "POST", "/Users/" + id, "{}", ""},
		{405, "GET", "/Bulk", "", ""},
		{405, "POST", "/Schemas", "{}", ""},
		{415, "POST", "/Users", user("b@example.com"), "text/plain"},
		{415, "POST", "/Users", user("b@example.com"), "application/xml; q=;"},
		{400, "POST", "/Users", `{"userName":"b@example.com"}`, ""},
		{400, "POST", "/Users", `{"schemas":[],"userName":"b@example.com"}`, ""},
		{400, "POST", "/Users", `{"schemas":["` + scimtest.UserURN + `"]}`, ""},
		{400, "POST", "/Users", ``, ""},
		{400, "POST", "/Users", `null`, ""},
		{400, "POST", "/Users", `[]`, ""},
		{400, "POST", "/Users", `{"userName":`, ""},
		{400, "POST", "/Users", user("b@example.com", `"active":"yes"`), ""},
		{400, "POST", "/Users", user("b@example.com", `"name":"x"`), ""},
		{400, "POST", "/Users", user("b@example.com", `"emails":[1]`), ""},
		{400, "POST", "/Users", user("b@example.com", `"`+enterprise+`":1`), ""},
		{400, "POST", "/Groups", group(""), ""},
		{400, "POST", "/Groups", group("G", "nobody"), ""},
		{413, "POST", "/Users", user("b@example.com", `"title":"`+strings.Repeat("x", 17<<20)+`"`), ""},
	} {
		header := []string{}
		if c.kind != "" {
			header = []string{"Content-Type", c.kind}
		}
		r := s.call(c.status, c.method, c.path, c.body, header...)
		if r.body["status"] != fmt.Sprint(c.status) || r.body["detail"] == "" {
			t.Errorf("%s %s: no SCIM error: %s", c.method, c.path, r.raw)
		}
		if c.status == 405 && r.header.Get("Allow") == "" {
			t.Errorf("%s %s: 405 without Allow", c.method, c.path)
		}
	}
	if n := len(s.Users()) + len(s.Groups()); n != 1 {
		t.Errorf("%d resources", n)
	}
}

func TestUserNamesMustLookLikeMail(t *testing.T) {
	s := start(t, scimtest.Options{})
	for _, name := range []string{"a@b.example", "a+b@example.com", "o'hara@example.com", "zoë@exämple.com",
		"a.b@example.com"} {
		s.newUser(name)
	}
	for _, name := range []string{"a", "@example.com", "a@", "a b@example.com", "a@b@c", "<a@example.com>",
		"a@example..com", "a@.com", strings.Repeat("a", 300) + "@example.com"} {
		s.call(400, "POST", "/Users", user(name))
	}
	free := start(t, scimtest.Options{AnyUserName: true, RequireUserType: true})
	free.call(400, "POST", "/Users", user("a"))
	free.newUser("a", `"userType":"user"`)
}

func TestAnotherOrganizationIsForbidden(t *testing.T) {
	s := start(t, scimtest.Options{Org: "one"})
	url := strings.Replace(s.URL(), "/one/", "/two/", 1) + "/Users"
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 403 {
		t.Errorf("status %d", resp.StatusCode)
	}
	long := base64.StdEncoding.EncodeToString([]byte("ciscospark://us/ORGANIZATION/one"))
	for id, want := range map[string]int{"one": 200, long: 200, "two": 404} {
		req.URL.Path = "/v1/organizations/" + id
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: status %d, want %d", id, resp.StatusCode, want)
		}
	}
}

func TestVersions(t *testing.T) {
	s := start(t, scimtest.Options{})
	id := s.newUser("a@example.com")
	tag := s.call(200, "GET", "/Users/"+id, "").header.Get("ETag")
	s.call(304, "GET", "/Users/"+id, "", "If-None-Match", tag)
	title := patch(`{"op":"replace","path":"title","value":"T"}`)
	s.call(200, "PATCH", "/Users/"+id, title, "If-Match", tag)
	for _, m := range []struct{ method, body string }{{"PATCH", title}, {"PUT", user("a@example.com")}, {"DELETE", ""}} {
		s.call(412, m.method, "/Users/"+id, m.body, "If-Match", tag)
	}
	s.call(204, "DELETE", "/Users/"+id, "", "If-Match", "*")
}

func TestDiscovery(t *testing.T) {
	s := start(t, scimtest.Options{MaxOps: 7, MaxPayload: 99, WithoutBulk: true})
	c := s.call(200, "GET", "/ServiceProviderConfig", "").body
	b := c["bulk"].(map[string]any)
	if b["maxOperations"] != 7.0 || b["maxPayloadSize"] != 99.0 || b["supported"] != false ||
		c["patch"].(map[string]any)["supported"] != true {
		t.Errorf("%v", c)
	}
	s.call(501, "POST", "/Bulk", `{}`)
	for path, want := range map[string]string{
		"/ResourceTypes":          `"schema":"` + enterprise + `"`,
		"/ResourceTypes/User":     `"endpoint":"/Users"`,
		"/Schemas":                `"name":"extensionAttribute15"`,
		"/Schemas/" + webex:       `"name":"sipAddresses"`,
		"/Schemas/" + enterprise:  `"name":"manager"`,
		"/Schemas/" + "urn:x":     "",
		"/ResourceTypes/Spaceman": "",
	} {
		status := 200
		if want == "" {
			status = 404
		}
		if r := s.call(status, "GET", path, ""); !strings.Contains(r.raw, want) {
			t.Errorf("%s lacks %s: %s", path, want, r.raw)
		}
	}
}

func TestPutOfAGroupReplacesItsMembers(t *testing.T) {
	s := start(t, scimtest.Options{})
	a, b := s.newUser("a@example.com"), s.newUser("b@example.com")
	g := s.newGroup("G", a)
	s.call(200, "PUT", "/Groups/"+g, group("G2", b))
	if got, _ := s.Group(g); got.DisplayName != "G2" || !equalSets(got.Members, []string{b}) {
		t.Errorf("%+v", got)
	}
	s.call(200, "PUT", "/Groups/"+g, `{"schemas":["`+scimtest.GroupURN+`"],"displayName":"G3"}`)
	if got, _ := s.Group("g3"); got.ID != g || len(got.Members) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestGroupNames(t *testing.T) {
	for _, c := range []struct {
		unique          bool
		create, replace int
	}{{false, 201, 200}, {true, 409, 409}} {
		s := start(t, scimtest.Options{UniqueGroupNames: c.unique})
		s.newGroup("Staff")
		s.call(c.create, "POST", "/Groups", group("STAFF"))
		g := s.newGroup("Other")
		s.call(c.replace, "PATCH", "/Groups/"+g, patch(`{"op":"replace","path":"displayName","value":"staff"}`))
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	s := start(t, scimtest.Options{})
	g := s.newGroup("All")
	s.Inject(scimtest.Fault{Effect: scimtest.Refuse, Status: 429, Every: 50, Method: "GET"})
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 20 {
				// Two workers each request every name: one of them must lose.
				r, err := s.do("POST", "/Users", user(fmt.Sprintf("u%d-%d@example.com", w/2, i)))
				if err != nil || r.status != 201 && r.status != 409 {
					t.Errorf("%d %v", r.status, err)
					return
				}
				if r.status == 201 {
					id := r.body["id"].(string)
					if r, err := s.do("PATCH", "/Groups/"+g,
						patch(`{"op":"add","path":"members","value":[{"value":"`+id+`"}]}`)); err != nil || r.status != 200 {
						t.Errorf("%d %v", r.status, err)
					}
				}
				if _, err := s.do("GET", "/Users?sortBy=userName&count=5", ""); err != nil {
					t.Error(err)
				}
				_, _, _ = s.Users(), s.Groups(), s.Stats()
			}
		})
	}
	wg.Wait()
	all, _ := s.Group(g)
	if len(s.Users()) != 80 || len(all.Members) != 80 {
		t.Errorf("%d users, %d members", len(s.Users()), len(all.Members))
	}
	for name, n := range s.Stats().Creates {
		if n != 1 {
			t.Errorf("%s was created %d times", name, n)
		}
	}
}
