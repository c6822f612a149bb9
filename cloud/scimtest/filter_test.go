package scimtest_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
)

// found lists the user names that match a filter, without their domain.
func (c *cloud) found(filter string) []string {
	c.t.Helper()
	r := c.call(200, "GET", "/Users?filter="+url.QueryEscape(filter), "")
	names := []string{}
	for _, u := range r.body["Resources"].([]any) {
		local, _, _ := strings.Cut(u.(map[string]any)["userName"].(string), "@")
		names = append(names, local)
	}
	if n := int(r.body["totalResults"].(float64)); n != len(names) {
		c.t.Errorf("%s: totalResults %d, resources %d", filter, n, len(names))
	}
	return names
}

func TestFilters(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := start(t, scimtest.Options{Clock: func() time.Time { now = now.Add(time.Hour); return now }})
	boss := s.newUser("boss@example.com", `"displayName":"The Boss","externalId":"G-1","active":true`)
	s.newUser("ana@example.com", `"displayName":"Ana \"Q\" Silva","externalId":"g-1","active":false,"title":"Clerk",
		"phoneNumbers":[{"type":"work","value":"+1 555"},{"type":"fax","value":"7"}],
		"`+enterprise+`":{"department":"Sales","manager":{"value":"`+boss+`"}}`)
	s.newUser("bob@example.org", `"displayName":"Bob","title":"Chief Clerk",
		"phoneNumbers":[{"type":"fax","value":"+1 555"}],"`+webex+`":{"extensionAttribute1":["x","y"]}`)
	s.newGroup("Staff", boss)
	for _, c := range []struct {
		filter string
		want   []string
	}{
		{`userName eq "ANA@example.com"`, []string{"ana"}},
		{`USERNAME EQ "ana@example.com"`, []string{"ana"}},
		{`userName eq "nobody@example.com"`, []string{}},
		{`userName sw "b"`, []string{"boss", "bob"}},
		{`userName ew ".org"`, []string{"bob"}},
		{`userName co "O"`, []string{"boss", "ana", "bob"}},
		{`userName ne "ana@example.com"`, []string{"boss", "bob"}},
		{`id eq "` + boss + `"`, []string{"boss"}},
		{`externalId eq "G-1"`, []string{"boss"}},
		{`externalId eq "g-1"`, []string{"ana"}},
		{`externalId pr`, []string{"boss", "ana"}},
		{`not (externalId pr)`, []string{"bob"}},
		{`title pr and userName sw "a"`, []string{"ana"}},
		{`title eq null`, []string{"boss"}},
		{`title ne null`, []string{"ana", "bob"}},
		{`title ne "Clerk"`, []string{"boss", "bob"}},
		{`active eq false`, []string{"ana"}},
		{`active eq "True"`, []string{"boss", "bob"}},
		{`active ne true`, []string{"ana"}},
		{`displayName eq "Ana \"Q\" Silva"`, []string{"ana"}},
		{`displayName gt "b" and displayName lt "c"`, []string{"bob"}},
		{`displayName ge "bob" or displayName le "ana z"`, []string{"boss", "ana", "bob"}},
		{`phoneNumbers.value eq "+1 555"`, []string{"ana", "bob"}},
		{`phoneNumbers eq "+1 555"`, []string{"ana", "bob"}},
		{`phoneNumbers[type eq "work" and value eq "+1 555"]`, []string{"ana"}},
		{`phoneNumbers[type eq "work" or type eq "fax"] and active eq true`, []string{"bob"}},
		{`phoneNumbers[not (type eq "fax")]`, []string{"ana"}},
		{enterprise + `:department eq "sales"`, []string{"ana"}},
		{enterprise + `:manager.value eq "` + boss + `"`, []string{"ana"}},
		{enterprise + `:manager eq "` + boss + `"`, []string{"ana"}},
		{webex + `:extensionAttribute1 eq "y"`, []string{"bob"}},
		{webex + `:meta.organizationId eq "` + s.Org() + `"`, []string{"boss", "ana", "bob"}},
		{`groups.display eq "staff"`, []string{"boss"}},
		{`meta.created gt "2026-03-01T00:00:00Z"`, []string{"boss", "ana", "bob"}},
		{`meta.lastModified lt "2026-03-01T00:00:00+00:00"`, []string{}},
		{`nope eq "x"`, []string{}},
		{`nope ne "x"`, []string{"boss", "ana", "bob"}},
		{`urn:example:2.0:User:x pr`, []string{}},
		{`userName sw "a" or userName sw "bob" and title pr`, []string{"ana", "bob"}},
		{`(userName sw "a" or userName sw "bob") and title co "chief"`, []string{"bob"}},
	} {
		if got := s.found(c.filter); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.filter, got, c.want)
		}
	}
	for _, bad := range []string{
		`userName`, `userName eq`, `userName is "x"`, `eq "x"`, `userName eq "x`, `userName eq x`, `userName eq "x" and`,
		`userName eq "x" title pr`,
		`(userName pr`, `userName pr)`, `phoneNumbers[type eq "work"`, `phoneNumbers[type[a pr]]`, `phoneNumbers[]`,
		`()`, `not userName pr`,
		`active gt true`, `active co "x"`, `userName eq 7`, `meta.created gt "yesterday"`, `1a pr`, `a..b pr`,
		`userName eq {}`, ` `,
		strings.Repeat("(", 40) + "title pr" + strings.Repeat(")", 40), "title pr" + strings.Repeat(" or title pr", 300),
	} {
		r, err := s.do("GET", "/Users?filter="+url.QueryEscape(bad), "")
		if err != nil || r.status != 400 || r.body["scimType"] != "invalidFilter" {
			t.Errorf("%s: %d %s %v", bad, r.status, r.raw, err)
		}
	}
}

