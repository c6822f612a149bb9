package sync_test

import (
	"path/filepath"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

// leaving is a directory in which one person is disabled, renamed and changed, one is gone, and one
// takes the name that becomes free.
func leaving(t *testing.T) (f *fixture, out, gone, successor identity.Anchor) {
	f = newFixture(t, t.TempDir())
	out = f.dir.Add(person("Out", "out@example.com"))
	gone = f.dir.Add(person("Gone", "gone@example.com"))
	successor = f.dir.Add(person("Heir", "heir@example.com"))
	f.dir.Add(person("Other", "other@example.com"))
	f.mustSync()
	f.edit(out, "userAccountControl", "514", "mail", "was.out@example.com", "title", "Gone")
	f.edit(successor, "mail", "out@example.com")
	f.dir.Delete(gone)
	return f, out, gone, successor
}

// TestPlanOfBeforeKeepsItsOrder: a plan of an earlier version has no phase of leavers. It has the
// deactivation among the other fields of a person, and missing people near its end. It is applied
// in its own order.
func TestPlanOfBeforeKeepsItsOrder(t *testing.T) {
	t.Parallel()
	f, out, gone, successor := leaving(t)
	now := f.plan()
	w, err := plan.Create(filepath.Join(t.TempDir(), "before.plan"))
	if err != nil {
		t.Fatal(err)
	}
	var first, last []plan.Change
	var active []plan.FieldDiff
	for _, c := range changes(t, now) {
		switch {
		case c.Phase == plan.Leavers && c.Missing:
			c.Phase = plan.Deactivations
			last = append(last, c)
		case c.Phase == plan.Leavers:
			active = c.Fields
		case c.Anchor == out:
			c.Action, c.Fields = plan.Deactivate, append(active, c.Fields...)
			first = append(first, c)
		default:
			first = append(first, c)
		}
	}
	for _, c := range append(first, last...) {
		c.Seq = 0
		if err := w.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	before, err := w.Seal(now.Header())
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	if _, err := f.engine().Apply(t.Context(), before, noOverride); err != nil {
		t.Fatal(err)
	}
	for who, key := range map[identity.Anchor]string{out: "was.out@example.com", gone: "gone@example.com",
		successor: "out@example.com"} {
		if r := f.account(who); r.Key != key || r.Active != (who == successor) {
			t.Errorf("%s: %+v", who, r)
		}
	}
	if p := f.plan(); p.Len() != 0 {
		t.Errorf("left: %s", brief(changes(t, p)))
	}
}

// TestPartOfALeaver: either of the two changes of a leaver may be excluded. It is planned again,
// also by an incremental run, and the state records nothing that is not true.
func TestPartOfALeaver(t *testing.T) {
	t.Parallel()
	for _, left := range []plan.Phase{plan.Leavers, plan.UserWrites} {
		f, out, _, _ := leaving(t)
		p := f.plan()
		opt := noOverride
		opt.Part.Left = map[int64]bool{}
		for _, c := range changes(t, p) {
			if c.Anchor == out && c.Phase == left {
				opt.Part.Left[c.Seq] = true
			}
		}
		if _, err := f.engine().Apply(t.Context(), p, opt); err != nil {
			t.Fatal(err)
		}
		r := f.account(out)
		if r.Active != (left == plan.Leavers) || (r.Key == "out@example.com") != (left == plan.UserWrites) {
			t.Errorf("%d left out: %+v", left, r)
		}
		if s, _ := f.shadow(out); s.Active != r.Active || s.Applied.First(schema.UID) != r.Key {
			t.Errorf("%d left out: remembered as %+v", left, s)
		}
		for _, c := range changes(t, f.plan()) {
			for _, field := range c.Fields {
				if field.Drift || field.Both {
					t.Errorf("%d left out: taken for drift: %+v", left, c)
				}
			}
		}
		if err := f.run("incremental"); err != nil {
			t.Fatal(err)
		}
		if p := f.plan(); p.Len() != 0 {
			t.Errorf("%d left out: an incremental run left %s", left, brief(changes(t, p)))
		}
	}
}

// TestUndoOfALeaver: both changes of a leaver are undone as one.
func TestUndoOfALeaver(t *testing.T) {
	t.Parallel()
	f, out, gone, _ := leaving(t)
	f.undo(f.synced())
	for who, key := range map[identity.Anchor]string{out: "out@example.com", gone: "gone@example.com"} {
		if r := f.account(who); !r.Active || r.Key != key {
			t.Errorf("%+v", r)
		}
	}
	f.mustSync()
	for _, who := range []identity.Anchor{out, gone} {
		if r := f.account(who); r.Active {
			t.Errorf("%+v", r)
		}
	}
}

// TestSIDHistorySuccessorFails: a person who takes over a leaver's account is refused, and leaves
// as well. The account is inactive all the same: its link was kept.
func TestSIDHistorySuccessorFails(t *testing.T) {
	t.Parallel()
	for _, mode := range []record.Mode{record.Full, record.Incremental} {
		f := newFixture(t, t.TempDir())
		ana := f.dir.Add(person("Ana", "ana@example.com"))
		f.dir.Add(person("Bo", "bo@example.com"))
		f.mustSync()
		id := f.account(ana).ID
		f.dir.Delete(ana)
		again := f.dir.Add(person("Ana", "ana@example.com"))
		f.cloud.Fault = func(plan.Change) synctest.Fault { return synctest.Refuse }
		if err := f.run(mode); err != nil {
			t.Fatal(err)
		}
		f.cloud.Fault = nil
		f.dir.Delete(again)
		if err := f.run(mode); err != nil {
			t.Fatal(err)
		}
		if r, _, _ := f.cloud.Get(t.Context(), identity.User, id); r.Active {
			t.Errorf("%s: %+v", mode, r)
		}
		if p := f.plan(); p.Len() != 0 || len(f.dirty()) > 0 {
			t.Errorf("%s: left: %s %v", mode, brief(changes(t, p)), f.dirty())
		}
	}
}
