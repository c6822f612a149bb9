package scimtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
)

func TestFaultsOnRequests(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   scimtest.Fault
		status  int  // of a POST; 0 if the connection drops
		done    bool // whether the user was created
		isJSON  bool
		wantErr bool
	}{
		{"throttled", scimtest.Fault{Effect: scimtest.Refuse, Status: 429, RetryAfter: time.Second}, 429, false, true, false},
		{"locked", scimtest.Fault{Effect: scimtest.Refuse, Status: 423}, 423, false, true, false},
		{"unavailable", scimtest.Fault{Effect: scimtest.Refuse}, 503, false, true, false},
		{"broken", scimtest.Fault{Effect: scimtest.Refuse, Status: 500}, 500, false, true, false},
		{"unauthorized", scimtest.Fault{Effect: scimtest.Refuse, Status: 401}, 401, false, true, false},
		{"forbidden", scimtest.Fault{Effect: scimtest.Refuse, Status: 403}, 403, false, true, false},
		{"dropped before", scimtest.Fault{Effect: scimtest.DropBefore}, 0, false, false, true},
		{"dropped after", scimtest.Fault{Effect: scimtest.DropAfter}, 0, true, false, true},
		{"cut", scimtest.Fault{Effect: scimtest.CutBody}, 201, true, false, true},
		{"truncated", scimtest.Fault{Effect: scimtest.TruncateJSON}, 201, true, false, false},
		{"html", scimtest.Fault{Effect: scimtest.HTML}, 200, false, false, false},
		{"html from a proxy", scimtest.Fault{Effect: scimtest.HTML, Status: 502}, 502, false, false, false},
		{"slow", scimtest.Fault{Effect: scimtest.Delay, For: time.Millisecond}, 201, true, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, scimtest.Options{})
			s.Inject(c.fault)
			r, err := s.do("POST", "/Users", user("a@example.com"))
			if (err != nil) != c.wantErr || r.status != c.status {
				t.Errorf("status %d, %v", r.status, err)
			}
			if json.Valid([]byte(r.raw)) != c.isJSON {
				t.Errorf("body %q", r.raw)
			}
			if c.status == 401 && r.header.Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
			if _, made := s.User("a@example.com"); made != c.done {
				t.Errorf("made: %v", made)
			}
			if n := s.Stats().Creates["a@example.com"]; (n == 1) != c.done {
				t.Errorf("%d creations counted", n)
			}
			if s.Stats().Fired != 1 {
				t.Errorf("%d faults fired", s.Stats().Fired)
			}
			s.Heal()
			s.newUser("b@example.com")
		})
	}
}

