package sync_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"dirbridge/sync/apply"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// refuse makes the cloud refuse every write of these keys; for members, by group and member.
func (f *fixture) refuse(keys ...string) {
	f.cloud.Fault = func(c plan.Change) synctest.Fault {
		for _, k := range keys {
			if k == c.Key && c.Kind != identity.Member || k == c.MemberKey+" in "+c.Key {
				return synctest.Refuse
			}
		}
		return synctest.Fine
	}
}

// tryChanges runs incrementally, whatever fails.
func (f *fixture) tryChanges() {
	f.t.Helper()
	if h, _, _, err := f.increment(); err != nil || h.Mode != record.Incremental {
		f.t.Fatalf("a %s run (%s): %v", h.Mode, h.Instead, err)
	}
}

// failed lists the failing records in short: "a@example.com 3".
func (f *fixture) failed() string {
	f.t.Helper()
	all, err := f.store.Failing(context.Background(), 1, 1000)
	if err != nil {
		f.t.Fatalf("failing: %v", err)
	}
	var out []string
	for _, r := range all {
		out = append(out, fmt.Sprintf("%s %d", r.Record, r.Runs))
		if r.Message == "" || r.Remedy == "" || r.Since.IsZero() || r.Last.Before(r.Since) {
			f.t.Fatalf("%+v", r)
		}
	}
	return strings.Join(out, ", ")
}

func (f *fixture) escalated() (out []string) {
	evs, _ := f.store.EventsSince(context.Background(), 0, 100_000)
	for _, e := range evs {
		if e.Code == "escalated" {
			out = append(out, fmt.Sprintf("%s %d %s", e.Record, e.Runs, e.Level))
		}
	}
	return out
}

// TestRunsInARow: a record that fails counts once per run that tries it, in any kind of run; it is
// escalated at ten, again at every hundred (a second one with DIRBRIDGE_LONG=on), and forgotten once
// it is done.
func TestRunsInARow(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("more than a hundred runs")
	}
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Bo", "b@example.com"))
	f.dir.Add(person("Cy", "c@example.com"))
	f.mustSync()
	ana := f.dir.Add(person("Dan", "d@example.com"))
	f.refuse("d@example.com")
	runs, escalations := 105, "d@example.com 10 error d@example.com 100 error"
	if long() {
		runs, escalations = 205, escalations+" d@example.com 200 error"
	}
	for run := 1; run <= runs; run++ {
		if run%3 == 0 {
			f.tryChanges()
		} else if _, r, err := f.sync(noOverride); err != nil || r.Outcome != record.Partial || r.Failed != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := f.failed(); got != fmt.Sprintf("d@example.com %d", run) {
			t.Fatalf("run %d: %s", run, got)
		}
	}
	if got := fmt.Sprint(f.escalated()); got != "["+escalations+"]" {
		t.Errorf("escalated: %s", got)
	}
	all, _ := f.store.Failing(t.Context(), 1, 1)
	of, err := f.store.EventsOf(t.Context(), all[0].LastRun, 0, 10)
	if err != nil || len(of) != 2 || of[0].Runs != int64(runs) || of[0].Anchor != ana {
		t.Errorf("events of the last run: %+v, %v", of, err)
	}
	f.cloud.Fault = nil
	f.tryChanges()
	if got := f.failed(); got != "" {
		t.Errorf("after it was done: %s", got)
	}
	f.edit(ana, "title", "Chief")
	f.refuse("d@example.com")
	f.sync(noOverride)
	if got := f.failed(); got != "d@example.com 1" {
		t.Errorf("it begins again: %s", got)
	}
}

// TestProblemSolvedInAnotherWay: a record with nothing left to try no longer fails; a record that was not
// tried is as before.
func TestProblemSolvedInAnotherWay(t *testing.T) {
	t.Parallel()
	for name, mend := range map[string]func(f *fixture, a identity.Anchor){
		"mended in the directory":  func(f *fixture, a identity.Anchor) { f.edit(a, "title", "") },
		"mended in the cloud":      func(f *fixture, a identity.Anchor) { f.cloud.Edit(f.account(a).ID, title("Chief")) },
		"a problem now":            func(f *fixture, a identity.Anchor) { f.edit(a, "mail", "") },
		"gone, and in grace since": func(f *fixture, a identity.Anchor) { f.cloud.Fault = nil; f.dir.Delete(a) },
	} {
		for _, full := range []bool{true, false} {
			f := newFixture(t, t.TempDir())
			a := f.dir.Add(person("Ana", "a@example.com"))
			f.dir.Add(person("Bo", "b@example.com"))
			f.mustSync()
			f.edit(a, "title", "Chief")
			f.refuse("a@example.com")
			f.sync(noOverride)
			f.tryChanges()
			if got := f.failed(); got != "a@example.com 2" {
				t.Fatalf("%s: %s", name, got)
			}
			mend(f, a)
			if full {
				f.sync(noOverride)
			} else {
				f.tryChanges()
			}
			if got := f.failed(); got != "" {
				t.Errorf("%s, full %v: %s", name, full, got)
			}
		}
	}
}