func (c *cloud) ids(query, key string) (ids []string, total int) {
	c.t.Helper()
	r := c.call(200, "GET", query, "")
	for _, u := range r.body[key].([]any) {
		m := u.(map[string]any)
		id, _ := m["id"].(string)
		if key == "members" {
			id = m["value"].(string)
		}
		ids = append(ids, id)
	}
	if n := int(r.body["itemsPerPage"].(float64)); n != len(ids) {
		c.t.Errorf("%s: itemsPerPage %d, resources %d", query, n, len(ids))
	}
	return ids, int(r.body["totalResults"].(float64))
}

func TestPages(t *testing.T) {
	s := start(t, scimtest.Options{PageSize: 10})
	var all []string
	for i := range 25 {
		all = append(all, s.newUser(fmt.Sprintf("u%02d@example.com", 99-i)))
	}
	g := s.newGroup("All", all...)
	all, _ = s.ids("/Groups/"+g+"/Members", "members") // newGroup rewrote the slice
	for _, c := range []struct {
		query    string
		from, to int
	}{
		{"", 0, 10}, {"?startIndex=11", 10, 20}, {"?startIndex=21", 20, 25}, {"?startIndex=26", 25, 25},
		{"?startIndex=1000", 25, 25},
		{"?startIndex=0&count=3", 0, 3}, {"?startIndex=-5", 0, 10}, {"?count=0", 0, 0}, {"?count=-1", 0, 0},
		{"?count=500", 0, 10},
		{"?startIndex=24&count=5", 23, 25},
	} {
		got, total := s.ids("/Users"+c.query, "Resources")
		if !slices.Equal(got, all[c.from:c.to]) || total != 25 {
			t.Errorf("%s: %d users of %d", c.query, len(got), total)
		}
	}
	got, total := s.ids("/Groups/"+g+"/Members?startIndex=20&count=3", "members")
	if !slices.Equal(got, all[19:22]) || total != 25 {
		t.Errorf("members: %v of %d", got, total)
	}
	if r := s.call(200, "GET", "/Groups/"+g+"/Members?count=1", ""); r.body["memberSize"] != 25.0 ||
		r.body["displayName"] != "All" {
		t.Errorf("members: %s", r.raw)
	}
	s.call(400, "GET", "/Users?count=many", "")
	s.call(404, "GET", "/Groups/"+all[0]+"/Members", "")
	sorted, _ := s.ids("/Users?sortBy=userName&startIndex=21", "Resources")
	slices.Reverse(all)
	if !slices.Equal(sorted, all[20:]) {
		t.Error("sortBy=userName is not in order")
	}
	down, _ := s.ids("/Users?sortBy=userName&sortOrder=descending&count=25&filter="+url.QueryEscape(`userName sw "u"`),
		"Resources")
	slices.Reverse(all)
	if !slices.Equal(down, all[:10]) {
		t.Error("sortOrder=descending is not in order")
	}
	r := s.call(200, "POST", "/Users/.search",
		`{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"userName eq `+
			`\"u99@example.com\"","attributes":["userName"],"startIndex":1,"count":5}`)
	if r.body["totalResults"] != 1.0 || strings.Contains(r.raw, `"meta"`) {
		t.Errorf(".search: %s", r.raw)
	}
}

func TestGroupMembersAreShownOnRequestOnly(t *testing.T) {
	for _, generic := range []bool{false, true} {
		s := start(t, scimtest.Options{MembersInListing: generic})
		a := s.newUser("a@example.com")
		g := s.newGroup("G", a)
		for _, c := range []struct {
			path string
			want bool
		}{
			{"/Groups", generic}, {"/Groups?includeMembers=true", true}, {"/Groups?attributes=members", true},
			{"/Groups?attributes=members.value", true},
			{"/Groups?attributes=displayName", false}, {"/Groups?includeMembers=true&excludedAttributes=members", false},
			{"/Groups/" + g, true}, {"/Groups/" + g + "?excludedAttributes=members", false},
			{"/Groups/" + g + "?attributes=displayName", false},
		} {
			if got := strings.Contains(s.call(200, "GET", c.path, "").raw, `"members":[{`); got != c.want {
				t.Errorf("generic=%v %s: members shown: %v", generic, c.path, got)
			}
		}
		for path, want := range map[string]bool{"/Users/" + a: false, "/Users?returnGroups=true": true,
			"/Users?attributes=groups": true} {
			if got := strings.Contains(s.call(200, "GET", path, "").raw, g); got != want {
				t.Errorf("%s: groups shown: %v", path, got)
			}
		}
	}
}

