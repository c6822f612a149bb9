package sync_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// Each test here covers a way in which an incremental run could lose a change, or make one that was
// not requested.

// settled checks that a full plan finds nothing more.
func (f *fixture) settled(t *testing.T) {
	t.Helper()
	const name = "prints"
	have, err := f.store.Value(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{have, ""} { // with and without the known unchanged people
		f.store.Commit(t.Context(), port.Batch{Values: map[string]string{name: v}})
		if p := f.plan(); p.Len() != 0 {
			t.Fatalf("a full plan finds more:\n%s%s", brief(changes(t, p)), f.events())
		}
	}
	f.store.Commit(t.Context(), port.Batch{Values: map[string]string{name: have}})
}

// group adds a group with members.
func (f *fixture) group(cn string, members ...identity.Anchor) identity.Anchor {
	return groupIn(f.dir, cn, members...)
}

func groupIn(d *synctest.Directory, cn string, members ...identity.Anchor) identity.Anchor {
	o := synctest.Object{Kind: identity.Group, OU: "Groups", CN: cn, Attrs: identity.Attrs{},
		Members: map[identity.Anchor]bool{}}
	for _, m := range members {
		o.Members[m] = true
	}
	return d.Add(o)
}

func (f *fixture) join(g identity.Anchor, m identity.Anchor, in bool) { join(f.dir, g, m, in) }

func join(d *synctest.Directory, g identity.Anchor, m identity.Anchor, in bool) {
	d.Edit(g, func(o *synctest.Object) {
		if in {
			o.Members[m] = true
		} else {
			delete(o.Members, m)
		}
	})
}

// holds says whether the account of a group has that of a member.
func (f *fixture) holds(g, m identity.Anchor) bool {
	f.t.Helper()
	gs, _ := f.shadow(g)
	ms, _ := f.shadow(m)
	return gs.ID != "" && ms.ID != "" && f.cloud.MembersOf(gs.ID)[ms.ID]
}

// flaky is a directory whose server is unavailable for a while.
type flaky struct {
	*synctest.Directory
	away func(call string) bool
}

func (d flaky) Describe(ctx context.Context) (identity.Directory, error) {
	dir, err := d.Directory.Describe(ctx)
	if d.away("Describe") {
		return identity.Directory{Name: d.Name}, errors.New("dial: connection refused")
	}
	return dir, err
}

// TestServerGoneAtAnyMoment: a server that becomes unavailable at any moment of an incremental run
// causes no changes for what it could no longer report.
func TestServerGoneAtAnyMoment(t *testing.T) {
	t.Parallel()
	for _, byGroup := range []bool{false, true} {
		for when := 1; ; when++ {
			f, people, g := company(t, 6)
			asked, over := 1000, false
			f.sources = []port.Source{flaky{f.dir, func(string) bool { asked++; return asked == when }}}
			if byGroup {
				f.dir.ScopeGroup = f.group("Scope", people...)
				f.mustSync()
			}
			f.join(g, people[1], false)
			f.edit(people[2], "title", "x")
			f.dir.Delete(people[3])
			if byGroup {
				f.join(f.dir.ScopeGroup, people[4], false)
			}
			asked = 0
			_, cs, _, err := f.increment()
			over = asked < when
			for _, c := range cs {
				if c.Action == plan.Remove && c.Member != people[1] {
					t.Errorf("at %d: planned %s %s", when, c.Action, c.MemberKey)
				}
			}
			if err != nil && over {
				t.Fatal(err)
			}
			asked = when
			f.changed(t)
			f.settled(t)
			if over {
				break
			}
		}
	}
}

// TestDeferredKeepsItsKey: the key for which a group without an account waits is not forgotten
// because of a change that only passes through the group.
func TestDeferredKeepsItsKey(t *testing.T) {
	t.Parallel()
	f, _, _ := company(t, 3)
	one, two := f.group("Twin"), f.group("Twin")
	top := f.group("Top")
	f.mustSync()
	f.join(top, two, true)
	f.changed(t)
	f.dir.Edit(one, func(o *synctest.Object) { o.CN = "Other" })
	f.changed(t)
	f.changed(t)
	f.settled(t)
	if s, ok := f.shadow(two); !ok || s.ID == "" {
		t.Fatal("the group that got its name has no account")
	}
}

// TestContainersRenamedTogether: containers that are renamed together with those above them, or
// that swap their names, are known by their new names afterwards.
func TestContainersRenamedTogether(t *testing.T) {
	t.Parallel()
	for name, rename := range map[string]func(*synctest.Directory) string{
		"from above": func(d *synctest.Directory) string {
			d.RenameOU("Europe", "Emea")
			d.RenameOU("Emea/Sales", "Emea/Vertrieb")
			return "Emea/Vertrieb"
		},
		"from below": func(d *synctest.Directory) string {
			d.RenameOU("Europe/Sales", "Europe/Vertrieb")
			d.RenameOU("Europe", "Emea")
			return "Emea/Vertrieb"
		},
		"swapped": func(d *synctest.Directory) string {
			d.RenameOU("Europe/Sales", "Europe/x")
			d.RenameOU("Europe/Works", "Europe/Sales")
			d.RenameOU("Europe/x", "Europe/Works")
			return "Europe/Works"
		},
		"moved out of one that was renamed": func(d *synctest.Directory) string {
			d.RenameOU("Europe/Sales", "Sales")
			d.RenameOU("Europe", "Emea")
			return "Sales"
		},
		"deleted above": func(d *synctest.Directory) string {
			d.RenameOU("Europe/Sales", "Sales")
			d.RenameOU("Europe/Works", "Works")
			d.DeleteOU("Europe")
			return "Sales"
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, t.TempDir())
			in := func(ou, cn string) identity.Anchor {
				o := person(cn, strings.ToLower(cn)+"@example.com")
				o.OU = ou
				return f.dir.Add(o)
			}
			f.dir.Add(person("Keeper", "keeper@example.com"))
			ana := in("Europe/Sales", "Ana")
			in("Europe/Works", "Bo")
			in("Europe/Sales/Inner", "Cy")
			f.mustSync()
			at := rename(f.dir)
			f.changed(t)
			f.changed(t)
			want := map[identity.Anchor]string{}
			f.dir.Containers(t.Context(), func(c identity.Container) error { want[c.Anchor] = c.DN; return nil })
			f.store.Containers(t.Context(), "corp", func(c identity.Container) error {
				if want[c.Anchor] != c.DN {
					t.Errorf("%s is remembered as %s", want[c.Anchor], c.DN)
				}
				delete(want, c.Anchor)
				return nil
			})
			if len(want) > 0 {
				t.Errorf("not remembered: %v", want)
			}
			f.settled(t)
			if !f.dir.MoveOUOut(at, true) {
				t.Fatal("not moved")
			}
			f.changed(t)
			f.settled(t)
			if f.account(ana).Active {
				t.Error("who left scope with the container is active still")
			}
		})
	}
}

