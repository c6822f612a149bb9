package sync_test

import (
	"errors"
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

// TestSwapFails is promises P5, P7 and P8: whichever write of a swap fails, no account keeps a
// temporary name, the counts add up, and the next run finishes.
func TestSwapFails(t *testing.T) {
	t.Parallel()
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		for n := 1; n <= 3; n++ {
			for _, fault := range []synctest.Fault{synctest.Refuse, synctest.Drop, synctest.Lose, synctest.Die} {
				f := newFixture(t, t.TempDir())
				var a, b identity.Anchor
				swap := func() {
					f.edit(a, "mail", "b@example.com")
					f.edit(b, "mail", "a@example.com")
				}
				if a, b = f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo",
					"b@example.com")); kind == identity.Group {
					a, b = f.dir.Add(synctest.Object{Kind: kind, CN: "One"}), f.dir.Add(synctest.Object{Kind: kind, CN: "Two"})
					swap = func() {
						f.dir.Edit(a, func(o *synctest.Object) { o.CN = "Two" })
						f.dir.Edit(b, func(o *synctest.Object) { o.CN = "One" })
					}
				}
				f.mustSync()
				swap()
				seen := 0
				f.cloud.Fault = func(plan.Change) synctest.Fault {
					if seen++; seen == n {
						return fault
					}
					return synctest.Fine
				}
				_, run, err := f.sync(noOverride)
				if fault != synctest.Die && err != nil {
					t.Fatal(err)
				}
				done := run.Counts.Users.Rename + run.Counts.Groups.Rename
				if total := done + run.Failed + run.Skipped + run.NotDone; total != 2 {
					t.Errorf("%s, fault %d in write %d: %d changes accounted for, of 2: %+v", kind, fault, n, total, run)
				}
				if fault == synctest.Refuse {
					f.noTemporary()
				}
				if len(f.dirty()) == 0 {
					t.Errorf("%s, fault %d in write %d: no record is dirty", kind, fault, n)
				}
				if fault == synctest.Die {
					f.store.Close()
					f.open()
				}
				f.cloud.Fault = nil
				f.mustSync()
				f.noTemporary()
				if l := f.plan().Len(); l != 0 {
					t.Errorf("%s, fault %d in write %d: not converged", kind, fault, n)
				}
				if d := f.dirty(); len(d) != 0 {
					t.Errorf("%s, fault %d in write %d: dirty after all was done: %v", kind, fault, n, d)
				}
			}
		}
	}
}

// TestSwapWithOneRefusedForGood is promise P8: the partner of a record that the cloud keeps
// refusing has its own name between the runs.
func TestSwapWithOneRefusedForGood(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.edit(a, "mail", "b@example.com")
	f.edit(b, "mail", "a@example.com")
	id := f.account(b).ID
	f.cloud.Fault = func(c plan.Change) synctest.Fault {
		if c.ID == id {
			return synctest.Refuse
		}
		return synctest.Fine
	}
	for range 3 {
		if _, run, err := f.sync(noOverride); err != nil || run.Failed != 2 {
			t.Fatalf("%v %+v\n%s", err, run, f.events())
		}
		if f.account(a).Key != "a@example.com" || f.account(b).Key != "b@example.com" {
			t.Fatalf("%+v %+v", f.account(a), f.account(b))
		}
	}
	f.cloud.Fault = nil
	f.mustSync()
	if f.account(a).Key != "b@example.com" || f.account(b).Key != "a@example.com" {
		t.Fatalf("%+v %+v", f.account(a), f.account(b))
	}
}

// TestExcludedSwap: either of two accounts that swap may be excluded; neither has a temporary name.
func TestExcludedSwap(t *testing.T) {
	t.Parallel()
	for seq := int64(1); seq <= 2; seq++ {
		f := newFixture(t, t.TempDir())
		a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
		f.mustSync()
		f.edit(a, "mail", "b@example.com")
		f.edit(b, "mail", "a@example.com")
		p := f.saved(t)
		if _, err := f.engine().Apply(t.Context(), p,
			apply.Options{Part: plan.Part{Left: map[int64]bool{seq: true}}}); err != nil {
			t.Fatal(err)
		}
		f.noTemporary()
		if len(f.dirty()) == 0 {
			t.Error("what was left out is not dirty")
		}
		f.mustSync()
		if len(f.dirty()) != 0 || f.plan().Len() != 0 {
			t.Errorf("not converged: %v", f.dirty())
		}
	}
}

