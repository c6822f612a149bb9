package sync_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// TestHeldPlansWriteNothing is promise P4 under random thresholds, edits and ways to read:
// a held plan changes nothing, neither in the cloud nor in what is remembered, but for its
// leavers where all of its holds spare them; any number but its own leaves it so; and the
// numbers of all its holds, and no fewer, let it go.
func TestHeldPlansWriteNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp("", "dirbridge-property-")
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, tmp)
		t.Cleanup(func() { os.RemoveAll(tmp) })
		f.dir.Add(person("Keeper", "keeper@example.com"))
		w := &randomWorld{fixture: f, keeper: f.dir.Anchors(identity.User)[0]}
		for range rapid.IntRange(1, 8).Draw(t, "people") {
			w.addPerson(t)
		}
		for range rapid.IntRange(0, 3).Draw(t, "groups") {
			w.addGroup(t)
		}
		f.mustSyncOr(isHeld)
		f.policy.Threshold, f.policy.Guards = drawThreshold(t), drawGuards(t)
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			for range rapid.IntRange(1, 8).Draw(t, "edits") {
				w.edit(t)
			}
			w.lift(t, rapid.SampledFrom([]record.Mode{record.Full, record.Incremental}).Draw(t, "mode"))
		}
	})
}

func drawThreshold(t *rapid.T) sync.Threshold {
	return sync.Threshold{Off: rapid.Bool().Draw(t, "off"), Number: rapid.Int64Range(0, 2).Draw(t, "number"), Percent: rapid.SampledFrom([]float64{0, 10, 50}).Draw(t, "percent")}
}

func drawGuards(t *rapid.T) sync.Guards {
	d := func() sync.Threshold { return drawThreshold(t) }
	return sync.Guards{Removals: d(), Disabled: d(), KeyChanges: d(), Administrators: d(), MembersRemoved: d(), GroupsEmptied: sync.Threshold{Off: true},
		Blanked: d(), Lost: d(), Changed: d(), SourceShrunk: d(), CloudShrunk: d()}
}

func (f *fixture) mustSyncOr(fine func(error) bool) {
	f.t.Helper()
	if _, _, err := f.sync(noOverride); err != nil && !fine(err) {
		f.t.Fatalf("sync: %v", err)
	}
}

// lift runs once without an override, and if that is held, with wrong ones and the right
// one.
func (w *randomWorld) lift(t *rapid.T, mode record.Mode) {
	before := w.everything()
	run := func(numbers []int64) (record.Run, error) {
		w.now = w.now.Add(60_000_000_000)
		p, run, err := w.engine().Sync(context.Background(), sync.Request{Mode: mode, OrFull: true}, sync.ApplyOptions{Override: numbers, By: "alice"})
		if p != nil {
			p.Close()
		}
		return run, err
	}
	_, err := run(nil)
	var held *sync.HeldError
	if !errors.As(err, &held) {
		if err != nil {
			t.Fatalf("sync: %v", err)
		}
		return
	}
	if plan.SparesLeavers(held.Holds) {
		_, err = run(nil)
		if !errors.As(err, &held) && err == nil {
			return // the rest is little enough
		}
		if held.Leavers > 0 {
			t.Fatalf("leavers were written twice")
		}
		before = w.everything()
	} else if held.Leavers > 0 {
		t.Fatalf("%d leavers were written in spite of %+v", held.Leavers, held.Holds)
	}
	var numbers []int64
	hopeless := false
	for _, h := range held.Holds {
		hopeless = hopeless || !h.Overridable
		if h.Overridable && !slices.Contains(numbers, h.Count) {
			numbers = append(numbers, h.Count)
		}
		checkHold(t, h)
	}
	for _, wrong := range [][]int64{{1000}, append(slices.Clone(numbers), 1000), numbers[:max(0, len(numbers)-1)]} {
		if _, err := run(wrong); err == nil {
			t.Fatalf("%v lifted %+v", wrong, held.Holds)
		}
	}
	if after := w.everything(); after != before {
		t.Fatalf("a held plan did something:\n%s\nbefore:\n%s", after, before)
	}
	done, err := run(numbers)
	switch {
	case hopeless && !isHeld(err):
		t.Fatalf("%v lifted what cannot be: %v", numbers, err)
	case !hopeless && err != nil:
		t.Fatalf("%v did not lift %+v: %v", numbers, held.Holds, err)
	case !hopeless && (done.By != "alice" || len(done.Overrides) != len(held.Holds)):
		t.Fatalf("%+v was recorded of %+v", done, held.Holds)
	}
}

// checkHold: what, how many, of how many, and, where changes were counted, all of them by
// cause.
func checkHold(t *rapid.T, h plan.Hold) {
	if h.Detail == "" || h.Remedy == "" || h.Count <= 0 || h.Of > 0 && h.Count > h.Of {
		t.Fatalf("%+v", h)
	}
	sum := int64(0)
	for _, c := range h.Causes {
		sum += c.Count
	}
	if h.Causes != nil && sum != h.Count || h.Causes == nil && h.Rule == plan.RuleDeleteThreshold {
		t.Fatalf("the causes are of %d: %+v", sum, h)
	}
}

// everything is the cloud and the state, but for runs and events.
func (w *randomWorld) everything() string {
	out := fmt.Sprintf("%d writes\n", w.cloud.Writes)
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		for _, r := range w.cloud.All(kind) {
			out += fmt.Sprintf("%+v %v\n", r, w.cloud.MembersOf(r.ID))
		}
	}
	w.store.Shadows(context.Background(), func(s identity.Shadow) error {
		out += fmt.Sprintf("%+v\n", s)
		return nil
	})
	return out
}
