package sync_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

func TestOnePersonThroughEveryStage(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana := f.dir.Add(person("Ana Silva", "ana.silva@example.com"))
	h := f.mustSync()
	if h.Counts.Users.Add != 1 || h.Counts.Writes() != 1 {
		t.Fatalf("first sync: %+v", h.Counts)
	}
	r := f.account(ana)
	if r.Key != "ana.silva@example.com" || !r.Active || r.Attrs.First("displayName") != "Ana Silva" {
		t.Fatalf("account: %+v", r)
	}
	if n := f.plan().Len(); n != 0 {
		t.Fatalf("P7: planned again, %d changes", n)
	}
}

// TestIdentityIsTheGUID is promise P5.
func TestIdentityIsTheGUID(t *testing.T) {
	t.Parallel()
	type world struct {
		*fixture
		a, b, c identity.Anchor
	}
	mail := func(w world, a identity.Anchor, m string) {
		w.dir.Edit(a, func(o *synctest.Object) { o.Attrs["mail"] = []string{m} })
	}
	cases := []struct {
		name string
		edit func(w world)
		want []string // "action key"
	}{
		{"rename", func(w world) { w.dir.Edit(w.a, func(o *synctest.Object) { o.CN = "Ana Costa" }) }, nil},
		{"move", func(w world) { w.dir.Edit(w.a, func(o *synctest.Object) { o.OU = "Sales" }) }, nil},
		{"mail", func(w world) { mail(w, w.a, "ana@example.com") }, []string{"rename ana@example.com"}},
		{"case", func(w world) { mail(w, w.a, "A@Example.com") }, []string{"rename A@Example.com"}},
		{"swap", func(w world) { mail(w, w.a, "b@example.com"); mail(w, w.b, "a@example.com") },
			[]string{"rename a@example.com", "rename b@example.com"}},
		{"chain", func(w world) {
			mail(w, w.a, "b@example.com")
			mail(w, w.b, "c@example.com")
			mail(w, w.c, "d@example.com")
		},
			[]string{"rename d@example.com", "rename c@example.com", "rename b@example.com"}},
		{"ring of three", func(w world) {
			mail(w, w.a, "b@example.com")
			mail(w, w.b, "c@example.com")
			mail(w, w.c, "a@example.com")
		},
			[]string{"rename a@example.com", "rename c@example.com", "rename b@example.com"}},
		{"newcomer takes a mail that is given up", func(w world) {
			mail(w, w.a,
				"ana2@example.com")
			w.dir.Add(person("New", "a@example.com"))
		},
			[]string{"rename ana2@example.com", "add a@example.com"}},
		{"title", func(w world) { w.dir.Edit(w.a, func(o *synctest.Object) { o.Attrs["title"] = []string{"Chief"} }) },
			[]string{"update a@example.com"}},
		{"disable", func(w world) {
			w.dir.Edit(w.a, func(o *synctest.Object) { o.Attrs["userAccountControl"] = []string{"514"} })
		}, []string{"deactivate a@example.com"}},
		{"delete", func(w world) { w.dir.Delete(w.a) }, []string{"deactivate a@example.com"}},
		{"manager", func(w world) { w.dir.Edit(w.a, func(o *synctest.Object) { o.Manager = w.b }) },
			[]string{"update a@example.com"}},
		{"the same person under a new GUID", func(w world) { w.dir.Delete(w.a); w.dir.Add(person("Ana", "a@example.com")) },
			[]string{"update a@example.com"}},
		// A person who takes the account over is withheld; its owner is deactivated all the same
		// (P15).
		{"another person with the same mail", func(w world) {
			w.dir.Delete(w.a)
			w.dir.Add(person("Eve",
				"a@example.com"))
		}, []string{"deactivate a@example.com"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t, t.TempDir())
			w := world{fixture: f}
			w.a, w.b, w.c = f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo",
				"b@example.com")), f.dir.Add(person("Cy", "c@example.com"))
			f.mustSync()
			before := len(f.cloud.All(identity.User))
			tc.edit(w)
			p := f.plan()
			var got []string
			for _, c := range changes(t, p) {
				got = append(got, string(c.Action)+" "+c.Key)
				if c.Reason == "" {
					t.Errorf("%s %s has no reason", c.Action, c.Key)
				}
			}
			if strings.Join(got, "; ") != strings.Join(tc.want, "; ") {
				t.Fatalf("planned %q, want %q", got, tc.want)
			}
			f.mustSync()
			if n := f.plan().Len(); n != 0 {
				t.Fatalf("not converged: %d changes left", n)
			}
			if f.cloud.Deleted != 0 || len(f.cloud.All(identity.User)) > before+1 {
				t.Fatalf("accounts were deleted or doubled")
			}
		})
	}
}

