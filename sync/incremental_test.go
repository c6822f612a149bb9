package sync_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

func (f *fixture) increment() (plan.Header, []plan.Change, record.Run, error) {
	f.t.Helper()
	return f.incrementWith(noOverride)
}

func (f *fixture) incrementWith(opt apply.Options) (plan.Header, []plan.Change, record.Run, error) {
	f.t.Helper()
	f.now = f.now.Add(60_000_000_000)
	p, run, err := f.engine().Sync(context.Background(), sync.Request{Mode: record.Incremental}, opt)
	if p == nil {
		return plan.Header{}, nil, run, err
	}
	defer p.Close()
	return p.Header(), changes(f.t, p), run, err
}

// changed runs once incrementally, and checks that the run was incremental.
func (f *fixture) changed(t *testing.T) []plan.Change {
	t.Helper()
	h, cs, run, err := f.increment()
	if err != nil || !wentWell(run) {
		t.Fatalf("%s %v\n%s", run.Outcome, err, f.events())
	}
	if h.Mode != record.Incremental || run.Mode != record.Incremental {
		t.Fatalf("a %s run: %s", h.Mode, h.Instead)
	}
	return cs
}

// company is a directory of n people in one group, fully synchronized.
func company(t *testing.T, n int) (*fixture, []identity.Anchor, identity.Anchor) {
	f := newFixture(t, t.TempDir())
	var people []identity.Anchor
	group := synctest.Object{Kind: identity.Group, OU: "Groups", CN: "All", Attrs: identity.Attrs{},
		Members: map[identity.Anchor]bool{}}
	for i := range n {
		a := f.dir.Add(person(fmt.Sprintf("Person %d", i), fmt.Sprintf("p%d@example.com", i)))
		people = append(people, a)
		group.Members[a] = true
	}
	g := f.dir.Add(group)
	f.mustSync()
	return f, people, g
}

// TestIncrementalRunListsNothing: an incremental run lists neither side, however large it is.
func TestIncrementalRunListsNothing(t *testing.T) {
	t.Parallel()
	f, people, group := company(t, 200)
	f.edit(people[3], "title", "Clerk")
	f.edit(people[4], "userAccountControl", "514")
	f.edit(people[5], "mail", "five@example.com")
	f.dir.Delete(people[6])
	f.dir.Add(person("New", "new@example.com"))
	f.dir.ReportMembers = true
	f.dir.Edit(group, func(o *synctest.Object) { delete(o.Members, people[7]) })
	f.dir.ForgetReads()
	f.cloud.ForgetReads()
	got := map[string]int{}
	for _, c := range f.changed(t) {
		got[string(c.Action)+" "+string(c.Kind)]++
	}
	want := map[string]int{"update user": 1, "deactivate user": 2, "rename user": 1, "add user": 1, "remove member": 1}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("planned %v, want %v", got, want)
	}
	if r := f.dir.Reads(); r.Complete() != 0 || r.Get > 12 || r.EdgesOf > 0 {
		t.Errorf("the directory was read: %+v", r)
	}
	if r := f.cloud.Reads(); r.Complete() != 0 || r.Get > 12 {
		t.Errorf("the cloud was read: %+v", r)
	}
	if p := f.plan(); p.Len() != 0 {
		t.Fatalf("a full plan finds more: %+v", changes(t, p))
	}
}

func TestIncrementalRunNeedsAFullOneFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Ana", "ana@example.com"))
	_, _, run, err := f.increment()
	if !errors.Is(err, sync.ErrNoFull) || !strings.Contains(identity.Remedy(err), "--full") ||
		run.Outcome != record.Failed {
		t.Fatalf("%s, %v", run.Outcome, err)
	}
	if n := len(f.cloud.All(identity.User)); n != 0 {
		t.Fatalf("%d accounts were made", n)
	}
	p, run, err := f.engine().Sync(t.Context(), sync.Request{Mode: record.Incremental, OrFull: true}, noOverride)
	if err != nil || run.Mode != record.Full || run.Outcome != record.Done {
		t.Fatalf("%+v, %v", run, err)
	}
	p.Close()
	f.changed(t)
}

