package sync_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/store"
	"dirbridge/sync/synctest"
)

// TestPurgeKeeps is promise P6: which accounts a purge does not take.
func TestPurgeKeeps(t *testing.T) {
	t.Parallel()
	hand := func(fn func(*identity.Resource)) func(*fixture, identity.Anchor, identity.ResourceID) {
		return func(f *fixture, _ identity.Anchor, id identity.ResourceID) { f.cloud.Edit(id, fn) }
	}
	for name, tc := range map[string]struct {
		do      func(*fixture, identity.Anchor, identity.ResourceID)
		problem string
	}{
		"reactivated by hand": {hand(func(r *identity.Resource) { r.Active = true }), "reactivated"},
		"administrator":       {hand(func(r *identity.Resource) { r.Admin = identity.Yes }), "administrator"},
		"given to another": {hand(func(r *identity.Resource) { r.ExternalID = "11111111-0000-4000-8000-000000000000" }),
			"objectGUID"},
		"came back": {func(f *fixture, a identity.Anchor, _ identity.ResourceID) {
			f.dir.Edit(a, func(o *synctest.Object) { o.Out = false })
		}, ""},
		"on_missing is keep": {func(f *fixture, _ identity.Anchor, _ identity.ResourceID) { f.policy.OnMissing = "keep" },
			""},
		"too early": {func(f *fixture, _ identity.Anchor,
			_ identity.ResourceID) {
			f.policy.PurgeAfter = 2000 * time.Hour
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, t.TempDir())
			ana := f.dir.Add(person("Ana", "a@example.com"))
			f.dir.Add(person("Bo", "b@example.com"))
			f.mustSync()
			id := f.account(ana).ID
			f.dir.Edit(ana, func(o *synctest.Object) { o.Out = true })
			f.mustSync()
			f.now = f.now.Add(1000 * time.Hour)
			tc.do(f, ana, id)
			p, err := f.engine().Plan(t.Context(), sync.Request{Mode: record.Purge})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if p.Len() != 0 || !strings.Contains(f.problems(p), tc.problem) {
				t.Errorf("%d changes; problems: %s", p.Len(), f.problems(p))
			}
			if _, _, err := f.purge(); err != nil || f.cloud.Deleted != 0 {
				t.Errorf("%v, %d deleted", err, f.cloud.Deleted)
			}
		})
	}
}

// TestPurgeOfAccountTakenOver is promises P6 and P7: the process dies between the link of an
// account to its new owner and the end of the old link. A purge that comes first must not take the
// account.
func TestPurgeOfAccountTakenOver(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	team := synctest.Object{Kind: identity.Group, CN: "Team"}
	g := f.dir.Add(team)
	ana := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.dir.Delete(g)
	f.dir.Delete(ana)
	f.mustSync()
	f.dir.Add(team)
	again := f.dir.Add(person("Ana", "a@example.com"))
	f.edit(again, "userAccountControl", "514") // so that the account stays deactivated
	f.dir.Add(person("Zoe", "z@example.com"))
	f.cloud.Fault = die("z@example.com")
	if _, _, err := f.sync(noOverride); !errors.Is(err, synctest.ErrDead) {
		t.Fatal(err)
	}
	f.store.Close()
	f.open()
	f.cloud.Fault = nil
	f.now = f.now.Add(1000 * time.Hour)
	if _, run, err := f.purge(); err != nil || f.cloud.Deleted != 0 {
		t.Fatalf("%v, %d deleted: %+v", err, f.cloud.Deleted, run)
	}
	f.mustSync()
	if n := f.plan().Len(); n != 0 || len(f.cloud.All(identity.Group)) != 1 {
		t.Fatalf("not converged: %+v", changes(t, f.plan()))
	}
}

// TestDeactivationThatDestroys is promise P6 where deactivating destroys an account: the account of
// a missing person is kept through the grace period.
func TestDeactivationThatDestroys(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.cloud.Limit.DeactivateDestroys = true
	ana := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.dir.Edit(ana, func(o *synctest.Object) { o.Out = true })
	if h := f.mustSync(); h.Removals != 1 || !f.account(ana).Active {
		t.Fatalf("%+v %+v", h, f.account(ana))
	}
	f.mustSync()
	f.dir.Edit(ana, func(o *synctest.Object) { o.Out = false })
	if h := f.mustSync(); h.Counts.Writes() != 0 {
		t.Fatalf("back in time: %+v", h.Counts)
	}
	f.dir.Delete(ana)
	f.mustSync()
	f.now = f.now.Add(1000 * time.Hour)
	if h, _, err := f.purge(); err != nil || h.Counts.Users.Delete != 1 || f.cloud.Deleted != 1 {
		t.Fatalf("%v %+v", err, h.Counts)
	}
}

