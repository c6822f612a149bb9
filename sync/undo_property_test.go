package sync_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/policy"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestUndoProperty: whatever a run did, and whatever became of its writes, its undo restores the
// cloud from before the run, or the plan lists exactly what it does not restore. Another undo
// completes one that died. And the next runs find the truth.
func TestUndoProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp("", "dirbridge-undo-")
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, tmp)
		t.Cleanup(func() { os.RemoveAll(tmp) })
		f.policy.Threshold = policy.Threshold{Off: true}
		f.dir.Add(person("Keeper", "keeper@example.com"))
		w := &randomWorld{fixture: f, keeper: f.dir.Anchors(identity.User)[0]}
		for range rapid.IntRange(1, 8).Draw(t, "people") {
			w.addPerson(t)
		}
		for range rapid.IntRange(0, 3).Draw(t, "groups") {
			w.addGroup(t)
		}
		w.clean(t)
		for range rapid.IntRange(0, 6).Draw(t, "first edits") {
			w.edit(t)
		}
		w.clean(t)
		for range rapid.IntRange(1, 8).Draw(t, "edits") {
			w.edit(t)
		}
		before := w.snap()
		w.faults(t)
		if _, _, err := w.sync(noOverride); isHeld(err) {
			return
		} else if errors.Is(err, synctest.ErrDead) {
			w.store.Close()
			w.open()
		} else if err != nil {
			t.Fatalf("sync: %v", err)
		}
		f.cloud.Fault = nil
		run := w.lastRun().ID
		byHand := map[identity.ResourceID]bool{}
		for _, r := range before.res {
			if rapid.IntRange(0, 9).Draw(t, "by hand") == 0 {
				w.cloud.Edit(r.ID, func(r *identity.Resource) { r.Attrs["title"] = []string{"since"} })
				byHand[r.ID] = true
			}
		}
		listed := w.takeBack(t, run)
		w.compare(t, before, w.snap(), listed, byHand)
		w.clean(t)
		w.clean(t)
		w.check(t)
	})
}

// clean runs without faults. If the first run finds keys taken, a second one may be needed.
func (w *randomWorld) clean(t *rapid.T) {
	w.cloud.Fault = nil
	if _, _, err := w.sync(noOverride); err != nil && !isHeld(err) {
		t.Fatalf("clean sync: %v", err)
	}
}

// takeBack undoes a run, with faults and deaths on the way, until an undo of it is applied without
// any and finds no unknown outcome. It returns what the plans listed.
func (w *randomWorld) takeBack(t *rapid.T, run int64) (listed []identity.Problem) {
	for try := 0; ; try++ {
		p, err := w.engine().Plan(context.Background(), sync.Request{Mode: record.Undo, Undo: run})
		if err != nil {
			if strings.Contains(err.Error(), "changed nothing") {
				return listed
			}
			t.Fatalf("plan the undo: %v", err)
		}
		open := false
		var found []identity.Problem
		p.Problems(context.Background(), func(_ identity.Kind, pr identity.Problem) error {
			open = open || strings.Contains(pr.Message, "its result is unknown")
			found = append(found, pr)
			return nil
		})
		w.cloud.Fault = nil
		if try < 2 {
			w.faults(t)
		}
		got, err := w.engine().Apply(context.Background(), p, noOverride)
		p.Close()
		w.now = w.now.Add(1e9)
		switch {
		case errors.Is(err, synctest.ErrDead):
			w.store.Close()
			w.open()
		case err != nil:
			t.Fatalf("apply the undo: %v", err)
		case got.Outcome == record.Done && !open:
			w.cloud.Fault = nil
			return found
		case try > 5:
			t.Fatalf("the undo does not come to an end: %+v\n%+v\n%s", got, found, w.events())
		}
	}
}

// snap is the cloud at one time.
type snap struct {
	res     map[identity.ResourceID]identity.Resource
	members map[[2]identity.ResourceID]bool
}

func (w *randomWorld) snap() snap {
	s := snap{map[identity.ResourceID]identity.Resource{}, map[[2]identity.ResourceID]bool{}}
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		for _, r := range w.cloud.All(kind) {
			s.res[r.ID] = r
			for m := range w.cloud.MembersOf(r.ID) {
				s.members[[2]identity.ResourceID{r.ID, m}] = true
			}
		}
	}
	return s
}

func fieldsOf(r identity.Resource) map[string]string {
	out := map[string]string{"active": fmt.Sprint(r.Active)}
	for n, v := range r.Attrs {
		if len(v) > 0 {
			out[n] = fmt.Sprint(v)
		}
	}
	return out
}

// compare checks that the cloud is as before, except for what was listed. What the run added is
// deactivated, and its members stay in it.
func (w *randomWorld) compare(t *rapid.T, before, after snap, listed []identity.Problem,
	byHand map[identity.ResourceID]bool) {
	told := func(field string, rs ...identity.Resource) bool {
		return slices.ContainsFunc(listed, func(p identity.Problem) bool {
			return p.Attribute == field && slices.ContainsFunc(rs,
				func(r identity.Resource) bool { return strings.EqualFold(p.Anchor.GUID(), r.ExternalID) })
		})
	}
	for id, was := range before.res {
		is, ok := after.res[id]
		if !ok {
			t.Fatalf("%+v is gone", was)
		}
		have, want := fieldsOf(is), fieldsOf(was)
		for _, set := range []map[string]string{have, want} {
			for name := range set {
				switch {
				case have[name] == want[name], told(name, was, is):
				case name == "title" && byHand[id] && have[name] == "[since]":
					// The run did not change it, or it is listed.
				default:
					t.Fatalf("%s of %s is %s, and was %s\nlisted: %+v\n%s\n%+v", name, id, have[name], want[name], listed,
						w.events(), is)
				}
			}
		}
	}
	for id, is := range after.res {
		if _, old := before.res[id]; old {
			continue
		}
		s, known := w.shadow(identity.NewAnchor("corp", is.ExternalID))
		if is.Kind == identity.User && is.Active || known && s.ID == id && s.State != identity.Grace {
			t.Fatalf("what the run made is not taken back: %+v %+v\n%+v", is, s, listed)
		}
	}
	for _, both := range [][2]map[[2]identity.ResourceID]bool{{before.members, after.members},
		{after.members, before.members}} {
		for m := range both[0] {
			_, g := before.res[m[0]]
			_, p := before.res[m[1]]
			if g && p && !both[1][m] {
				t.Fatalf("membership %v: before %t, after %t\n%+v\n%s", m, before.members[m], after.members[m], listed, w.events())
			}
		}
	}
}
