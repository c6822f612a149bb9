package sync_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// only returns the options to apply part of a plan.
func only(t tb, texts ...string) apply.Options {
	t.Helper()
	opt := noOverride
	for _, text := range texts {
		s, err := plan.ParseSelector(text)
		if err != nil {
			t.Fatalf("%v", err)
		}
		opt.Part.Only = append(opt.Part.Only, s)
	}
	return opt
}

// incremental runs incrementally and fails if the run reads everything.
func (f *fixture) incremental(t testing.TB) record.Run {
	t.Helper()
	f.now = f.now.Add(time.Minute)
	p, run, err := f.engine().Sync(t.Context(), sync.Request{Mode: record.Incremental}, noOverride)
	if err != nil || p.Header().Mode != record.Incremental {
		t.Fatalf("incremental: %v %+v\n%s", err, run, f.events())
	}
	p.Close()
	return run
}

// TestPartOfAPlan: the part is applied, the next incremental run does the rest, and then a full
// plan finds nothing.
func TestPartOfAPlan(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*fixture){
		"the first plan of all": func(*fixture) {},
		"a later plan": func(f *fixture) {
			f.dir.Add(person("Old", "old@example.com"))
			f.dir.Add(person("Gone", "gone@example.com"))
			f.group("Team", f.dir.Anchors(identity.User)...)
			f.group("Lost")
			f.mustSync()
			f.dir.Delete(f.dir.Anchors(identity.User)[1])
			f.edit(f.dir.Anchors(identity.User)[0], "title", "Boss")
		},
	} {
		for _, part := range []string{"kind=user", "kind=group",
			"action=add,kind=user,container=OU=Sales,DC=example,DC=com", "seq=1", "key=s*",
			"action=deactivate,action=update,action=add,kind=user,kind=group"} {
			t.Run(name+", "+part, func(t *testing.T) {
				f := newFixture(t, t.TempDir())
				f.dir.AddOU("Sales")
				prepare(f)
				boss := f.dir.Add(person("Boss", "boss@example.com"))
				o := person("Sam", "sam@example.com")
				o.OU, o.Manager = "Sales", boss
				sam := f.dir.Add(o)
				f.group("Sellers", sam, boss)
				for _, g := range f.dir.Anchors(identity.Group) {
					f.join(g, sam, true)
				}
				p := f.saved(t)
				f.now = f.now.Add(time.Minute)
				run, err := f.engine().Apply(t.Context(), p, only(t, part))
				var refused *port.RefusedError
				if errors.As(err, &refused) && strings.Contains(err.Error(), "nothing of the plan is chosen") {
					if run.Counts.Writes() != 0 {
						t.Fatalf("refused, and wrote %+v", run)
					}
					return
				}
				if err != nil || run.Failed+run.NotDone != 0 || run.LeftOut == 0 || run.Skipped == 0 && run.Outcome != record.Done {
					t.Fatalf("%v %+v\n%s", err, run, f.events())
				}
				if len(f.dirty()) == 0 {
					t.Error("what was left out is not dirty")
				}
				f.incremental(t)
				f.incremental(t)
				if left := sides(t, f.plan()); len(left) != 0 {
					t.Fatalf("not converged: %v\n%s", left, f.events())
				}
				if len(f.dirty()) != 0 {
					t.Errorf("still dirty: %v", f.dirty())
				}
			})
		}
	}
}

// TestNameThatIsTaken: a person who takes a name from an excluded one is skipped, with the
// reason, and not sent to be refused.
func TestNameThatIsTaken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.edit(a, "mail", "free@example.com") // a gives its name to b, b to the new one
	f.edit(b, "mail", "a@example.com")
	f.dir.Add(person("Cy", "b@example.com"))
	p := f.saved(t)
	writes := f.cloud.Writes
	opt := noOverride
	opt.Part.Left = map[int64]bool{}
	for _, c := range changes(t, p) {
		opt.Part.Left[c.Seq] = c.Anchor == a
	}
	for seq, left := range opt.Part.Left {
		if !left {
			delete(opt.Part.Left, seq)
		}
	}
	run, err := f.engine().Apply(t.Context(), p, opt)
	if err != nil || run.Skipped != 2 || run.LeftOut != 1 || run.Failed != 0 || f.cloud.Writes != writes {
		t.Fatalf("%v %+v, %d writes\n%s", err, run, f.cloud.Writes-writes, f.events())
	}
	for _, want := range []string{"it needs the name a@example.com of the account that becomes free@example.com, " +
		"whose change was excluded",
		"it needs the name b@example.com of the account that becomes a@example.com, whose change was not written"} {
		if !strings.Contains(f.events(), want) {
			t.Errorf("no event says %q:\n%s", want, f.events())
		}
	}
	f.incremental(t)
	if left := sides(t, f.plan()); len(left) != 0 {
		t.Fatalf("not converged: %v", left)
	}
}

