package sync_test

import (
	"context"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// TestPurgeTakesOnlyTheDue: whatever people do, whatever is kept, and however late a plan is
// applied, a purge takes no account that is in the directory, kept, unmanaged, or neither past its
// grace period nor named.
func TestPurgeTakesOnlyTheDue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "dirbridge-queue-")
		if err != nil {
			t.Fatalf("%v", err)
		}
		defer os.RemoveAll(dir)
		f := newFixture(t, dir)
		f.policy.Threshold.Off = true
		f.policy.Unmanaged = []policy.Unmanaged{{Match: "c@*", Reason: "partner", Until: "2026-12-05"}}
		w := &queueWorld{fixture: f, keeps: map[identity.Anchor]identity.Keep{}}
		f.dir.Add(person("Stays", "stays@example.com"))
		for _, name := range []string{"a", "b", "c", "d"} {
			w.people = append(w.people, f.dir.Add(person(name, name+"@example.com")))
		}
		f.mustSync()
		for range rapid.IntRange(3, 12).Draw(t, "steps") {
			w.step(t)
		}
		if h := f.mustSync(); h.Counts.Users.Add != 0 && f.cloud.Deleted == 0 {
			t.Fatalf("made again, and no account was purged: %+v", h.Counts)
		}
	})
}

type queueWorld struct {
	*fixture
	people []identity.Anchor
	keeps  map[identity.Anchor]identity.Keep
	saved  *plan.Plan
	named  map[identity.Anchor]bool // in saved
}

func (w *queueWorld) step(t *rapid.T) {
	a := rapid.SampledFrom(w.people).Draw(t, "who")
	switch rapid.SampledFrom([]string{"leave", "return", "keep", "release", "wait", "run", "purge", "plan", "name",
		"apply"}).Draw(t, "what") {
	case "leave":
		w.dir.Edit(a, func(o *object) { o.Out = true })
	case "return":
		w.dir.Edit(a, func(o *object) { o.Out = false })
	case "keep":
		k := identity.Keep{Anchor: a, By: "ana", Reason: "r", At: w.now}
		if rapid.Bool().Draw(t, "ends") {
			k.Until = w.now.Add(100 * time.Hour)
		}
		w.keep(k)
		w.keeps[a] = k
	case "release":
		if err := w.store.Commit(context.Background(), port.Batch{Released: []identity.Anchor{a}}); err != nil {
			t.Fatalf("release: %v", err)
		}
		delete(w.keeps, a)
	case "wait":
		w.now = w.now.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "hours")) * time.Hour)
	case "run":
		if _, _, err := w.sync(noOverride); err != nil {
			t.Fatalf("run: %v", err)
		}
	case "purge":
		w.watch(t, nil, func() {
			if _, _, err := w.purge(); err != nil && !isHeld(err) { // after a long wait the clock is doubted
				t.Fatalf("purge: %v", err)
			}
		})
	case "plan":
		w.saved, w.named = w.planPurge(), nil
	case "name":
		s, ok := w.shadow(a)
		if ok && s.State == identity.Grace && s.ByUs {
			w.saved, w.named = w.planPurge(a), map[identity.Anchor]bool{a: true}
		}
	case "apply":
		if w.saved != nil {
			w.watch(t, w.named, func() {
				if run, err := w.engine().Apply(context.Background(), w.saved, noOverride); err != nil && !isHeld(err) &&
					run.Outcome != record.Done {
					t.Fatalf("apply: %v", err)
				}
			})
		}
	}
}

// watch runs a purge and checks which accounts it took.
func (w *queueWorld) watch(t *rapid.T, named map[identity.Anchor]bool, do func()) {
	before := map[identity.Anchor]identity.Shadow{}
	for _, a := range w.people {
		if s, ok := w.shadow(a); ok {
			before[a] = s
		}
	}
	accounts := map[identity.ResourceID]bool{}
	for _, r := range w.cloud.All(identity.User) {
		accounts[r.ID] = true
	}
	do()
	for _, r := range w.cloud.All(identity.User) {
		delete(accounts, r.ID)
	}
	for _, a := range w.people {
		s := before[a]
		if !accounts[s.ID] {
			continue
		}
		delete(accounts, s.ID)
		kept, isKept := w.keeps[a]
		switch {
		case s.State != identity.Grace || !s.ByUs:
			t.Fatalf("%s was purged, and was %s", a, s.State)
		case !named[a] && s.Since.After(w.now.Add(-168*time.Hour)):
			t.Fatalf("%s was purged before its time", a)
		case isKept && kept.Holds(w.now):
			t.Fatalf("%s was purged, and is kept", a)
		case s.Applied.First("uid") == "c@example.com" && w.saved == nil && w.now.Before(time.Date(2026, 12, 6, 0, 0, 0, 0,
			time.UTC)):
			t.Fatalf("%s was purged, and is unmanaged", a)
		case w.here(a):
			t.Fatalf("%s was purged, and is in the directory", a)
		}
	}
	if len(accounts) > 0 {
		t.Fatalf("accounts of no person were purged: %v", accounts)
	}
}

func (w *queueWorld) here(a identity.Anchor) (in bool) {
	w.dir.Edit(a, func(o *object) { in = !o.Out })
	return in
}
