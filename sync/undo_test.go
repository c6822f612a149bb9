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
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

// planUndo plans the undo of a run.
func (f *fixture) planUndo(run int64) *plan.Plan {
	f.t.Helper()
	f.now = f.now.Add(time.Minute)
	p, err := f.engine().Plan(context.Background(), sync.Request{Mode: record.Undo, Undo: run})
	if err != nil {
		f.t.Fatalf("plan the undo of run %d: %v", run, err)
	}
	f.t.Cleanup(func() { p.Close() })
	return p
}

// undo plans the undo of a run and applies it.
func (f *fixture) undo(run int64) (*plan.Plan, record.Run) {
	f.t.Helper()
	p := f.planUndo(run)
	got, err := f.engine().Apply(context.Background(), p, noOverride)
	if err != nil || got.Outcome != record.Done || got.UndoOf != run || got.Mode != record.ApplyPlan {
		f.t.Fatalf("undo of run %d: %v %+v\n%s", run, err, got, f.events())
	}
	return p, got
}

// synced does a run that must succeed and returns its number.
func (f *fixture) synced() int64 {
	f.t.Helper()
	f.mustSync()
	return f.lastRun().ID
}

func (f *fixture) lastRun() record.Run {
	f.t.Helper()
	runs, err := f.store.Runs(context.Background(), 1)
	if err != nil || len(runs) == 0 {
		f.t.Fatalf("the last run: %v %v", runs, err)
	}
	return runs[0]
}

// picture describes everything in the cloud, by id.
func (f *fixture) picture() map[string]string {
	out := map[string]string{}
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		for _, r := range f.cloud.All(kind) {
			what := fmt.Sprintf("key=%s external=%s active=%t", r.Key, r.ExternalID, r.Active)
			for _, n := range r.Attrs.Names() {
				what += fmt.Sprintf(" %s=%q", n, r.Attrs[n])
			}
			out[string(r.ID)] = what
			for m := range f.cloud.MembersOf(r.ID) {
				out[string(r.ID)+" has "+string(m)] = "member"
			}
		}
	}
	return out
}

func differences(before, after map[string]string) (out []string) {
	for k, v := range before {
		if after[k] != v {
			out = append(out, fmt.Sprintf("%s: %s -> %s", k, v, after[k]))
		}
	}
	for k, v := range after {
		if _, ok := before[k]; !ok {
			out = append(out, fmt.Sprintf("%s: new: %s", k, v))
		}
	}
	return out
}

// TestUndoRestores: values, keys in a cycle, references, memberships and activation are as before;
// the next run does again what the directory still wants, and the plan said so.
func TestUndoRestores(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a, b, c := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo",
		"b@example.com")), f.dir.Add(person("Cy", "c@example.com"))
	d, gone := f.dir.Add(person("Di", "d@example.com")), f.dir.Add(person("Eli", "e@example.com"))
	g := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team", Members: map[identity.Anchor]bool{a: true, d: true}})
	old := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Old", Members: map[identity.Anchor]bool{a: true}})
	f.edit(a, "title", "Boss", "telephoneNumber", "+1555")
	f.dir.Edit(d, func(o *synctest.Object) { o.Manager = a })
	f.mustSync()
	before := f.picture()

	f.edit(a, "mail", "b@example.com", "title", "Clerk", "telephoneNumber", "")
	f.edit(b, "mail", "c@example.com", "title", "New")
	f.edit(c, "mail", "a@example.com")
	f.edit(d, "userAccountControl", "514")
	f.dir.Edit(d, func(o *synctest.Object) { o.Manager = b })
	f.dir.Edit(g, func(o *synctest.Object) { o.CN = "Crew"; o.Members = map[identity.Anchor]bool{b: true, d: true} })
	f.dir.Delete(gone)
	f.dir.Delete(old)
	run := f.synced()
	if s, _ := f.shadow(old); s.State != identity.Grace {
		t.Fatalf("the group is not in grace: %+v", s)
	}
	p, done := f.undo(run)
	if d := differences(before, f.picture()); len(d) > 0 {
		t.Fatalf("not as it was:\n%s\n%s", strings.Join(d, "\n"), f.problems(p))
	}
	for _, who := range []identity.Anchor{gone, old} {
		if s, _ := f.shadow(who); s.State != identity.Live {
			t.Errorf("%s is still in grace: %+v", who, s)
		}
	}
	h := p.Header()
	if h.UndoOf != run || h.Mode != record.Undo || h.Counts.Users.Problem+h.Counts.Groups.Problem != 0 {
		t.Errorf("%+v\n%s", h, f.problems(p))
	}
	if h.Again != p.Len() || !strings.Contains(strings.Join(h.Notes, "\n"),
		fmt.Sprintf("make %d of these changes again", h.Again)) {
		t.Errorf("%d of %d again: %v", h.Again, p.Len(), h.Notes)
	}
	// For the disabled person, the next run makes two changes instead of one.
	if l := f.plan().Len(); l != h.Again+1 {
		t.Errorf("the next run makes %d changes, not %d: %+v", l, h.Again, changes(t, f.plan()))
	}
	// An undo can be undone. A group's grace, which only the state knows, begins again.
	f.undo(done.ID)
	for _, c := range changes(t, f.plan()) {
		if c.Anchor != old || len(c.Fields) > 0 {
			t.Errorf("after the undo of the undo: %+v", c)
		}
	}
}

