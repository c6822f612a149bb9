package sync_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/synctest"
)

// absent is a directory whose server does not answer: not even its name is returned.
type absent struct{ *synctest.Directory }

func (absent) Describe(context.Context) (identity.Directory, error) {
	return identity.Directory{}, errors.New("dial: connection refused")
}

// broken answers, and fails in the listing of memberships, which comes last.
type broken struct{ *synctest.Directory }

func (broken) Edges(context.Context, func(identity.Edge) error) error {
	return errors.New("the connection was closed")
}

// twoDirectories is a fixture with a second directory.
func twoDirectories(t *testing.T) (*fixture, *synctest.Directory) {
	f := newFixture(t, t.TempDir())
	other := synctest.NewDirectory("other")
	for range 100 { // so that their GUIDs differ
		other.Delete(other.Add(synctest.Object{}))
	}
	f.sources = []port.Source{f.dir, other}
	return f, other
}

// TestUnreadableDirectoryFreezesItsPeople: promises P1 and P2, whichever way one of two directories
// fails.
func TestUnreadableDirectoryFreezesItsPeople(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*synctest.Directory) port.Source{
		"no answer": func(d *synctest.Directory) port.Source { return absent{d} },
		"broken":    func(d *synctest.Directory) port.Source { return broken{d} },
	} {
		t.Run(name, func(t *testing.T) {
			f, other := twoDirectories(t)
			f.policy.OnUnmatched = "deactivate"
			ana := f.dir.Add(person("Ana", "ana@example.com"))
			leaver := f.dir.Add(person("Lea", "lea@example.com"))
			boss := other.Add(person("Bo", "bo@example.com"))
			f.mustSync()
			// The directory names a manager in the other one, by a DN.
			f.sources[0] = managed{f.dir, ana, "CN=Bo,OU=Staff,DC=other,DC=test"}
			f.mustSync()

			f.sources[1] = fail(other)
			f.dir.Delete(leaver)
			stranger := f.cloud.Put(identity.Resource{Kind: identity.User, Key: "stranger@example.com", Active: true})
			moved := f.dir.Add(person("Bo", "bo@example.com"))
			p := f.plan()
			for _, c := range changes(t, p) {
				t.Errorf("planned %s %s %s: %s %+v", c.Action, c.Kind, c.Key, c.Reason, c.Fields)
			}
			if p.Header().Complete {
				t.Error("the plan is called complete")
			}
			if !strings.Contains(f.problems(p), "CN=Bo,OU=Staff,DC=corp,DC=test") {
				t.Errorf("nothing is said of the account that cannot be taken over:\n%s", f.problems(p))
			}
			f.now = f.now.Add(1)
			if h, run, err := f.sync(noOverride); err != nil || h.Counts.Writes() != 0 || run.Failed > 0 {
				t.Fatalf("%v %+v", err, run)
			}

			// Once the other directory can be read, and Bo is gone from it, the account is taken
			// over.
			f.sources[1] = other
			other.Delete(boss)
			h := f.mustSync()
			if h.Counts.Users.Deactivate != 2 {
				t.Errorf("%+v", h.Counts.Users)
			}
			if r := f.account(moved); f.cloud.Created["bo@example.com"] != 1 || !r.Active {
				t.Errorf("made %d times, %+v", f.cloud.Created["bo@example.com"], r)
			}
			for _, r := range f.cloud.All(identity.User) {
				if r.ID == stranger && r.Active {
					t.Error("the unmatched account is still active")
				}
			}
			f.mustSync()
			if n := f.plan().Len(); n != 0 {
				t.Errorf("not converged: %+v", changes(t, f.plan()))
			}
		})
	}
}

// managed is a directory in which one person has a manager in another directory.
type managed struct {
	*synctest.Directory
	who identity.Anchor
	dn  string
}

func (m managed) People(ctx context.Context, fn func(identity.Entry) error) error {
	return m.Directory.People(ctx, func(e identity.Entry) error {
		if e.Anchor == m.who {
			e.Attrs["manager"] = []string{m.dn}
		}
		return fn(e)
	})
}

// TestMoveBetweenDirectories: the mail address ties the two objects together; no account is added
// or removed.
func TestMoveBetweenDirectories(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	before := f.dir.Add(person("Ana", "ana@example.com"))
	f.dir.Add(person("Bo", "bo@example.com"))
	f.mustSync()
	id := f.account(before).ID
	// At first in both at once: the program does not decide which one owns the account.
	after := other.Add(person("Ana", "ANA@example.com"))
	p := f.plan()
	if p.Len() != 0 || p.Header().Counts.Users.Problem != 2 {
		t.Fatalf("%d changes, %+v", p.Len(), p.Header().Counts)
	}
	f.dir.Delete(before)
	f.mustSync()
	if r := f.account(after); r.ID != id || !r.Active || len(f.cloud.All(identity.User)) != 2 {
		t.Fatalf("%+v", f.cloud.All(identity.User))
	}
	if _, ok := f.shadow(before); ok {
		t.Error("the old object is still remembered")
	}
	if n := f.plan().Len(); n != 0 {
		t.Fatalf("not converged: %+v", changes(t, f.plan()))
	}
}

