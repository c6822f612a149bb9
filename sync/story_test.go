package sync_test

import (
	"context"
	"strings"
	"testing"

	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestErrorsNameEverything is promise P13: whatever goes wrong with a record is reported with the
// record, the field if there is one, the side and a remedy.
func TestErrorsNameEverything(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	c := f.dir.Add(person("Cy", "c@example.com"))
	g := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team", Members: map[identity.Anchor]bool{a: true}})
	f.mustSync()
	f.edit(c, "mail", "b@example.com") // a duplicate
	f.dir.Add(person("Di", "d@example.com"))
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: "other@example.com", Active: true, ExternalID: a.GUID()})
	f.edit(b, "title", "x")
	f.dir.Edit(g, func(o *synctest.Object) { o.Members[b] = true })
	e := f.dir.Add(person("Ed", "e@example.com"))
	f.cloud.Fault = func(ch plan.Change) synctest.Fault {
		switch ch.Key {
		case "d@example.com":
			return synctest.Refuse
		case "e@example.com":
			return synctest.Drop
		}
		return synctest.Fine
	}
	p := f.plan()
	n := 0
	p.Problems(t.Context(), func(_ identity.Kind, pr identity.Problem) error {
		n++
		if pr.DN == "" || pr.Attribute == "" || pr.Side == "" || pr.Remedy == "" || pr.Message == "" {
			t.Errorf("a problem: %+v", pr)
		}
		return nil
	})
	if n != 3 {
		t.Errorf("%d problems: %s", n, f.problems(p))
	}
	if _, run, err := f.sync(apply.Options{Part: plan.Part{Left: map[int64]bool{1: true}}}); err != nil ||
		run.Outcome != record.Partial {
		t.Fatalf("%v %+v", err, run)
	}
	f.cloud.Fault = nil
	f.sync(noOverride)
	f.account(e)
	f.edit(e, "title", "y")
	moved := f.plan()
	f.edit(e, "title", "z")
	if run, err := f.engine().Apply(t.Context(), moved, noOverride); err != nil || run.Skipped == 0 {
		t.Fatalf("%v %+v", err, run)
	}
	f.edit(e, "title", "w")
	moved = f.plan()
	f.cloud.Edit(f.account(e).ID, func(r *identity.Resource) { r.Attrs["title"] = []string{"by hand"} })
	if run, err := f.engine().Apply(t.Context(), moved, noOverride); err != nil || run.Skipped == 0 {
		t.Fatalf("%v %+v", err, run)
	}
	evs, _ := f.store.EventsSince(t.Context(), 0, 1000)
	codes, fields := map[string]bool{}, map[string]bool{}
	for _, ev := range evs {
		codes[ev.Code] = true
		fields[ev.Code+" "+ev.Field] = true
		if ev.Level != record.Info && !strings.HasPrefix(ev.Code, "run-") &&
			(ev.Record == "" || ev.Side == "" || ev.Remedy == "") {
			t.Errorf("an event: %+v", ev)
		}
	}
	for _, want := range []string{"write-failed", "write-skipped", "recovered"} {
		if !codes[want] {
			t.Errorf("no event %s: %s", want, f.events())
		}
	}
	if !fields["write-skipped title"] {
		t.Errorf("no event names the title, which was edited since the plan: %s", f.events())
	}
}

// TestARunReportsItsProblems is promise P16: a run counts the problems that it met, and the state
// lists as many of that run, also after they are gone.
func TestARunReportsItsProblems(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana := f.dir.Add(person("Ana", "a@example.com"))
	f.mustSync()
	f.edit(ana, "mail", "")
	f.dir.Add(person("Bo", ""))
	_, met, err := f.sync(noOverride)
	if err != nil || met.Counts.Users.Problem != 2 {
		t.Fatalf("%+v, %v", met, err)
	}
	f.edit(ana, "mail", "a@example.com")
	_, later, err := f.sync(noOverride)
	if err != nil || later.Counts.Users.Problem != 1 {
		t.Fatalf("%+v, %v", later, err)
	}
	for run, want := range map[int64]int64{met.ID: 2, later.ID: 1, 0: 1} {
		got, err := f.store.ProblemCounts(t.Context(), port.ProblemQuery{Run: run})
		if err != nil || got.Users != want {
			t.Errorf("of run %d the state lists %+v, not %d; %v", run, got, want, err)
		}
	}
}

// TestCauseOfLeaving: the common cause of many leavers is reported.
func TestCauseOfLeaving(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.sources = []port.Source{&renamed{Directory: f.dir}}
	ana := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.sources = []port.Source{&renamed{Directory: f.dir, to: "Team"}}
	f.dir.Edit(ana, func(o *synctest.Object) { o.Out, o.OU = true, "Team" })
	cs := changes(t, f.plan())
	if len(cs) != 1 || cs[0].Cause != "OU=Staff was renamed OU=Team" {
		t.Fatalf("%+v", cs)
	}
}

// renamed is a directory whose one container keeps its GUID under another name.
type renamed struct {
	*synctest.Directory
	to string
}

func (r *renamed) Containers(ctx context.Context, fn func(identity.Container) error) error {
	name := r.to
	if name == "" {
		name = "Staff"
	}
	if err := fn(identity.Container{Anchor: identity.NewAnchor(r.Name, "base"), DN: r.Base}); err != nil {
		return err
	}
	return fn(identity.Container{Anchor: identity.NewAnchor(r.Name, "the-ou"), DN: "OU=" + name + "," + r.Base,
		Parent: r.Base})
}

// TestUnfinishedWriteThatCannotBeRead is promise P8: one account that the cloud does not show does
// not stop all runs for good.
func TestUnfinishedWriteThatCannotBeRead(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.edit(a, "title", "x")
	f.edit(b, "title", "x")
	f.cloud.Fault = func(c plan.Change) synctest.Fault {
		if c.Key == "a@example.com" {
			return synctest.Drop
		}
		return synctest.Refuse
	}
	f.sync(noOverride)
	f.cloud.Fault = nil
	f.target = &unreadable{Cloud: f.cloud, id: f.account(a).ID}
	if _, _, err := f.sync(noOverride); err != nil {
		t.Fatal(err)
	}
	if f.account(b).Attrs.First("title") != "x" {
		t.Error("the other was not written")
	}
	f.target = nil
	f.mustSync()
	if f.account(a).Attrs.First("title") != "x" || f.plan().Len() != 0 {
		t.Error("not converged")
	}
}

// TestEntryWithoutAnchor is promise P2: a person who is listed without a GUID is present.
func TestEntryWithoutAnchor(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.sources = []port.Source{anonymous{f.dir, ana}}
	p := f.plan()
	if p.Len() != 0 || p.Header().Counts.Users.Problem == 0 {
		t.Fatalf("%+v", changes(t, p))
	}
}

// anonymous is a directory in which the GUID of one object cannot be read, nor the object be found
// by it.
type anonymous struct {
	*synctest.Directory
	who identity.Anchor
}

func (d anonymous) People(ctx context.Context, fn func(identity.Entry) error) error {
	return d.Directory.People(ctx, func(e identity.Entry) error {
		if e.Anchor == d.who {
			e.Anchor = ""
			delete(e.Attrs, "objectGUID")
		}
		return fn(e)
	})
}

func (d anonymous) Get(ctx context.Context, kind identity.Kind, anchors []identity.Anchor,
	found func(identity.Entry, bool) error) error {
	return d.Directory.Get(ctx, kind, anchors, func(e identity.Entry, in bool) error {
		if e.Anchor == d.who {
			return nil
		}
		return found(e, in)
	})
}