// TestUndoOfAdds: what a run added is deactivated and counted by the delete threshold; a full
// administrator never is.
func TestUndoOfAdds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Ana", "a@example.com"))
	f.mustSync()
	var added []identity.Anchor
	for i := range 5 {
		added = append(added, f.dir.Add(person(fmt.Sprint("New ", i), fmt.Sprintf("n%d@example.com", i))))
	}
	g := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team", Members: map[identity.Anchor]bool{added[0]: true}})
	run := f.synced()
	f.cloud.Edit(f.account(added[4]).ID, func(r *identity.Resource) { r.Admin = identity.Yes })
	f.policy.Threshold.Number = 3
	f.policy.Unmanaged = []policy.Unmanaged{{Match: "n3@*", Reason: "a robot"}}
	p := f.planUndo(run)
	h := p.Header()
	if h.Removals != 4 || len(h.Holds) != 1 || h.Holds[0].Rule != plan.RuleDeleteThreshold || h.Again != 4 {
		t.Fatalf("%+v", h)
	}
	if !strings.Contains(f.problems(p), "n4@example.com") || h.Counts.AdminsDelete != 1 {
		t.Errorf("the administrator is not told of: %s", f.problems(p))
	}
	if !strings.Contains(f.problems(p), "a robot") {
		t.Errorf("the rule is not told of: %s", f.problems(p))
	}
	if _, err := f.engine().Apply(t.Context(), p, noOverride); !isHeld(err) || !f.account(added[0]).Active {
		t.Fatalf("not held: %v", err)
	}
	got, err := f.engine().Apply(t.Context(), p, apply.Options{Override: []int64{4}})
	if err != nil || got.Outcome != record.Done {
		t.Fatalf("%v %+v\n%s", err, got, f.events())
	}
	for i, who := range added {
		if r := f.account(who); r.Active != (i >= 3) {
			t.Errorf("%+v", r)
		}
		if s, _ := f.shadow(who); i < 3 && (s.State != identity.Grace || !s.ByUs) {
			t.Errorf("not in grace: %+v", s)
		}
	}
	if s, _ := f.shadow(g); s.State != identity.Grace {
		t.Errorf("the group is not in grace: %+v", s)
	}
	f.mustSync()
	for _, who := range added {
		if s, _ := f.shadow(who); !f.account(who).Active || s.State != identity.Live {
			t.Errorf("the directory still has %+v", s)
		}
	}
	if l := f.plan().Len(); l != 0 {
		t.Errorf("not converged: %+v", changes(t, f.plan()))
	}
}