// TestMoveWithinForest: between two domains of one forest an object keeps its GUID.
func TestMoveWithinForest(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	other := synctest.NewDirectory("other")
	f.sources = []port.Source{f.dir, other}
	before := f.dir.Add(person("Ana", "ana@example.com"))
	f.dir.Add(person("Bo", "bo@example.com"))
	f.mustSync()
	f.dir.Delete(before)
	after := other.Add(person("Ana", "ana@example.com"))
	if after.GUID() != before.GUID() {
		t.Fatalf("%s %s", before, after)
	}
	other.Add(person("Cy", "cy@example.com")) // has the GUID of Bo, by a copied domain
	h, _, err := f.sync(noOverride)
	if err != nil || h.Counts.Users.Deactivate != 0 || h.Counts.Users.Add != 0 {
		t.Fatalf("%v %+v", err, h.Counts)
	}
	if r := f.account(after); !r.Active || r.Key != "ana@example.com" {
		t.Fatalf("%+v", r)
	}
	if s, ok := f.shadow(after); !ok || s.ID != f.account(after).ID {
		t.Fatalf("%+v", s)
	}
	if _, ok := f.shadow(before); ok {
		t.Error("the old object is still remembered")
	}
}

// TestSickSuccessor is promise P2: the account of a person who is gone is inactive, although
// another object with the same mail address has a problem. It is kept, and belongs to the other
// object, active again, once the problem is solved.
func TestSickSuccessor(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	before := f.dir.Add(person("Ana", "ana@example.com"))
	f.dir.Add(person("Bo", "bo@example.com"))
	f.mustSync()
	id := f.account(before).ID
	f.dir.Delete(before)
	after := f.dir.Add(person("Ana", "ana@example.com"))
	f.edit(after, "telephoneNumber", "+")
	h, _, err := f.sync(noOverride)
	if c := h.Counts.Users; err != nil || c.Deactivate != 1 || c.Problem != 1 || c.Add+c.Update+c.Rename != 0 {
		t.Fatalf("%v %+v", err, c)
	}
	if s, ok := f.shadow(before); !ok || s.ID != id || s.State != identity.Grace {
		t.Fatalf("%+v", s)
	}
	f.settled(t)
	f.edit(after, "telephoneNumber", "")
	f.mustSync()
	if r := f.account(after); !r.Active || r.ID != id || f.cloud.Created["ana@example.com"] != 1 {
		t.Fatalf("%+v", r)
	}
	f.settled(t)
}

// TestManagerOutOfSight: the reference to a manager who has a problem, or who left scope and is in
// grace, stays. A reference that the directory removed or changed does not.
func TestManagerOutOfSight(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana, boss, next := f.dir.Add(person("Ana", "ana@example.com")), f.dir.Add(person("Bo",
		"bo@example.com")), f.dir.Add(person("Cy", "cy@example.com"))
	manager := func(a identity.Anchor) {
		f.dir.Edit(ana, func(o *synctest.Object) { o.Manager = a })
	}
	manager(boss)
	f.mustSync()
	id := string(f.account(boss).ID)
	expect := func(what, want string) {
		t.Helper()
		f.mustSync()
		if got := f.account(ana).Attrs.First("manager"); got != want {
			t.Fatalf("%s: the manager is %q, want %q", what, got, want)
		}
		if n := f.plan().Len(); n != 0 {
			t.Fatalf("%s: not converged", what)
		}
	}
	f.edit(boss, "mail", "")
	expect("a problem", id)
	f.edit(boss, "mail", "bo@example.com")
	f.dir.Edit(boss, func(o *synctest.Object) { o.Out, o.OU = true, "Former" })
	expect("out of scope", id)
	f.dir.Edit(boss, func(o *synctest.Object) { o.Out, o.OU = false, "Staff" })
	expect("back", id)
	manager(next)
	expect("another", string(f.account(next).ID))
	f.dir.Edit(boss, func(o *synctest.Object) { o.Out = true })
	manager(boss)
	expect("one whom the cloud does not point at", "")
	manager("")
	expect("none", "")
}