// TestPartOfACycle: of the people who swap their names in a cycle, all move or none.
func TestPartOfACycle(t *testing.T) {
	t.Parallel()
	for left := 0; left <= 3; left++ {
		f := newFixture(t, t.TempDir())
		mails := []string{"a@example.com", "b@example.com", "c@example.com"}
		for i, m := range mails {
			f.dir.Add(person(fmt.Sprint("P", i), m))
		}
		f.dir.Add(person("Other", "other@example.com"))
		f.mustSync()
		for i, a := range f.dir.Anchors(identity.User)[:3] {
			f.edit(a, "mail", mails[(i+1)%3])
		}
		f.edit(f.dir.Anchors(identity.User)[3], "title", "x")
		p := f.saved(t)
		opt := noOverride
		opt.Part.Left = map[int64]bool{}
		for _, c := range changes(t, p) {
			if f.dir.Anchors(identity.User)[left] == c.Anchor {
				opt.Part.Left[c.Seq] = true
			}
		}
		writes := f.cloud.Writes
		run, err := f.engine().Apply(t.Context(), p, opt)
		wrote := f.cloud.Writes - writes
		switch {
		case err != nil || run.Failed != 0:
			t.Fatalf("%v %+v\n%s", err, run, f.events())
		case left < 3 && (wrote != 1 || run.Skipped != 2 || run.LeftOut != 1):
			t.Fatalf("%d left out: %d writes, %+v\n%s", left, wrote, run, f.events())
		case left == 3 && (wrote != 4 || run.Outcome != record.Done):
			t.Fatalf("the ring alone: %d writes, %+v\n%s", wrote, run, f.events())
		}
		f.noTemporary()
		f.incremental(t)
		if left := sides(t, f.plan()); len(left) != 0 {
			t.Fatalf("not converged: %v", left)
		}
	}
}

// TestDependentsOfAnExcludedPerson: memberships are skipped with the reason, a manager is set later,
// and an exclusion does not count as a failure.
func TestDependentsOfAnExcludedPerson(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Old", "old@example.com"))
	f.mustSync()
	boss, sam := f.dir.Add(person("Boss", "boss@example.com")), f.dir.Add(person("Sam", "sam@example.com"))
	f.dir.Edit(sam, func(o *synctest.Object) { o.Manager = boss })
	f.group("Team", boss, sam)
	p := f.saved(t)
	run, err := f.engine().Apply(t.Context(), p, only(t, "kind=user,key=sam*"))
	if err != nil || run.Outcome != record.Done || run.LeftOut != 4 || run.Counts.Users.Add != 1 {
		t.Fatalf("%v %+v\n%s", err, run, f.events())
	}
	if !strings.Contains(run.Detail, "4 changes were excluded: only kind=user,key=sam*") ||
		!strings.Contains(f.events(), run.Detail) {
		t.Errorf("it says %q\n%s", run.Detail, f.events())
	}
	if reason := f.dirty()[boss]; reason != fmt.Sprintf("excluded from run %d by the operator", run.ID) {
		t.Errorf("the boss is dirty: %q", reason)
	}
	if f.account(sam).Attrs.First("manager") != "" {
		t.Errorf("%+v", f.account(sam))
	}
	run, err = f.engine().Apply(t.Context(), p, only(t, "kind=member", "kind=group"))
	if err != nil || run.Outcome != record.Partial || run.Counts.Groups.Add != 1 || run.Skipped != 2 ||
		!strings.Contains(f.events(), "the account of the member was not created, because its change was excluded") {
		t.Fatalf("%v %+v\n%s", err, run, f.events())
	}
	f.incremental(t)
	f.incremental(t)
	if left := sides(t, f.plan()); len(left) != 0 {
		t.Fatalf("not converged: %v", left)
	}
	if f.account(sam).Attrs.First("manager") != string(f.account(boss).ID) {
		t.Errorf("%+v", f.account(sam))
	}
}

// TestPartOfAHeldPlan is promise P4: a held plan writes nothing, whatever part of it.
func TestPartOfAHeldPlan(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.policy.Threshold = policy.Threshold{Number: 0}
	a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.dir.Delete(a)
	f.edit(b, "title", "x")
	p := f.saved(t)
	writes := f.cloud.Writes
	_, err := f.engine().Apply(t.Context(), p, only(t, "action=update"))
	if !isHeld(err) || f.cloud.Writes != writes {
		t.Fatalf("%v", err)
	}
	opt := only(t, "action=update")
	opt.Override = []int64{1}
	run, err := f.engine().Apply(t.Context(), p, opt)
	if err != nil || run.Counts.Writes() != 1 || run.LeftOut != 1 || !f.account(a).Active {
		t.Fatalf("%v %+v", err, run)
	}
}

// TestLinkOfAnExcludedPerson: an account that another person was to take over keeps its old link until
// that happens.
func TestLinkOfAnExcludedPerson(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	id := f.account(a).ID
	f.dir.Delete(a)
	f.dir.Add(person("Ana", "a@example.com")) // the same name under another GUID
	f.edit(f.dir.Anchors(identity.User)[0], "title", "x")
	p := f.saved(t)
	run, err := f.engine().Apply(t.Context(), p, only(t, "key=b@*"))
	if err != nil || run.LeftOut != 1 || run.Outcome != record.Done {
		t.Fatalf("%v %+v %v", err, run, sides(t, p))
	}
	if s, ok := f.shadow(a); !ok || s.ID != id {
		t.Fatalf("the link is lost: %+v", s)
	}
	f.incremental(t)
	if left := sides(t, f.plan()); len(left) != 0 || f.cloud.Created["a@example.com"] != 1 {
		t.Fatalf("not converged: %v", left)
	}
}