// TestUndoOfPurge: the accounts are added again with the values that they had, in grace, refer to
// each other by their new ids, and what is lost is reported.
func TestUndoOfPurge(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana, boss := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.dir.Add(person("Stay", "s@example.com"))
	g := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team", Members: map[identity.Anchor]bool{ana: true}})
	f.edit(ana, "title", "Clerk")
	f.dir.Edit(ana, func(o *synctest.Object) { o.Manager = boss })
	f.mustSync()
	for _, who := range []identity.Anchor{ana, boss, g} {
		f.dir.Edit(who, func(o *synctest.Object) { o.Out = true })
	}
	f.mustSync()
	f.now = f.now.Add(f.policy.PurgeAfter + time.Hour)
	if _, run, err := f.purge(); err != nil || f.cloud.Deleted != 3 {
		t.Fatalf("%v %+v", err, run)
	}
	p, _ := f.undo(f.lastRun().ID)
	a, b := f.account(ana), f.account(boss)
	if a.Active || b.Active || a.Attrs.First("title") != "Clerk" || a.Attrs.First(schema.Manager) != string(b.ID) ||
		a.Key != "a@example.com" {
		t.Errorf("%+v\n%+v", a, b)
	}
	if s, _ := f.shadow(ana); s.State != identity.Grace || !s.ByUs || !s.Since.Equal(f.now.Truncate(time.Second)) ||
		s.ID != a.ID {
		t.Errorf("%+v", s)
	}
	for _, want := range []string{"a@example.com is created again", "spaces and messages", "old id",
		"Team is created again"} {
		if !strings.Contains(f.problems(p), want) {
			t.Errorf("%q is not said: %s", want, f.problems(p))
		}
	}
	if h, _, err := f.purge(); err != nil || h.Counts.Users.Delete != 0 {
		t.Errorf("purged at once: %v %+v", err, h)
	}
	for _, who := range []identity.Anchor{ana, boss, g} {
		f.dir.Edit(who, func(o *synctest.Object) { o.Out = false })
	}
	f.mustSync()
	if !f.account(ana).Active || f.plan().Len() != 0 {
		t.Errorf("%+v %+v", f.account(ana), changes(t, f.plan()))
	}
	if n := len(f.cloud.MembersOf(f.cloud.All(identity.Group)[0].ID)); n != 1 {
		t.Errorf("%d members", n)
	}
}

// TestUndoLeavesWhatChangedSince: each of these is left as it is, and listed.
func TestUndoLeavesWhatChangedSince(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.policy.Threshold = policy.Threshold{Off: true}
	a, b, c := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo",
		"b@example.com")), f.dir.Add(person("Cy", "c@example.com"))
	d := f.dir.Add(person("Di", "d@example.com"))
	f.mustSync()
	f.edit(a, "title", "x", "displayName", "Ana X")
	f.edit(b, "mail", "b2@example.com", "title", "y")
	f.edit(c, "title", "z")
	f.edit(d, "title", "w")
	run := f.synced()
	f.cloud.Edit(f.account(a).ID, func(r *identity.Resource) { r.Attrs["title"] = []string{"by hand"} })
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: "b@example.com", Active: true})
	f.cloud.Remove(f.account(c).ID)
	f.edit(d, "title", "later")
	f.mustSyncAgain()
	p, _ := f.undo(run)
	for _, want := range []string{"title changed since", "has the name b@example.com by now",
		"c@example.com: its account no longer exists in the cloud"} {
		if !strings.Contains(f.problems(p), want) {
			t.Errorf("%q is not said: %s", want, f.problems(p))
		}
	}
	if r := f.account(b); r.Key != "b2@example.com" || r.Attrs.First("title") != "" {
		t.Errorf("%+v", r)
	}
	if r := f.account(d); r.Attrs.First("title") != "later" {
		t.Errorf("%+v", r)
	}
}

// mustSyncAgain writes only the title of d: what else happened stays as it is.
func (f *fixture) mustSyncAgain() {
	f.t.Helper()
	for _, r := range f.cloud.All(identity.User) {
		if r.Key == "d@example.com" {
			f.cloud.Edit(r.ID, func(r *identity.Resource) { r.Attrs["title"] = []string{"later"} })
		}
	}
}

// TestUndoRefuses: what cannot be undone is reported with a remedy.
func TestUndoRefuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Ana", "a@example.com"))
	first := f.synced()
	nothing := f.synced()
	refused := func(run int64, want string) {
		t.Helper()
		_, err := f.engine().Plan(t.Context(), sync.Request{Mode: record.Undo, Undo: run})
		if err == nil || !strings.Contains(err.Error(), want) || identity.Remedy(err) == "" {
			t.Errorf("run %d: %v (%s)", run, err, identity.Remedy(err))
		}
	}
	refused(999, "there is no run 999")
	refused(nothing, "changed nothing")
	running, err := f.store.Begin(t.Context(), record.Run{Mode: record.Full, Started: f.now})
	if err != nil {
		t.Fatal(err)
	}
	release, err := f.store.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	refused(running.ID, "still running")
	if err := release(); err != nil {
		t.Fatal(err)
	}
	refused(running.ID, "changed nothing")
	f.target = elsewhere{synctest.NewCloud()}
	refused(first, "another organization")
}