// TestGroupStaysDirtyUntilAllOfItIsDone: a process that dies between the write of a group and those
// of its members leaves nothing that only a full run would find.
func TestGroupStaysDirtyUntilAllOfItIsDone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a := f.dir.Add(person("Ana", "a@example.com"))
	f.group("Team", a)
	f.cloud.Fault = func(c plan.Change) synctest.Fault {
		if c.Kind == identity.Group {
			return synctest.Refuse
		}
		return synctest.Fine
	}
	f.sync(noOverride)
	f.dir.Add(person("Bo", "b@example.com"))
	f.cloud.Fault = func(c plan.Change) synctest.Fault {
		if c.Key == "b@example.com" { // after the group, and before its members
			return synctest.Die
		}
		return synctest.Fine
	}
	if p, _, err := f.engine().Sync(t.Context(), sync.Request{Mode: record.Incremental}, noOverride); !errors.Is(err,
		synctest.ErrDead) {
		t.Fatal(err)
	} else {
		p.Close()
	}
	f.cloud.Fault = nil
	f.store.Close()
	f.open()
	f.incremental(t)
	if left := sides(t, f.plan()); len(left) != 0 {
		t.Fatalf("only a full run finds %v", left)
	}
}

// TestGroupMadeAgainIsDirtyUntilItsMembersAre: a group without a problem that was removed in the
// cloud is added again; the process dies before its members are in it, whether or not the answers
// of its batch are durable.
func TestGroupMadeAgainIsDirtyUntilItsMembersAre(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"b@example.com", "member"} {
		t.Run(before, func(t *testing.T) {
			f := newFixture(t, t.TempDir())
			a := f.dir.Add(person("Ana", "a@example.com"))
			team := f.group("Team", a)
			f.mustSync()
			linked, _, err := f.store.Shadow(t.Context(), team)
			if err != nil || linked.ID == "" {
				t.Fatal(err, linked)
			}
			f.cloud.Remove(linked.ID)
			f.dir.Edit(team, func(*synctest.Object) {})
			f.dir.Add(person("Bo", "b@example.com"))
			f.cloud.Fault = func(c plan.Change) synctest.Fault {
				if c.Key == before || string(c.Kind) == before {
					return synctest.Die
				}
				return synctest.Fine
			}
			p, _, err := f.engine().Sync(t.Context(), sync.Request{Mode: record.Incremental}, noOverride)
			if !errors.Is(err, synctest.ErrDead) {
				t.Fatal(err)
			}
			p.Close()
			f.cloud.Fault = nil
			f.store.Close()
			f.open()
			f.incremental(t)
			if left := sides(t, f.plan()); len(left) != 0 {
				t.Fatalf("only a full run finds %v", left)
			}
			if err := f.store.Dirty(t.Context(), func(a identity.Anchor, why string) error {
				t.Errorf("%s stays dirty: %s", a, why)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestFailedMemberStaysDirty: a later success with a group does not clear an earlier failure.
func TestFailedMemberStaysDirty(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.cloud.Limit.Batch = 1
	g := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team", Members: map[identity.Anchor]bool{}})
	for _, n := range []string{"a", "b", "c"} {
		m := f.dir.Add(person(n, n+"@example.com"))
		f.dir.Edit(g, func(o *synctest.Object) { o.Members[m] = true })
	}
	f.cloud.Fault = func(c plan.Change) synctest.Fault {
		if c.Kind == identity.Member && c.MemberKey == "a@example.com" {
			return synctest.Refuse
		}
		return synctest.Fine
	}
	if _, run, err := f.sync(noOverride); err != nil || run.Failed != 1 || run.Counts.Members.Add != 2 {
		t.Fatalf("%v %+v", err, run)
	}
	if f.dirty()[g] == "" {
		t.Fatal("the group is not dirty")
	}
	f.cloud.Fault = nil
	f.mustSync()
	if len(f.dirty()) != 0 {
		t.Fatalf("%v", f.dirty())
	}
}

// TestManagerNotMade: a reference to a person whose account could not be added is reported, stays
// dirty, and is set by the next run.
func TestManagerNotMade(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana, boss := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.dir.Edit(ana, func(o *synctest.Object) { o.Manager = boss })
	f.dir.Edit(boss, func(o *synctest.Object) { o.Manager = ana }) // a cycle
	f.cloud.Fault = func(c plan.Change) synctest.Fault {
		if c.Key == "b@example.com" {
			return synctest.Refuse
		}
		return synctest.Fine
	}
	_, run, err := f.sync(noOverride)
	if err != nil || run.Outcome != record.Partial || f.dirty()[ana] == "" || f.dirty()[boss] == "" {
		t.Fatalf("%v %+v %v", err, run, f.dirty())
	}
	f.cloud.Fault = nil
	f.mustSync()
	if f.account(ana).Attrs.First(schema.Manager) != string(f.account(boss).ID) ||
		f.account(boss).Attrs.First(schema.Manager) != string(f.account(ana).ID) {
		t.Fatalf("%+v", f.cloud.All(identity.User))
	}
	if len(f.dirty()) != 0 || f.plan().Len() != 0 {
		t.Fatalf("not converged: %v", f.dirty())
	}
}
