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
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// newDomain copies the people in scope of a directory into a new one, with GUIDs of their own.
func newDomain(from *synctest.Directory, name, base string) *synctest.Directory {
	to := synctest.NewDirectory(name)
	to.Base = base
	for range 500 {
		to.Delete(to.Add(synctest.Object{}))
	}
	at := map[identity.Anchor]identity.Anchor{}
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		for _, a := range from.Anchors(kind) {
			o := from.Snapshot()[a]
			members := map[identity.Anchor]bool{}
			for m := range o.Members {
				members[at[m]] = true
			}
			at[a] = to.Add(synctest.Object{Kind: o.Kind, OU: o.OU, CN: o.CN, Attrs: o.Attrs.Clone(), Members: members})
		}
	}
	return to
}

func heldBy(err error, rule string) (plan.Hold, bool) {
	var held *port.HeldError
	if errors.As(err, &held) {
		for _, h := range held.Holds {
			if h.Rule == rule {
				return h, true
			}
		}
	}
	return plan.Hold{}, false
}

// TestWholeDomainChanges: if a domain is replaced by another, with new GUIDs and the same mail
// addresses, one plan links every person again and removes no account. It is held until the
// operator overrides it, whether the directory keeps its configured name or not, and however small
// it is.
func TestWholeDomainChanges(t *testing.T) {
	t.Parallel()
	for _, n := range []int{5, 60} {
		for _, name := range []string{"corp", "next"} {
			for _, mode := range []record.Mode{record.Full, record.Incremental} {
				t.Run(fmt.Sprintf("%d people, %s, %s", n, name, mode), func(t *testing.T) {
					f, _, _ := company(t, n)
					before := map[string]identity.ResourceID{}
					for _, r := range f.cloud.All(identity.User) {
						before[r.Key] = r.ID
					}
					f.dir = newDomain(f.dir, name, "DC=next,DC=test")
					run := func(opt apply.Options) (plan.Header, record.Run, error) {
						f.now = f.now.Add(60_000_000_000)
						p, run, err := f.engine().Sync(t.Context(), sync.Request{Mode: mode}, opt)
						if p == nil {
							t.Fatal(err)
						}
						defer p.Close()
						return p.Header(), run, err
					}
					for range 2 { // a held run does not count as consent
						h, _, err := run(noOverride)
						hold, ok := heldBy(err, plan.RuleRelinking)
						if !ok || !hold.Overridable || !strings.Contains(hold.Detail, fmt.Sprintf("%d of %d linked accounts", n, n)) ||
							!strings.Contains(hold.Remedy, fmt.Sprintf("--override-threshold %d.", n)) {
							t.Fatalf("%v", err)
						}
						if c := h.Counts.Users; c.Match != int64(n) || c.Deactivate+c.Add+c.Delete != 0 || h.Removals != 0 ||
							len(h.Holds) != 1 {
							t.Fatalf("%+v %+v", c, h.Holds)
						}
					}
					_, result, err := run(apply.Options{Override: []int64{int64(n)}})
					if err != nil || result.Outcome != record.Done {
						t.Fatalf("%v %+v", err, result)
					}
					for _, r := range f.cloud.All(identity.User) {
						if before[r.Key] != r.ID || !r.Active {
							t.Errorf("%+v", r)
						}
					}
					if len(f.cloud.All(identity.User)) != n || f.cloud.Deleted != 0 {
						t.Errorf("%d accounts, %d deleted", len(f.cloud.All(identity.User)), f.cloud.Deleted)
					}
					if g := f.cloud.All(identity.Group); len(g) != 1 || len(f.cloud.MembersOf(g[0].ID)) != n {
						t.Errorf("%+v", g)
					}
					if p := f.plan(); p.Len() != 0 || len(p.Header().Holds) != 0 {
						t.Fatalf("%s %+v", brief(changes(t, p)), p.Header().Holds)
					}
				})
			}
		}
	}
}