// TestProviderThatNeverDeletes is promise P6 where a deletion only deactivates: nothing is sent at the
// end of the grace period, the account stays inactive, and its person gets it back.
func TestProviderThatNeverDeletes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.cloud.Limit.DeleteDeactivates = true
	ana := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.dir.Edit(ana, func(o *synctest.Object) { o.Out = true })
	f.mustSync()
	f.now = f.now.Add(1000 * time.Hour)
	if h, _, err := f.purge(); err != nil || h.Counts.Users.Delete != 0 || f.cloud.Deleted != 0 || f.account(ana).Active {
		t.Fatalf("%v %+v %+v", err, h.Counts, f.account(ana))
	}
	if n := f.plan().Len(); n != 0 {
		t.Fatalf("not converged: %+v", changes(t, f.plan()))
	}
	f.dir.Edit(ana, func(o *synctest.Object) { o.Out = false })
	if f.mustSync(); !f.account(ana).Active || len(f.cloud.All(identity.User)) != 2 {
		t.Fatalf("back: %+v", f.account(ana))
	}
}

// TestPurgeAndReturn: an account that was purged is added again for its mail address.
func TestPurgeAndReturn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana := f.dir.Add(person("Ana", "a@example.com"))
	g := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team", Members: map[identity.Anchor]bool{ana: true}})
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.dir.Delete(ana)
	f.dir.Delete(g)
	f.mustSync()
	if len(f.cloud.MembersOf(f.cloud.All(identity.Group)[0].ID)) != 1 {
		t.Error("a person in grace lost a membership")
	}
	f.now = f.now.Add(1000 * time.Hour)
	if h, _, err := f.purge(); err != nil || h.Counts.Users.Delete != 1 || h.Counts.Groups.Delete != 1 {
		t.Fatalf("%v %+v", err, h.Counts)
	}
	if n := f.plan().Len(); n != 0 {
		t.Fatalf("not converged: %+v", changes(t, f.plan()))
	}
	f.dir.Add(person("Ana", "a@example.com"))
	if h := f.mustSync(); h.Counts.Users.Add != 1 {
		t.Fatalf("%+v", h.Counts)
	}
}

// TestInactiveAdministrators is promise P4: an inactive administrator does not count as the last
// administrator.
func TestInactiveAdministrators(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"report", "deactivate"} {
		testInactiveAdministrators(t, policy)
	}
}

func testInactiveAdministrators(t *testing.T, onUnmatched string) {
	f := newFixture(t, t.TempDir())
	f.policy.OnUnmatched = onUnmatched
	ana := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.cloud.Edit(f.account(ana).ID, func(r *identity.Resource) { r.Admin = identity.Yes })
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: "old@example.com", Active: false, Admin: identity.Yes})
	// An administrator who is inactive already does not hold the rest.
	f.edit(ana, "title", "x")
	f.mustSync()
	// But does not count as a remaining one, either.
	f.edit(ana, "userAccountControl", "514")
	_, _, err := f.sync(apply.Options{Override: []int64{0}})
	if !isHeld(err) || !strings.Contains(err.Error(), "all existing full administrators") {
		t.Fatalf("the last active administrator is deactivated: %v", err)
	}
}

// TestListedTwice: a page that shifts during a read returns a record twice. That does not stop the
// run, and the record counts once.
func TestListedTwice(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team", Members: map[identity.Anchor]bool{ana: true}})
	f.sources, f.target = []port.Source{twiceSource{f.dir}}, twiceTarget{f.cloud}
	f.mustSync()
	if n := f.plan().Len(); n != 0 {
		t.Fatalf("not converged: %+v", changes(t, f.plan()))
	}
	f.edit(ana, "title", "x")
	f.dir.Edit(f.dir.Anchors(identity.Group)[0], func(o *synctest.Object) { o.Members = nil })
	if h := f.mustSync(); h.Counts.Users.Update != 1 || h.Counts.Members.Remove != 1 {
		t.Fatalf("%+v", h.Counts)
	}
}

type twiceSource struct{ *synctest.Directory }

func (s twiceSource) People(ctx context.Context, fn func(identity.Entry) error) error {
	for range 2 {
		if err := s.Directory.People(ctx, fn); err != nil {
			return err
		}
	}
	return nil
}

type twiceTarget struct{ *synctest.Cloud }

func (s twiceTarget) Resources(ctx context.Context, kind identity.Kind, fn func(identity.Resource) error) error {
	for range 2 {
		if err := s.Cloud.Resources(ctx, kind, fn); err != nil {
			return err
		}
	}
	return nil
}

func (s twiceTarget) Members(ctx context.Context, fn func(group, member identity.ResourceID) error) error {
	for range 2 {
		if err := s.Cloud.Members(ctx, fn); err != nil {
			return err
		}
	}
	return nil
}