func TestGroupsAndManagers(t *testing.T) {
	t.Parallel()
	for _, flatten := range []bool{false, true} {
		f := newFixture(t, t.TempDir())
		f.policy.Flatten = flatten
		a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
		f.dir.Edit(a, func(o *synctest.Object) { o.Manager = b })
		inner := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Inner", Members: map[identity.Anchor]bool{b: true}})
		outer := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Outer",
			Members: map[identity.Anchor]bool{a: true, inner: true}})
		f.dir.Edit(inner, func(o *synctest.Object) { o.Members[outer] = true }) // a cycle
		f.mustSync()
		if got, want := f.account(a).Attrs.First("manager"), string(f.account(b).ID); got != want {
			t.Errorf("manager is %q, want %q", got, want)
		}
		groups := f.cloud.All(identity.Group)
		if len(groups) != 2 {
			t.Fatalf("groups: %+v", groups)
		}
		for _, g := range groups {
			if n := len(f.cloud.MembersOf(g.ID)); n != 2 {
				t.Errorf("flatten=%v: %s has %d members, want 2", flatten, g.Key, n)
			}
		}
		if n := f.plan().Len(); n != 0 {
			t.Errorf("flatten=%v: planned again, %d changes: %+v", flatten, n, changes(t, f.plan()))
		}
		f.dir.Edit(outer, func(o *synctest.Object) { delete(o.Members, a) })
		f.mustSync()
		if n := f.plan().Len(); n != 0 {
			t.Errorf("flatten=%v: not converged", flatten)
		}
	}
}

// TestDeleteThreshold is a part of promise P4.
func TestDeleteThreshold(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	var people []identity.Anchor
	for _, n := range "abcdefghijklmnopqrstuvwxyz" {
		people = append(people, f.dir.Add(person("P "+string(n), string(n)+"@example.com")))
		f.dir.Add(person("Q "+string(n), string(n)+"q@example.com"))
	}
	f.mustSync()
	for _, a := range people[:21] {
		f.dir.Delete(a)
	}
	writes := f.cloud.Writes
	h, run, err := f.sync(noOverride)
	var held *port.HeldError
	if !errors.As(err, &held) || run.Outcome != record.WasHeld || h.Removals != 21 ||
		held.Holds[0].Rule != plan.RuleDeleteThreshold {
		t.Fatalf("not held: %v %+v", err, run)
	}
	if f.cloud.Writes != writes {
		t.Fatal("a held plan wrote")
	}
	if _, _, err := f.sync(apply.Options{Override: []int64{20}}); err == nil {
		t.Fatal("an override of another number was taken")
	}
	if _, run, err := f.sync(apply.Options{Override: []int64{21}}); err != nil || run.Counts.Users.Deactivate != 21 {
		t.Fatalf("override: %v %+v", err, run)
	}
	// Back in the directory under the same GUID: reactivated, nothing lost.
	if h := f.mustSync(); h.Counts.Writes() != 0 {
		t.Fatalf("planned again: %+v", h.Counts)
	}
	// After the grace period they are purged, by a plan of their own.
	f.now = f.now.Add(169 * time.Hour)
	p, run, err := f.engine().Sync(t.Context(), sync.Request{Mode: record.Purge}, noOverride)
	if err != nil || run.Counts.Users.Delete != 21 || f.cloud.Deleted != 21 {
		t.Fatalf("purge: %v %+v", err, run)
	}
	p.Close()
}

// TestLastAdministrators is a part of promise P4.
func TestLastAdministrators(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.policy.OnUnmatched = "deactivate"
	f.dir.Add(person("Ana", "a@example.com"))
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: "a@example.com", Active: true, Admin: identity.Yes})
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: "root@example.com", Active: true, Admin: identity.Yes})
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: "old@example.com", Active: true})
	h := f.mustSync()
	if h.Counts.AdminsDelete != 1 || h.Counts.Users.Deactivate != 1 || h.Counts.Users.Unmatched != 2 {
		t.Fatalf("counts: %+v", h.Counts)
	}
	for _, r := range f.cloud.All(identity.User) {
		if r.Active != (r.Key != "old@example.com") {
			t.Errorf("%s active=%v", r.Key, r.Active)
		}
	}
	// Administrators who are kept anyway cause no hold, even if there are no others.
	g := newFixture(t, t.TempDir())
	g.policy.OnUnmatched = "deactivate"
	ana := g.dir.Add(person("Ana", "a@example.com"))
	root := g.cloud.Put(identity.Resource{Kind: identity.User, Key: "root@example.com", Active: true, Admin: identity.Yes})
	g.mustSync()
	if r, _, _ := g.cloud.Get(t.Context(), identity.User, root); !r.Active {
		t.Errorf("the only administrator is out: %+v", r)
	}
	// The last one who is really at risk does.
	g.cloud.Edit(root, func(r *identity.Resource) { r.Admin = identity.No })
	g.cloud.Edit(g.account(ana).ID, func(r *identity.Resource) { r.Admin = identity.Yes })
	g.edit(ana, "userAccountControl", "514")
	if _, _, err := g.sync(apply.Options{Override: []int64{1}}); err == nil ||
		!strings.Contains(err.Error(), "all existing full administrators") {
		t.Fatalf("not held: %v", err)
	}
}