// TestTakenOutWhileOutOfScope: a person who is removed from a group while out of scope is removed
// from it in the cloud on coming back.
func TestTakenOutWhileOutOfScope(t *testing.T) {
	t.Parallel()
	for _, told := range []bool{false, true} {
		f, people, g := company(t, 4)
		f.dir.ReportMembers = told
		scope := func(out bool) {
			f.dir.Edit(people[1], func(o *synctest.Object) { o.Out = out })
			f.changed(t)
		}
		scope(true)
		f.join(g, people[1], false)
		f.changed(t)
		scope(false)
		f.settled(t)
		if f.holds(g, people[1]) {
			t.Errorf("told %v: still in the group", told)
		}
	}
}

// TestSavedPlanAfterAnotherRun: a saved plan that is applied after another run leaves no outdated
// data behind.
func TestSavedPlanAfterAnotherRun(t *testing.T) {
	t.Parallel()
	for _, mode := range []record.Mode{record.Incremental, record.Full} {
		saved := func(t *testing.T, f *fixture) *plan.Plan {
			f.now = f.now.Add(time.Minute)
			p, err := f.engine().Plan(t.Context(), sync.Request{Mode: mode, Path: f.tmp + "/saved.plan"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { p.Close() })
			return p
		}
		apply := func(t *testing.T, f *fixture, p *plan.Plan) {
			f.now = f.now.Add(time.Minute)
			if _, err := f.engine().Apply(t.Context(), p, noOverride); err != nil {
				t.Fatal(err)
			}
		}
		t.Run(string(mode)+" moved since", func(t *testing.T) {
			f, people, _ := company(t, 4)
			f.dir.AddOU("Other")
			f.mustSync()
			f.edit(people[1], "title", "Clerk")
			p := saved(t, f)
			f.dir.Edit(people[1], func(o *synctest.Object) { o.OU = "Other" })
			f.changed(t)
			apply(t, f, p)
			f.changed(t)
			f.dir.MoveOUOut("Other", true)
			f.changed(t)
			f.settled(t)
			if f.account(people[1]).Active {
				t.Error("active still")
			}
		})
		t.Run(string(mode)+" member gone since", func(t *testing.T) {
			f, people, _ := company(t, 4)
			g := f.group("Team", people[2])
			f.mustSync()
			f.join(g, people[1], true)
			f.join(g, people[2], false)
			p := saved(t, f)
			f.join(g, people[1], false)
			f.join(g, people[2], true)
			f.changed(t)
			apply(t, f, p)
			f.changed(t)
			f.settled(t)
			if f.holds(g, people[1]) || !f.holds(g, people[2]) {
				t.Error("the members are those of the old plan")
			}
		})
		t.Run(string(mode)+" failed since", func(t *testing.T) {
			f, people, _ := company(t, 4)
			g := f.group("Team")
			f.mustSync()
			f.join(g, people[1], true)
			p := saved(t, f)
			f.join(g, people[2], true)
			f.cloud.Fault = func(c plan.Change) synctest.Fault {
				if c.Member == people[2] {
					return synctest.Refuse
				}
				return synctest.Fine
			}
			f.increment()
			f.cloud.Fault = nil
			apply(t, f, p)
			f.changed(t)
			f.settled(t)
		})
	}
}

// TestPlanMadeDuringARun: a run that was in progress while a plan was made, and ended after it,
// counts as another run.
func TestPlanMadeDuringARun(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 4)
	g := f.group("Team")
	f.mustSync()
	f.join(g, people[1], true)
	var p *plan.Plan
	f.cloud.Fault = func(c plan.Change) synctest.Fault {
		if p == nil {
			var err error
			f.now = f.now.Add(time.Second)
			if p, err = f.engine().Plan(t.Context(), sync.Request{Mode: record.Incremental, Path: f.tmp +
				"/saved.plan"}); err != nil {
				t.Fatal(err)
			}
			f.join(g, people[1], false)
			f.now = f.now.Add(time.Second)
		}
		return synctest.Fine
	}
	f.changed(t)
	f.cloud.Fault = nil
	defer p.Close()
	f.changed(t)
	f.now = f.now.Add(time.Minute)
	if _, err := f.engine().Apply(t.Context(), p, noOverride); err != nil {
		t.Fatal(err)
	}
	f.changed(t)
	f.settled(t)
}