func TestRetryAfter(t *testing.T) {
	s := start(t, scimtest.Options{})
	s.Inject(scimtest.Fault{Effect: scimtest.Refuse, Status: 429, RetryAfter: 1500 * time.Millisecond, Times: 1},
		scimtest.Fault{Effect: scimtest.Refuse, Status: 503, RetryAfter: time.Hour, RetryAsDate: true, From: 2})
	if got := s.call(429, "GET", "/Users", "").header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After %q", got)
	}
	at, err := http.ParseTime(s.call(503, "GET", "/Users", "").header.Get("Retry-After"))
	if wait := time.Until(at); err != nil || wait < 59*time.Minute || wait > 61*time.Minute {
		t.Errorf("Retry-After in %v, %v", wait, err)
	}
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault scimtest.Fault
		want  string // for ten users: x refused, . created
	}{
		{"all", scimtest.Fault{}, "xxxxxxxxxx"},
		{"third", scimtest.Fault{Nth: 3}, "..x......."},
		{"from the fourth", scimtest.Fault{From: 4}, "...xxxxxxx"},
		{"every third", scimtest.Fault{Every: 3}, "..x..x..x."},
		{"every second, twice", scimtest.Fault{Every: 2, Times: 2}, ".x.x......"},
		{"the first two", scimtest.Fault{Times: 2}, "xx........"},
		{"writes", scimtest.Fault{Writes: true}, "xxxxxxxxxx"},
		{"other method", scimtest.Fault{Method: "PATCH"}, ".........."},
		{"this path", scimtest.Fault{Method: "post", Path: "Users"}, "xxxxxxxxxx"},
		{"other path", scimtest.Fault{Path: "Users/{id}"}, ".........."},
		{"paths", scimtest.Fault{Path: "Use*"}, "xxxxxxxxxx"},
	} {
		s := start(t, scimtest.Options{})
		c.fault.Effect = scimtest.Refuse
		s.Inject(c.fault)
		got := ""
		for i := range 10 {
			r, err := s.do("POST", "/Users", user(fmt.Sprintf("u%d@example.com", i)))
			if err != nil {
				t.Fatal(err)
			}
			got += map[bool]string{true: ".", false: "x"}[r.status == 201]
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	draw := func(seed uint64) (n int, pattern string) {
		s := start(t, scimtest.Options{})
		s.Inject(scimtest.Fault{Effect: scimtest.Refuse, Probability: 0.5, Seed: seed})
		for range 60 {
			r, _ := s.do("GET", "/Users", "")
			pattern += strconv.Itoa(r.status / 500)
			n += r.status / 500
		}
		return n, pattern
	}
	n, first := draw(7)
	_, again := draw(7)
	if n < 10 || n > 50 || first != again {
		t.Errorf("half of 60: %d; the same seed gave\n%s\n%s", n, first, again)
	}
}

func TestListFaults(t *testing.T) {
	s := start(t, scimtest.Options{PageSize: 10})
	var all []string
	for i := range 30 {
		all = append(all, s.newUser(fmt.Sprintf("u%d@example.com", i)))
	}
	g := s.newGroup("All", slices.Clone(all)...)
	lists := []struct{ path, key string }{{"/Users", "Resources"}, {"/Groups/" + g + "/Members", "members"}}
	for _, l := range lists {
		page := func(start int) ([]string, int) {
			return s.ids(fmt.Sprintf("%s?startIndex=%d&count=10", l.path, start), l.key)
		}
		s.Inject(scimtest.Fault{Effect: scimtest.HalfList})
		if got, total := page(11); !slices.Equal(got, all[10:15]) || total != 30 {
			t.Errorf("half: %d of %d", len(got), total)
		}
		if got, total := page(21); len(got) != 0 || total != 30 {
			t.Errorf("half, behind it: %d of %d", len(got), total)
		}
		s.Heal()
		s.Inject(scimtest.Fault{Effect: scimtest.SamePage})
		if got, total := page(21); !slices.Equal(got, all[:10]) || total != 30 {
			t.Errorf("same page: %v of %d", got, total)
		}
		s.Heal()
		s.Inject(scimtest.Fault{Effect: scimtest.EmptyList})
		if got, total := page(1); len(got) != 0 || total != 0 {
			t.Errorf("empty: %v of %d", got, total)
		}
		s.Heal()
		if got, total := page(21); !slices.Equal(got, all[20:]) || total != 30 {
			t.Errorf("healed: %v of %d", got, total)
		}
	}
}

func TestFaultyBulk(t *testing.T) {
	var ops []string
	for i := range 5 {
		ops = append(ops, post("Users", fmt.Sprint(i), user(fmt.Sprintf("u%d@example.com", i))))
	}
	for _, c := range []struct {
		fault    scimtest.Fault
		statuses []string
		users    int
	}{
		{scimtest.Fault{Effect: scimtest.OmitAnswers}, []string{"0 201", "1 201", "2 201"}, 5},
		{scimtest.Fault{Effect: scimtest.OmitOperations}, []string{"0 201", "1 201", "2 201"}, 3},
		{scimtest.Fault{Effect: scimtest.FailOperation, Every: 2, Status: 429},
			[]string{"0 201", "1 429", "2 201", "3 429", "4 201"}, 3},
		{scimtest.Fault{Effect: scimtest.FailOperation, Method: "PATCH"},
			[]string{"0 201", "1 201", "2 201", "3 201", "4 201"}, 5},
		{scimtest.Fault{Effect: scimtest.RefuseKey, Key: "U3@example.com"},
			[]string{"0 201", "1 201", "2 201", "3 409", "4 201"}, 4},
	} {
		s := start(t, scimtest.Options{})
		s.Inject(c.fault)
		r := s.call(200, "POST", "/Bulk", bulk("operations", 0, ops...))
		if got := statuses(t, r, "operations"); !slices.Equal(got, c.statuses) || len(s.Users()) != c.users {
			t.Errorf("%s: %v, %d users", c.fault.Effect, got, len(s.Users()))
		}
	}
}

func TestFaultsOnValues(t *testing.T) {
	digits := func(v string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r == '+' {
				return r
			}
			return -1
		}, v)
	}
	for _, c := range []struct {
		attribute string
		rewrite   func(string) string
		want      string // shown after the user was created with `whole` and patched
		gone      string
	}{
		{"title", nil, `"nickName":"N2"`, `"title"`},
		{"name.givenName", nil, `"name":{"familyName":"F2"}`, `"givenName"`},
		{`phoneNumbers[type eq "work"].value`, nil, `"phoneNumbers":[{"primary":true,"type":"mobile","value":"+1 (2)"}]`,
			`"+1 (9)"`},
		{enterprise + ":department", nil, `"costCenter":"C"`, `"department"`},
		{webex + `:extensionAttribute1`, nil, `"nickName":"N2"`, `"extensionAttribute1"`},
		{`phoneNumbers[type eq "mobile"].value`, digits, `"value":"+12"`, `"+1 (2)"`},
		{`phoneNumbers`, digits, `"value":"+19"`, `"+1 (9)"`},
		{"title", strings.ToUpper, `"title":"CHIEF"`, `"Chief"`},
		{"displayName", strings.TrimSpace, `"displayName":"Ana"`, `"Ana "`},
		{webex + `:extensionAttribute1`, strings.ToUpper, `"extensionAttribute1":["Y"]`, `["y"]`},
		{"name.givenName", strings.ToUpper, `"givenName":"G2"`, `"g2"`},
	} {
		s := start(t, scimtest.Options{})
		effect := scimtest.IgnoreAttribute
		if c.rewrite != nil {
			effect = scimtest.RewriteAttribute
		}
		s.Inject(scimtest.Fault{Effect: effect, Attribute: c.attribute, Rewrite: c.rewrite})
		id := s.newUser("ana@example.com", whole)
		ops := []string{`{"op":"replace","path":"nickName","value":"N2"}`, `{"op":"replace","path":"title","value":"Chief"}`,
			`{"op":"replace","path":"name","value":{"givenName":"g2","familyName":"F2"}}`,
			`{"op":"replace","path":"displayName","value":"Ana "}`,
			`{"op":"replace","path":"phoneNumbers","value":[{"type":"work","value":"+1 (9)"},{"type":"mobile","value":"+1 ` +
				`(2)","primary":true}]}`,
			`{"op":"replace","path":"` + enterprise + `:department","value":"D2"}`,
			`{"op":"replace","path":"` + webex + `:extensionAttribute1","value":["y"]}`}
		raw := s.call(200, "PATCH", "/Users/"+id, patch(ops...)).raw
		if !strings.Contains(raw, c.want) || strings.Contains(raw, c.gone) {
			t.Errorf("%s %s: %s", effect, c.attribute, raw)
		}
		s.Heal()
		if raw = s.call(200, "PATCH", "/Users/"+id, patch(ops...)).raw; c.rewrite == nil && !strings.Contains(raw, c.gone) {
			t.Errorf("%s %s, healed: %s", effect, c.attribute, raw)
		}
	}
}