// TestUnreadableIsNotAbsent is promise P2.
func TestUnreadableIsNotAbsent(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	for name, edit := range map[string]func(o *synctest.Object){
		"no mail":   func(o *synctest.Object) { delete(o.Attrs, "mail") },
		"same mail": func(o *synctest.Object) { o.Attrs["mail"] = []string{"B@example.com"} },
		"invalid phone": func(o *synctest.Object) {
			o.Attrs["telephoneNumber"], o.Attrs["title"] = []string{"+"}, []string{"x"}
		},
	} {
		f.dir.Edit(a, edit)
		p := f.plan()
		if p.Len() != 0 {
			t.Errorf("%s: planned %+v", name, changes(t, p))
		}
		if p.Header().Counts.Users.Problem == 0 {
			t.Errorf("%s: no problem reported", name)
		}
		f.dir.Edit(a, func(o *synctest.Object) { o.Attrs = person("Ana", "a@example.com").Attrs })
	}
	_ = b
}

// TestCompleteOrError is promise P1 as the engine keeps it.
func TestCompleteOrError(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	for _, n := range "abcdef" {
		f.dir.Add(person("P "+string(n), string(n)+"@example.com"))
	}
	f.mustSync()
	f.dir.FailAfter = 3
	if _, run, err := f.sync(noOverride); err == nil || run.Outcome != record.Failed {
		t.Fatalf("half a directory was taken for the whole: %+v", run)
	}
	f.cloud.FailListing = true
	if _, _, err := f.sync(noOverride); err == nil {
		t.Fatal("half a cloud was taken for the whole")
	}
	if h := f.mustSync(); h.Counts.Writes() != 0 {
		t.Fatalf("something was lost: %+v", h.Counts)
	}
}

// TestManagerIsMadeByTheSamePlan: a reference waits for its account, whether it is one field of a
// change or the whole change.
func TestManagerIsMadeByTheSamePlan(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	boss := f.dir.Add(person("Zoe", "zoe@example.com"))
	second := f.dir.Add(person("Aaron", "aaron@example.com"))
	for _, who := range []identity.Anchor{a, b, second} {
		f.dir.Edit(who, func(o *synctest.Object) { o.Manager = boss })
	}
	f.dir.Edit(b, func(o *synctest.Object) { o.Attrs["title"] = []string{"Chief"} })
	// An account that already exists and is matched by key alone.
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: "cy@example.com", Active: true})
	cy := f.dir.Add(person("Cy", "cy@example.com"))
	f.dir.Edit(cy, func(o *synctest.Object) { o.Manager = boss })
	// An account whose whole change is a reference that waits, and to which others refer in turn.
	linked := f.cloud.Put(identity.Resource{Kind: identity.User, Key: "mid@example.com", Active: true})
	mid := f.dir.Add(person("Mid", "mid@example.com"))
	f.cloud.Edit(linked, func(r *identity.Resource) {
		r.Attrs["displayName"], r.ExternalID = []string{"Mid"}, mid.GUID()
		r.Attrs[schema.ExternalID] = []string{mid.GUID()}
	})
	f.dir.Edit(mid, func(o *synctest.Object) { o.Manager = boss })
	abe := f.dir.Add(person("Abe", "abe@example.com"))
	f.dir.Edit(abe, func(o *synctest.Object) { o.Manager = mid })
	if h := f.mustSync(); h.Counts.Users.Update != 4 || h.Counts.Users.Add != 3 {
		t.Fatalf("counts: %+v", h.Counts)
	}
	for _, who := range []identity.Anchor{a, b, second, cy} {
		if got, want := f.account(who).Attrs.First("manager"), string(f.account(boss).ID); got != want {
			t.Errorf("manager of %s is %q, want %q", who, got, want)
		}
	}
	if got, want := f.account(abe).Attrs.First("manager"), string(f.account(mid).ID); got != want {
		t.Errorf("manager of abe is %q, want %q", got, want)
	}
	if n := f.plan().Len(); n != 0 {
		t.Fatalf("not converged: %d", n)
	}
}

// TestStatisticsAfterARun: the dashboard shows what the run made, not what it found.
func TestStatisticsAfterARun(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Ana", "a@example.com"))
	off := f.dir.Add(person("Off", "off@example.com"))
	f.dir.Edit(off, func(o *synctest.Object) { o.Attrs["userAccountControl"] = []string{"514"} })
	f.dir.Add(synctest.Object{Kind: identity.Group, CN: "G"})
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: "x@example.com", Active: true})
	f.mustSync()
	text, err := f.store.Value(t.Context(), facts.StatisticsValue)
	if err != nil || !strings.Contains(text, `"active_users":2,"deactivated_users":1,"groups":1,"full_administrators":0,"unmatched":1,"unmanaged":0,"matched":2`) {
		t.Fatalf("%v %s", err, text)
	}
}