// switching is a directory with a second server that lags behind.
type switching struct {
	*synctest.Directory
	server *string
	old    map[identity.Anchor]string // titles at the second server
}

func (d switching) Describe(ctx context.Context) (identity.Directory, error) {
	dir, err := d.Directory.Describe(ctx)
	dir.Server = *d.server
	return dir, err
}

func (d switching) Get(ctx context.Context, kind identity.Kind, anchors []identity.Anchor,
	found func(identity.Entry, bool) error) error {
	return d.Directory.Get(ctx, kind, anchors, func(e identity.Entry, in bool) error {
		if title, ok := d.old[e.Anchor]; ok && *d.server != "one" {
			e.Attrs["title"] = []string{title}
		}
		return found(e, in)
	})
}

// TestServerChangesAmongChanges: if another server takes over midway, it may not have received what
// the first one reported, so that is reported again.
func TestServerChangesAmongChanges(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 4)
	server := "one"
	f.sources = []port.Source{switching{f.dir, &server, map[identity.Anchor]string{people[1]: "Old"}}}
	f.edit(people[1], "title", "Old")
	f.changed(t)
	f.edit(people[1], "title", "New")
	f.dir.Fail = func(call string) error {
		if call == "Get" {
			server = "two"
		}
		return nil
	}
	f.changed(t)
	f.dir.Fail = nil
	server = "one"
	f.changed(t)
	f.settled(t)
	if got := f.account(people[1]).Attrs.First("title"); got != "New" {
		t.Fatalf("the title is %s", got)
	}
}

