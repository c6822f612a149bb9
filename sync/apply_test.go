package sync_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

// saved plans to a file and opens it again, as another process would.
func (f *fixture) saved(t *testing.T) *plan.Plan {
	path := filepath.Join(t.TempDir(), "p.plan")
	p, err := f.engine().Plan(t.Context(), sync.Request{Mode: record.Full, Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if p, err = plan.Open(path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// TestSavedPlan is promise P3: what changed since is skipped and reported, the rest is applied, and
// what is done already is not done again.
func TestSavedPlan(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.cloud.Limit.Batch = 100
	who := map[string]identity.Anchor{}
	for _, n := range []string{"plain", "source", "cloud", "done", "gone", "back", "noaccount"} {
		who[n] = f.dir.Add(person(n, n+"@example.com"))
	}
	f.mustSync()
	title := func(n, v string) {
		f.dir.Edit(who[n], func(o *synctest.Object) { o.Attrs["title"] = []string{v} })
	}
	for _, n := range []string{"plain", "source", "cloud", "done", "gone", "noaccount"} {
		title(n, "new")
	}
	f.dir.Edit(who["back"], func(o *synctest.Object) { o.Out = true })
	newcomer := f.dir.Add(person("newcomer", "newcomer@example.com"))
	p := f.saved(t)
	if p.Len() != 8 {
		t.Fatalf("planned %d: %+v", p.Len(), changes(t, p))
	}

	title("source", "newer")
	f.cloud.Edit(f.account(who["cloud"]).ID, func(r *identity.Resource) { r.Attrs["title"] = []string{"by hand"} })
	f.cloud.Edit(f.account(who["done"]).ID, func(r *identity.Resource) { r.Attrs["title"] = []string{"new"} })
	f.dir.Delete(who["gone"])
	f.dir.Edit(who["back"], func(o *synctest.Object) { o.Out = false })
	f.cloud.Edit(f.account(who["noaccount"]).ID, func(r *identity.Resource) { r.Kind = "deleted" })

	run, err := f.engine().Apply(t.Context(), p, noOverride)
	if err != nil || run.Outcome != record.Partial || run.Skipped != 5 || run.Failed != 0 {
		t.Fatalf("%v %+v\n%s", err, run, f.events())
	}
	want := map[string]string{"plain": "new", "source": "", "cloud": "by hand", "done": "new", "gone": "", "back": ""}
	for n, v := range want {
		if r := f.account(who[n]); r.Attrs.First("title") != v || !r.Active {
			t.Errorf("%s: %+v, want title %q", n, r, v)
		}
	}
	f.account(newcomer)
	for _, text := range []string{"changed in the directory since", "title changed in the cloud since",
		"no longer in the directory", "back in the directory", "no longer in the cloud"} {
		if !strings.Contains(f.events(), text) {
			t.Errorf("no event says %q:\n%s", text, f.events())
		}
	}
}

func TestPlanRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Ana", "a@example.com"))
	p := f.saved(t)
	refused := func(name, text string, e *sync.Engine) {
		t.Helper()
		run, err := e.Apply(t.Context(), p, noOverride)
		var r *port.RefusedError
		if !errors.As(err, &r) || !strings.Contains(err.Error(), text) || f.cloud.Writes > 0 || run.Outcome != record.Failed {
			t.Errorf("%s: %v (%+v)", name, err, run)
		}
	}
	f.rules["title"] = ""
	refused("another mapping", "mapping", f.engine())
	f.rules["title"] = "title"
	f.policy.OnMissing = "keep"
	refused("another policy", "policy", f.engine())
	f.policy.OnMissing = "deactivate"
	base := f.dir.Base
	f.dir.Base = "DC=other"
	refused("another directory", "directory", f.engine())
	f.dir.Base = base
	if _, err := f.engine().Apply(t.Context(), p, noOverride); err != nil {
		t.Fatal(err)
	}
	if f.cloud.Writes != 1 {
		t.Fatalf("%d writes", f.cloud.Writes)
	}
}

// TestCancel: a cancelled run stops between two writes and reports what was done and what was not.
func TestCancel(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	for i := range 30 {
		f.dir.Add(person(fmt.Sprint("P", i), fmt.Sprintf("p%02d@example.com", i)))
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	f.cloud.Fault = func(plan.Change) synctest.Fault {
		if n++; n == 10 {
			cancel()
		}
		return synctest.Fine
	}
	p, run, err := f.engine().Sync(ctx, sync.Request{Mode: record.Full}, noOverride)
	if p != nil {
		p.Close()
	}
	if !errors.Is(err, context.Canceled) || run.Outcome != record.Cancelled || run.Counts.Users.Add != 10 ||
		run.NotDone != 20 {
		t.Fatalf("%v %+v", err, run)
	}
	f.cloud.Fault = nil
	if h := f.mustSync(); h.Counts.Users.Add != 20 {
		t.Fatalf("the rest: %+v", h.Counts)
	}
}

// TestOneBadRecord is promise P8.
func TestOneBadRecord(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	for i := range 10 {
		f.dir.Add(person(fmt.Sprint("P", i), fmt.Sprintf("p%d@example.com", i)))
	}
	f.cloud.Fault = func(c plan.Change) synctest.Fault {
		if c.Key == "p3@example.com" {
			return synctest.Refuse
		}
		return synctest.Fine
	}
	_, run, err := f.sync(noOverride)
	if err != nil || run.Outcome != record.Partial || run.Counts.Users.Add != 9 || run.Failed != 1 {
		t.Fatalf("%v %+v", err, run)
	}
	dirty := 0
	f.store.Dirty(t.Context(), func(identity.Anchor, string) error { dirty++; return nil })
	if dirty != 1 {
		t.Errorf("%d are dirty, want the one that failed", dirty)
	}
}

// TestUnansweredWrites: unanswered writes are checked in the cloud, and never sent again blindly.
func TestUnansweredWrites(t *testing.T) {
	t.Parallel()
	for _, fault := range []synctest.Fault{synctest.Lose, synctest.Drop} {
		f := newFixture(t, t.TempDir())
		a := f.dir.Add(person("Ana", "a@example.com"))
		f.dir.Add(person("Bo", "b@example.com"))
		once := false
		f.cloud.Fault = func(c plan.Change) synctest.Fault {
			if c.Key == "a@example.com" && !once {
				once = true
				return fault
			}
			return synctest.Fine
		}
		if _, run, err := f.sync(noOverride); err != nil || run.Failed != 1 {
			t.Fatalf("%v %+v", err, run)
		}
		f.mustSync()
		f.account(a)
		if f.cloud.Created["a@example.com"] != 1 {
			t.Errorf("fault %d: made %d times", fault, f.cloud.Created["a@example.com"])
		}
		open := 0
		f.store.Unanswered(t.Context(), func(port.Intent) error { open++; return nil })
		if open != 0 {
			t.Errorf("%d writes are still unanswered", open)
		}
	}
}

// TestIgnoredValue: a value that the cloud does not keep is remembered, reported once, and not
// planned again until its source changes.
func TestIgnoredValue(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a := f.dir.Add(person("Ana", "a@example.com"))
	f.mustSync()
	g := &forgetful{Cloud: f.cloud, field: "title"}
	f.dir.Edit(a, func(o *synctest.Object) { o.Attrs["title"] = []string{"Chief"} })
	runs := 0
	for range 5 {
		f.now = f.now.Add(time.Minute)
		e := sync.New(sync.Options{Sources: []port.Source{f.dir}, Target: g, Store: f.store, Catalogue: schema.SCIM(),
			Rules: f.rules, Policy: f.policy, Dir: f.tmp, Clock: func() time.Time { return f.now }})
		p, run, err := e.Sync(t.Context(), sync.Request{Mode: record.Full}, noOverride)
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		if run.Counts.Users.Update > 0 {
			runs++
		}
	}
	if runs != 2 {
		t.Errorf("written in %d runs, want 2: once, and once more to be sure", runs)
	}
	if n := strings.Count(f.events(), "does not keep title"); n != 1 {
		t.Errorf("reported %d times:\n%s", n, f.events())
	}
	f.dir.Edit(a, func(o *synctest.Object) { o.Attrs["title"] = []string{"Head"} })
	if p := f.plan(); p.Len() != 1 {
		t.Errorf("a new value of the directory is not planned")
	}
}

// forgetful is a cloud that accepts a field and does not keep it.
type forgetful struct {
	*synctest.Cloud
	field string
}

func (g *forgetful) Apply(ctx context.Context, cs []plan.Change, answered func(record.Outcome)) error {
	err := g.Cloud.Apply(ctx, cs, answered)
	for _, c := range cs {
		if c.ID != "" {
			g.Cloud.Edit(c.ID, func(r *identity.Resource) { delete(r.Attrs, g.field) })
		}
	}
	return err
}

// TestOneWriter is promise P14, as far as one machine goes.
func TestOneWriter(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Ana", "a@example.com"))
	release, err := f.store.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.sync(noOverride); !errors.Is(err, port.ErrNotLeader) || f.cloud.Writes != 0 {
		t.Fatalf("two wrote at once: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	f.mustSync()
}

// TestLateReferenceIsNoDrift: if a manager's account could not be added, the account keeps the
// previous manager, which we wrote. That is no edit by hand, whether anything else of the account
// changed or not.
func TestLateReferenceIsNoDrift(t *testing.T) {
	t.Parallel()
	for _, title := range []string{"", "new"} {
		f := newFixture(t, t.TempDir())
		before, report := f.dir.Add(person("Bo", "bo@example.com")), f.dir.Add(person("Ana", "ana@example.com"))
		f.dir.Edit(report, func(o *synctest.Object) { o.Manager = before })
		f.mustSync()
		manager := f.dir.Add(person("Cy", "cy@example.com"))
		f.dir.Edit(report, func(o *synctest.Object) { o.Manager = manager })
		f.edit(report, "title", title)
		f.cloud.Fault = func(c plan.Change) synctest.Fault {
			if c.Action == plan.Add {
				return synctest.Drop
			}
			return synctest.Fine
		}
		if _, run, _ := f.sync(noOverride); run.Failed != 1 {
			t.Fatalf("%+v\n%s", run, f.events())
		}
		f.cloud.Fault = nil
		if drift := f.plan().Header().Drift; drift.Any() || drift.Both > 0 {
			t.Fatalf("the cloud was not edited: %+v\n%s", drift, f.events())
		}
		f.mustSync()
		if id := f.account(report).Attrs.First("manager"); id != string(f.account(manager).ID) {
			t.Fatalf("manager is %s\n%s", id, f.events())
		}
	}
}