// TestCancelAnywhere: whenever the operator cancels, the run is reported as cancelled, nothing is
// lost, and the next run finishes.
func TestCancelAnywhere(t *testing.T) {
	t.Parallel()
	for after := 1; ; after++ {
		f := newFixture(t, t.TempDir())
		for _, n := range []string{"a", "b", "c", "d"} {
			f.dir.Add(person(n, n+"@example.com"))
		}
		f.cloud.Limit.Batch = 2
		ctx, cancel := context.WithCancel(t.Context())
		f.sources = []port.Source{f.dir}
		var calls atomic.Int64 // the clock is read by several goroutines
		clock := func() time.Time {
			if calls.Add(1) == int64(after) {
				cancel()
			}
			return f.now
		}
		p, run, err := f.engineAt(clock).Sync(ctx, sync.Request{Mode: record.Full}, noOverride)
		if p != nil {
			p.Close()
		}
		if err != nil && run.Outcome != record.Cancelled && !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled at clock %d: %s: %v", after, run.Outcome, err)
		}
		if err != nil && run.ID != 0 && run.Outcome != record.Cancelled {
			t.Errorf("cancelled at clock %d: the run is told as %s: %v", after, run.Outcome, err)
		}
		cancel()
		f.mustSync()
		if len(f.cloud.All(identity.User)) != 4 || f.plan().Len() != 0 {
			t.Errorf("cancelled at clock %d: not converged", after)
		}
		if int(calls.Load()) < after { // the run ended before
			break
		}
	}
}

// fullDisk is a store that cannot write for a while.
type fullDisk struct {
	port.Store
	fail func() bool
}

func (s *fullDisk) Commit(ctx context.Context, b port.Batch) error {
	if s.fail() {
		return errors.New("disk full")
	}
	return s.Store.Commit(ctx, b)
}

// TestStoreFails: answers that cannot be made durable stop the run; nothing is written twice after
// it.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 4; n++ {
		f := newFixture(t, t.TempDir())
		f.cloud.Limit.Batch = 2
		for _, who := range []string{"a", "b", "c", "d", "e", "f"} {
			f.dir.Add(person(who, who+"@example.com"))
		}
		real, commits := f.store, 0
		f.store = &fullDisk{real, func() bool { commits++; return commits >= n }}
		_, run, err := f.sync(noOverride)
		if err == nil || run.Outcome != record.Failed || !strings.Contains(err.Error(), "disk full") {
			t.Fatalf("commit %d: %v %+v", n, err, run)
		}
		f.store = real
		f.mustSync()
		for key, made := range f.cloud.Created {
			if made != 1 {
				t.Errorf("commit %d: %s was made %d times", n, key, made)
			}
		}
		if len(f.cloud.All(identity.User)) != 6 || f.plan().Len() != 0 {
			t.Errorf("commit %d: not converged", n)
		}
	}
}

// TestStateLost: the accounts that carry externalId are found again.
func TestStateLost(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana, bo := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.dir.Add(person("Cy", "c@example.com"))
	f.mustSync()
	f.edit(ana, "mail", "ana@example.com")
	f.dir.Delete(bo)
	f.store.Close()
	var err error
	if f.store, err = store.Open(t.Context(), f.dbPath+"2"); err != nil {
		t.Fatal(err)
	}
	h := f.mustSync()
	if h.Counts.Users.Add != 0 || h.Counts.Users.Rename != 1 || h.Counts.Users.Unmatched != 1 ||
		f.account(ana).Key != "ana@example.com" {
		t.Fatalf("%+v", h.Counts.Users)
	}
}

// TestPurgeListsAProblemOnce: the plan lists as many problems as it counts, including those of
// administrators who are kept.
func TestPurgeListsAProblemOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Stay", "stay@example.com"))
	boss, back := f.dir.Add(person("Boss", "boss@example.com")), f.dir.Add(person("Back", "back@example.com"))
	f.mustSync()
	f.dir.Delete(boss)
	f.dir.Delete(back)
	f.mustSync()
	f.cloud.Edit(f.account(boss).ID, func(r *identity.Resource) { r.Admin = identity.Yes })
	f.cloud.Edit(f.account(back).ID, func(r *identity.Resource) { r.Active = true })
	f.now = f.now.Add(1000 * time.Hour)
	p, err := f.engine().Plan(t.Context(), sync.Request{Mode: record.Purge})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	text := f.problems(p)
	if n := strings.Count(text, "\n"); n != 2 || p.Header().Counts.Users.Problem != 2 ||
		strings.Count(text, "boss@example.com") != 2 {
		t.Errorf("%d listed, %d counted:\n%s", n, p.Header().Counts.Users.Problem, text)
	}
}