// TestAnotherDirectoryUnderTheName: a directory that is not the previous one, and lacks some of its
// people, is held however few they are.
func TestAnotherDirectoryUnderTheName(t *testing.T) {
	t.Parallel()
	f, _, _ := company(t, 5)
	f.dir = newDomain(f.dir, "corp", "DC=next,DC=test")
	for _, a := range f.dir.Anchors(identity.User)[1:] {
		f.dir.Delete(a)
	}
	_, _, err := f.sync(noOverride)
	if h, ok := heldBy(err, plan.RuleRelinking); !ok || !strings.Contains(h.Detail, "4 accounts") ||
		!strings.Contains(h.Detail, "corp") {
		t.Fatalf("%v", err)
	}
}

// TestMostOfOneDirectoryMoves: if most people of one of several directories are linked to other
// objects, the plan is held, though they are few among all.
func TestMostOfOneDirectoryMoves(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	for range 500 { // so that their GUIDs differ
		other.Delete(other.Add(synctest.Object{}))
	}
	for i := range 100 {
		f.dir.Add(person(fmt.Sprintf("Person %d", i), fmt.Sprintf("p%d@example.com", i)))
	}
	for i := range 30 {
		other.Add(person(fmt.Sprintf("Guest %d", i), fmt.Sprintf("g%d@example.com", i)))
	}
	f.mustSync()
	for i, a := range other.Anchors(identity.User) {
		if i < 15 {
			continue
		}
		other.Delete(a)
		f.dir.Add(person(fmt.Sprintf("Guest %d", i), fmt.Sprintf("g%d@example.com", i)))
	}
	f.mustSync() // fifteen of thirty
	for i, a := range other.Anchors(identity.User) {
		other.Delete(a)
		f.dir.Add(person(fmt.Sprintf("Guest %d", i), fmt.Sprintf("g%d@example.com", i)))
	}
	for i := range 30 {
		other.Add(person(fmt.Sprintf("Late %d", i), fmt.Sprintf("late%d@example.com", i)))
	}
	f.mustSync() // the other fifteen
	for i, a := range other.Anchors(identity.User) {
		other.Delete(a)
		f.dir.Add(person(fmt.Sprintf("Late %d", i), fmt.Sprintf("late%d@example.com", i)))
	}
	other.Add(person("Last", "last@example.com"))
	_, _, _, err := f.increment()
	if h, ok := heldBy(err, plan.RuleRelinking); !ok || !strings.Contains(h.Detail, "other") {
		t.Fatalf("%v", err)
	}
	if _, _, run, err := f.incrementWith(apply.Options{Override: []int64{30}}); err != nil || run.Outcome != record.Done {
		t.Fatalf("%v %+v", err, run)
	}
	if len(f.cloud.All(identity.User)) != 161 || f.cloud.Deleted != 0 {
		t.Errorf("%d accounts, %d deleted", len(f.cloud.All(identity.User)), f.cloud.Deleted)
	}
	if p := f.plan(); p.Len() != 0 {
		t.Fatalf("not converged: %s", brief(changes(t, p)))
	}
}

// elsewhere is a cloud of another organization, with nothing in it yet.
type elsewhere struct{ *synctest.Cloud }

func (elsewhere) Describe(context.Context) (identity.Organization, error) {
	return identity.Organization{ID: "another", Name: "Another", Kind: "scim"}, nil
}