// TestSavedPlansExactlyOrRefused is promise P3: whatever happens on both sides after a plan was
// saved, and whatever part of it is applied, every write has the values that the plan shows, of an
// object that the plan shows; what was not written is reported; and in the end the cloud is as if
// no part had ever been applied.
func TestSavedPlansExactlyOrRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp("", "dirbridge-property-")
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, tmp)
		t.Cleanup(func() { os.RemoveAll(tmp) })
		f.policy.Threshold = policy.Threshold{Off: true}
		f.dir.Add(person("Keeper", "keeper@example.com"))
		w := &randomWorld{fixture: f, keeper: f.dir.Anchors(identity.User)[0]}
		for range rapid.IntRange(1, 7).Draw(t, "people") {
			w.addPerson(t)
		}
		for range rapid.IntRange(0, 2).Draw(t, "groups") {
			w.addGroup(t)
		}
		if _, _, err := f.sync(noOverride); err != nil && !isHeld(err) {
			t.Fatalf("sync: %v", err)
		}
		for range rapid.IntRange(1, 3).Draw(t, "rounds") {
			for range rapid.IntRange(0, 7).Draw(t, "edits before") {
				w.edit(t)
			}
			w.applySaved(t)
		}
		for range 2 {
			if _, _, err := f.sync(noOverride); err != nil && !isHeld(err) {
				t.Fatalf("clean sync: %v", err)
			}
		}
		w.check(t)
	})
}

// applySaved makes a plan, edits both sides, applies a part, and compares every write with the
// plan.
func (w *randomWorld) applySaved(t *rapid.T) {
	p, err := w.engine().Plan(t.Context(), sync.Request{Mode: record.Full})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for range rapid.IntRange(0, 3).Draw(t, "edits after") {
		w.edit(t)
	}
	planned := changes(t, p)
	opt := apply.Options{}
	switch rapid.IntRange(0, 3).Draw(t, "part") {
	case 0:
	case 1:
		opt.Part.Left = map[int64]bool{}
		for _, c := range planned {
			if rapid.Bool().Draw(t, "left out") {
				opt.Part.Left[c.Seq] = true
			}
		}
	default:
		texts := []string{"kind=user", "kind=group,kind=member", "action=add", "action=rename",
			"action=update,action=deactivate", "container=OU=Staff,DC=example,DC=com", "key=?@*", "seq=2-5"}
		opt.Part.Only = only(w.t, rapid.SampledFrom(texts).Draw(t, "only")).Part.Only
		if rapid.Bool().Draw(t, "except") {
			opt.Part.Except = only(w.t, rapid.SampledFrom(texts).Draw(t, "except what")).Part.Only
		}
	}
	var sent []plan.Change
	w.cloud.Fault = func(c plan.Change) synctest.Fault { sent = append(sent, c); return synctest.Fine }
	w.now = w.now.Add(time.Hour)
	run, err := w.engine().Apply(t.Context(), p, opt)
	w.cloud.Fault = nil
	var refused *port.RefusedError
	if isHeld(err) || errors.As(err, &refused) {
		if len(sent) > 0 {
			t.Fatalf("refused or held, and wrote %+v", sent)
		}
		return
	}
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	for _, c := range sent {
		exactly(t, planned, c, opt.Part)
	}
	told := int64(0)
	evs, _ := w.store.EventsSince(t.Context(), 0, 100000)
	for _, ev := range evs {
		if ev.Run == run.ID && (ev.Code == "write-skipped" || ev.Code == "write-failed") {
			told++
		}
	}
	if told < run.Skipped+run.Failed {
		t.Fatalf("%d told of %+v", told, run)
	}
}

// exactly fails if a write is not one that the plan shows.
func exactly(t *rapid.T, planned []plan.Change, sent plan.Change, part plan.Part) {
	c := planned[sent.Seq-1]
	if !part.Takes(&c) {
		t.Fatalf("left out, and written: %+v", sent)
	}
	if c.Kind != sent.Kind || c.Anchor != sent.Anchor || c.Member != sent.Member || c.ID != "" && c.ID != sent.ID {
		t.Fatalf("another object is written:\n%+v\nplanned\n%+v", sent, c)
	}
	for _, f := range sent.Fields {
		want, ok := c.Field(f.Name)
		via := c.Via != "" && len(f.New) == 1 && (f.New[0] == c.Via || len(f.Old) == 1 && f.Old[0] == c.Via &&
			len(want.Old) == 1 && f.New[0] == want.Old[0])
		same := f.Ref || strings.Join(f.New, "|") == strings.Join(want.New, "|")
		if !ok || !same && !via {
			t.Fatalf("%s is written as %v and planned as %v: %+v", f.Name, f.New, want.New, sent)
		}
	}
}
