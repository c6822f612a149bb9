package cloud_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/cloud"
	"dirbridge/cloud/profile"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// faultyWebex is a server in Webex's form where every second request may fail. A few changes are
// written one after the other, so that none meets every failure.
func faultyWebex(t *testing.T, opt scimtest.Options, n int) (*scimtest.Server, *cloud.Target) {
	t.Helper()
	s := startSandbox(t, opt)
	o := options("webex", s.URL(), s.Token())
	if n < 10 {
		o.Concurrency = 1
	}
	return s, open(t, o)
}

func people(n int) []plan.Change {
	var adds []plan.Change
	for i := range n {
		adds = append(adds, person(i, fmt.Sprintf("user%04d@example.com", i)))
	}
	return adds
}

// Every account is created exactly once, whatever fails on the way.
func TestAddsSucceedDespiteFaults(t *testing.T) {
	for _, tt := range []struct {
		name   string
		opt    scimtest.Options
		n      int
		faults []scimtest.Fault
	}{
		{"answers lost", scimtest.Options{}, 5, []scimtest.Fault{{Effect: scimtest.DropAfter, Method: "POST", Every: 2}}},
		{"answers cut", scimtest.Options{}, 5, []scimtest.Fault{{Effect: scimtest.CutBody, Method: "POST", Every: 2}}},
		{"requests lost", scimtest.Options{}, 5, []scimtest.Fault{{Effect: scimtest.DropBefore, Method: "POST", Every: 2}}},
		{"bulk answers lost", scimtest.Options{}, 120,
			[]scimtest.Fault{{Effect: scimtest.DropAfter, Path: "Bulk", Every: 2}}},
		{"bulk answers cut", scimtest.Options{}, 120, []scimtest.Fault{{Effect: scimtest.CutBody, Path: "Bulk", Every: 2}}},
		{"bulk answers unreadable", scimtest.Options{}, 120,
			[]scimtest.Fault{{Effect: scimtest.TruncateJSON, Path: "Bulk", Every: 2}}},
		{"bulk requests lost", scimtest.Options{}, 120,
			[]scimtest.Fault{{Effect: scimtest.DropBefore, Path: "Bulk", Every: 2}}},
		{"answers left out", scimtest.Options{}, 120, []scimtest.Fault{{Effect: scimtest.OmitAnswers}}},
		{"operations left out", scimtest.Options{}, 120, []scimtest.Fault{{Effect: scimtest.OmitOperations}}},
		{"operations failing for now", scimtest.Options{}, 120,
			[]scimtest.Fault{{Effect: scimtest.FailOperation, Status: 503, Every: 7}}},
		{"status as a number", scimtest.Options{BulkStatus: scimtest.StatusNumber}, 120, nil},
		{"status as an object", scimtest.Options{BulkStatus: scimtest.StatusObject, BulkBodies: true}, 120, nil},
		{"no bulk after all", scimtest.Options{WithoutBulk: true}, 40, nil},
		{"small requests only", scimtest.Options{MaxPayload: 2000}, 60, nil},
		{"few operations only", scimtest.Options{MaxOps: 7}, 60, nil},
		{"slow down", scimtest.Options{}, 120,
			[]scimtest.Fault{{Effect: scimtest.Refuse, Status: 429, Writes: true, Every: 2, RetryAfter: 2 * time.Second}}},
		{"locked", scimtest.Options{}, 5, []scimtest.Fault{{Effect: scimtest.Refuse, Status: 423, Writes: true, Every: 2}}},
		{"unavailable", scimtest.Options{}, 5,
			[]scimtest.Fault{{Effect: scimtest.Refuse, Status: 503, Writes: true, Every: 2, RetryAfter: 2 * time.Second,
				RetryAsDate: true}}},
		{"bad gateway", scimtest.Options{}, 5,
			[]scimtest.Fault{{Effect: scimtest.Refuse, Status: 502, Writes: true, Every: 2}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, target := faultyWebex(t, tt.opt, tt.n)
			s.Inject(tt.faults...)
			out := apply(t, target, people(tt.n)...)
			done(t, out, tt.n)
			if tt.faults != nil && s.Stats().Fired == 0 {
				t.Fatal("no fault took effect")
			}
			s.Heal()
			got := list(t, target, identity.User)
			if len(got) != tt.n {
				t.Fatalf("%d users, want %d", len(got), tt.n)
			}
			for seq, o := range out {
				if r := got[fmt.Sprintf("user%04d@example.com", seq-1)]; r.ID != o.ID {
					t.Errorf("change %d was answered with %s, the account is %s", seq, o.ID, r.ID)
				}
			}
		})
	}
}

