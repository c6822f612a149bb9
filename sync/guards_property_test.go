package sync_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// TestHeldPlansWriteNothing is promise P4 under random thresholds, edits and ways to read. A held
// plan changes nothing, neither in the cloud nor in the state, except that it deactivates its
// leavers, all of them, unless a removal guard holds it. Any number that is not its own leaves it
// held; the numbers of all its holds, and no fewer, lift it.
func TestHeldPlansWriteNothing(t *testing.T) {
	t.Parallel()
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
		if rapid.Bool().Draw(t, "removals unguarded") { // so that leavers are often held by other guards alone
			f.policy.Threshold.Off, f.policy.Guards.Removals.Off, f.policy.Guards.Disabled.Off = true, true, true
		}
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			for range rapid.IntRange(1, 8).Draw(t, "edits") {
				w.edit(t)
			}
			w.lift(t, rapid.SampledFrom([]record.Mode{record.Full, record.Incremental}).Draw(t, "mode"))
		}
	})
}

func drawThreshold(t *rapid.T) policy.Threshold {
	return policy.Threshold{Off: rapid.Bool().Draw(t, "off"), Number: rapid.Int64Range(0, 2).Draw(t, "number"),
		Percent: rapid.SampledFrom([]float64{0, 10, 50}).Draw(t, "percent")}
}

func drawGuards(t *rapid.T) policy.Guards {
	d := func() policy.Threshold { return drawThreshold(t) }
	return policy.Guards{Removals: d(), Disabled: d(), KeyChanges: d(), Administrators: d(), MembersRemoved: d(),
		GroupsEmptied: policy.Threshold{Off: true},
		Blanked:       d(), Lost: d(), Changed: d(), SourceShrunk: d(), CloudShrunk: d()}
}

func (f *fixture) mustSyncOr(fine func(error) bool) {
	f.t.Helper()
	if _, _, err := f.sync(noOverride); err != nil && !fine(err) {
		f.t.Fatalf("sync: %v", err)
	}
}

// lift runs once without an override and, if that is held, with wrong ones and the right one.
func (w *randomWorld) lift(t *rapid.T, mode record.Mode) {
	var planned []plan.Change
	whole := false
	run := func(numbers []int64) (record.Run, error) {
		w.now = w.now.Add(60_000_000_000)
		p, run, err := w.engine().Sync(context.Background(), sync.Request{Mode: mode, OrFull: true},
			apply.Options{Override: numbers, By: "alice"})
		if p != nil {
			planned, whole = changes(t, p), p.Header().Complete
			p.Close()
		}
		return run, err
	}
	first := w.picture()
	_, err := run(nil)
	var held *port.HeldError
	if !errors.As(err, &held) {
		if err != nil {
			t.Fatalf("sync: %v", err)
		}
		return
	}
	if w.sparesLeavers(t, first, held, planned, whole) > 0 {
		_, err = run(nil)
		if !errors.As(err, &held) && err == nil {
			return // the rest is small enough
		}
		if held.Leavers > 0 {
			t.Fatalf("leavers were written twice")
		}
	}
	before := w.everything()
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

// picture is the contents of the cloud and of the state, by object.
type picture struct {
	users  map[identity.ResourceID]identity.Resource
	links  map[identity.Anchor]identity.Shadow
	groups string
}

func (w *randomWorld) picture() picture {
	p := picture{users: map[identity.ResourceID]identity.Resource{}, links: map[identity.Anchor]identity.Shadow{}}
	for _, r := range w.cloud.All(identity.User) {
		p.users[r.ID] = r
	}
	for _, r := range w.cloud.All(identity.Group) {
		p.groups += fmt.Sprintf("%+v %v\n", r, w.cloud.MembersOf(r.ID))
	}
	w.store.Shadows(context.Background(), func(s identity.Shadow) error {
		p.links[s.Anchor] = s
		return nil
	})
	return p
}

// sparesLeavers checks that exactly those accounts that a held plan reports as deactivated leavers
// are inactive in the cloud and deactivated in the state. It returns how many there are.
func (w *randomWorld) sparesLeavers(t *rapid.T, before picture, held *port.HeldError, planned []plan.Change,
	whole bool) int64 {
	others := []string{plan.RuleKeyChanges, plan.RuleAttributeBlanked, plan.RuleAttributeChanged, plan.RuleMembersRemoved,
		plan.RuleGroupMembersRemoved, plan.RuleGroupsEmptied, plan.RuleAdoption, plan.RuleAttributeLost}
	byRemovals := slices.ContainsFunc(held.Holds, func(h plan.Hold) bool { return !slices.Contains(others, h.Rule) })
	n, after := int64(0), w.picture()
	for _, c := range planned {
		if c.Phase != plan.Leavers || byRemovals || !whole || before.links[c.Anchor].ID != c.ID {
			continue
		}
		n++
		want, is, link := before.users[c.ID], after.users[c.ID], after.links[c.Anchor]
		want.Active, want.Version = false, is.Version
		if !before.users[c.ID].Active || !reflect.DeepEqual(is, want) || link.ID != c.ID || link.Active {
			t.Fatalf("the leaver %s is %+v, remembered as %+v; it was %+v", c.Anchor, is, link, before.users[c.ID])
		}
		before.users[c.ID], before.links[c.Anchor] = is, link
	}
	if held.Leavers != n {
		t.Fatalf("%d leavers were written of %d, in spite of %+v", held.Leavers, n, held.Holds)
	}
	if !reflect.DeepEqual(after, before) {
		t.Fatalf("a held plan wrote more than its leavers:\n%+v\nbefore:\n%+v", after, before)
	}
	return n
}

// checkHold checks what a hold counts, how many, of how many and, where it counts changes, that the
// causes add up.
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

// everything is the cloud and the state, except runs and events.
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
