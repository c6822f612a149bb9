package scimtest_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
)

// A client of a generic provider: these are the requests of compliance suites for RFC 7643 and RFC
// 7644, and the expected answers.

func plain(t *testing.T) *cloud { return start(t, scimtest.Options{Plain: true}) }

func at(m map[string]any, keys ...string) any {
	var v any = m
	for _, k := range keys {
		o, _ := v.(map[string]any)
		v = o[k]
	}
	return v
}

func hasSchema(m map[string]any, urn string) bool {
	list, _ := m["schemas"].([]any)
	for _, s := range list {
		if s == urn {
			return true
		}
	}
	return false
}

func query(s string) string { return "?filter=" + url.QueryEscape(s) }

// RFC 7643 section 7 requires a full description of every attribute: a client that decodes /Schemas
// strictly fails if a reference has no referenceTypes.
func TestSchemasAreDescribedInFull(t *testing.T) {
	for name, s := range map[string]*cloud{"webex": start(t, scimtest.Options{}), "plain": plain(t)} {
		list := s.call(200, "GET", "/Schemas", "").body
		if !hasSchema(list, "urn:ietf:params:scim:api:messages:2.0:ListResponse") {
			t.Errorf("%s: /Schemas is no list", name)
		}
		var check func(where string, attrs any)
		check = func(where string, attrs any) {
			for _, one := range attrs.([]any) {
				a := one.(map[string]any)
				at := where + "." + fmt.Sprint(a["name"])
				for _, key := range []string{"name", "type", "multiValued", "description", "required", "caseExact", "mutability",
					"returned", "uniqueness"} {
					if a[key] == nil {
						t.Errorf("%s: %s has no %s", name, at, key)
					}
				}
				if types, _ := a["referenceTypes"].([]any); a["type"] == "reference" && len(types) == 0 {
					t.Errorf("%s: %s has no referenceTypes", name, at)
				}
				if (a["type"] == "complex") != (a["subAttributes"] != nil) {
					t.Errorf("%s: %s: type and subAttributes", name, at)
				}
				if a["subAttributes"] != nil {
					check(at, a["subAttributes"])
				}
			}
		}
		known := map[string]bool{}
		for _, one := range list["Resources"].([]any) {
			sc := one.(map[string]any)
			id, _ := sc["id"].(string)
			known[id] = true
			if id == "" || sc["name"] == "" || strings.HasPrefix(id, "urn:ietf:params:scim:api:messages:") {
				t.Errorf("%s: schema %q", name, id)
			}
			check(id, sc["attributes"])
		}
		for _, one := range s.call(200, "GET", "/ResourceTypes", "").body["Resources"].([]any) {
			rt := one.(map[string]any)
			if rt["name"] == "" || !known[rt["schema"].(string)] {
				t.Errorf("%s: resource type %v", name, rt)
			}
			for _, x := range rt["schemaExtensions"].([]any) {
				if !known[x.(map[string]any)["schema"].(string)] {
					t.Errorf("%s: extension %v is in no schema", name, x)
				}
			}
		}
	}
}

func TestPlainDiscovery(t *testing.T) {
	s := plain(t)
	r := s.call(200, "GET", "/ServiceProviderConfig?filter=invalid&sortBy=id&startIndex=999", "")
	if !hasSchema(r.body, "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig") ||
		r.header.Get("Content-Type") != "application/scim+json" {
		t.Errorf("%v %v", r.header, r.body)
	}
	for _, key := range []string{"patch", "bulk", "filter", "sort", "etag"} {
		if at(r.body, key, "supported") != true {
			t.Errorf("%s is not supported", key)
		}
	}
	if at(r.body, "bulk", "maxOperations") == nil || at(r.body, "bulk", "maxPayloadSize") == nil ||
		len(r.body["authenticationSchemes"].([]any)) == 0 {
		t.Errorf("%v", r.body)
	}
	if r := s.call(401, "GET", "/Users", "", "Authorization", "Bearer wrong"); r.header.Get("WWW-Authenticate") == "" {
		t.Error("401 does not say how to sign in")
	}
	// Errors have their own schemas, without an extension of the provider.
	r = s.call(404, "GET", "/Users/nobody", "")
	if len(r.body["schemas"].([]any)) != 1 || !hasSchema(r.body, "urn:ietf:params:scim:api:messages:2.0:Error") ||
		r.body["status"] != "404" {
		t.Errorf("%v", r.body)
	}
	s.call(404, "GET", "/"+query("id pr"), "")
	s.call(501, "GET", "/Me", "")
}