func TestUpdatesSucceedDespiteFaults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		n     int
		fault scimtest.Fault
	}{
		{"answers lost", 5, scimtest.Fault{Effect: scimtest.DropAfter, Method: "PATCH", Every: 2}},
		{"requests lost", 5, scimtest.Fault{Effect: scimtest.DropBefore, Method: "PATCH", Every: 2}},
		{"bulk answers lost", 60, scimtest.Fault{Effect: scimtest.DropAfter, Path: "Bulk"}},
		{"bulk answers left out", 60, scimtest.Fault{Effect: scimtest.OmitAnswers}},
		{"server errors", 5, scimtest.Fault{Effect: scimtest.Refuse, Status: 500, Method: "PATCH", Every: 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, target := faultyWebex(t, scimtest.Options{}, tt.n)
			out := apply(t, target, people(tt.n)...)
			done(t, out, tt.n)
			s.Inject(tt.fault)
			var updates []plan.Change
			for seq := range tt.n {
				id := out[int64(seq+1)].ID
				updates = append(updates,
					update(id, "x", diff("mobile", "", "+1 555 0100"), diff("l", "", "Porto"), diff("title", "", "Clerk")))
			}
			done(t, apply(t, target, updates...), tt.n)
			if s.Stats().Fired == 0 {
				t.Fatal("no fault took effect")
			}
			for _, u := range s.Users() {
				phones, _ := u.Attrs["phoneNumbers"].([]any)
				addresses, _ := u.Attrs["addresses"].([]any)
				if len(phones) != 1 || len(addresses) != 1 || u.Title != "Clerk" {
					t.Fatalf("%s has %v", u.UserName, u.Attrs)
				}
			}
		})
	}
}

func TestMemberWritesSucceedDespiteFaults(t *testing.T) {
	for _, f := range []scimtest.Fault{
		{Effect: scimtest.DropAfter, Method: "PATCH", Every: 2}, {Effect: scimtest.DropBefore, Method: "PATCH", Every: 2},
		{Effect: scimtest.Refuse, Status: 429, Method: "PATCH", Every: 2, RetryAfter: time.Second},
		{Effect: scimtest.Refuse, Status: 502, Method: "PATCH", Every: 2},
	} {
		s, target := webexSandbox(t, scimtest.Options{})
		out := apply(t, target, people(150)...)
		done(t, out, 150)
		g := done(t, apply(t, target, team(1, "Staff")), 1)
		s.Inject(f)
		for _, action := range []plan.Action{plan.Add, plan.Remove} {
			var all []plan.Change
			for i := range 150 {
				all = append(all, membership(action, g, out[int64(i+1)].ID))
			}
			done(t, apply(t, target, all...), 150)
			want := map[plan.Action]int{plan.Add: 150}[action]
			if got := members(t, target)[g]; len(got) != want {
				t.Errorf("%s %d: %s left %d members, want %d", f.Effect, f.Status, action, len(got), want)
			}
		}
	}
}

