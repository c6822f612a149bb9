package scimtest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/cloud/scimtest"
)

const enterprise, webex = scimtest.EnterpriseURN, scimtest.WebexUserURN

// whole is the user that the table below patches.
const whole = `"displayName":"Ana","title":"Clerk","nickName":"A","name":{"givenName":"Ana","familyName":"Silva"},
	"phoneNumbers":[{"type":"work","value":"1"},{"type":"mobile","value":"2","primary":true}],
	"emails":[{"type":"work","value":"ana@example.com","primary":true}],
	"addresses":[{"type":"work","locality":"Lisbon"}],
	"` + enterprise + `":{"department":"D1","costCenter":"C"},
	"` + webex + `":{"extensionAttribute1":["x"],"sipAddresses":[{"type":"enterprise","value":"ana@sip"}]}`

func TestPatch(t *testing.T) {
	work := `[{"type":"work","value":"9"},{"type":"mobile","value":"2","primary":true}]`
	for _, c := range []struct {
		name, ops string
		at        string // path separated by |: where to look afterwards
		want      string // JSON there; "null" if nothing may be left
	}{
		{"replace a text", `{"op":"replace","path":"title","value":"Chief"}`, "title", `"Chief"`},
		{"op in any case", `{"op":"REPLACE","path":"TITLE","value":"Chief"}`, "title", `"Chief"`},
		{"add sets a single value", `{"op":"add","path":"title","value":"Chief"}`, "title", `"Chief"`},
		{"remove", `{"op":"remove","path":"title"}`, "title", `null`},
		{"remove what is not there", `{"op":"remove","path":"profileUrl"}`, "profileUrl", `null`},
		{"null removes", `{"op":"replace","path":"title","value":null}`, "title", `null`},
		{"empty list removes", `{"op":"replace","path":"phoneNumbers","value":[]}`, "phoneNumbers", `null`},
		{"sub-attribute", `{"op":"replace","path":"name.givenName","value":"Eva"}`, "name",
			`{"givenName":"Eva","familyName":"Silva"}`},
		{"complex merges", `{"op":"replace","path":"name","value":{"givenName":"Eva"}}`, "name",
			`{"givenName":"Eva","familyName":"Silva"}`},
		{"remove a sub-attribute", `{"op":"remove","path":"name.givenName"}`, "name", `{"familyName":"Silva"}`},
		{"remove the last sub-attribute", `{"op":"remove","path":"name.givenName"},{"op":"remove","path":"name.familyName"}`,
			"name", `null`},
		{"value path", `{"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":"9"}`, "phoneNumbers", work},
		{"value path, quoted case", `{"op":"add","path":"phonenumbers[TYPE EQ \"WORK\"].VALUE","value":"9"}`,
			"phoneNumbers", work},
		{"value path, whole element",
			`{"op":"replace","path":"phoneNumbers[type eq \"work\"]","value":{"type":"work","value":"9"}}`,
			"phoneNumbers", work},
		{"value path, and", `{"op":"replace","path":"phoneNumbers[type eq \"work\" and value eq \"1\"].value","value":"9"}`,
			"phoneNumbers", work},
		{"value path, remove element", `{"op":"remove","path":"phoneNumbers[type eq \"work\"]"}`, "phoneNumbers",
			`[{"type":"mobile","value":"2","primary":true}]`},
		{"value path, remove the value", `{"op":"remove","path":"phoneNumbers[type eq \"work\"].value"}`, "phoneNumbers",
			`[{"type":"mobile","value":"2","primary":true}]`},
		{"value path, one primary", `{"op":"replace","path":"phoneNumbers[type eq \"work\"].primary","value":true}`,
			"phoneNumbers",
			`[{"type":"work","value":"1","primary":true},{"type":"mobile","value":"2","primary":false}]`},
		{"value path, last address field", `{"op":"remove","path":"addresses[type eq \"work\"].locality"}`,
			"addresses", `null`},
		{"add appends", `{"op":"add","path":"phoneNumbers","value":[{"type":"fax","value":"3"}]}`, "phoneNumbers",
			`[{"type":"work","value":"1"},{"type":"mobile","value":"2","primary":true},{"type":"fax","value":"3"}]`},
		{"add of what is there", `{"op":"add","path":"phoneNumbers","value":[{"type":"work","value":"1"}]}`, "phoneNumbers",
			`[{"type":"work","value":"1"},{"type":"mobile","value":"2","primary":true}]`},
		{"add of a new primary", `{"op":"add","path":"phoneNumbers","value":{"type":"fax","value":"3","primary":true}}`,
			"phoneNumbers",
			`[{"type":"work","value":"1"},{"type":"mobile","value":"2","primary":false},{"type":"fax","value":"3",` +
				`"primary":true}]`},
		{"replace a list", `{"op":"replace","path":"phoneNumbers","value":[{"type":"work","value":"9"}]}`, "phoneNumbers",
			`[{"type":"work","value":"9"}]`},
		{"remove by value array", `{"op":"remove","path":"phoneNumbers","value":[{"value":"1"}]}`, "phoneNumbers",
			`[{"type":"mobile","value":"2","primary":true}]`},
		{"extension attribute", `{"op":"replace","path":"` + enterprise + `:department","value":"D2"}`,
			enterprise + "|department", `"D2"`},
		{"extension in any case", `{"op":"replace","path":"` + strings.ToUpper(enterprise) + `:Department","value":"D2"}`,
			enterprise + "|department", `"D2"`},
		{"extension removed", `{"op":"remove","path":"` + enterprise + `"}`, enterprise, `null`},
		{"extension as an object", `{"op":"add","path":"` + enterprise + `","value":{"department":"D2","unknown":1}}`,
			enterprise, `{"department":"D2","costCenter":"C"}`},
		{"webex array of texts", `{"op":"replace","path":"` + webex + `:extensionAttribute1","value":["y"]}`,
			webex + "|extensionAttribute1", `["y"]`},
		{"webex, one text for an array", `{"op":"replace","path":"` + webex + `:extensionAttribute2","value":"y"}`,
			webex + "|extensionAttribute2", `["y"]`},
		{"webex value path",
			`{"op":"replace","path":"` + webex + `:sipAddresses[type eq \"enterprise\"].value","value":"b@sip"}`,
			webex + "|sipAddresses",
			`[{"type":"enterprise","value":"b@sip"}]`},
		{"core by its URN", `{"op":"replace","path":"` + scimtest.UserURN + `:title","value":"Chief"}`, "title", `"Chief"`},
		{"unknown schema", `{"op":"add","path":"urn:example:2.0:User:thing","value":"x"}`, "title", `"Clerk"`},
		{"no path", `{"op":"replace","value":{"title":"Chief","active":false}}`, "active", `false`},
		{"no path, what is unknown or fixed", `{"op":"add","value":{"nope":1,"id":"x","meta":{},"title":"Chief"}}`,
			"title", `"Chief"`},
		{"no path, paths for keys", `{"op":"add","value":{"name.givenName":"Eva","` + enterprise + `:department":"D2"}}`,
			enterprise + "|department", `"D2"`},
		{"no path, extension", `{"op":"replace","value":{"` + enterprise + `":{"department":"D2"}}}`, enterprise,
			`{"department":"D2","costCenter":"C"}`},
		{"a role", `{"op":"add","path":"roles","value":[{"value":"id_full_admin","type":"cirole"}]}`, "roles",
			`[{"value":"id_full_admin","type":"cirole"}]`},
		{"rename", `{"op":"replace","path":"userName","value":"Eva@example.com"}`, "userName", `"Eva@example.com"`},
		{"rename by letter case", `{"op":"replace","path":"userName","value":"ANA@example.com"}`, "userName",
			`"ANA@example.com"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, scimtest.Options{})
			id := s.newUser("ana@example.com", whole)
			got := s.call(200, "PATCH", "/Users/"+id, patch(c.ops))
			if read := s.call(200, "GET", "/Users/"+id, ""); read.raw != got.raw {
				t.Errorf("answered\n%s\nstored\n%s", got.raw, read.raw)
			}
			if got.body["id"] != id {
				t.Errorf("id %v", got.body["id"])
			}
			var at any = got.body
			for _, name := range strings.Split(c.at, "|") {
				m, _ := at.(map[string]any)
				at = m[name]
			}
			var want any
			if err := json.Unmarshal([]byte(c.want), &want); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, at); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestPatchRefused(t *testing.T) {
	s := start(t, scimtest.Options{})
	s.newUser("bob@example.com")
	id := s.newUser("ana@example.com", whole)
	before := s.call(200, "GET", "/Users/"+id, "").raw
	for _, c := range []struct {
		ops, scimType string
		status        int
	}{
		{`{"op":"remove"}`, "noTarget", 400},
		{`{"op":"replace","path":"phoneNumbers[type eq \"pager\"].value","value":"1"}`, "noTarget", 400},
		{`{"op":"add","path":"phoneNumbers[type eq \"pager\"].value","value":"1"}`, "noTarget", 400},
		{`{"op":"remove","path":"phoneNumbers[type eq \"pager\"]"}`, "noTarget", 400},
		{`{"op":"replace","path":"phoneNumbers[type eq","value":"1"}`, "invalidPath", 400},
		{`{"op":"replace","path":"phoneNumbers[type eq \"work\"].nope","value":"1"}`, "invalidPath", 400},
		{`{"op":"replace","path":"title[value eq \"x\"]","value":"1"}`, "invalidPath", 400},
		{`{"op":"replace","path":"nope","value":"1"}`, "invalidPath", 400},
		{`{"op":"replace","path":"name.nope","value":"1"}`, "invalidPath", 400},
		{`{"op":"replace","path":"` + enterprise + `:nope","value":"1"}`, "invalidPath", 400},
		{`{"op":"replace","path":"title ","value":"1"}`, "invalidPath", 400},
		{`{"op":"replace","path":"id","value":"1"}`, "mutability", 400},
		{`{"op":"replace","path":"meta.created","value":"1"}`, "mutability", 400},
		{`{"op":"replace","path":"groups","value":[]}`, "mutability", 400},
		{`{"op":"remove","path":"userName"}`, "mutability", 400},
		{`{"op":"replace","path":"active","value":"False"}`, "invalidValue", 400},
		{`{"op":"replace","path":"title","value":7}`, "invalidValue", 400},
		{`{"op":"replace","path":"name","value":"x"}`, "invalidValue", 400},
		{`{"op":"replace","path":"userName","value":""}`, "invalidValue", 400},
		{`{"op":"replace","path":"userName","value":"no mail"}`, "invalidValue", 400},
		{`{"op":"replace","value":"x"}`, "invalidValue", 400},
		{`{"op":"replace","path":"` + enterprise + `:manager.value","value":"nobody"}`, "invalidValue", 400},
		{`{"op":"replace","path":"emails","value":[{"value":"a","primary":true},{"value":"b","primary":true}]}`,
			"invalidValue", 400},
		{`{"op":"move","path":"title"}`, "invalidSyntax", 400},
		{``, "invalidSyntax", 400},
		{`{"op":"replace","path":"userName","value":"BOB@example.com"}`, "uniqueness", 409},
	} {
		// The first operation would succeed: a failing request changes nothing.
		ops := c.ops
		if ops != "" {
			ops = `{"op":"replace","path":"title","value":"Changed"},` + ops
		}
		r := s.call(c.status, "PATCH", "/Users/"+id, patch(ops))
		if r.body["scimType"] != c.scimType {
			t.Errorf("%s: scimType %v, want %s: %v", c.ops, r.body["scimType"], c.scimType, r.body["detail"])
		}
		if after := s.call(200, "GET", "/Users/"+id, "").raw; after != before {
			t.Fatalf("%s: was refused, and changed the user to\n%s", c.ops, after)
		}
	}
	r := s.call(400, "PATCH", "/Users/"+id, `{"Operations":[{"op":"remove","path":"title"}]}`)
	if r.body["scimType"] != "invalidSyntax" {
		t.Errorf("without schemas: %s", r.raw)
	}
}

func TestPatchThatChangesNothingKeepsTheVersion(t *testing.T) {
	s := start(t, scimtest.Options{})
	id := s.newUser("ana@example.com", whole)
	first := s.call(200, "PATCH", "/Users/"+id,
		patch(`{"op":"replace","path":"title","value":"Clerk"}`)).header.Get("ETag")
	second := s.call(200, "PATCH", "/Users/"+id,
		patch(`{"op":"replace","path":"title","value":"Chief"}`)).header.Get("ETag")
	if first != `W/"1"` || second != `W/"2"` {
		t.Errorf("versions %s and %s", first, second)
	}
}

func TestManager(t *testing.T) {
	s := start(t, scimtest.Options{})
	boss, ana := s.newUser("boss@example.com"), s.newUser("ana@example.com")
	for _, value := range []string{`"` + boss + `"`, `{"value":"` + boss + `"}`} {
		s.call(200, "PATCH", "/Users/"+ana, patch(`{"op":"add","path":"`+enterprise+`:manager","value":`+value+`}`))
		if u, _ := s.User(ana); u.Manager != boss {
			t.Errorf("%s: manager %q", value, u.Manager)
		}
		s.call(200, "PATCH", "/Users/"+ana, patch(`{"op":"remove","path":"`+enterprise+`:manager.value"}`))
		if u, _ := s.User(ana); u.Manager != "" || u.Attrs[enterprise] != nil {
			t.Errorf("after the removal: %v", u.Attrs)
		}
	}
}

func TestMembers(t *testing.T) {
	s := start(t, scimtest.Options{})
	a, b, c := s.newUser("a@example.com"), s.newUser("b@example.com"), s.newUser("c@example.com")
	inner := s.newGroup("Inner")
	value := func(ids ...string) string {
		for i, id := range ids {
			ids[i] = `{"value":"` + id + `"}`
		}
		return "[" + strings.Join(ids, ",") + "]"
	}
	for _, x := range []struct {
		name, ops string
		want      []string
	}{
		{"add", `{"op":"add","path":"members","value":` + value(c) + `}`, []string{a, b, c}},
		{"add twice", `{"op":"add","path":"members","value":` + value(b, c, c) + `}`, []string{a, b, c}},
		{"add a group", `{"op":"add","path":"members","value":` + value(inner) + `}`, []string{a, b, inner}},
		{"add without path", `{"op":"add","value":{"members":` + value(c) + `}}`, []string{a, b, c}},
		{"remove by filter", `{"op":"remove","path":"members[value eq \"` + a + `\"]"}`, []string{b}},
		{"remove by another filter", `{"op":"remove","path":"members[type eq \"User\"]"}`, nil},
		{"remove by value array", `{"op":"remove","path":"members","value":` + value(a, c) + `}`, []string{b}},
		{"remove all", `{"op":"remove","path":"members"}`, nil},
		{"replace", `{"op":"replace","path":"members","value":` + value(c, b) + `}`, []string{b, c}},
		{"replace by none", `{"op":"replace","path":"members","value":[]}`, nil},
		{"remove, then add", `{"op":"remove","path":"members[value eq \"` + a +
			`\"]"},{"op":"add","path":"members","value":` + value(a) + `}`, []string{a, b}},
		{"add, then remove", `{"op":"add","path":"members","value":` + value(c) +
			`},{"op":"remove","path":"members[value eq \"` + c + `\"]"}`, []string{a, b}},
		{"name and members", `{"op":"replace","path":"displayName","value":"New"},{"op":"add","path":"members","value":` +
			value(c) + `}`, []string{a, b, c}},
	} {
		g := s.newGroup("G "+x.name, a, b)
		s.call(200, "PATCH", "/Groups/"+g, patch(x.ops))
		got, _ := s.Group(g)
		if !equalSets(got.Members, x.want) {
			t.Errorf("%s: members %v, want %v", x.name, got.Members, x.want)
		}
	}
	g := s.newGroup("G", a)
	for _, x := range []struct{ ops, scimType string }{
		{`{"op":"remove","path":"members[value eq \"` + b + `\"]"}`, "noTarget"},
		{`{"op":"add","path":"members","value":` + value(c, "nobody") + `}`, "invalidValue"},
		{`{"op":"add","path":"members","value":` + value(c, g) + `}`, "invalidValue"},
		{`{"op":"add","path":"members","value":[{"type":"user"}]}`, "invalidValue"},
		{`{"op":"replace","path":"members[value eq \"` + a + `\"].value","value":"x"}`, "mutability"},
		{`{"op":"remove","path":"displayName"}`, "mutability"},
	} {
		r := s.call(400, "PATCH", "/Groups/"+g, patch(`{"op":"add","path":"members","value":`+value(inner)+`},`+x.ops))
		if r.body["scimType"] != x.scimType {
			t.Errorf("%s: %s", x.ops, r.raw)
		}
		if got, _ := s.Group(g); !slices.Equal(got.Members, []string{a}) {
			t.Fatalf("%s: was refused, and left members %v", x.ops, got.Members)
		}
	}
}

func equalSets(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

func TestManyMembersAreAddedAndRemoved(t *testing.T) {
	s := start(t, scimtest.Options{})
	g, ids := s.groupOf(300)
	for _, id := range ids[:250] {
		if err := s.Edit(g, scimtest.Op{Op: "remove", Path: `members[value eq "` + id + `"]`}); err != nil {
			t.Fatal(err)
		}
	}
	first := []any{map[string]any{"value": ids[0]}}
	if err := s.Edit(g, scimtest.Op{Op: "add", Path: "members", Value: first}); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Group(g); !slices.Equal(got.Members, append(slices.Clone(ids[250:]), ids[0])) {
		t.Errorf("%d members: %v", len(got.Members), got.Members)
	}
	if err := s.Delete(ids[299]); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Group(g); len(got.Members) != 50 || slices.Contains(got.Members, ids[299]) {
		t.Errorf("a deleted user is still a member: %v", got.Members)
	}
}