func TestPlainUserLifecycle(t *testing.T) {
	s := plain(t)
	// Any order of keys, any name; attributes that the server assigns are the server's.
	r := s.call(201, "POST", "/Users", `{"displayName":"CaSe Kept","password":"s3cret!","id":"mine","userName":"AnY nAmE","externalId":null,
		"meta":{"resourceType":"Invalid","created":"1999-01-01T00:00:00Z"},"schemas":["`+scimtest.UserURN+`"],
		"x509Certificates":[{"value":"MIIB"}],"addresses":[{"type":"work","country":"US"}],
		"emails":[{"value":"dup@example.com","type":"work"},{"value":"dup@example.com","type":"work"}]}`)
	id, _ := r.body["id"].(string)
	created, _ := at(r.body, "meta", "created").(string)
	location, _ := at(r.body, "meta", "location").(string)
	switch {
	case id == "" || id == "mine" || strings.Contains(id, "bulkId"):
		t.Errorf("id %q", id)
	case r.header.Get("Location") != location || location != s.URL()+"/Users/"+id:
		t.Errorf("location %q, %q", r.header.Get("Location"), location)
	case at(r.body, "meta", "resourceType") != "User" || created != at(r.body, "meta", "lastModified") ||
		!regexp.MustCompile(`^20\d\d-.*T.*Z$`).MatchString(created):
		t.Errorf("meta %v", r.body["meta"])
	case r.body["displayName"] != "CaSe Kept" || r.body["userName"] != "AnY nAmE":
		t.Errorf("%v", r.body)
	case r.body["password"] != nil || r.body["externalId"] != nil:
		t.Errorf("what is never shown: %v", r.body)
	case len(r.body["emails"].([]any)) != 1:
		t.Errorf("a value twice: %v", r.body["emails"])
	case !strings.HasPrefix(fmt.Sprint(at(r.body, "meta", "version")), `W/"`):
		t.Errorf("version %v", at(r.body, "meta", "version"))
	}
	for key := range r.body {
		if !regexp.MustCompile(`^[A-Za-z][-_0-9A-Za-z]*$`).MatchString(key) {
			t.Errorf("%q is no name of an attribute", key)
		}
	}
	if r := s.call(409, "POST", "/Users", user("any name")); r.body["scimType"] != "uniqueness" {
		t.Errorf("%v", r.body)
	}
	s.call(400, "POST", "/Users",
		user("two", `"emails":[{"value":"a@x.org","primary":true},{"value":"b@x.org","primary":true}]`))
	one := s.call(200, "GET", "/Users/"+id, "")
	if one.body["id"] != id || !strings.HasPrefix(one.header.Get("ETag"), `W/"`) {
		t.Errorf("%v", one.body)
	}

	// PUT replaces, ignores read-only attributes, requires the required ones, and never creates.
	r = s.call(200, "PUT", "/Users/"+id,
		user("AnY nAmE", `"displayName":"New"`, `"id":"other"`, `"meta":{"resourceType":"Invalid"}`))
	if r.body["id"] != id || r.body["displayName"] != "New" || r.body["emails"] != nil ||
		at(r.body, "meta", "resourceType") != "User" {
		t.Errorf("%v", r.body)
	}
	s.call(400, "PUT", "/Users/"+id, `{"schemas":["`+scimtest.UserURN+`"],"displayName":"No name"}`)
	s.call(404, "PUT", "/Users/nobody", user("nobody"))
	s.call(412, "PUT", "/Users/"+id, user("AnY nAmE"), "If-Match", `W/"wrong"`)

	s.call(204, "DELETE", "/Users/"+id, "")
	s.call(404, "GET", "/Users/"+id, "")
	if r := s.call(200, "GET", "/Users"+query(`userName eq "any name"`), ""); r.body["totalResults"] != 0.0 {
		t.Errorf("the deleted one is found: %v", r.body)
	}
}