// TestSameNamesInTwoDirectories: two directories may have the same DNs (AD LDS partitions, copies
// of a domain). Each object's manager and members are from its own directory.
func TestSameNamesInTwoDirectories(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	other.Base = f.dir.Base
	type team struct{ boss, who, group identity.Anchor }
	fill := func(d *synctest.Directory, domain string) (w team) {
		w.boss, w.who = d.Add(person("Boss", "boss@"+domain)), d.Add(person("Worker", "worker@"+domain))
		d.Edit(w.who, func(o *synctest.Object) { o.Manager = w.boss })
		w.group = d.Add(synctest.Object{Kind: identity.Group, CN: "Team " + domain,
			Members: map[identity.Anchor]bool{w.who: true}})
		return w
	}
	teams := []team{fill(f.dir, "a.example"), fill(other, "b.example")}
	f.sources = []port.Source{byName{f.dir}, byName{other}}
	h := f.mustSync()
	if h.Counts.Users.Add != 4 || h.Counts.Groups.Add != 2 || h.Counts.Members.Add != 2 {
		t.Fatalf("%+v", h.Counts)
	}
	for i, domain := range []string{"a.example", "b.example"} {
		boss := f.byKey("boss@" + domain)
		if got := f.byKey("worker@" + domain).Attrs.First("manager"); got != string(boss.ID) {
			t.Errorf("%d: the manager is %s, want %s", i, got, boss.ID)
		}
	}
	_ = teams
	if n := f.plan().Len(); n != 0 {
		t.Fatalf("not converged: %+v", changes(t, f.plan()))
	}
}

// byKey finds an account by its name.
func (f *fixture) byKey(key string) identity.Resource {
	f.t.Helper()
	found, err := f.cloud.Find(context.Background(), identity.User, key)
	if err != nil || len(found) != 1 {
		f.t.Fatalf("%s: %v %+v", key, err, found)
	}
	return found[0]
}

// byName is a directory that names the members of its groups by DN alone, and whose objects have
// GUIDs of their own.
type byName struct{ *synctest.Directory }

func (d byName) Edges(ctx context.Context, fn func(identity.Edge) error) error {
	return d.Directory.Edges(ctx, func(e identity.Edge) error {
		e.To.Anchor = ""
		return fn(e)
	})
}

// TestOneOfTwoDirectoriesEmpty is promise P4: a directory that suddenly returns no people holds the
// plan, however many people the others return.
func TestOneOfTwoDirectoriesEmpty(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	for _, n := range []string{"a", "b", "c"} {
		f.dir.Add(person(n, n+"@example.com"))
	}
	bo := other.Add(person("Bo", "bo@example.com"))
	f.mustSync()
	other.Delete(bo)
	_, _, err := f.sync(apply.Options{Override: []int64{1}})
	var held *port.HeldError
	if !errors.As(err, &held) || !strings.Contains(held.Holds[0].Detail, "other") {
		t.Fatalf("not held: %v", err)
	}
	if !f.byKey("bo@example.com").Active {
		t.Error("deactivated")
	}
}

// TestMembersByName: if a directory names members by DN alone and keeps the references, the DN
// means the object that has it now.
func TestMembersByName(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana, bo := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team"})
	f.sources = []port.Source{oneMember{f.dir, "CN=Ana,OU=Staff,DC=corp,DC=test"}}
	f.mustSync()
	f.mustSync()
	f.dir.Edit(ana, func(o *synctest.Object) { o.CN = "Somebody" })
	f.dir.Edit(bo, func(o *synctest.Object) { o.CN = "Ana" })
	f.mustSync()
	if m := f.cloud.MembersOf(f.cloud.All(identity.Group)[0].ID); len(m) != 1 || !m[f.byKey("b@example.com").ID] {
		t.Fatalf("%v", m)
	}
}

// oneMember is a directory whose groups have one member each, by DN.
type oneMember struct {
	*synctest.Directory
	dn string
}

func (d oneMember) Edges(ctx context.Context, fn func(identity.Edge) error) error {
	for _, g := range d.Anchors(identity.Group) {
		if err := fn(identity.Edge{Kind: identity.Membership, From: g, To: identity.Ref{DN: d.dn}}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// TestMissedByPages: a paged read can miss a person. The listing alone neither makes a person
// missing nor gives an account to another person.
func TestMissedByPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.sources = []port.Source{missing{f.dir, ana}}
	if p := f.plan(); p.Len() != 0 {
		t.Fatalf("%+v", changes(t, p))
	}
	f.dir.Add(person("Another Ana", "a@example.com"))
	p := f.plan()
	if p.Len() != 0 || !strings.Contains(f.problems(p), "CN=Another Ana") {
		t.Fatalf("%+v %s", changes(t, p), f.problems(p))
	}
	f.mustSync()
	if f.account(ana).Key != "a@example.com" {
		t.Fatal("the account was given away")
	}
	if s, ok := f.shadow(ana); !ok || s.State != identity.Live {
		t.Fatalf("%+v", s)
	}
}

// missing is a directory whose listing leaves a person out.
type missing struct {
	*synctest.Directory
	who identity.Anchor
}

func (d missing) People(ctx context.Context, fn func(identity.Entry) error) error {
	return d.Directory.People(ctx, func(e identity.Entry) error {
		if e.Anchor == d.who {
			return nil
		}
		return fn(e)
	})
}