// TestEdgesOfADirectoryWithoutPeople: the digest of the edges of a directory without people does
// not outlive them.
func TestEdgesOfADirectoryWithoutPeople(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	inner := f.group("Inner")
	outer := f.group("Outer")
	f.mustSync()
	f.join(outer, inner, true)
	f.changed(t)
	f.join(outer, inner, false)
	f.mustSync()
	f.mustSync()
	f.join(outer, inner, true)
	f.changed(t)
	f.settled(t)
}

// silentRoles is a cloud that does not say which accounts are administrators.
type silentRoles struct{ *synctest.Cloud }

func (c silentRoles) Resources(ctx context.Context, kind identity.Kind, fn func(identity.Resource) error) error {
	return c.Cloud.Resources(ctx, kind, func(r identity.Resource) error {
		r.Admin = identity.Unknown
		return fn(r)
	})
}

func (c silentRoles) Get(ctx context.Context, kind identity.Kind, id identity.ResourceID) (identity.Resource, bool,
	error) {
	r, ok, err := c.Cloud.Get(ctx, kind, id)
	r.Admin = identity.Unknown
	return r, ok, err
}

// TestGuardsOfChanges: what holds a full plan holds an incremental one.
func TestGuardsOfChanges(t *testing.T) {
	t.Parallel()
	t.Run("administrators are not known", func(t *testing.T) {
		f, people, _ := company(t, 5)
		f.target = silentRoles{f.cloud}
		f.mustSync()
		f.dir.Delete(people[1])
		h, _, _, err := f.increment()
		if !isHeld(err) || h.Holds[0].Rule != plan.RuleUnknownAdmins {
			t.Fatalf("%v %+v", err, h.Holds)
		}
	})
	t.Run("one of two directories is emptied", func(t *testing.T) {
		f, other := twoDirectories(t)
		for i := range 30 {
			f.dir.Add(person(fmt.Sprint("Person ", i), fmt.Sprintf("p%d@example.com", i)))
		}
		a, b := other.Add(person("Ana", "ana@example.com")), other.Add(person("Bo", "bo@example.com"))
		f.mustSync()
		other.Delete(a)
		other.Delete(b)
		h, _, _, err := f.increment()
		if !isHeld(err) || h.Holds[0].Rule != plan.RuleEmptySource {
			t.Fatalf("%v %s %+v", err, h.Mode, h.Holds)
		}
	})
	t.Run("most of one of two directories is gone", func(t *testing.T) {
		f, other := twoDirectories(t)
		f.policy.Threshold.Off = true
		var people []identity.Anchor
		for i := range 90 {
			f.dir.Add(person(fmt.Sprint("Person ", i), fmt.Sprintf("p%d@example.com", i)))
		}
		for i := range 40 {
			people = append(people, other.Add(person(fmt.Sprint("Other ", i), fmt.Sprintf("o%d@example.com", i))))
		}
		f.mustSync()
		for _, a := range people[:30] {
			other.Delete(a)
		}
		h, _, _, err := f.increment()
		if !isHeld(err) || h.Holds[0].Rule != plan.RuleSourceShrunk {
			t.Fatalf("%v %s %+v", err, h.Mode, h.Holds)
		}
	})
	t.Run("the cloud is empty", func(t *testing.T) {
		f, people, _ := company(t, 5)
		f.target = synctest.NewCloud()
		f.edit(people[1], "title", "Clerk")
		h, _, _, err := f.increment()
		if !isHeld(err) || h.Holds[0].Rule != plan.RuleCloudShrunk {
			t.Fatalf("%v %s %+v", err, h.Mode, h.Holds)
		}
	})
}