// TestFullInsteadOfIncremental: if the changes alone are not enough, everything is read, and the
// reason is reported.
func TestFullInsteadOfIncremental(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*fixture, []identity.Anchor)
		reason string
	}{
		{"the cookie is refused", func(f *fixture, _ []identity.Anchor) { f.dir.Stale = "the cookie expired" },
			"directory corp: the cookie expired"},
		{"the mapping changed", func(f *fixture, _ []identity.Anchor) { f.rules["title"] = "" }, "mapping"},
		{"the cookie is lost", func(f *fixture, _ []identity.Anchor) {
			f.store.Commit(context.Background(), port.Batch{Values: map[string]string{"position:corp": "garbage"}})
		}, "not known"},
		{"an administrator left", func(f *fixture, people []identity.Anchor) {
			f.cloud.Edit(f.account(people[0]).ID, func(r *identity.Resource) { r.Admin = identity.Yes })
			f.edit(people[0], "userAccountControl", "514")
		}, "full administrator"},
		{"nobody is left", func(f *fixture, people []identity.Anchor) {
			for _, a := range people {
				f.dir.Delete(a)
			}
		}, "would have no people left"},
		{"much changed at once", func(f *fixture, people []identity.Anchor) {
			for i := range 2100 {
				f.dir.Add(person(fmt.Sprintf("More %d", i), fmt.Sprintf("more%d@example.com", i)))
			}
			f.dir.Delete(people[0])
			f.policy.Threshold = policy.Threshold{} // held: what it would write does not matter here
		}, "more than 2000 objects"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, people, _ := company(t, 5)
			c.change(f, people)
			h, _, run, err := f.increment()
			if err != nil && !isHeld(err) {
				t.Fatal(err)
			}
			if h.Mode != record.Full || run.Mode != record.Full || !strings.Contains(h.Instead, c.reason) {
				t.Fatalf("a %s run: %q", h.Mode, h.Instead)
			}
			if !strings.Contains(f.events(), c.reason) {
				t.Errorf("the event log does not say why:\n%s", f.events())
			}
		})
	}
}

// TestUnseenDeletionsWaitForAFullRun: deletions that cannot be seen are reported, and wait for the
// full run.
func TestUnseenDeletionsWaitForAFullRun(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 5)
	f.dir.Untold = "the account may not read CN=Deleted Objects"
	f.mustSync()
	f.dir.Delete(people[1])
	f.edit(people[2], "title", "Clerk")
	p, err := f.engine().Plan(t.Context(), sync.Request{Mode: record.Incremental})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if text := f.problems(p); !strings.Contains(text, "may not read CN=Deleted Objects") ||
		!strings.Contains(text, "full runs") {
		t.Errorf("it is not told:\n%s", text)
	}
	if cs := f.changed(t); len(cs) != 1 || cs[0].Action != plan.Update {
		t.Fatalf("planned %+v", cs)
	}
	if h := f.mustSync(); h.Counts.Users.Deactivate != 1 {
		t.Fatalf("the full run plans %+v", h.Counts)
	}
}

// TestNothingIsLostBetweenRuns: a dry run, a held run and a failed one leave everything to the
// next.
func TestNothingIsLostBetweenRuns(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 30)
	f.policy.Threshold = policy.Threshold{Number: 2}
	f.mustSync() // under the new policy
	for _, a := range people[:3] {
		f.dir.Delete(a)
	}
	f.edit(people[9], "title", "Clerk")
	p, err := f.engine().Plan(t.Context(), sync.Request{Mode: record.Incremental})
	if err != nil || p.Len() != 4 {
		t.Fatalf("dry run: %v, %d changes", err, p.Len())
	}
	p.Close()
	f.dir.FailChanges = 1
	if _, _, _, err := f.increment(); err == nil || isHeld(err) {
		t.Fatalf("a run whose changes broke off: %v", err)
	}
	for range 2 {
		if h, cs, _, err := f.increment(); !isHeld(err) || len(cs) != 4 || h.Removals != 3 || h.Mode != record.Incremental {
			t.Fatalf("held run: %v, %d changes, %+v", err, len(cs), h)
		}
	}
	f.cloud.Fault = func(c plan.Change) synctest.Fault {
		if c.Action == plan.Update {
			return synctest.Refuse
		}
		return synctest.Fine
	}
	if _, _, run, err := f.incrementWith(apply.Options{Override: []int64{3}}); err != nil ||
		run.Outcome != record.Partial {
		t.Fatalf("overridden: %s, %v", run.Outcome, err)
	}
	f.cloud.Fault = nil
	if cs := f.changed(t); len(cs) != 1 || cs[0].Action != plan.Update {
		t.Fatalf("what failed is planned again: %+v", cs)
	}
	if cs := f.changed(t); len(cs) != 0 {
		t.Fatalf("nothing is left: %+v", cs)
	}
}

// TestSavedPlanOfChanges: a saved incremental plan is applied later, and the next run continues
// from it.
func TestSavedPlanOfChanges(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 5)
	f.edit(people[1], "title", "Clerk")
	p, err := f.engine().Plan(t.Context(), sync.Request{Mode: record.Incremental, Path: f.tmp + "/changes.plan"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	f.edit(people[2], "title", "Later")
	f.now = f.now.Add(3600_000_000_000)
	run, err := f.engine().Apply(t.Context(), p, noOverride)
	if err != nil || run.Outcome != record.Done || run.Counts.Users.Update != 1 {
		t.Fatalf("%+v, %v", run, err)
	}
	if cs := f.changed(t); len(cs) != 1 || cs[0].Anchor != people[2] {
		t.Fatalf("planned %+v", cs)
	}
}