func TestPlainPatch(t *testing.T) {
	s := plain(t)
	id := s.newUser("patched", `"displayName":"Old"`,
		`"emails":[{"value":"work@example.com","type":"work","primary":true},{"value":"home@example.com","type":"home"}]`)
	before := at(s.call(200, "GET", "/Users/"+id, "").body, "meta", "lastModified")
	s.call(200, "PATCH", "/Users/"+id, patch(`{"op":"add","path":"displayName","value":"Old"}`))
	if now := at(s.call(200, "GET", "/Users/"+id, "").body, "meta", "lastModified"); now != before {
		t.Error("an addition of what is there changed the time")
	}
	for _, op := range []struct {
		op   string
		want func(map[string]any) bool
	}{
		{`{"op":"add","path":"name","value":{"givenName":"Test","familyName":"User"}}`,
			func(m map[string]any) bool { return at(m, "name", "givenName") == "Test" }},
		{`{"op":"replace","path":"nickName","value":"Nick"}`, func(m map[string]any) bool { return m["nickName"] == "Nick" }},
		{`{"op":"Replace","value":{"title":"Chief"}}`, func(m map[string]any) bool { return m["title"] == "Chief" }},
		{`{"op":"replace","path":"emails[type eq \"work\"].value","value":"new@example.com"}`,
			func(m map[string]any) bool { return strings.Contains(fmt.Sprint(m["emails"]), "new@example.com") }},
		{`{"op":"remove","path":"displayName"}`, func(m map[string]any) bool { return m["displayName"] == nil }},
		{`{"op":"remove","path":"emails"}`, func(m map[string]any) bool { return m["emails"] == nil }},
	} {
		s.call(200, "PATCH", "/Users/"+id, patch(op.op))
		if m := s.call(200, "GET", "/Users/"+id, "").body; !op.want(m) {
			t.Errorf("%s made %v", op.op, m)
		}
	}
	primaries := func() int {
		return strings.Count(fmt.Sprint(s.call(200, "GET", "/Users/"+id, "").body["emails"]), "primary:true")
	}
	s.call(200, "PATCH", "/Users/"+id, patch(`{"op":"add","path":"emails","value":[{"value":"1@x.org","primary":true}]}`))
	if r, err := s.do("PATCH", "/Users/"+id,
		patch(`{"op":"add","path":"emails","value":[{"value":"2@x.org","primary":true}]}`)); err != nil || r.status != 200 &&
		r.status != 400 || primaries() > 1 {
		t.Errorf("%d primary ones, %d, %v", primaries(), r.status, err)
	}
	// All or nothing; required and read-only attributes stay.
	s.call(400, "PATCH", "/Users/"+id,
		patch(`{"op":"replace","path":"displayName","value":"Half"}`, `{"op":"remove","path":"userName"}`))
	if m := s.call(200, "GET", "/Users/"+id, "").body; m["displayName"] != nil {
		t.Errorf("half of a PATCH was kept: %v", m)
	}
	if r, err := s.do("PATCH", "/Users/"+id, patch(`{"op":"replace","path":"id","value":"other"}`)); err != nil ||
		r.status != 400 && r.status != 200 {
		t.Errorf("%d, %v", r.status, err)
	}
	none := patch(`{"op":"replace","path":"emails[type eq \"none\"].value","value":"x@x.org"}`)
	if r := s.call(400, "PATCH", "/Users/"+id, none); r.body["scimType"] != "noTarget" {
		t.Errorf("%v", r.body)
	}
	if s.call(200, "GET", "/Users/"+id, "").body["id"] != id {
		t.Error("the id changed")
	}
}

