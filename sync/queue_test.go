package sync_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/purge"
	"dirbridge/sync/queue"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// leavers makes people, and makes all but one of them leave: they are in grace.
func (f *fixture) leavers(n int) (gone []identity.Anchor) {
	f.t.Helper()
	f.dir.Add(person("Stays", "stays@example.com"))
	for i := range n {
		gone = append(gone, f.dir.Add(person(fmt.Sprint("Gone", i), fmt.Sprintf("gone%d@example.com", i))))
	}
	f.mustSync()
	for _, a := range gone {
		f.dir.Delete(a)
	}
	f.mustSync()
	return gone
}

func (f *fixture) keep(k identity.Keep) {
	f.t.Helper()
	if err := f.store.Commit(context.Background(), port.Batch{Keeps: []identity.Keep{k}}); err != nil {
		f.t.Fatalf("keep: %v", err)
	}
}

func (f *fixture) planPurge(only ...identity.Anchor) *plan.Plan {
	f.t.Helper()
	p, err := f.engine().Plan(context.Background(), sync.Request{Mode: record.Purge, Only: only})
	if err != nil {
		f.t.Fatalf("plan the purge: %v", err)
	}
	f.t.Cleanup(func() { p.Close() })
	return p
}

func alone(t *testing.T, p *plan.Plan) (kept []string) {
	t.Helper()
	if err := p.Unmatched(t.Context(), func(u plan.Unmatched) error {
		kept = append(kept, u.Key+" "+u.Kept)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return kept
}

// TestKeep: an account that is held back is left out of the purge for as long as the keep says, and
// listed with the reason; a keep made after the plan counts as well.
func TestKeep(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	gone := f.leavers(3)
	f.now = f.now.Add(200 * time.Hour)
	f.keep(identity.Keep{Anchor: gone[0], By: "ana", Reason: "on leave", At: f.now})
	f.keep(identity.Keep{Anchor: gone[1], By: "ana", Reason: "asked for", At: f.now, Until: f.now.Add(48 * time.Hour)})
	p := f.planPurge()
	if h := p.Header(); h.Counts.Users.Delete != 1 || h.Kept != 2 {
		t.Fatalf("%+v", h)
	}
	if got := strings.Join(alone(t, p), "\n"); !strings.Contains(got, "gone0@example.com kept: by ana: on leave\n") {
		t.Errorf("listed are %s", got)
	}
	due, err := queue.Due(t.Context(), f.store, 168*time.Hour, nil, f.now)
	if err != nil || !due {
		t.Errorf("due: %v %v", due, err)
	}

	// Made after the plan.
	f.keep(identity.Keep{Anchor: gone[2], By: "bo", Reason: "wait", At: f.now})
	run, err := f.engine().Apply(t.Context(), p, noOverride)
	if err != nil || run.Skipped != 1 || f.cloud.Deleted != 0 {
		t.Fatalf("%v %+v, %d deleted", err, run, f.cloud.Deleted)
	}
	if !strings.Contains(f.events(), "it is kept by bo: wait") {
		t.Errorf("events:\n%s", f.events())
	}
	if due, err := queue.Due(t.Context(), f.store, 168*time.Hour, nil, f.now); err != nil || due {
		t.Errorf("all are kept, and due: %v %v", due, err)
	}

	f.now = f.now.Add(48 * time.Hour)
	if h, _, err := f.purge(); err != nil || h.Counts.Users.Delete != 1 || h.Kept != 2 || f.cloud.Deleted != 1 {
		t.Fatalf("the keep is over: %v %+v", err, h)
	}
	if err := f.store.Commit(t.Context(), port.Batch{Released: gone}); err != nil {
		t.Fatal(err)
	}
	if h, _, err := f.purge(); err != nil || h.Counts.Users.Delete != 2 || f.cloud.Deleted != 3 {
		t.Fatalf("released: %v %+v", err, h)
	}
}

// TestPurgeAtOnce: a purge takes the named accounts, whether their grace period is over or not, and
// no others; everything else that spares an account still applies.
func TestPurgeAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	gone := f.leavers(4)
	f.cloud.Edit(f.account(gone[1]).ID, func(r *identity.Resource) { r.Admin = identity.Yes })
	stays := f.dir.Anchors(identity.User)[0]
	if _, err := f.engine().Plan(t.Context(), sync.Request{Mode: record.Purge,
		Only: []identity.Anchor{stays}}); err == nil {
		t.Error("one who did not leave can be purged")
	}
	p := f.planPurge(gone[0], gone[1], gone[0])
	all := changes(t, p)
	if len(all) != 1 || all[0].Anchor != gone[0] || !strings.Contains(all[0].Reason, "purged now, on request") {
		t.Fatalf("%+v", all)
	}
	if !strings.Contains(f.problems(p), "administrator") {
		t.Errorf("problems: %s", f.problems(p))
	}
	if run, err := f.engine().Apply(t.Context(), p, noOverride); err != nil || run.Counts.Users.Delete != 1 ||
		f.cloud.Deleted != 1 {
		t.Fatalf("%v %+v", err, run)
	}
}

// TestPurgeClock: a clock that jumped does not purge any account early.
func TestPurgeClock(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.leavers(2)
	held := func(when string, want bool) {
		t.Helper()
		h, _, err := f.purge()
		if isHeld(err) != want || want && (h.Holds[0].Rule != purge.RuleClock || h.Holds[0].Count != 2 ||
			!h.Holds[0].Overridable) {
			t.Fatalf("%s: %v %+v", when, err, h)
		}
	}
	began := f.now
	f.now = began.Add(365 * 24 * time.Hour)
	held("a year ahead", true)
	f.mustSync()
	held("a year ahead, and after a run", true)
	for range 5 {
		f.now = f.now.Add(24 * time.Hour)
		f.mustSync()
	}
	held("five days later", true)
	if f.cloud.Deleted != 0 {
		t.Fatal("purged early")
	}
	p := f.planPurge()
	if run, err := f.engine().Apply(t.Context(), p, apply.Options{Override: []int64{2}}); err != nil ||
		run.Counts.Users.Delete != 2 {
		t.Fatalf("overridden: %v %+v", err, run)
	}
}

func TestPurgeClockEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.leavers(2)
	f.now = f.now.Add(365 * 24 * time.Hour)
	for range 8 {
		f.mustSync()
		f.now = f.now.Add(24 * time.Hour)
	}
	if h, _, err := f.purge(); err != nil || h.Counts.Users.Delete != 2 {
		t.Fatalf("the grace period went by since: %v %+v", err, h)
	}
}

