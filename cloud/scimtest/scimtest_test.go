package scimtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
)

// cloud is a server with a plain HTTP client.
type cloud struct {
	*scimtest.Server
	t testing.TB
}

func start(t testing.TB, opt scimtest.Options) *cloud {
	t.Helper()
	s, err := scimtest.Start(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &cloud{Server: s, t: t}
}

// reply is an answer, decoded if it is JSON.
type reply struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

// do sends a request and reads the answer; err is the connection's error.
func (c *cloud) do(method, path, body string, header ...string) (reply, error) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.URL()+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token())
	if body != "" {
		req.Header.Set("Content-Type", "application/scim+json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	r := reply{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.NewDecoder(bytes.NewReader(raw)).Decode(&r.body)
	return r, err
}

// call is do for requests that must get this status.
func (c *cloud) call(want int, method, path, body string, header ...string) reply {
	c.t.Helper()
	r, err := c.do(method, path, body, header...)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	if r.status != want {
		c.t.Fatalf("%s %s: status %d, want %d\n%s", method, path, r.status, want, r.raw)
	}
	return r
}

func user(name string, more ...string) string {
	fields := append([]string{`"schemas":["` + scimtest.UserURN + `"]`, `"userName":"` + name + `"`}, more...)
	return "{" + strings.Join(fields, ",") + "}"
}

func group(name string, members ...string) string {
	for i, m := range members {
		members[i] = `{"value":"` + m + `"}`
	}
	return `{"schemas":["` + scimtest.GroupURN + `"],"displayName":"` + name + `","members":[` +
		strings.Join(members, ",") + "]}"
}

func patch(ops ...string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + strings.Join(ops, ",") + "]}"
}

// newUser creates a user and returns its id.
func (c *cloud) newUser(name string, more ...string) string {
	c.t.Helper()
	return c.call(201, "POST", "/Users", user(name, more...)).body["id"].(string)
}

func (c *cloud) newGroup(name string, members ...string) string {
	c.t.Helper()
	return c.call(201, "POST", "/Groups", group(name, members...)).body["id"].(string)
}

// groupOf adds n users, and a group of all.
func (c *cloud) groupOf(n int) (group string, ids []string) {
	c.t.Helper()
	for i := range n {
		id, err := c.Add(scimtest.User{UserName: fmt.Sprintf("u%d@example.com", i)})
		if err != nil {
			c.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	group, err := c.AddGroup(scimtest.Group{DisplayName: "All", Members: ids})
	if err != nil {
		c.t.Fatal(err)
	}
	return group, ids
}

func TestUserLifecycle(t *testing.T) {
	c := start(t, scimtest.Options{})
	made := c.call(201, "POST", "/Users",
		user("Ana@Example.com", `"displayName":"Ana","nonsense":1,"userType":"user"`, `"urn:x:y":{"a":1}`,
			`"emails":[{"value":"Ana@Example.com","type":"work","primary":true}]`))
	id := made.body["id"].(string)
	if got := made.header.Get("Location"); got != c.URL()+"/Users/"+id {
		t.Errorf("Location %q", got)
	}
	if ct := made.header.Get("Content-Type"); !strings.HasPrefix(ct, "application/scim+json") {
		t.Errorf("Content-Type %q", ct)
	}
	if made.body["active"] != true || made.body["nonsense"] != nil || made.body["urn:x:y"] != nil ||
		made.body["userType"] != "user" {
		t.Errorf("created %s", made.raw)
	}
	if roles, ok := made.body["roles"].([]any); !ok || len(roles) != 0 {
		t.Errorf("roles %v, want an empty list", made.body["roles"])
	}
	again := c.call(409, "POST", "/Users", user("ana@example.COM"))
	if again.body["scimType"] != "uniqueness" || again.body["status"] != "409" {
		t.Errorf("conflict %s", again.raw)
	}
	read := c.call(200, "GET", "/Users/"+id, "")
	if read.raw != made.raw {
		t.Errorf("read\n%s\nmade\n%s", read.raw, made.raw)
	}
	c.call(200, "PATCH", "/Users/"+id, patch(`{"op":"Replace","path":"title","value":"Chief"}`))
	put := c.call(200, "PUT", "/Users/"+id, user("ana@example.com"))
	if put.body["title"] != nil || put.body["displayName"] != nil {
		t.Errorf("PUT kept what it was not given: %s", put.raw)
	}
	c.call(204, "DELETE", "/Users/"+id, "")
	for _, m := range []string{"GET", "DELETE"} {
		c.call(404, m, "/Users/"+id, "")
	}
	c.call(404, "PATCH", "/Users/"+id, patch(`{"op":"remove","path":"title"}`))
	c.newUser("ana@example.com")
}

func TestGroupsAndBulk(t *testing.T) {
	c := start(t, scimtest.Options{})
	a := c.newUser("a@example.com")
	g := c.newGroup("Sales", a)
	r := c.call(200, "POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"failOnErrors":100,"operations":[
		{"method":"POST","path":"/Users","bulkId":"b","data":`+user("b@example.com")+`},
		{"method":"PATCH","path":"/Groups/`+g+`","data":`+patch(`{"op":"add","path":"members","value":[{"value":"bulkId:b"},{"value":"`+a+`"}]}`)+`},
		{"method":"DELETE","path":"/Users/`+a+`"}]}`)
	for i, want := range []string{"201", "200", "204"} {
		if got := r.body["operations"].([]any)[i].(map[string]any)["status"]; got != want {
			t.Errorf("operation %d: %v, want %s\n%s", i, got, want, r.raw)
		}
	}
	b, _ := c.User("B@example.com")
	got, _ := c.Group(g)
	if len(got.Members) != 1 || got.Members[0] != b.ID {
		t.Errorf("members %v, want %s alone", got.Members, b.ID)
	}
}
