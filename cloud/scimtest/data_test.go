package scimtest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/sample"
)

func TestAddedResourcesAreServed(t *testing.T) {
	s := start(t, scimtest.Options{})
	boss, err := s.Add(scimtest.User{UserName: "boss@example.com", Roles: []string{scimtest.FullAdmin}})
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Add(scimtest.User{UserName: "Ana@example.com", ExternalID: "g-1", DisplayName: "Ana", Title: "Clerk",
		Manager: boss,
		Attrs: map[string]any{"active": false, "emails": []map[string]any{{"value": "x", "type": "work"}},
			webex: map[string]any{"extensionAttribute1": []string{"a"}}}})
	if err != nil {
		t.Fatal(err)
	}
	got := s.call(200, "GET", "/Users/"+id, "").body
	for _, name := range []string{"meta", "id"} {
		delete(got, name)
	}
	want := map[string]any{
		"schemas":  []any{scimtest.UserURN, enterprise, webex},
		"userName": "Ana@example.com", "externalId": "g-1", "displayName": "Ana", "title": "Clerk", "active": false,
		"roles":    []any{},
		"emails":   []any{map[string]any{"value": "x", "type": "work"}},
		enterprise: map[string]any{"manager": map[string]any{"value": boss}},
		webex:      map[string]any{"extensionAttribute1": []any{"a"}, "meta": map[string]any{"organizationId": s.Org()}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	role := map[string]any{"value": "id_full_admin", "type": "cirole", "display": "Full administrator"}
	if d := cmp.Diff([]any{role}, s.call(200, "GET", "/Users/"+boss, "").body["roles"]); d != "" {
		t.Error(d)
	}
	if u, ok := s.User("ANA@example.com"); !ok || u.ID != id || u.Active || u.Manager != boss || u.Title != "Clerk" ||
		u.ExternalID != "g-1" {
		t.Errorf("%+v", u)
	}
	if _, err := s.Add(scimtest.User{UserName: "ana@EXAMPLE.com"}); scimtest.Status(err) != 409 {
		t.Errorf("a second Ana: %v", err)
	}
	if err := s.Set(id, "title", "Chief"); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(id, "nope", "x"); scimtest.Status(err) != 400 {
		t.Errorf("a wrong path: %v", err)
	}
	if u, _ := s.User(id); u.Title != "Chief" || u.Version != `W/"2"` {
		t.Errorf("%+v", u)
	}
	if err := s.Delete(id); err != nil || len(s.Users()) != 1 {
		t.Errorf("%v, %d users", err, len(s.Users()))
	}
	for _, err := range []error{s.Delete(id), s.Set(id, "title", "x")} {
		if scimtest.Status(err) != 404 {
			t.Errorf("gone: %v", err)
		}
	}
	if st := s.Stats(); st.Writes != 0 || len(st.Creates) != 0 || len(s.Writes()) != 0 {
		t.Errorf("what the program did was counted: %+v", st)
	}
}

func TestStatsCountWritesByKey(t *testing.T) {
	s := start(t, scimtest.Options{})
	id := s.newUser("Ana@example.com")
	s.call(409, "POST", "/Users", user("ana@example.com"))
	s.call(200, "PATCH", "/Users/"+id, patch(`{"op":"replace","path":"title","value":"T"}`))
	g := s.newGroup("Staff", id)
	s.call(200, "GET", "/Groups/"+g+"/Members", "")
	s.call(204, "DELETE", "/Users/"+id, "")
	s.call(404, "DELETE", "/Users/"+id, "")
	st := s.Stats()
	want := scimtest.Stats{
		Requests: map[string]int{"POST Users": 2, "PATCH Users/{id}": 1, "POST Groups": 1, "GET Groups/{id}/Members": 1,
			"DELETE Users/{id}": 2},
		Statuses: map[int]int{201: 2, 409: 1, 200: 2, 204: 1, 404: 1},
		Writes:   4,
		Creates:  map[string]int{"ana@example.com": 1, "group staff": 1},
		Deletes:  map[string]int{"ana@example.com": 1},
		SignIns:  map[string]int{},
		InFlight: 1,
	}
	if d := cmp.Diff(want, st); d != "" {
		t.Error(d)
	}
	var log []string
	for _, w := range s.Writes() {
		log = append(log, w.Method+" "+w.Kind+" "+w.Key)
	}
	if got := strings.Join(log,
		", "); got != "POST User Ana@example.com, PATCH User Ana@example.com, POST Group Staff, DELETE User Ana@example.com" {
		t.Error(got)
	}
	s.ResetStats()
	if st := s.Stats(); st.Writes != 0 || len(st.Requests) != 0 {
		t.Errorf("after the reset: %+v", st)
	}
}

func TestAnchorless(t *testing.T) {
	s := start(t, scimtest.Options{AnchorlessExternalID: true})
	id := s.newUser("a@example.com", `"externalId":"g"`)
	r := s.call(200, "PATCH", "/Users/"+id, patch(`{"op":"add","path":"externalId","value":"g"}`))
	if strings.Contains(r.raw, "externalId") {
		t.Error(r.raw)
	}
}

func TestQuietAndRoleless(t *testing.T) {
	s := start(t, scimtest.Options{QuietPatch: true, WithoutRoles: true})
	id, err := s.Add(scimtest.User{UserName: "a@example.com", Roles: []string{scimtest.FullAdmin}})
	if err != nil {
		t.Fatal(err)
	}
	if r := s.call(204, "PATCH", "/Users/"+id, patch(`{"op":"replace","path":"title","value":"T"}`)); r.raw != "" {
		t.Error(r.raw)
	}
	if r := s.call(200, "GET", "/Users/"+id, ""); strings.Contains(r.raw, "roles") || r.body["title"] != "T" {
		t.Error(r.raw)
	}
	if u, _ := s.User(id); len(u.Roles) != 1 {
		t.Errorf("the role itself was lost: %+v", u)
	}
}

func TestSeedRepeatsIDs(t *testing.T) {
	draw := func(seed uint64) string { return start(t, scimtest.Options{Seed: seed}).newUser("a@example.com") }
	if a, b := draw(1), draw(1); a != b {
		t.Errorf("seed 1: %s and %s", a, b)
	}
	if a, b := draw(0), draw(0); a == b {
		t.Errorf("no seed: twice %s", a)
	}
}

func TestLoadOfTheSampleCompany(t *testing.T) {
	s := start(t, scimtest.Options{PageSize: 1000})
	c := sample.New(sample.Options{People: 300})
	if err := s.Load(c); err != nil {
		t.Fatal(err)
	}
	accounts, admins, inactive, managed := 0, 0, 0, 0
	for a := range c.CloudStart() {
		accounts++
		u, ok := s.User(a.UserName)
		if !ok || u.UserName != a.UserName || u.DisplayName != a.Display || u.ExternalID != a.ExternalID ||
			u.Active == a.Disabled {
			t.Errorf("account %s: %+v", a.UserName, u)
		}
		if a.Admin {
			admins++
		}
		if a.Disabled {
			inactive++
		}
		if u.Manager != "" {
			managed++
		}
	}
	users := s.Users()
	if len(users) != accounts || admins < 2 || managed < accounts/2 {
		t.Errorf("%d users of %d accounts, %d admins, %d inactive, %d with a manager", len(users), accounts, admins,
			inactive, managed)
	}
	for _, want := range []string{`"id_full_admin"`, `"sipAddresses":[{"type":"enterprise"`, `"department":"`,
		`"manager":{"value"`, `"extensionAttribute2":["`} {
		if !strings.Contains(s.call(200, "GET", "/Users?count=1000", "").raw, want) {
			t.Errorf("no user has %s", want)
		}
	}
}
