package scimtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/cloud/scimtest"
)

// A provider must try to resolve circular references (RFC 7644 section 3.7.1). In Webex's form they
// get 409: see TestBulk.
func TestPlainBulkCircles(t *testing.T) {
	ring := func(id, other string) string { return post("Groups", id, group(strings.ToUpper(id), "bulkId:"+other)) }
	managed := func(id, manager string) string {
		return post("Users", id,
			user(id, `"title":"T","`+enterprise+`":{"division":"D","manager":{"value":"bulkId:`+manager+`"}}`))
	}
	nameless := post("Groups", "b", group("", "bulkId:a"))
	for _, c := range []struct {
		name   string
		failOn int
		ops    []string
		want   []string
		refers string // references by name
	}{
		{"two groups", 0, []string{ring("a", "b"), ring("b", "a")}, []string{"a 201", "b 201"}, "A:B B:A"},
		{"data as text", 0, []string{post("Groups", "a", quoted(group("A", "bulkId:b"))), ring("b", "a")},
			[]string{"a 201", "b 201"}, "A:B B:A"},
		{"three groups", 0, []string{ring("a", "b"), ring("b", "c"), ring("c", "a")}, []string{"a 201", "b 201", "c 201"},
			"A:B B:C C:A"},
		{"two circles", 0, []string{ring("a", "b"), ring("c", "d"), ring("b", "a"), ring("d", "c")},
			[]string{"a 201", "c 201", "b 201", "d 201"}, "A:B B:A C:D D:C"},
		{"managers", 0, []string{managed("x", "y"), managed("y", "x")}, []string{"x 201", "y 201"}, "x:y y:x"},
		{"a group of its own", 0, []string{ring("a", "a")}, []string{"a 409"}, ""},
		{"one cannot be made", 0, []string{ring("a", "b"), nameless}, []string{"a 409", "b 400"}, ""},
		{"failOnErrors", 1, []string{ring("a", "b"), nameless, post("Users", "u", user("u"))},
			[]string{"a 409", "b 400", "u 201"}, "u:"},
		{"deleted at once", 0, []string{ring("a", "b"), ring("b", "a"), `{"method":"DELETE","path":"/Groups/bulkId:a"}`},
			[]string{"a 201", "b 201", "204"}, "B:"},
		{"changed at once", 0,
			[]string{ring("a", "b"), ring("b", "a"), `{"method":"PATCH","path":"/Groups/bulkId:a","data":` +
				patch(`{"op":"replace","path":"displayName","value":"Z"}`) + `}`},
			[]string{"a 201", "b 201", "200"}, "B:Z Z:B"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := plain(t)
			r := s.call(200, "POST", "/Bulk", bulk("Operations", c.failOn, c.ops...))
			if d := cmp.Diff(c.want, statuses(t, r, "Operations")); d != "" {
				t.Errorf("%s\n%s", d, r.raw)
			}
			if got := referring(s); got != c.refers {
				t.Errorf("refers %q, want %q", got, c.refers)
			}
			for _, o := range r.body["Operations"].([]any) {
				one := o.(map[string]any)
				path, ok := strings.CutPrefix(fmt.Sprint(one["location"]), s.URL())
				if one["status"] != "201" || !ok || c.name == "deleted at once" {
					continue
				}
				if have := at(s.call(200, "GET", path, "").body, "meta", "version"); c.name != "changed at once" &&
					have != one["version"] {
					t.Errorf("%v is of version %v", one, have)
				}
			}
		})
	}
}

// referring lists every group with its members, and every user with its manager, by name.
func referring(s *cloud) string {
	names := map[any]string{}
	var out []string
	for _, path := range []string{"/Users?sortBy=userName", "/Groups?sortBy=displayName&includeMembers=true"} {
		list := s.call(200, "GET", path, "").body["Resources"].([]any)
		for _, o := range list {
			one := o.(map[string]any)
			names[one["id"]] = fmt.Sprint(one["userName"])
			if one["userName"] == nil {
				names[one["id"]] = fmt.Sprint(one["displayName"])
			}
		}
		for _, o := range list {
			one := o.(map[string]any)
			to := names[at(one, enterprise, "manager", "value")]
			members, _ := one["members"].([]any)
			for _, m := range members {
				to += names[m.(map[string]any)["value"]]
			}
			out = append(out, names[one["id"]]+":"+to)
		}
	}
	return strings.Join(out, " ")
}

func TestPlainBulkReplaces(t *testing.T) {
	s := plain(t)
	a, g := s.newUser("a", `"title":"Old"`), s.newGroup("g")
	put := func(path, more, data string) string {
		return `{"method":"PUT","path":"` + path + `",` + more + `"data":` + data + `}`
	}
	r := s.call(200, "POST", "/Bulk",
		bulk("Operations", 0, put("/Users/"+a, `"version":"W/\"1\"",`, user("a", `"displayName":"New"`)),
			put("/Groups/"+g, "", group("G", a)), put("/Users/"+a, `"version":"W/\"1\"",`, user("a")),
			put("/Users/nobody", "", user("b")),
			put("/Users/"+a, "", `{"schemas":["`+scimtest.UserURN+`"]}`)))
	if d := cmp.Diff([]string{"200", "200", "412", "404", "400"}, statuses(t, r, "Operations")); d != "" {
		t.Errorf("%s\n%s", d, r.raw)
	}
	if u := s.call(200, "GET", "/Users/"+a, "").body; u["displayName"] != "New" || u["title"] != nil ||
		at(u, "meta", "version") != `W/"2"` {
		t.Errorf("%v", u)
	}
	if got := referring(s); got != "a: G:a" {
		t.Errorf("%q", got)
	}
}