// TestUndoOfUnknownWrites: a write whose answer was lost is not undone until its outcome was
// checked, and then it is.
func TestUndoOfUnknownWrites(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a := f.dir.Add(person("Ana", "a@example.com"))
	f.mustSync()
	f.edit(a, "title", "x")
	f.cloud.Fault = func(plan.Change) synctest.Fault { return synctest.Lose }
	f.sync(noOverride)
	run := f.lastRun().ID
	f.cloud.Fault = nil
	p, _ := f.undo(run)
	if !strings.Contains(f.problems(p), "its result is unknown") || f.account(a).Attrs.First("title") != "x" {
		t.Fatalf("%s %+v", f.problems(p), f.account(a))
	}
	f.undo(run)
	if f.account(a).Attrs.First("title") != "" {
		t.Fatalf("%+v", f.account(a))
	}
}

// TestUndoDrifts: a saved undo skips what changed since it was made.
func TestUndoDrifts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.edit(a, "title", "x")
	f.edit(b, "title", "x")
	p := f.planUndo(f.synced())
	f.cloud.Edit(f.account(a).ID, func(r *identity.Resource) { r.Attrs["title"] = []string{"by hand"} })
	f.edit(b, "displayName", "Bo B") // what the directory says does not matter
	run, err := f.engine().Apply(t.Context(), p, noOverride)
	if err != nil || run.Outcome != record.Partial || run.Skipped != 1 || run.Counts.Users.Update != 1 {
		t.Fatalf("%v %+v\n%s", err, run, f.events())
	}
	if f.account(a).Attrs.First("title") != "by hand" || f.account(b).Attrs.First("title") != "" {
		t.Fatalf("%+v", f.cloud.All(identity.User))
	}
}

// TestUndoOfSwapDies: whichever write of the undo of a swap fails, another undo of the same run
// finishes it, and no account keeps a temporary name.
func TestUndoOfSwapDies(t *testing.T) {
	t.Parallel()
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		for n := 1; n <= 3; n++ {
			for _, fault := range []synctest.Fault{synctest.Refuse, synctest.Drop, synctest.Lose, synctest.Die} {
				f := newFixture(t, t.TempDir())
				var swap func()
				if kind == identity.User {
					a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
					swap = func() { f.edit(a, "mail", "b@example.com"); f.edit(b, "mail", "a@example.com") }
				} else {
					a, b := f.dir.Add(synctest.Object{Kind: kind, CN: "One"}), f.dir.Add(synctest.Object{Kind: kind, CN: "Two"})
					f.dir.Add(person("Keeper", "k@example.com"))
					swap = func() {
						f.dir.Edit(a, func(o *synctest.Object) { o.CN = "Two" })
						f.dir.Edit(b, func(o *synctest.Object) { o.CN = "One" })
					}
				}
				f.mustSync()
				before := f.picture()
				swap()
				run := f.synced()
				p, seen := f.planUndo(run), 0
				f.cloud.Fault = func(plan.Change) synctest.Fault {
					if seen++; seen == n {
						return fault
					}
					return synctest.Fine
				}
				f.engine().Apply(t.Context(), p, noOverride)
				f.cloud.Fault = nil
				if fault == synctest.Die {
					f.store.Close()
					f.open()
				}
				p, _ = f.undo(run)
				if d := differences(before, f.picture()); len(d) > 0 {
					t.Errorf("%s, fault %d in write %d: %v\n%s\n%s", kind, fault, n, d, f.problems(p), f.events())
				}
				f.mustSync()
				if f.noTemporary(); f.plan().Len() != 0 || len(f.dirty()) != 0 {
					t.Errorf("%s, fault %d in write %d: not converged", kind, fault, n)
				}
			}
		}
	}
}

// TestUndoWithOneUnreadable is promise P8: an account that the cloud does not show stops nothing
// else.
func TestUndoWithOneUnreadable(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.edit(a, "title", "x")
	f.edit(b, "title", "x")
	run := f.synced()
	f.target = &unreadable{f.cloud, f.account(a).ID}
	p, _ := f.undo(run)
	if !strings.Contains(f.problems(p), "403: not for you") || p.Len() != 1 || f.account(b).Attrs.First("title") != "" {
		t.Fatalf("%s %+v", f.problems(p), f.cloud.All(identity.User))
	}
}