// P8: one bad record stops nothing else.
func TestOneBadMemberStopsNoOther(t *testing.T) {
	s, target := webexSandbox(t, scimtest.Options{})
	out := apply(t, target, people(80)...)
	g := done(t, apply(t, target, team(1, "Staff")), 1)
	already := out[5].ID
	done(t, apply(t, target, membership(plan.Add, g, already)), 1)
	s.ResetStats()
	var adds []plan.Change
	for i := range 80 {
		adds = append(adds, membership(plan.Add, g, out[int64(i+1)].ID))
	}
	adds = append(adds, membership(plan.Add, g, "nobody"))
	got := apply(t, target, adds...)
	for seq, o := range got {
		if (o.State == record.WriteFailed) != (seq == 81) {
			t.Errorf("change %d: %s %s", seq, o.State, o.Message)
		}
	}
	if o := got[81]; o.Class != identity.GiveUp || o.Remedy == "" || !strings.Contains(o.Message, "member nobody") ||
		!strings.Contains(o.Message, "does not exist") {
		t.Errorf("the bad one: %+v", o)
	}
	if n := len(members(t, target)[g]); n != 80 {
		t.Errorf("%d members", n)
	}
	if n := s.Stats().Requests["PATCH Groups/{id}"]; n > 20 {
		t.Errorf("%d requests were needed to find one bad member in 81", n)
	}
}

func TestOneBadUserStopsNoOther(t *testing.T) {
	for _, n := range []int{5, 60} {
		_, target := webexSandbox(t, scimtest.Options{})
		adds := people(n)
		adds[3] = person(3, "no-address")
		out := apply(t, target, adds...)
		for seq, o := range out {
			if (o.State == record.WriteFailed) != (seq == 4) {
				t.Errorf("of %d, change %d: %s %s", n, seq, o.State, o.Message)
			}
		}
		o := out[4]
		if o.Class != identity.GiveUp || o.Status != 400 || o.Field != schema.UID || o.Remedy == "" ||
			!strings.Contains(o.Message, "no-address") || !strings.Contains(o.Message, "tracking id") {
			t.Errorf("of %d: %+v", n, o)
		}
	}
}

func TestConflictIsLinkedOrReported(t *testing.T) {
	for _, n := range []int{1, 40} { // one by one, and in bulk
		s, target := webexSandbox(t, scimtest.Options{SettlingDelay: time.Second, Clock: time.Now})
		s.Heal()
		ours, _ := s.Add(scimtest.User{UserName: "User0000@example.com"})
		adds := people(n)
		if n > 1 {
			if _, err := s.Add(scimtest.User{UserName: "user0001@example.com", ExternalID: guid(1)}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Add(scimtest.User{UserName: "user0002@example.com", ExternalID: guid(777),
				Attrs: map[string]any{"userType": "room"}}); err != nil {
				t.Fatal(err)
			}
		}
		waitListed(t, target, "user0000@example.com")
		out := apply(t, target, adds...)
		if o := out[1]; o.State != record.WriteDone || !o.Linked || string(o.ID) != ours {
			t.Errorf("an account without externalId: %+v", o)
		}
		if n == 1 {
			continue
		}
		if o := out[2]; o.State != record.WriteDone || !o.Linked || o.After.First(schema.ExternalID) != guid(1) {
			t.Errorf("an account with our externalId: %+v", o)
		}
		want := "There is a naming conflict for [CN=user0002,OU=Staff,DC=example,DC=com] with an existing cloud entry " +
			"object with the name [user0002@example.com] and of [room]."
		if o := out[3]; o.State != record.WriteFailed || o.Class != identity.GiveUp || !strings.HasPrefix(o.Message, want) ||
			o.Remedy == "" || o.Field != schema.UID {
			t.Errorf("another's account: %+v", o)
		}
		for seq := 4; seq <= n; seq++ {
			if o := out[int64(seq)]; o.State != record.WriteDone || o.Linked {
				t.Errorf("change %d: %+v", seq, o)
			}
		}
	}
}

// waitListed waits until a user is found.
func waitListed(t *testing.T, target *cloud.Target, key string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if found, err := target.Find(t.Context(), identity.User, key); err == nil && len(found) > 0 {
			return
		}
	}
	t.Fatalf("%s never appeared", key)
}

