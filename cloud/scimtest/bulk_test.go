package scimtest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/cloud/scimtest"
)

func bulk(key string, failOn int, ops ...string) string {
	fail := ""
	if failOn > 0 {
		fail = fmt.Sprintf(`"failOnErrors":%d,`, failOn)
	}
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],` + fail + `"` + key + `":[` +
		strings.Join(ops, ",") + "]}"
}

func post(kind, id, data string) string {
	return `{"method":"POST","path":"/` + kind + `","bulkId":"` + id + `","data":` + data + "}"
}

// statuses lists "bulkId status" of the operations in a bulk answer, for every form of status.
func statuses(t *testing.T, r reply, key string) []string {
	t.Helper()
	out := []string{}
	list, ok := r.body[key].([]any)
	if !ok {
		t.Fatalf("no %s in %s", key, r.raw)
	}
	for _, o := range list {
		m := o.(map[string]any)
		status := m["status"]
		if code, ok := status.(map[string]any); ok {
			status = code["code"]
		}
		id, _ := m["bulkId"].(string)
		out = append(out, strings.TrimSpace(fmt.Sprint(id, " ", status)))
	}
	return out
}

func TestBulk(t *testing.T) {
	member := func(id string) string { return group("G-"+id, "bulkId:"+id) }
	for _, c := range []struct {
		name   string
		failOn int
		ops    []string
		want   []string
		users  int
	}{
		{"in order", 0, []string{post("Users", "a", user("a@example.com")), post("Users", "b", user("b@example.com"))},
			[]string{"a 201", "b 201"}, 3},
		{"one fails, the rest goes on", 0,
			[]string{post("Users", "a", user("OLD@example.com")), post("Users", "b", user("b@example.com"))},
			[]string{"a 409", "b 201"}, 2},
		{"failOnErrors", 1, []string{post("Users", "a", user("a@example.com")), post("Users", "b", user("")),
			post("Users", "c", user("c@example.com"))}, []string{"a 201", "b 400"}, 2},
		{"failOnErrors of two", 2, []string{post("Users", "a", user("")), post("Users", "b", user("b@example.com")),
			post("Users", "c", user(""))}, []string{"a 400", "b 201", "c 400"}, 2},
		{"reference back", 0, []string{post("Users", "a", user("a@example.com")), post("Groups", "g", member("a"))},
			[]string{"a 201", "g 201"}, 2},
		{"reference forward", 0, []string{post("Groups", "g", member("a")), post("Users", "a", user("a@example.com"))},
			[]string{"g 201", "a 201"}, 2},
		{"reference in a path", 0,
			[]string{post("Users", "a", user("a@example.com")), `{"method":"PATCH","path":"/Users/bulkId:a","data":` +
				patch(`{"op":"add","path":"title","value":"T"}`) + `}`}, []string{"a 201", "200"}, 2},
		{"reference to what failed", 0, []string{post("Users", "a", user("")), post("Groups", "g", member("a"))},
			[]string{"a 400", "g 400"}, 1},
		{"reference to nothing", 0, []string{post("Groups", "g", member("zz"))}, []string{"g 400"}, 1},
		{"circle", 0, []string{post("Groups", "g", group("G", "bulkId:h")), post("Groups", "h", group("H", "bulkId:g"))},
			[]string{"g 409", "h 409"}, 1},
		{"data as text", 0,
			[]string{post("Users", "a", quoted(user("a@example.com"))), post("Groups", "g", quoted(member("a")))},
			[]string{"a 201", "g 201"}, 2},
		{"no bulkId", 0, []string{post("Users", "", user("a@example.com"))}, []string{"400"}, 1},
		{"bulkId twice", 0, []string{post("Users", "a", user("a@example.com")), post("Users", "a", user("b@example.com"))},
			[]string{"a 201", "a 400"}, 2},
		{"PUT", 0, []string{`{"method":"PUT","path":"/Users/x","data":{}}`}, []string{"405"}, 1},
		{"unknown path", 0, []string{post("Things", "a", "{}")}, []string{"a 400"}, 1},
		{"delete of nothing", 0, []string{`{"method":"delete","path":"/Users/x"}`}, []string{"404"}, 1},
		{"wrong version", 0, []string{`{"method":"DELETE","path":"/Users/OLD","version":"W/\"9\""}`}, []string{"412"}, 1},
		{"delete", 0, []string{`{"method":"DELETE","path":"Users/OLD","version":"W/\"1\""}`}, []string{"204"}, 0},
	} {
		for _, key := range []string{"Operations", "operations"} {
			t.Run(c.name+" "+key, func(t *testing.T) {
				s := start(t, scimtest.Options{})
				old := s.newUser("old@example.com")
				s.ResetStats()
				body := strings.ReplaceAll(bulk(key, c.failOn, c.ops...), "/OLD", "/"+old)
				r := s.call(200, "POST", "/Bulk", body)
				if d := cmp.Diff(c.want, statuses(t, r, key)); d != "" {
					t.Errorf("%s\n%s", d, r.raw)
				}
				if n := len(s.Users()); n != c.users {
					t.Errorf("%d users, want %d", n, c.users)
				}
				for _, g := range s.Groups() {
					if len(g.Members) != 1 {
						t.Errorf("group %s has members %v", g.DisplayName, g.Members)
					}
				}
				for _, w := range s.Writes() {
					if !w.Bulk {
						t.Errorf("%+v is not marked as bulk", w)
					}
				}
			})
		}
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func TestBulkStatusForms(t *testing.T) {
	for form, want := range map[scimtest.BulkStatus]any{
		"": "201", scimtest.StatusText: "201", scimtest.StatusNumber: 201.0,
		scimtest.StatusObject: map[string]any{"code": "201"},
	} {
		s := start(t, scimtest.Options{BulkStatus: form, BulkBodies: form == scimtest.StatusNumber})
		r := s.call(200, "POST", "/Bulk", bulk("Operations", 0, post("Users", "a", user("a@example.com"))))
		op := r.body["Operations"].([]any)[0].(map[string]any)
		if d := cmp.Diff(want, op["status"]); d != "" {
			t.Errorf("%q: %s", form, d)
		}
		u, _ := s.User("a@example.com")
		if op["location"] != s.URL()+"/Users/"+u.ID || op["version"] != u.Version {
			t.Errorf("%q: %v", form, op)
		}
		if _, has := op["response"]; has != (form == scimtest.StatusNumber) {
			t.Errorf("%q: response %v", form, op["response"])
		}
	}
}

func TestBulkLimits(t *testing.T) {
	s := start(t, scimtest.Options{MaxOps: 3, MaxPayload: 2000})
	var ops []string
	for i := range 4 {
		ops = append(ops, post("Users", fmt.Sprint(i), user(fmt.Sprintf("u%d@example.com", i))))
	}
	s.call(200, "POST", "/Bulk", bulk("Operations", 0, ops[:3]...))
	for want, body := range map[string]string{
		"maxOperations (3)": bulk("Operations", 0, ops...),
		"maxPayloadSize (2000)": bulk("Operations", 0,
			post("Users", "x", user("x@example.com", `"title":"`+strings.Repeat("x", 2000)+`"`))),
	} {
		r := s.call(413, "POST", "/Bulk", body)
		if detail, _ := r.body["detail"].(string); !strings.Contains(detail, want) || r.body["scimType"] != "tooMany" {
			t.Errorf("%s: %s", want, r.raw)
		}
	}
	if n := len(s.Users()); n != 3 {
		t.Errorf("%d users", n)
	}
	for _, body := range []string{`{}`, `[]`, `{`, bulk("Operations", 0)} {
		s.call(400, "POST", "/Bulk", body)
	}
}
