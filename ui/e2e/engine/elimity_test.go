package engine

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"dirbridge/cloud/scimtest/elimity"
	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/ui/e2e/site"
)

// trouble of the server: answers in its place, and answers that are lost.
type trouble struct {
	mu  stdsync.Mutex
	rnd *rand.Rand
	n   int // requests that may still go wrong
}

func (x *trouble) next(r *http.Request) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.n == 0 || x.rnd.IntN(3) > 0 {
		return 0
	}
	x.n--
	statuses := []int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway, -1}
	return statuses[x.rnd.IntN(len(statuses))]
}

func (x *trouble) set(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.n = n
}

// skipping is a clock that a sleep moves forward at once.
type skipping struct {
	mu    stdsync.Mutex
	ahead time.Duration
}

func (c *skipping) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *skipping) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
	return ctx.Err()
}

// TestRunsOnElimity synchronizes with another implementation of SCIM: full and incremental runs,
// leavers, groups, an undo, while the server refuses requests and loses answers. After clean runs,
// the next plan is empty, and no person has two accounts.
func TestRunsOnElimity(t *testing.T) {
	t.Parallel()
	for seed := uint64(1); seed <= 2; seed++ {
		x := &trouble{rnd: rand.New(rand.NewPCG(seed, 3))}
		s, err := elimity.Start(5, x.next)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		w := newArena(t, seed)
		w.url, w.token, w.pace = s.URL, elimity.Token, &skipping{}
		for range 8 {
			w.serial++
			w.person("Person "+string(rune('A'+w.serial)), string(rune('a'+w.serial))+"@example.com")
		}
		w.addGroup()
		w.addGroup()
		team := w.groups()[0].DN
		people := w.people()
		for _, p := range people[:6] {
			w.must(w.dir.AddValues(team, "member", p.DN))
		}
		x.set(6)
		w.anyRun(record.Full)
		x.set(0)
		w.cleanly(record.Full)
		w.wantEmpty()

		w.must(w.dir.Modify(people[0].DN, map[string][]string{"title": {"Lead"}, "mail": {"renamed@example.com"}}))
		w.must(w.dir.Modify(people[1].DN, map[string][]string{"userAccountControl": {"514"}}))
		w.must(w.dir.DeleteValues(team, "member", people[2].DN))
		w.must(w.dir.Move(people[3].DN, "OU=Former,"+arenaBase))
		w.must(w.dir.Rename(team, "CN=Crew", ""))
		x.set(4)
		w.anyRun(record.Incremental)
		x.set(0)
		w.cleanly(record.Incremental)
		w.wantEmpty()
		w.wantAccount("renamed@example.com", true)
		w.wantAccount(site.First(people[1], "mail"), false)
		w.wantAccount(site.First(people[3], "mail"), false)

		w.must(w.dir.Modify(people[4].DN, map[string][]string{"title": {"Boss"}}))
		run := w.cleanly(record.Full)
		x.set(2)
		if _, err := w.request(sync.Request{Mode: record.Undo, Undo: run.ID}); err != nil {
			w.log("undo: %v", err)
		}
		x.set(0)
		boss := site.First(people[4], "mail")
		if w.wantAccount(boss, true); strings.Contains(w.resource(boss), "Boss") {
			t.Errorf("the undo left the title\n%s", w.story())
		}
		w.cleanly(record.Full)
		w.wantEmpty()
	}
}

func (w *arena) request(req sync.Request) (record.Run, error) {
	e, done := w.engine()
	defer done()
	p, run, err := e.Sync(w.t.Context(), req, apply.Options{})
	if p != nil {
		p.Close()
	}
	return run, err
}

// anyRun runs while the cloud makes trouble: it may fail.
func (w *arena) anyRun(mode record.Mode) {
	run, err := w.request(sync.Request{Mode: mode, OrFull: true})
	w.log("run in trouble: %s %v", run.Outcome, err)
}

func (w *arena) cleanly(mode record.Mode) record.Run {
	w.t.Helper()
	run, err := w.request(sync.Request{Mode: mode, OrFull: true})
	if err != nil {
		w.t.Fatalf("a clean run: %v\n%s", err, w.story())
	}
	return run
}

// wantEmpty checks that the next plan has no changes and no problems.
func (w *arena) wantEmpty() {
	w.t.Helper()
	e, done := w.engine()
	defer done()
	p, err := e.Plan(w.t.Context(), sync.Request{Mode: record.Full})
	w.must(err)
	defer p.Close()
	if n := p.Len(); n != 0 {
		var left []plan.Change
		w.must(p.Changes(w.t.Context(), func(c plan.Change) error { left = append(left, c); return nil }))
		w.t.Fatalf("the next plan is not empty: %+v\n%s", left, w.story())
	}
}

// resource is the only account with a name, as JSON.
func (w *arena) resource(name string) string {
	w.t.Helper()
	body := site.Get(w.t, site.Cloud{URL: w.url, Token: w.token}, "/Users?filter=userName%20eq%20%22"+name+"%22")
	var list struct{ Resources []json.RawMessage }
	err := json.Unmarshal(body, &list)
	if err == nil && len(list.Resources) != 1 {
		err = errors.New("not one account")
	}
	if err != nil {
		w.t.Fatalf("%s: %v: %s\n%s", name, err, body, w.story())
	}
	return string(list.Resources[0])
}

func (w *arena) wantAccount(name string, active bool) {
	w.t.Helper()
	var u struct{ Active bool }
	if err := json.Unmarshal([]byte(w.resource(name)), &u); err != nil || u.Active != active {
		w.t.Errorf("%s: active %v, %v, want %v\n%s", name, u.Active, err, active, w.story())
	}
}