func TestRenameChangesTheWorkAddress(t *testing.T) {
	s, target := webexSandbox(t, scimtest.Options{})
	id := done(t, apply(t, target, person(1, "ana@example.com")), 1)
	mail := func() string {
		u, _ := s.User(string(id))
		raw, _ := json.Marshal(u.Attrs["emails"])
		return string(raw)
	}
	if got := mail(); !strings.Contains(got, `"ana@example.com"`) || !strings.Contains(got, `"primary":true`) ||
		!strings.Contains(got, `"work"`) {
		t.Fatalf("emails of a new account: %s", got)
	}
	done(t, apply(t, target, plan.Change{Action: plan.Rename, Kind: identity.User, ID: id, Key: "ana.silva@example.com",
		Fields: []plan.FieldDiff{diff(schema.UID, "ana@example.com", "ana.silva@example.com")}}), 1)
	if got := mail(); !strings.Contains(got, `"ana.silva@example.com"`) || strings.Contains(got, `"ana@example.com"`) {
		t.Errorf("emails after the rename: %s", got)
	}
}

func TestRenameToATakenNameIsANamingConflict(t *testing.T) {
	_, target := webexSandbox(t, scimtest.Options{})
	id := done(t, apply(t, target, people(2)...), 2)
	o := apply(t, target,
		plan.Change{Action: plan.Rename, Kind: identity.User, ID: id, Key: "user0001@example.com", DN: "CN=A",
			Fields: []plan.FieldDiff{diff(schema.UID, "user0000@example.com", "user0001@example.com")}})[1]
	if o.State != record.WriteFailed || o.Status != 409 ||
		!strings.HasPrefix(o.Message, "There is a naming conflict for [CN=A]") {
		t.Errorf("%+v", o)
	}
}

// A change that was written already, or whose old values differ from the cloud's.
func TestUpdateStartsFromTheCloudsState(t *testing.T) {
	s, target := webexSandbox(t, scimtest.Options{})
	id := done(t, apply(t, target, person(1, "ana@example.com")), 1)
	// The plan expects a number; there is none, and a replacement finds no target.
	done(t, apply(t, target, update(id, "ana@example.com", diff("mobile", "+1 555 0100", "+1 555 0101"))), 1)
	// The plan expects an address; there is none.
	done(t, apply(t, target, update(id, "ana@example.com", diff("l", "Porto", "Lisboa"))), 1)
	// Clearing an absent value.
	done(t, apply(t, target, update(id, "ana@example.com", diff("facsimileTelephoneNumber", "+1 555 0102", ""))), 1)
	got := get(t, target, id)
	if d := cmp.Diff(identity.Attrs{"mobile": {"+1 555 0101"}, "l": {"Lisboa"}}, without(got.Attrs)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	s.ResetStats()
	done(t, apply(t, target, update(id, "ana@example.com", diff("mobile", "+1 555 0101", "+1 555 0101"))), 1)
	if n := s.Stats().Writes; n != 0 {
		t.Errorf("a change of nothing was written %d times", n)
	}
}

func TestUpdateOfADeletedResourceFails(t *testing.T) {
	_, target := webexSandbox(t, scimtest.Options{})
	out := apply(t, target, update("gone", "ana@example.com", diff("title", "", "Clerk")))
	if o := out[1]; o.State != record.WriteFailed || o.Class != identity.GiveUp || o.Status != 404 ||
		!strings.Contains(o.Message, "title of the user ana@example.com") {
		t.Errorf("%+v", o)
	}
	g := membership(plan.Remove, "gone", "nobody")
	if o := apply(t, target, g)[1]; o.State != record.WriteDone {
		t.Errorf("removing from a group that is gone: %+v", o)
	}
	g.Action = plan.Add
	if o := apply(t, target, g)[1]; o.State != record.WriteFailed || o.Status != 404 {
		t.Errorf("adding to a group that is gone: %+v", o)
	}
}

func TestExpiredTokenStopsEverything(t *testing.T) {
	s := startSandbox(t, scimtest.Options{})
	o := options("webex", s.URL(), s.Token())
	var mu stdsync.Mutex
	token := s.Token()
	o.Token = func(context.Context) (string, error) { mu.Lock(); defer mu.Unlock(); return token, nil }
	target := open(t, o)
	mu.Lock()
	token = "expired-token"
	mu.Unlock()
	s.ResetStats()
	out, err := tryApply(t, t.Context(), target, people(8))
	var f *identity.Failure
	if !errors.As(err, &f) || f.Class != identity.Hold || f.Remedy == "" || len(out) != 0 {
		t.Fatalf("%v; answered %v", err, out)
	}
	if n := s.Stats().Requests["POST Users"]; n > 4 {
		t.Errorf("%d requests were sent with an expired token", n)
	}
	if strings.Contains(err.Error(), "expired-token") {
		t.Errorf("the token is in the error: %v", err)
	}
}

// TestARefusedTokenIsRenewedOnce: a 401 in a run renews the token and repeats the request, once. What
// was accepted is known; if there is no new token, the reasons of both sides are told.
func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	s := startSandbox(t, scimtest.Options{})
	o := options("webex", s.URL(), s.Token())
	var mu stdsync.Mutex
	renewed, accepted, token := 0, "", "expired-token"
	o.Token = func(context.Context) (string, error) { mu.Lock(); defer mu.Unlock(); return token, nil }
	o.Renew = func(_ context.Context, refused string) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		if renewed++; refused == s.Token() {
			return "", &identity.Failure{Class: identity.Retry, Remedy: "Sign in.", Err: errors.New("it has ended")}
		}
		token = s.Token()
		return token, nil
	}
	o.Accepted = func(token string) { mu.Lock(); defer mu.Unlock(); accepted = token }
	target := open(t, o)
	if renewed != 1 || accepted != s.Token() {
		t.Errorf("renewed %d times; accepted %q", renewed, accepted)
	}
	s.Inject(scimtest.Fault{Effect: scimtest.Refuse, Status: 401})
	_, err := tryApply(t, t.Context(), target, people(8))
	var f *identity.Failure
	if !errors.As(err, &f) || f.Class != identity.Hold || f.Remedy != "Sign in." || f.Side != identity.InCloud ||
		!strings.Contains(err.Error(), "401") || !strings.Contains(err.Error(), "it has ended") {
		t.Errorf("%v", err)
	}
}

