package sync_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// crowd adds n people who stay as they are to both sides, so that a plan is small compared with the
// cloud.
func (f *fixture) crowd(n int) {
	for i := range n {
		f.dir.Add(person("Crowd "+string(rune('A'+i%26))+string(rune('a'+i/26)),
			"crowd"+string(rune('a'+i%26))+string(rune('a'+i/26))+"@example.com"))
	}
}

// noTemporary fails if an account has a temporary name.
func (f *fixture) noTemporary() {
	f.t.Helper()
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		for _, r := range f.cloud.All(kind) {
			if strings.HasPrefix(r.Key, "dirbridge-") {
				f.t.Fatalf("a temporary name is left: %+v\n%s", r, f.events())
			}
		}
	}
}

// TestSavedSwap: a saved plan with a swap does what it shows, by reading each account and by a new
// listing, and does nothing when it is applied again.
func TestSavedSwap(t *testing.T) {
	t.Parallel()
	for name, crowd := range map[string]int{"one by one": 0, "listed again": 120} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, t.TempDir())
			a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
			g := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team", Members: map[identity.Anchor]bool{a: true}})
			f.crowd(crowd)
			f.mustSync()
			f.edit(a, "mail", "b@example.com")
			f.edit(b, "mail", "a@example.com")
			f.dir.Edit(a, func(o *synctest.Object) { o.Manager = b })
			f.dir.Edit(g, func(o *synctest.Object) { o.Members = map[identity.Anchor]bool{b: true} })
			for _, who := range f.dir.Anchors(identity.User) {
				if who != a && who != b {
					f.edit(who, "title", "new")
				}
			}
			new := f.dir.Add(person("New", "new@example.com"))
			p := f.saved(t)
			for i := range 3 {
				f.now = f.now.Add(time.Hour)
				writes := f.cloud.Writes
				run, err := f.engine().Apply(t.Context(), p, noOverride)
				if err != nil || run.Outcome != record.Done {
					t.Fatalf("%d: %v %+v\n%s", i, err, run, f.events())
				}
				if i > 0 && f.cloud.Writes != writes+2 { // the memberships, which have no effect the second time
					t.Fatalf("%d: %d writes\n%s", i, f.cloud.Writes-writes, f.events())
				}
				if f.account(a).Key != "b@example.com" || f.account(b).Key != "a@example.com" {
					t.Fatalf("%d: %+v %+v", i, f.account(a), f.account(b))
				}
				f.account(new)
				f.noTemporary()
			}
			if n := f.plan().Len(); n != 0 {
				t.Fatalf("not converged: %+v", changes(t, f.plan()))
			}
		})
	}
}

// TestSavedSwapMoved: if one of two accounts that swap has changed since, neither keeps a temporary
// name.
func TestSavedSwapMoved(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*fixture, identity.Anchor, identity.Anchor){
		"the first in the directory":  func(f *fixture, a, b identity.Anchor) { f.edit(a, "title", "x") },
		"the second in the directory": func(f *fixture, a, b identity.Anchor) { f.edit(b, "title", "x") },
		"the second left":             func(f *fixture, a, b identity.Anchor) { f.dir.Delete(b) },
		"the first in the cloud": func(f *fixture, a, b identity.Anchor) {
			f.cloud.Edit(f.byKey("a@example.com").ID,
				func(r *identity.Resource) { r.Key = "q@example.com"; r.Attrs["uid"] = []string{r.Key} })
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, t.TempDir())
			a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
			f.mustSync()
			f.edit(a, "mail", "b@example.com")
			f.edit(b, "mail", "a@example.com")
			p := f.saved(t)
			edit(f, a, b)
			if _, err := f.engine().Apply(t.Context(), p, noOverride); err != nil {
				t.Fatal(err)
			}
			f.noTemporary()
			f.sync(noOverride)
			f.sync(noOverride)
			f.noTemporary()
		})
	}
}

// TestOldPlanAfterNewRun: a saved plan does not undo what later runs learned.
func TestOldPlanAfterNewRun(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.dir.Edit(ana, func(o *synctest.Object) { o.CN = "Ana Costa" }) // only the shadow changes
	f.edit(ana, "displayName", "Ana")
	cy := f.dir.Add(person("Cy", "c@example.com"))
	old := f.saved(t)
	f.dir.Delete(ana)
	f.mustSync()
	f.dir.Delete(cy)
	f.mustSync()
	before, _ := f.shadow(ana)
	if before.State != identity.Grace || !before.ByUs {
		t.Fatalf("%+v", before)
	}
	if _, err := f.engine().Apply(t.Context(), old, noOverride); err != nil {
		t.Fatal(err)
	}
	if after, _ := f.shadow(ana); after.State != identity.Grace || !after.ByUs || !after.Since.Equal(before.Since) {
		t.Errorf("the old plan put back %+v", after)
	}
	if f.cloud.Created["c@example.com"] != 1 || f.byKey("c@example.com").Active {
		t.Errorf("Cy: %+v", f.byKey("c@example.com"))
	}
	f.mustSync()
	if n := f.plan().Len(); n != 0 {
		t.Fatalf("not converged: %+v", changes(t, f.plan()))
	}
}