// TestOneDirectoryOutOfReach: what could not be decided while one directory was unreachable is
// decided once it is back.
func TestOneDirectoryOutOfReach(t *testing.T) {
	t.Parallel()
	for _, mode := range []record.Mode{record.Full, record.Incremental} {
		type world struct {
			*fixture
			other *synctest.Directory
			away  bool
		}
		make := func(t *testing.T) *world {
			w := &world{}
			w.fixture, w.other = twoDirectories(t)
			w.sources = []port.Source{w.dir, flaky{w.other, func(string) bool { return w.away }}}
			w.dir.Add(person("Keeper", "keeper@example.com"))
			w.other.Add(person("Other Keeper", "other@example.com"))
			return w
		}
		run := func(t *testing.T, w *world) {
			t.Helper()
			w.now = w.now.Add(time.Minute)
			p, _, err := w.engine().Sync(t.Context(), sync.Request{Mode: mode}, noOverride)
			if err != nil {
				t.Fatal(err)
			}
			if p.Header().Mode != mode {
				t.Fatalf("a %s run: %s", p.Header().Mode, p.Header().Instead)
			}
			p.Close()
		}
		back := func(t *testing.T, w *world) {
			t.Helper()
			w.away = false
			w.changed(t)
			w.changed(t)
			w.settled(t)
		}
		t.Run(string(mode)+" flattened member", func(t *testing.T) {
			w := make(t)
			w.policy.Flatten = true
			ana := w.dir.Add(person("Ana", "ana@example.com"))
			inner := w.group("Inner", ana)
			outer := w.group("Outer", inner)
			w.mustSync()
			w.away = true
			w.join(inner, ana, false)
			run(t, w)
			back(t, w)
			if w.holds(outer, ana) {
				t.Error("still in the group")
			}
		})
		t.Run(string(mode)+" manager", func(t *testing.T) {
			w := make(t)
			ana, bo := w.dir.Add(person("Ana", "ana@example.com")), w.dir.Add(person("Bo", "bo@example.com"))
			out := w.dir.Add(person("Out", "out@example.com"))
			w.dir.Edit(out, func(o *synctest.Object) { o.Out = true })
			w.dir.Edit(ana, func(o *synctest.Object) { o.Manager = bo })
			w.mustSync()
			w.away = true
			w.dir.Edit(ana, func(o *synctest.Object) { o.Manager = out })
			run(t, w)
			back(t, w)
		})
		t.Run(string(mode)+" trouble", func(t *testing.T) {
			w := make(t)
			ana, bo := w.dir.Add(person("Ana", "ana@example.com")), w.other.Add(person("Bo", "ana@example.com"))
			w.mustSync()
			w.away = true
			w.edit(ana, "title", "x")
			run(t, w)
			back(t, w)
			set(w.dir, ana, "mail", "ana2@example.com")
			w.changed(t)
			w.changed(t)
			w.settled(t)
			if s, ok := w.shadow(bo); !ok || s.ID == "" {
				t.Error("who got the name has no account")
			}
		})
		t.Run(string(mode)+" account of no person", func(t *testing.T) {
			w := make(t)
			w.mustSync()
			w.cloud.Put(identity.Resource{Kind: identity.User, Key: "ana@example.com", Active: true,
				ExternalID: "99999999-0000-4000-8000-000000000000"})
			w.away = true
			w.dir.Add(person("Ana", "ana@example.com"))
			run(t, w)
			back(t, w)
			if n := len(w.cloud.All(identity.User)); n != 3 {
				t.Errorf("%d accounts", n)
			}
		})
		t.Run(string(mode)+" relinked here", func(t *testing.T) {
			w := make(t)
			ana := w.dir.Add(person("Ana", "ana@example.com"))
			w.mustSync()
			w.away = true
			w.dir.Delete(ana)
			w.dir.Add(person("Ana", "ana@example.com"))
			run(t, w)
			back(t, w)
			if n := len(w.cloud.All(identity.User)); n != 3 {
				t.Errorf("%d accounts", n)
			}
		})
		t.Run(string(mode)+" member there", func(t *testing.T) {
			w := make(t)
			bo := w.other.Add(person("Bo", "bo@example.com"))
			g := w.group("Team")
			w.mustSync()
			w.away = true
			set(w.other, bo, "title", "x")
			foreign := crossMember{w.dir, g, bo, w.other}
			w.sources[0] = foreign
			w.dir.Edit(g, func(*synctest.Object) {})
			run(t, w)
			back(t, w)
			if !w.holds(g, bo) {
				t.Error("not in the group")
			}
		})
	}
}