func TestPlainQueries(t *testing.T) {
	s := plain(t)
	for _, n := range []string{"charlie", "Bob", "alice"} {
		s.newUser(n, `"displayName":"x"`)
	}
	for _, f := range []string{`active gt true`, `userName regex "test"`, `(((`} {
		if r := s.call(400, "GET", "/Users"+query(f), ""); r.body["scimType"] != "invalidFilter" {
			t.Errorf("%s: %v", f, r.body)
		}
	}
	for f, want := range map[string]float64{`userName eq "BOB"`: 1, `userName sw "al"`: 1, `userName eq "nobody"`: 0,
		`name.givenName pr`: 0, `not (userName eq "bob")`: 2,
		`userName co "L" and displayName pr`: 2} {
		if r := s.call(200, "GET", "/Users"+query(f), ""); r.body["totalResults"] != want ||
			!hasSchema(r.body, "urn:ietf:params:scim:api:messages:2.0:ListResponse") {
			t.Errorf("%s: %v", f, r.body)
		}
	}
	var names []string
	for _, u := range s.call(200, "GET", "/Users?sortBy=userName", "").body["Resources"].([]any) {
		names = append(names, u.(map[string]any)["userName"].(string))
	}
	if strings.Join(names, " ") != "alice Bob charlie" {
		t.Errorf("%v", names)
	}
	if r := s.call(200, "GET", "/Users?count=1", ""); len(r.body["Resources"].([]any)) != 1 ||
		r.body["totalResults"] != 3.0 {
		t.Errorf("%v", r.body)
	}
	s.call(200, "GET", "/Users?startIndex=0", "")
	for _, path := range []string{"/Users?attributes=userName", "/Users?excludedAttributes=displayName,id,schemas"} {
		first := s.call(200, "GET", path, "").body["Resources"].([]any)[0].(map[string]any)
		if first["id"] == nil || first["schemas"] == nil || first["userName"] == nil || first["displayName"] != nil {
			t.Errorf("%s: %v", path, first)
		}
	}
	r := s.call(200, "POST", "/Users/.search", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}`)
	if r.body["totalResults"] != 3.0 {
		t.Errorf("%v", r.body)
	}
}

func TestPlainGroups(t *testing.T) {
	s := plain(t)
	id := s.newUser("member")
	g := s.call(201, "POST", "/Groups", group("team", id)).body
	// A reference is relative to the SCIM root, and can be followed.
	ref, _ := g["members"].([]any)[0].(map[string]any)["$ref"].(string)
	if ref != "Users/"+id {
		t.Errorf("%v", g["members"])
	}
	if u := s.call(200, "GET", "/"+ref, "").body; u["id"] != id {
		t.Errorf("$ref leads to %v", u)
	}
	empty := s.newGroup("empty")
	s.call(200, "PATCH", "/Groups/"+empty,
		patch(`{"op":"add","path":"members","value":[{"value":"`+id+`","type":"User"}]}`))
	if m := s.call(200, "GET", "/Groups/"+empty, "").body["members"]; !strings.Contains(fmt.Sprint(m), id) {
		t.Errorf("%v", m)
	}
}

// A generic provider without referential integrity drops unknown members, in every form of write,
// and keeps the known ones.
func TestPlainDropsUnknownMembers(t *testing.T) {
	s := plain(t)
	id := s.newUser("member")
	g, _ := s.call(201, "POST", "/Groups", group("team", "gone", id)).body["id"].(string)
	value := `[{"value":"gone"},{"value":"` + id + `"},{"value":"gone too"}]`
	for _, w := range []struct{ method, body string }{
		{"GET", ""},
		{"PUT", group("team", id, "gone")},
		{"PATCH", patch(`{"op":"add","path":"members","value":[{"value":"gone"}]}`)},
		{"PATCH", patch(`{"op":"replace","path":"members","value":` + value + `}`)},
		{"PATCH", patch(`{"op":"remove","path":"members","value":[{"value":"gone"}]}`)},
	} {
		m, _ := s.call(200, w.method, "/Groups/"+g, w.body).body["members"].([]any)
		if len(m) != 1 || m[0].(map[string]any)["value"] != id {
			t.Errorf("%s %s: %v", w.method, w.body, m)
		}
	}
	s.call(400, "POST", "/Groups",
		`{"schemas":["`+scimtest.GroupURN+`"],"displayName":"nameless","members":[{"type":"User"}]}`)
}

// Webex's form does not have what the generic one has.
func TestWebexFormHasNoPlainFeatures(t *testing.T) {
	s := start(t, scimtest.Options{})
	id := s.newUser("a@example.com")
	r := s.call(201, "POST", "/Groups", group("team", id))
	if got := r.body["members"].([]any)[0].(map[string]any)["$ref"]; got != s.URL()+"/Users/"+id {
		t.Errorf("$ref %v", got)
	}
	if got := r.header.Get("Content-Type"); got != "application/scim+json;charset=UTF-8" {
		t.Errorf("Content-Type %q", got)
	}
	s.call(404, "GET", "/Me", "")
	s.call(400, "POST", "/Groups", group("other", "gone"))
	s.call(400, "POST", "/Users", user("no address"))
}

func TestPlainBulk(t *testing.T) {
	s := plain(t)
	op := func(id, path, data string) string {
		return `{"method":"POST","path":"` + path + `","bulkId":"` + id + `","data":` + data + `}`
	}
	bulk := func(want int, more string, ops ...string) []any {
		r := s.call(want, "POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],`+more+
			`"Operations":[`+strings.Join(ops, ",")+`]}`)
		list, _ := r.body["Operations"].([]any)
		return list
	}
	got := bulk(200, `"failOnErrors":10,`, op("ok-1", "/Users", user("one")), op("dup", "/Users", user("one")),
		op("ok-2", "/Users", user("two")))
	if len(got) != 3 {
		t.Fatalf("%v", got)
	}
	for i, want := range []string{"201", "409", "201"} {
		if o := got[i].(map[string]any); o["status"] != want || o["bulkId"] == nil || want == "201" && o["location"] == nil {
			t.Errorf("%v", o)
		}
	}
	var many []string
	for i := range 101 {
		many = append(many, op(fmt.Sprint(i), "/Users", user(fmt.Sprint("many", i))))
	}
	bulk(413, "", many...)
}