func title(s string) func(*identity.Resource) {
	return func(r *identity.Resource) { r.Attrs["title"] = []string{s} }
}

// TestNotTried: a run that could not try a record says nothing about it.
func TestNotTried(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a := f.dir.Add(person("Ana", "a@example.com"))
	b := f.dir.Add(person("Bo", "b@example.com"))
	team := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team"})
	f.mustSync()
	f.dir.Edit(team, func(o *synctest.Object) { o.Members = map[identity.Anchor]bool{a: true, b: true} })
	f.edit(a, "title", "Chief")
	f.refuse("a@example.com", "a@example.com in Team")
	f.sync(noOverride)
	want := "a@example.com 1, a@example.com in Team 1"
	if got := f.failed(); got != want {
		t.Fatalf("%s", got)
	}
	f.purge() // tries only deletions
	f.cloud.FailListing = true
	if _, _, err := f.sync(noOverride); err == nil {
		t.Fatal("the cloud was listed")
	}
	f.cloud.FailListing = false
	p := f.plan()
	for i := range p.Len() {
		opt := apply.Options{Part: plan.Part{Left: map[int64]bool{i + 1: true}}}
		if c, err := p.At(i + 1); err != nil || c.Kind == identity.Member {
			continue
		}
		f.now = f.now.Add(time.Minute)
		if _, err := f.engine().Apply(t.Context(), p, opt); err != nil {
			t.Fatal(err)
		}
	}
	want = "a@example.com in Team 2, a@example.com 1"
	if got := f.failed(); got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// TestReferenceFailsInARow: for a person who was added, and whose manager could not be set
// afterwards, the first of the two writes does not end the failure.
func TestReferenceFailsInARow(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	boss := f.dir.Add(person("Zoe", "z@example.com"))
	ana := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Edit(ana, func(o *synctest.Object) { o.Manager = boss })
	f.cloud.Fault = func(c plan.Change) synctest.Fault {
		if _, ok := c.Field("manager"); ok && c.Key == "a@example.com" {
			return synctest.Refuse
		}
		return synctest.Fine
	}
	for run := 1; run <= 3; run++ {
		f.sync(noOverride)
		if got := f.failed(); got != fmt.Sprintf("a@example.com %d", run) {
			t.Fatalf("run %d: %q", run, got)
		}
	}
	f.cloud.Fault = nil
	f.mustSync()
	if got := f.failed(); got != "" {
		t.Errorf("%s", got)
	}
}

// TestPurgeFailsInARow: purges count what they cannot remove, and no other run ends such a failure.
func TestPurgeFailsInARow(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.dir.Delete(a)
	f.mustSync()
	f.now = f.now.Add(1000 * time.Hour)
	f.refuse("a@example.com")
	for range 3 {
		f.now = f.now.Add(time.Minute)
		f.purge()
		f.mustSync()
		f.tryChanges()
	}
	if got := f.failed(); got != "a@example.com 3" {
		t.Fatalf("%s", got)
	}
	f.cloud.Fault = nil
	f.purge()
	if got := f.failed(); got != "" {
		t.Errorf("%s", got)
	}
}

// TestHeldSince: since when runs are held, and when the cloud was last brought up to date.
func TestHeldSince(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	held := func() (h *facts.Held) {
		if err := facts.ReadValue(t.Context(), f.store, facts.HeldValue(false), &h); err != nil {
			t.Fatal(err)
		}
		return h
	}
	good := func() string {
		text, err := f.store.Value(t.Context(), facts.LastGoodValue)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	var all []identity.Anchor
	for i := range 5 {
		all = append(all, f.dir.Add(person(fmt.Sprint("P", i), fmt.Sprintf("p%d@example.com", i))))
	}
	f.refuse("p0@example.com")
	f.sync(noOverride)
	if good() != "" || held() != nil {
		t.Errorf("a run with failures is good: %q, %+v", good(), held())
	}
	f.cloud.Fault = nil
	f.mustSync()
	first := good()
	if first != f.now.Format(time.RFC3339) {
		t.Errorf("good: %q", first)
	}
	f.policy.Threshold.Number = 1
	f.dir.Delete(all[1])
	f.dir.Delete(all[2])
	f.sync(noOverride)
	since := f.now
	f.sync(noOverride)
	h := held()
	if h == nil || !h.Since.Equal(since) || !h.Last.Equal(f.now) || h.Runs != 2 ||
		h.Holds[0].Rule != plan.RuleDeleteThreshold || good() != first {
		t.Errorf("held: %+v, good %q", h, good())
	}
	f.cloud.FailListing = true
	f.sync(noOverride)
	f.cloud.FailListing = false
	if h := held(); h == nil || h.Runs != 2 {
		t.Errorf("a run that failed lifts it: %+v", h)
	}
	f.policy.Threshold.Number = 2
	f.mustSync()
	if held() != nil || good() != f.now.Format(time.RFC3339) {
		js, _ := json.Marshal(held())
		t.Errorf("after it went on: %s, %q", js, good())
	}
}