// crossMember is a directory in which one group has a member of another directory.
type crossMember struct {
	*synctest.Directory
	group, member identity.Anchor
	of            *synctest.Directory
}

func (d crossMember) ref() identity.Ref {
	o := d.of.Snapshot()[d.member]
	return identity.Ref{DN: "CN=" + o.CN + ",OU=" + o.OU + "," + d.of.Base}
}

func (d crossMember) Edges(ctx context.Context, fn func(identity.Edge) error) error {
	if err := d.Directory.Edges(ctx, fn); err != nil {
		return err
	}
	return fn(identity.Edge{Kind: identity.Membership, From: d.group, To: d.ref()})
}

func (d crossMember) EdgesOf(ctx context.Context, groups []identity.Anchor, fn func(identity.Edge) error) error {
	if err := d.Directory.EdgesOf(ctx, groups, fn); err != nil || !slices.Contains(groups, d.group) {
		return err
	}
	return fn(identity.Edge{Kind: identity.Membership, From: d.group, To: d.ref()})
}

func (d crossMember) Referrers(ctx context.Context, dns []string, fn func(identity.Edge) error) error {
	if err := d.Directory.Referrers(ctx, dns, fn); err != nil {
		return err
	}
	for _, dn := range dns {
		if strings.EqualFold(dn, d.ref().DN) {
			return fn(identity.Edge{Kind: identity.Membership, From: d.group, To: identity.Ref{DN: dn}})
		}
	}
	return nil
}

// TestDirectoryFailsAtAnyReading: a directory that fails at any read of an incremental run freezes
// only its own people, and what it reported is reported again.
func TestDirectoryFailsAtAnyReading(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"Changes", "Get", "Below", "EdgesOf", "Referrers"} {
		for _, byGroup := range []bool{false, true} {
			t.Run(fmt.Sprint(call, " ", byGroup), func(t *testing.T) {
				f, other := twoDirectories(t)
				ana := f.dir.Add(person("Ana", "ana@example.com"))
				bo, cy := other.Add(person("Bo", "bo@example.com")), other.Add(person("Cy", "cy@example.com"))
				boss := other.Add(person("Boss", "boss@example.com"))
				g := groupIn(other, "Team", bo)
				if byGroup {
					other.ScopeGroup = groupIn(other, "Scope", bo, boss)
					f.dir.ScopeGroup = f.group("Scope here", ana) // both are asked
				}
				f.mustSync()
				f.edit(ana, "title", "x")
				set(other, bo, "title", "x")
				join(other, g, cy, true)
				other.RenameOU("Staff", "Crew")
				other.Edit(other.Add(person("Di", "di@example.com")), func(o *synctest.Object) { o.Manager = boss })
				if byGroup {
					join(other, other.ScopeGroup, cy, true)
				}
				other.Fail = func(c string) error {
					if c == call {
						return errors.New("the server is busy")
					}
					return nil
				}
				h, _, _, err := f.increment()
				if err != nil {
					t.Fatal(err)
				}
				if f.account(ana).Attrs.First("title") != "x" {
					t.Errorf("the other directory waits (%s %s)", h.Mode, h.Instead)
				}
				other.Fail = nil
				f.changed(t)
				f.settled(t)
			})
		}
	}
}

// toldTwice is a directory that reports one group twice, as if a change came between two parts of
// an answer.
type toldTwice struct {
	*synctest.Directory
	group  identity.Anchor
	member identity.Ref
}

func (d toldTwice) Changes(ctx context.Context, since identity.Cookie,
	fn func(identity.ChangeNotification) error) (identity.Cookie, error) {
	for _, removed := range []bool{false, true} {
		if err := fn(identity.ChangeNotification{Anchor: d.group, Kind: identity.Group, MembersTold: true,
			Members: []identity.MemberChange{{To: d.member, Removed: removed}}}); err != nil {
			return since, err
		}
	}
	return d.Directory.Changes(ctx, since, func(t identity.ChangeNotification) error {
		if t.Anchor == d.group {
			return nil
		}
		return fn(t)
	})
}