// TestPurgeClockBack: an account was deactivated by a clock that was ahead.
func TestPurgeClockBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	right := f.now
	gone := f.leavers(2)
	f.now = right.Add(400 * 24 * time.Hour)
	late := f.dir.Add(person("Late", "late@example.com"))
	f.mustSync()
	f.dir.Delete(late)
	f.mustSync()
	f.now = right.Add(10 * 24 * time.Hour)
	h, _, err := f.purge()
	if !isHeld(err) || h.Holds[0].Rule != purge.RuleClock || h.Holds[0].Count != 2 {
		t.Fatalf("%v %+v", err, h)
	}
	f.keep(identity.Keep{Anchor: late, By: "ana", Reason: "deactivated by a wrong clock", At: f.now})
	if h, _, err := f.purge(); err != nil || h.Counts.Users.Delete != int64(len(gone)) {
		t.Fatalf("%v %+v", err, h)
	}
}

// TestQueue: pages return each account once, longest waiting first, with run and reason.
func TestQueue(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.leavers(3)
	for i := range 4 {
		f.now = f.now.Add(time.Hour)
		a := f.dir.Add(person(fmt.Sprint("Later", i), fmt.Sprintf("later%d@example.com", i)))
		f.mustSync()
		f.dir.Delete(a)
		f.mustSync()
	}
	f.now = f.now.Add(166 * time.Hour)
	for _, n := range []int{1, 2, 3, 100} {
		var keys []string
		overdue := 0
		for after := (queue.Place{}); ; {
			page, err := queue.List(t.Context(), f.store, f.policy, f.now, after, n)
			if err != nil || len(page) > n {
				t.Fatalf("%d: %v", len(page), err)
			}
			for _, q := range page {
				if after != (queue.Place{}) && q.Since.Before(after.Since) {
					t.Errorf("%s comes too late", q.Key)
				}
				if q.Run == 0 || q.Reason != "no longer in the directory" || !q.Due.Equal(q.Since.Add(168*time.Hour)) {
					t.Errorf("%+v", q)
				}
				if q.Overdue {
					overdue++
				}
				keys, after = append(keys, q.Key), q.Place()
			}
			if len(page) < n {
				break
			}
		}
		if len(keys) != 7 || keys[6] != "later3@example.com" || overdue != 5 {
			t.Errorf("in pages of %d: %q, %d overdue", n, keys, overdue)
		}
	}
	first, err := queue.List(t.Context(), f.store, f.policy, f.now, queue.Place{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	f.keep(identity.Keep{Anchor: first[0].Anchor, By: "op", Reason: "on leave", At: f.now})
	if n, err := queue.Count(t.Context(), f.store, f.policy, f.now); err != nil ||
		n != (queue.Totals{Waiting: 7, Overdue: 4, Held: 1}) {
		t.Errorf("counted %+v, %v", n, err)
	}
}

// object is an object of the directory.
type object = synctest.Object

// TestUnmanagedByTime: a rule applies until its last day and produces a warning before; after it
// its accounts are missing or unmatched like any others.
func TestUnmanagedByTime(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.policy.OnUnmatched = "deactivate"
	f.policy.Unmanaged = []policy.Unmanaged{{Match: "*@partner.example.com", Reason: "partners", Until: "2026-12-01"}}
	ana := f.dir.Add(person("Ana", "ana@partner.example.com"))
	f.dir.Add(person("Bo", "bo@example.com"))
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: "Cy@Partner.example.com", Active: true})
	f.mustSync()
	f.dir.Delete(ana)
	h := f.mustSync()
	if h.Unmanaged != 2 || h.Removals != 0 || h.Counts.Users.Unmatched != 0 || !h.UnmanagedRules[0].EndsSoon ||
		h.UnmanagedRules[0].Accounts != 2 {
		t.Fatalf("while it holds: %+v", h)
	}
	if !strings.Contains(f.events(), "which leaves unchanged what it matches (2 now), ends on 2026-12-01") {
		t.Errorf("events:\n%s", f.events())
	}
	f.now = time.Date(2026, 12, 1, 23, 30, 0, 0, time.UTC)
	if h := f.mustSync(); h.Unmanaged != 2 {
		t.Fatalf("on its last day: %+v", h)
	}
	f.now = f.now.Add(time.Hour)
	if h := f.mustSync(); h.Unmanaged != 0 || h.Removals != 2 || h.Counts.Users.Unmatched != 1 ||
		!h.UnmanagedRules[0].Expired {
		t.Fatalf("after it: %+v", h)
	}
	if !strings.Contains(f.events(), "expired on 2026-12-01") {
		t.Errorf("events:\n%s", f.events())
	}
}