// TestDeactivatedInTheCloudMeanwhile: purge takes only what we deactivated.
func TestDeactivatedInTheCloudMeanwhile(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.dir.Delete(ana)
	p := f.saved(t)
	f.cloud.Edit(f.account(ana).ID, func(r *identity.Resource) { r.Active = false })
	if run, err := f.engine().Apply(t.Context(), p, noOverride); err != nil || run.Outcome != record.Done {
		t.Fatalf("%v %+v", err, run)
	}
	f.now = f.now.Add(1000 * time.Hour)
	if h, _, err := f.purge(); err != nil || h.Counts.Users.Delete != 0 || f.cloud.Deleted != 0 {
		t.Fatalf("%v %+v", err, h.Counts)
	}
}

// TestAdministratorMeanwhile is promise P4: an account that became a full administrator after the
// plan was made is not removed.
func TestAdministratorMeanwhile(t *testing.T) {
	t.Parallel()
	for name, crowd := range map[string]int{"one by one": 0, "listed again": 120} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, t.TempDir())
			f.policy.OnUnmatched = "deactivate"
			ana := f.dir.Add(person("Ana", "a@example.com"))
			f.dir.Add(person("Bo", "b@example.com"))
			f.crowd(crowd)
			f.mustSync()
			f.dir.Delete(ana)
			for _, who := range f.dir.Anchors(identity.User) {
				f.edit(who, "title", "new")
			}
			ids := []identity.ResourceID{f.account(ana).ID, f.cloud.Put(identity.Resource{Kind: identity.User,
				Key: "old@example.com", Active: true})}
			p := f.saved(t)
			for _, id := range ids {
				f.cloud.Edit(id, func(r *identity.Resource) { r.Admin = identity.Yes })
			}
			run, err := f.engine().Apply(t.Context(), p, noOverride)
			if err != nil || run.Skipped != 2 || run.Counts.Users.Deactivate != 0 {
				t.Fatalf("%v %+v\n%s", err, run, f.events())
			}
			if !strings.Contains(f.events(), "full administrator") {
				t.Error("nothing is said of the administrators")
			}
		})
	}
}

// TestUnreadableAccountStopsNothingElse is promise P8 for a saved plan.
func TestUnreadableAccountStopsNothingElse(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.edit(a, "title", "x")
	f.edit(b, "title", "x")
	p := f.saved(t)
	f.target = &unreadable{Cloud: f.cloud, id: f.account(a).ID}
	run, err := f.engine().Apply(t.Context(), p, noOverride)
	if err != nil || run.Skipped != 1 || run.Counts.Users.Update != 1 {
		t.Fatalf("%v %+v\n%s", err, run, f.events())
	}
}

// TestSavedLeaverAfterRecovery: a saved plan is applied that was made while a rename had no answer.
// The rename turns out to have been done before the plan deactivates the account: the state then
// has what the rename wrote in the account's other fields, not what the plan has, so that nothing
// looks like drift afterwards.
func TestSavedLeaverAfterRecovery(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.crowd(3)
	a := f.dir.Add(person("Ana", "before@example.com"))
	f.mustSync()
	f.edit(a, "mail", "after@example.com")
	f.cloud.Fault = func(plan.Change) synctest.Fault { return synctest.Lose }
	if _, run, _ := f.sync(noOverride); run.Failed != 1 {
		t.Fatalf("%+v\n%s", run, f.events())
	}
	f.cloud.Fault = nil
	f.dir.Edit(a, func(o *synctest.Object) { o.Out = true })
	p := f.saved(t)
	f.now = f.now.Add(time.Minute)
	if run, err := f.engine().Apply(t.Context(), p, noOverride); err != nil || run.Counts.Users.Deactivate != 1 {
		t.Fatalf("%v %+v\n%s", err, run, f.events())
	}
	s, _ := f.shadow(a)
	for name, values := range s.Applied {
		if slices.Contains(values, "before@example.com") {
			t.Errorf("%s is remembered as it was before the rename", name)
		}
	}
	f.mustSync()
	f.dir.Edit(a, func(o *synctest.Object) { o.Out = false })
	f.edit(a, "mail", "later@example.com")
	if drift := f.plan().Header().Drift; drift.Any() {
		t.Fatalf("the cloud was not edited: %+v\n%s", drift, f.events())
	}
}