func TestGroupShowsFiveHundredMembers(t *testing.T) {
	s := start(t, scimtest.Options{})
	g, ids := s.groupOf(700)
	if n := len(s.call(200, "GET", "/Groups/"+g, "").body["members"].([]any)); n != 500 {
		t.Errorf("GET shows %d members", n)
	}
	first, total := s.ids("/Groups/"+g+"/Members?count=1000", "members")
	rest, _ := s.ids("/Groups/"+g+"/Members?count=1000&startIndex=501", "members")
	if len(first) != 500 || total != 700 || !slices.Equal(append(first, rest...), ids) {
		t.Errorf("pages of %d and %d members of %d", len(first), len(rest), total)
	}
}

func TestAttributes(t *testing.T) {
	s := start(t, scimtest.Options{})
	id := s.newUser("ana@example.com", whole)
	for _, c := range []struct{ query, with, without string }{
		{"attributes=userName", `"userName"`, `"title"`},
		{"attributes=name.givenName", `"name":{"givenName":"Ana"}`, `"familyName"`},
		{"attributes=phoneNumbers.value", `"phoneNumbers":[{"value":"1"},{"value":"2"}]`, `"mobile"`},
		{"attributes=phoneNumbers.value,phoneNumbers.type", `{"type":"work","value":"1"}`, `"primary"`},
		{"attributes=" + enterprise + ":department", `{"department":"D1"}`, `"costCenter"`},
		{"attributes=" + enterprise, `"costCenter"`, `"title"`},
		{"excludedAttributes=title,name.givenName", `"familyName"`, `"title"`},
		{"excludedAttributes=id,schemas," + webex, `"id"`, `extensionAttribute1`},
		{"excludedAttributes=" + enterprise + ":department", `"costCenter"`, `"D1"`},
	} {
		for _, path := range []string{"/Users/" + id + "?", "/Users?"} {
			raw := s.call(200, "GET", path+c.query, "").raw
			if !strings.Contains(raw, c.with) || strings.Contains(raw, c.without) || !strings.Contains(raw, id) {
				t.Errorf("%s%s: %s", path, c.query, raw)
			}
		}
	}
}

func TestNewUsersSettle(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := start(t, scimtest.Options{SettlingDelay: time.Minute, Clock: func() time.Time { return now }})
	s.newUser("old@example.com")
	now = now.Add(time.Hour)
	id := s.newUser("new@example.com")
	for _, filter := range []string{`userName pr`, `userName sw "new"`, `userName eq "new@example.com"`} {
		if slices.Contains(s.found(filter), "new") {
			t.Errorf("%s: a new user is found at once", filter)
		}
	}
	s.call(200, "GET", "/Users/"+id, "")
	s.call(409, "POST", "/Users", user("new@example.com"))
	now = now.Add(time.Minute)
	if got, total := s.ids("/Users", "Resources"); total != 2 || got[1] != id {
		t.Errorf("after the delay: %v", got)
	}
	if got := s.found(`userName eq "new@example.com"`); len(got) != 1 {
		t.Errorf("after the delay: %v", got)
	}
}

func TestWebexFilters(t *testing.T) {
	s := start(t, scimtest.Options{WebexFilters: true})
	s.newUser("ana@example.com", whole)
	for filter, want := range map[string]int{
		`userName eq "ana@example.com"`:                     200,
		`userName sw "ana" or displayName ew "a"`:           200,
		`phoneNumbers[type eq "work" and value eq "1"]`:     200,
		enterprise + `:department eq "D1"`:                  200,
		`externalId eq "x"`:                                 400,
		`userName co "ana"`:                                 400,
		`userName pr`:                                       400,
		`not (userName eq "ana@example.com")`:               400,
		`userName eq "a" and title eq "x"`:                  400,
		`emails[type eq "work"]`:                            400,
		`meta.lastModified gt "2026-01-01T00:00:00Z"`:       400,
		`name.givenName ew "a"`:                             400,
		`manager.value eq "x" or userName eq "ana"`:         400,
		enterprise + `:manager.value eq "x"`:                200,
		webex + `:meta.organizationId eq "` + s.Org() + `"`: 200,
	} {
		s.call(want, "GET", "/Users?filter="+url.QueryEscape(filter), "")
	}
}