func TestIgnoredAttributeKeepsItsOldValue(t *testing.T) {
	s := start(t, scimtest.Options{})
	id := s.newUser("ana@example.com", whole)
	before, _ := s.User(id)
	for _, c := range []struct{ attribute, op string }{
		{"title", `{"op":"replace","path":"title","value":"Chief"}`},
		{"title", `{"op":"remove","path":"title"}`},
		{"active", `{"op":"replace","path":"active","value":false}`},
		{"name.givenName", `{"op":"replace","path":"name.givenName","value":"Eva"}`},
		{`phoneNumbers[type eq "work"].value`, `{"op":"remove","path":"phoneNumbers[type eq \"work\"]"}`},
		{enterprise + ":department", `{"op":"remove","path":"` + enterprise + `"},{"op":"add","path":"` + enterprise +
			`:costCenter","value":"C"}`},
	} {
		s.Inject(scimtest.Fault{Effect: scimtest.IgnoreAttribute, Attribute: c.attribute})
		s.call(200, "PATCH", "/Users/"+id, patch(c.op))
		s.Heal()
		after, _ := s.User(id)
		want, _ := json.Marshal(before.Attrs)
		got, _ := json.Marshal(after.Attrs)
		// The order of phone numbers may change.
		if len(want) != len(got) || after.Title != before.Title || !after.Active {
			t.Errorf("%s: %s\nwant %s", c.op, got, want)
		}
	}
}