// TestStateOfAnotherOrganization: no run applies the state of one organization to another, and no
// override lifts that.
func TestStateOfAnotherOrganization(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 3)
	saved := f.plan()
	f.dir.Delete(people[0])
	f.mustSync()
	f.now = f.now.Add(f.policy.PurgeAfter)
	home := f.cloud
	other := elsewhere{synctest.NewCloud()}
	f.target = other
	remembered := func() (n int) {
		f.store.Shadows(t.Context(), func(identity.Shadow) error { n++; return nil })
		return n
	}
	n := remembered()
	for _, mode := range []record.Mode{record.Full, record.Incremental, record.Purge} {
		for _, override := range [][]int64{nil, {0}, {1}} {
			p, _, err := f.engine().Sync(t.Context(), sync.Request{Mode: mode}, apply.Options{Override: override})
			if p != nil {
				p.Close()
			}
			h, ok := heldBy(err, plan.RuleOtherOrganization)
			if !ok && override == nil || ok && (h.Overridable || !strings.Contains(h.Detail, "memory") ||
				!strings.Contains(h.Detail, "another")) || err == nil {
				t.Errorf("%s with %v: %v", mode, override, err)
			}
		}
	}
	if _, err := f.engine().Apply(t.Context(), saved, noOverride); err == nil {
		t.Error("a saved plan of the one was applied to the other")
	}
	if p := f.plan(); len(p.Header().Holds) == 0 || p.Header().Holds[0].Rule != plan.RuleOtherOrganization {
		t.Errorf("the dry run says %+v", p.Header().Holds)
	}
	if len(other.All(identity.User)) != 0 || remembered() != n || home.Deleted != 0 {
		t.Errorf("something was done: %d accounts, %d remembered of %d", len(other.All(identity.User)), remembered(), n)
	}
	f.target = nil
	if p := f.plan(); p.Len() != 0 || len(p.Header().Holds) != 0 {
		t.Errorf("back home: %s %+v", brief(changes(t, p)), p.Header().Holds)
	}
}

// TestStateWithoutLinks: a state without links belongs to no organization; from the first write on,
// it belongs to that of its first run.
func TestStateWithoutLinks(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.mustSync()
	f.target = elsewhere{f.cloud}
	for _, n := range []string{"ana", "bo", "cy"} {
		f.dir.Add(person(n, n+"@example.com"))
	}
	f.cloud.Fault = die("bo@example.com")
	if _, _, err := f.sync(noOverride); !errors.Is(err, synctest.ErrDead) {
		t.Fatalf("%v", err)
	}
	f.store.Close()
	f.open()
	f.cloud.Fault = nil
	f.mustSync()
	f.target = nil
	if _, _, err := f.sync(noOverride); err == nil {
		t.Fatal("not held")
	} else if _, ok := heldBy(err, plan.RuleOtherOrganization); !ok {
		t.Fatalf("%v", err)
	}
}

// TestDirectoryTakenOut: a directory that is no longer configured cannot remove its people
// unnoticed, however few they are. Configured again, it is as before; overridden, they are leavers,
// once.
func TestDirectoryTakenOut(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	f.dir.Add(person("Ana", "ana@example.com"))
	bo := other.Add(person("Bo", "bo@example.com"))
	other.Add(person("Cy", "cy@example.com"))
	f.mustSync()
	both := f.sources
	f.sources = both[:1]
	_, _, err := f.sync(noOverride)
	h, ok := heldBy(err, plan.RuleRelinking)
	if !ok || !h.Overridable || h.Count != 2 || !strings.HasPrefix(h.Detail,
		"The directory other is not configured any more. 2 accounts") ||
		!strings.Contains(h.Remedy, "[[directory]] other back") || !strings.Contains(h.Remedy, "--override-threshold 2.") {
		t.Fatalf("%v %+v", err, h)
	}
	if !f.account(bo).Active {
		t.Fatal("Bo was deactivated all the same")
	}
	f.sources = both
	if p := f.plan(); p.Len() != 0 || len(p.Header().Holds) != 0 {
		t.Fatalf("put back: %s %+v", brief(changes(t, p)), p.Header().Holds)
	}
	f.sources = both[:1]
	if _, run, err := f.sync(apply.Options{Override: []int64{2}}); err != nil || run.Outcome != record.Done ||
		f.account(bo).Active {
		t.Fatalf("%v %+v", err, run)
	}
	if p := f.plan(); p.Len() != 0 || len(p.Header().Holds) != 0 {
		t.Fatalf("again: %s %+v", brief(changes(t, p)), p.Header().Holds)
	}
}