func TestNewTokenIsUsed(t *testing.T) {
	s := startSandbox(t, scimtest.Options{})
	o := options("webex", s.URL(), s.Token())
	asked := 0
	o.Token = func(context.Context) (string, error) {
		if asked++; asked == 1 {
			return "old", nil
		}
		return s.Token(), nil
	}
	open(t, o) // would fail
}

func TestRetryAfterHoldsAllRequests(t *testing.T) {
	for _, tt := range []struct {
		asDate bool
		status int
	}{{false, 429}, {true, 503}, {false, 423}} {
		s := startSandbox(t, scimtest.Options{})
		c := newClock()
		o := options("webex", s.URL(), s.Token())
		o.Clock = c
		target := open(t, o)
		s.Inject(scimtest.Fault{Effect: scimtest.Refuse, Status: tt.status, RetryAfter: 30 * time.Second,
			RetryAsDate: tt.asDate, Writes: true, Nth: 1})
		var words []string
		c.onSleep = func(time.Duration) { words = append(words, target.Waiting()) }
		o.Concurrency = 1
		done(t, apply(t, target, person(1, "ana@example.com")), 1)
		if got := c.total(); got < 25*time.Second || got > 31*time.Second {
			t.Errorf("%d: waited %s, was asked for 30 s", tt.status, got)
		}
		if len(words) == 0 || !strings.HasPrefix(words[0], fmt.Sprintf("%d: resuming in ", tt.status)) {
			t.Errorf("%d: waiting was told as %q", tt.status, words)
		}
		if target.Waiting() != "" {
			t.Errorf("still %q", target.Waiting())
		}
	}
}