// TestMemberCameAndWent: if one member is reported in several parts, the last one counts.
func TestMemberCameAndWent(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 4)
	g := f.group("Team")
	f.mustSync()
	f.sources = []port.Source{toldTwice{f.dir, g, identity.Ref{Anchor: people[1],
		DN: "CN=Person 1,OU=Staff,DC=corp,DC=test"}}}
	f.changed(t)
	f.settled(t)
	if f.holds(g, people[1]) {
		t.Error("who went again is in the group")
	}
}

// TestMemberWithoutAccount: a person who joins a group and no longer has an account gets one,
// instead of failing forever.
func TestMemberWithoutAccount(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 4)
	g := f.group("Team")
	f.mustSync()
	f.cloud.Remove(f.account(people[1]).ID)
	f.join(g, people[1], true)
	f.increment()
	f.changed(t)
	f.changed(t)
	f.settled(t)
	if !f.holds(g, people[1]) {
		t.Error("not in the group")
	}
}

// TestSameNamesAmongChanges: directories with the same DNs do not mix up their people.
func TestSameNamesAmongChanges(t *testing.T) {
	t.Parallel()
	for _, bare := range []bool{false, true} {
		f, other := twoDirectories(t)
		other.Base = f.dir.Base
		f.dir.RefsByDN, other.RefsByDN = bare, bare
		other.Add(person("Keeper", "keeper@b.example"))
		boss := f.dir.Add(person("Boss", "boss@a.example"))
		ana, namesake := f.dir.Add(person("Ana", "ana@a.example")), other.Add(person("Ana", "ana@b.example"))
		here, there := f.group("Team A"), groupIn(other, "Team B")
		sick := other.Add(person("Boss", ""))
		f.mustSync()
		// Both enter at once, and are members of their own groups.
		for _, d := range []*synctest.Directory{f.dir, other} {
			d.Edit(map[*synctest.Directory]identity.Anchor{f.dir: ana, other: namesake}[d],
				func(o *synctest.Object) { o.Out = true })
		}
		f.changed(t)
		join(f.dir, here, ana, true)
		join(other, there, namesake, true)
		f.changed(t)
		for d, a := range map[*synctest.Directory]identity.Anchor{f.dir: ana, other: namesake} {
			d.Edit(a, func(o *synctest.Object) { o.Out = false })
		}
		f.changed(t)
		f.settled(t)
		// A new member, with a namesake in the other directory.
		join(other, there, namesake, false)
		f.changed(t)
		join(other, there, namesake, true)
		f.changed(t)
		f.settled(t)
		// A manager with a problem, with a namesake without one in the other directory.
		other.Edit(namesake, func(o *synctest.Object) { o.Manager = sick })
		f.changed(t)
		f.settled(t)
		if got := f.byKey("ana@b.example").Attrs.First("manager"); got == string(f.account(boss).ID) {
			t.Error("the manager is the namesake")
		}
	}
}

// TestReferenceToAnAccountMadeAgain: a reference to a person whose account was removed in the
// cloud, and is added again by the same plan, points to the new account at once. Otherwise it never
// would, because both sides would agree on the old one.
func TestReferenceToAnAccountMadeAgain(t *testing.T) {
	t.Parallel()
	for _, mode := range []record.Mode{record.Full, record.Incremental} {
		f, people, _ := company(t, 4)
		f.cloud.Remove(f.account(people[1]).ID)
		f.dir.Edit(people[2], func(o *synctest.Object) { o.Manager = people[1] })
		f.edit(people[1], "title", "x")
		if mode == record.Full {
			f.mustSync()
		} else {
			f.changed(t)
		}
		if got, want := f.account(people[2]).Attrs.First("manager"), string(f.account(people[1]).ID); got != want {
			t.Errorf("%s: the manager is %s, want %s", mode, got, want)
		}
		f.settled(t)
	}
}