func TestRefusedName(t *testing.T) {
	s := start(t, scimtest.Options{})
	id := s.newUser("ana@example.com")
	s.Inject(scimtest.Fault{Effect: scimtest.RefuseKey, Key: "Taken@example.com"},
		scimtest.Fault{Effect: scimtest.RefuseKey, Key: "secret", Status: 403},
		scimtest.Fault{Effect: scimtest.RefuseKey, Key: "ana@example.com"})
	if r := s.call(409, "POST", "/Users", user("taken@example.com")); r.body["scimType"] != "uniqueness" {
		t.Error(r.raw)
	}
	s.call(409, "PATCH", "/Users/"+id, patch(`{"op":"replace","path":"userName","value":"taken@example.com"}`))
	s.call(403, "POST", "/Groups", group("Secret"))
	s.call(200, "PATCH", "/Users/"+id, patch(`{"op":"replace","path":"title","value":"keeps its name"}`))
}

func TestStalledRequestsContinueAfterHeal(t *testing.T) {
	s := start(t, scimtest.Options{})
	s.Inject(scimtest.Fault{Effect: scimtest.Stall, Method: "POST"})
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			if r, err := s.do("POST", "/Users", user(fmt.Sprintf("u%d@example.com", i))); err != nil || r.status != 201 {
				t.Errorf("%d %v", r.status, err)
			}
		})
	}
	for s.Stats().Fired < 3 {
		s.call(200, "GET", "/Users", "")
	}
	if n := len(s.Users()); n != 0 {
		t.Errorf("%d users while stalled", n)
	}
	if n := s.Stats().InFlight; n < 3 {
		t.Errorf("at most %d requests in flight", n)
	}
	s.Heal()
	wg.Wait()
	if n := len(s.Users()); n != 3 {
		t.Errorf("%d users", n)
	}
}

func TestCloseEndsStalledRequests(t *testing.T) {
	s := start(t, scimtest.Options{})
	s.Inject(scimtest.Fault{Effect: scimtest.Stall})
	done := make(chan error, 1)
	go func() {
		_, err := s.do("GET", "/Users", "")
		done <- err
	}()
	for s.Stats().Fired == 0 {
		runtime.Gosched()
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil {
		t.Error("a stalled request was answered by a closed server")
	}
	if n := s.Stats().Statuses[0]; n != 1 {
		t.Errorf("%d requests without an answer", n)
	}
}

func TestShortenedLists(t *testing.T) {
	for _, cursors := range []bool{false, true} {
		s := start(t, scimtest.Options{Cursors: cursors, PageSize: 4})
		for i := range 10 {
			s.newUser(fmt.Sprintf("u%d@example.com", i))
		}
		walk := func() (came, total int) {
			for next := "1"; next != ""; {
				var page struct {
					TotalResults *int
					NextCursor   string
					Resources    []struct{ ID string }
				}
				query := "/Users?startIndex=" + next
				if cursors {
					query = "/Users?cursor=" + strings.TrimPrefix(next, "1")
				}
				if err := json.Unmarshal([]byte(s.call(200, "GET", query, "").raw), &page); err != nil {
					t.Fatal(err)
				}
				came += len(page.Resources)
				if (page.TotalResults == nil) != cursors {
					t.Fatalf("totalResults %v", page.TotalResults)
				}
				if next = page.NextCursor; !cursors {
					total = *page.TotalResults
					if next = ""; len(page.Resources) > 0 && came < total {
						next = strconv.Itoa(came + 1)
					}
				}
			}
			return came, total
		}
		for _, c := range []struct {
			fault       scimtest.Fault
			came, total int
		}{
			{scimtest.Fault{Effect: scimtest.ShortList, Most: 7}, 7, 7},
			{scimtest.Fault{Effect: scimtest.ShortList}, 5, 5},
			{scimtest.Fault{Effect: scimtest.HalfList, Most: 7}, 7, 10},
			{scimtest.Fault{Effect: scimtest.HalfList, Most: 70}, 10, 10},
			{scimtest.Fault{Effect: scimtest.HalfList, Path: "Groups"}, 10, 10},
		} {
			s.Inject(c.fault)
			if came, total := walk(); came != c.came || !cursors && total != c.total {
				t.Errorf("%+v: %d of %d", c.fault, came, total)
			}
			s.Heal()
		}
	}
}