func TestTooLongRetryAfterIsNotAwaited(t *testing.T) {
	s, target := webexSandbox(t, scimtest.Options{})
	s.Inject(scimtest.Fault{Effect: scimtest.Refuse, Status: 429, RetryAfter: 24 * time.Hour, Writes: true})
	out := apply(t, target, people(6)...)
	for seq, o := range out {
		if o.State != record.WriteNotSent || o.Class != identity.Retry || !strings.Contains(o.Message, "asks to wait 24h") {
			t.Errorf("change %d: %+v", seq, o)
		}
	}
	if len(out) != 6 || s.Stats().Requests["POST Users"] > 4 {
		t.Errorf("%d answers, %v", len(out), s.Stats().Requests)
	}
}

func TestRequestsPerSecond(t *testing.T) {
	s := startSandbox(t, scimtest.Options{})
	c := newClock()
	o := options("webex", s.URL(), s.Token())
	o.Clock, o.RequestsPerSecond, o.Concurrency = c, 2, 1
	target := open(t, o)
	before := c.Now()
	for i := range 9 {
		done(t, apply(t, target, person(i, fmt.Sprintf("user%d@example.com", i))), 1)
	}
	if took := c.Now().Sub(before); took < 4*time.Second || took > 6*time.Second {
		t.Errorf("9 requests at 2 a second took %s", took)
	}
}

func TestStoppingAnswersEveryChange(t *testing.T) {
	for _, n := range []int{30, 400} { // one by one would be below 10
		s := startSandbox(t, scimtest.Options{})
		o := options("webex", s.URL(), s.Token())
		webex := profile.Must("webex")
		if n == 30 {
			webex.Bulk.Operations = 0
		}
		o.Profile, o.Concurrency = &webex, 2
		target := open(t, o)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		out := map[int64]record.Outcome{}
		changes := people(n)
		for i := range changes {
			changes[i].Seq = int64(i + 1)
		}
		err := target.Apply(ctx, changes, func(o record.Outcome) { out[o.Seq] = o; cancel() })
		if !errors.Is(err, context.Canceled) || len(out) != n {
			t.Fatalf("%v, %d of %d answered", err, len(out), n)
		}
		states := map[record.WriteState]int{}
		for _, o := range out {
			states[o.State]++
		}
		if states[record.WriteDone] == 0 || states[record.WriteNotSent] == 0 || len(states) != 2 {
			t.Errorf("states %v", states)
		}
		if got := len(s.Users()); got != states[record.WriteDone] {
			t.Errorf("%d are in the cloud, %d were answered as done", got, states[record.WriteDone])
		}
	}
}

func TestLostAnswerIsUnknown(t *testing.T) {
	s, target := webexSandbox(t, scimtest.Options{})
	s.Inject(scimtest.Fault{Effect: scimtest.DropAfter, Method: "POST", Nth: 1},
		scimtest.Fault{Effect: scimtest.DropBefore, Method: "GET"})
	o := apply(t, target, person(1, "ana@example.com"))[1]
	if o.State != record.WriteUnknown || o.Class != identity.Retry || o.Remedy == "" {
		t.Errorf("%+v", o)
	}
}