// TestReferenceToARelinkedAccount is the same for a person whom the referring plan links to
// another account.
func TestReferenceToARelinkedAccount(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 4)
	f.cloud.Remove(f.account(people[1]).ID)
	id, name := f.account(people[2]).ID, f.account(people[2]).Attrs.First("displayName")
	f.dir.Delete(people[2])
	f.edit(people[1], "displayName", name)
	f.edit(people[1], "mail", "p2@example.com")
	for _, a := range []identity.Anchor{people[1], people[3]} {
		f.dir.Edit(a, func(o *synctest.Object) { o.Manager = people[1] })
	}
	f.changed(t)
	for _, a := range []identity.Anchor{people[1], people[3]} {
		if got := f.account(a).Attrs.First("manager"); got != string(id) {
			t.Errorf("the manager is %s, want %s", got, id)
		}
	}
	f.settled(t)
}

// TestMemberOfAnUnreadableDirectory: a member in a directory that cannot be read is as remembered.
func TestMemberOfAnUnreadableDirectory(t *testing.T) {
	t.Parallel()
	for _, mode := range []record.Mode{record.Full, record.Incremental} {
		f, other := twoDirectories(t)
		away := false
		f.dir.Add(person("Keeper", "keeper@example.com"))
		bo := other.Add(person("Bo", "bo@example.com"))
		g := f.group("Team")
		f.sources = []port.Source{f.dir, flaky{other, func(string) bool { return away }}}
		f.mustSync()
		f.sources[0] = crossMember{f.dir, g, bo, other}
		f.dir.Edit(g, func(*synctest.Object) {})
		away = true
		f.now = f.now.Add(time.Minute)
		p, _, err := f.engine().Sync(t.Context(), sync.Request{Mode: mode}, noOverride)
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		away = false
		f.changed(t)
		f.settled(t)
		if !f.holds(g, bo) {
			t.Errorf("%s: not in the group", mode)
		}
	}
}

// TestScopeByAGroupThatReportsMembers: if a person joins or leaves a large group that defines scope, the group
// is not read, provided that the directory reports its members.
func TestScopeByAGroupThatReportsMembers(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 20)
	f.dir.ScopeGroup = f.group("Scope", people[1:]...)
	f.mustSync()
	f.mustSync()
	f.dir.ReportMembers = true
	late := f.dir.Add(person("Late", "late@example.com"))
	f.changed(t)
	f.join(f.dir.ScopeGroup, late, true)
	f.join(f.dir.ScopeGroup, people[0], true)
	f.join(f.dir.ScopeGroup, people[2], false)
	inner := f.group("Inner", people[2], people[3])
	f.dir.ForgetReads()
	f.changed(t)
	if r := f.dir.Reads(); r.EdgesOf > 3 {
		t.Errorf("%+v", r)
	}
	f.settled(t)
	f.join(f.dir.ScopeGroup, inner, true)
	f.changed(t)
	f.settled(t)
	if !f.account(people[2]).Active || f.account(late).Key == "" {
		t.Error("not in scope")
	}
	f.join(f.dir.ScopeGroup, late, false)
	f.join(f.dir.ScopeGroup, inner, false)
	f.changed(t)
	f.settled(t)
	if f.account(late).Active || f.account(people[2]).Active {
		t.Error("in scope still")
	}
}

// unseen is a directory in which one OU is no container.
type unseen struct {
	*synctest.Directory
	ou identity.Anchor
}

func (d unseen) Containers(ctx context.Context, fn func(identity.Container) error) error {
	return d.Directory.Containers(ctx, func(c identity.Container) error {
		if c.Anchor == d.ou {
			return nil
		}
		return fn(c)
	})
}

// TestBelowWhatIsNoContainer: a person below an object that is not a container leaves scope with
// the container above.
func TestBelowWhatIsNoContainer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Keeper", "keeper@example.com"))
	o := person("Ana", "ana@example.com")
	o.OU = "Branch/Desk"
	ana := f.dir.Add(o)
	f.sources = []port.Source{unseen{f.dir, f.dir.AddOU("Branch/Desk")}}
	f.mustSync()
	f.dir.MoveOUOut("Branch", true)
	f.changed(t)
	f.settled(t)
	if f.account(ana).Active {
		t.Error("active still")
	}
}