// The first request of each kind, as sent.
func TestRequestsOnTheWire(t *testing.T) {
	var bodies []string
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		if q.Header.Get("Authorization") != "Bearer t" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		bodies = append(bodies, q.Method+" "+q.URL.EscapedPath()+" "+string(body))
		switch {
		case q.Method == http.MethodPost:
			w.Header().Set("Location", "http://elsewhere.example.com/v2/Users/a%2Fb")
			w.WriteHeader(http.StatusCreated)
		case q.Method == http.MethodPatch:
			w.WriteHeader(http.StatusNoContent)
		default:
			fmt.Fprint(w, `{"totalResults":0}`)
		}
	}))
	defer h.Close()
	target, err := cloud.New(options("webex", h.URL, "t"))
	if err != nil {
		t.Fatal(err)
	}
	out := apply(t, target, person(1, "a@b.c", set("sn", "Silva"), set("l", "Porto"), set("st", "Norte"), set("o", "Acme"),
		set("employeeType", "x")))
	if o := out[1]; o.ID != "a/b" || o.After != nil {
		t.Errorf("%+v", o)
	}
	apply(t, target, update("a/b", "a@b.c", diff("title", "A", "B"), diff("o", "Acme", ""), diff("mobile", "1", "2"),
		diff("telephoneNumber", "", "3"), diff("facsimileTelephoneNumber", "4", ""), diff("employeeType", "x", "y"),
		diff(schema.Manager, "m", "n"), diff("l", "Porto", "Lisboa"), diff("st", "", "Sul"),
		diff(schema.Active, "true", "false")))
	apply(t, target, membership(plan.Add, "g", "m"))
	apply(t, target, membership(plan.Remove, "g", `m"`))
	want := []string{
		`POST /Users {"active":true,"addresses":[{"locality":"Porto","region":"Norte","type":"work"}],"emails":[{"primary":true,"type":"work","value":"a@b.c"}],` +
			`"externalId":"` + guid(1) + `","name":{"familyName":"Silva"},` +
			`"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",` +
			`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",` +
			`"urn:scim:schemas:extension:cisco:webexidentity:2.0:User"],` +
			`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"organization":"Acme"},` +
			`"urn:scim:schemas:extension:cisco:webexidentity:2.0:User":{"extensionAttribute1":["x"]},"userName":"a@b.c",` +
			`"userType":"user"}`,
		`PATCH /Users/a%2Fb {"Operations":[` +
			`{"op":"replace","path":"title","value":"B"},` +
			`{"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"},` +
			`{"op":"replace","path":"phoneNumbers[type eq \"mobile\"].value","value":"2"},` +
			`{"op":"add","path":"phoneNumbers","value":[{"type":"work","value":"3"}]},` +
			`{"op":"remove","path":"phoneNumbers[type eq \"fax\"]"},` +
			`{"op":"replace","path":"urn:scim:schemas:extension:cisco:webexidentity:2.0:User:extensionAttribute1",` +
			`"value":["y"]},` +
			`{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",` +
			`"value":{"value":"n"}},` +
			`{"op":"replace","path":"addresses[type eq \"work\"].locality","value":"Lisboa"},` +
			`{"op":"replace","path":"addresses[type eq \"work\"].region","value":"Sul"},` +
			`{"op":"replace","path":"active","value":false}],"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}`,
		`PATCH /Groups/g {"Operations":[{"op":"add","path":"members","value":[{"type":"user","value":"m"}]}],"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}`,
		`PATCH /Groups/g {"Operations":[{"op":"remove","path":"members[value eq ` +
			`\"m\\\"\"]"}],"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}`,
	}
	if d := cmp.Diff(want, bodies); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A provider that supports neither filters in paths nor operations with a path.
func TestProviderWithoutPaths(t *testing.T) {
	var patch string
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodPatch {
			body, _ := io.ReadAll(q.Body)
			patch = string(body)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		fmt.Fprint(w,
			`{"id":"1","userName":"a","active":true,"phoneNumbers":[{"type":"home","value":"9"},{"type":"mobile","value":"1"}]}`)
	}))
	defer h.Close()
	o := options("scim", h.URL, "t")
	github := profile.Must("github")
	github.User.Attributes = nil
	o.Profile = &github
	target, err := cloud.New(o)
	if err != nil {
		t.Fatal(err)
	}
	done(t,
		apply(t, target, update("1", "a", diff(schema.Active, "true", "false"), diff("mobile", "1", "2"),
			diff("o", "", "Acme"))), 1)
	want := `{"Operations":[{"op":"replace","value":{"active":false}},` +
		`{"op":"replace","value":{"phoneNumbers":[{"type":"home","value":"9"},{"type":"mobile","value":"2"}]}},` +
		`{"op":"add","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"organization":"Acme"}}}],` +
		`"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}`
	if d := cmp.Diff(want, patch); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if !target.Limits().DeactivateDestroys {
		t.Error("deactivating destroys at this provider, and the engine is not told")
	}
}
