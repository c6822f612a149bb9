package sync_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestIncrementsEqualFull: whatever happens in the directory, and however the changes are reported,
// the result of any number of incremental runs is that of one full run: a full plan right after
// them finds nothing to do.
func TestIncrementsEqualFull(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp("", "dirbridge-property-")
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, tmp)
		t.Cleanup(func() { os.RemoveAll(tmp) })
		f.policy.Threshold = policy.Threshold{Off: true}
		f.policy.Flatten = rapid.Bool().Draw(t, "flatten")
		f.cloud.Limit.UniqueGroupNames = rapid.Bool().Draw(t, "unique group names")
		f.dir.ReportMembers = rapid.Bool().Draw(t, "tell members")
		f.dir.OmitDeletedKinds = rapid.Bool().Draw(t, "bare deletes")
		f.dir.RefsByDN = rapid.Bool().Draw(t, "references by DN")
		f.dir.OmitKinds = rapid.Bool().Draw(t, "bare kinds")
		f.dir.ReportTwice = rapid.Bool().Draw(t, "told twice")
		f.dir.ReportRemaining = rapid.Bool().Draw(t, "present")
		f.dir.Add(person("Keeper", "keeper@example.com"))
		w := &changingWorld{randomWorld: &randomWorld{fixture: f, keeper: f.dir.Anchors(identity.User)[0]}}
		if rapid.IntRange(0, 3).Draw(t, "scope by group") == 0 {
			f.dir.ScopeGroup = f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Scope", Attrs: identity.Attrs{}})
			f.dir.Edit(f.dir.ScopeGroup, func(o *synctest.Object) { o.Members[w.keeper] = true })
		}
		f.dir.AddOU("Staff")
		f.dir.AddOU("Elsewhere")
		for range rapid.IntRange(1, 6).Draw(t, "people") {
			w.addPerson(t)
		}
		for range rapid.IntRange(0, 3).Draw(t, "groups") {
			w.addGroup(t)
		}
		w.administrators(t)
		for range rapid.IntRange(0, 5).Draw(t, "first edits") {
			w.change(t)
		}
		w.log += w.state()
		if _, _, err := f.sync(noOverride); err != nil && !isHeld(err) {
			t.Fatalf("full sync: %v", err)
		}
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			for range rapid.IntRange(0, 5).Draw(t, "edits") {
				w.change(t)
			}
			if rapid.IntRange(0, 3).Draw(t, "faulty") == 0 {
				w.faults(t)
			}
			w.increment(t)
		}
		f.cloud.Fault = nil
		for range 3 {
			w.increment(t)
		}
		p, err := f.engine().Plan(t.Context(), sync.Request{Mode: record.Full})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		// With no people left at all, neither kind of run writes anything.
		held := slices.ContainsFunc(p.Header().Holds, func(h plan.Hold) bool { return !h.Overridable })
		w.sameWithheld(t, p, held)
		if p.Len() != 0 && !held {
			t.Fatalf("a full plan finds more:\n%s\nlog:\n%s", brief(changes(t, p)), w.log)
		}
		if !held {
			w.nobodyStays(t, w.log)
		}
	})
}

type changingWorld struct {
	*randomWorld
	log  string
	gone []identity.Anchor // deleted at some time
}

// increment runs once, incrementally.
func (w *changingWorld) increment(t *rapid.T) {
	w.now = w.now.Add(60_000_000_000)
	w.log += w.state()
	w.wantNothingIdle(t)
	p, run, err := w.engine().Sync(t.Context(), sync.Request{Mode: record.Incremental}, noOverride)
	if p != nil {
		h := p.Header()
		w.log += fmt.Sprintf("run %s %s (%s)\n%s%s", h.Mode, run.Outcome, h.Instead, brief(changes(t, p)), w.problems(p))
		if h.Mode != record.Incremental && len(h.Instead) == 0 {
			t.Fatalf("a full run, and no reason why")
		}
		p.Close()
	}
	if errors.Is(err, synctest.ErrDead) {
		w.store.Close()
		w.open()
	} else if err != nil && !isHeld(err) {
		t.Fatalf("incremental sync: %v", err)
	}
}

// wantNothingIdle checks that an incremental plan adds no membership that the cloud has, and
// removes none that it does not have: a group that did not change is not written.
func (w *changingWorld) wantNothingIdle(t *rapid.T) {
	p, err := w.engine().Plan(t.Context(), sync.Request{Mode: record.Incremental})
	if err != nil {
		t.Fatalf("incremental plan: %v", err)
	}
	defer p.Close()
	for _, c := range changes(t, p) {
		if c.Kind == identity.Member && c.ID != "" && c.MemberID != "" &&
			w.cloud.MembersOf(c.ID)[c.MemberID] == (c.Action == plan.Add) {
			t.Fatalf("%s of %s: %s (%s), which the cloud has so already\n%s", c.Action, c.MemberKey, c.Key, c.Reason, w.log)
		}
	}
}

// brief is a line for each change.
func brief(cs []plan.Change) string {
	out := ""
	for _, c := range cs {
		out += fmt.Sprintf("  %s %s %s %s %s", c.Action, c.Kind, c.Key, c.MemberKey, c.Reason)
		for _, f := range c.Fields {
			out += fmt.Sprintf(" %s%v->%v", f.Name, f.Old, f.New)
		}
		out += "\n"
	}
	return out
}

// state describes the contents of the directory.
func (w *changingWorld) state() string {
	out := ""
	in := w.dir.Snapshot()
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		for _, a := range w.dir.Anchors(kind) {
			o, ok := in[a]
			out += fmt.Sprintf("  %s in=%v %s %s mail=%s boss=%s %v\n", a[len(a)-2:], ok, o.OU, o.CN, o.Attrs["mail"],
				o.Manager, o.Members)
		}
	}
	return out
}

// change does one random thing in the directory.
func (w *changingWorld) change(t *rapid.T) {
	what := rapid.IntRange(0, 21).Draw(t, "change")
	w.log += fmt.Sprintf("change %d\n", what)
	switch what {
	case 16:
		w.dir.RenameOU("Staff", "Crew")
	case 17:
		w.dir.RenameOU("Crew", "Staff")
	case 18:
		if len(w.gone) > 0 {
			w.dir.Undelete(rapid.SampledFrom(w.gone).Draw(t, "undeleted"))
		}
	case 2, 12:
		a := w.some(t, map[int]identity.Kind{2: identity.User, 12: identity.Group}[what])
		w.dir.Delete(a)
		if a != "" {
			w.gone = append(w.gone, a)
		}
	case 13, 14:
		ou := rapid.SampledFrom([]string{"Staff", "Crew", "Elsewhere"}).Draw(t, "ou")
		w.dir.MoveOUOut(ou, rapid.Bool().Draw(t, "out"))
	case 19, 20, 21:
		w.leaverEdit(t, what-19+handOn)
	default:
		w.randomWorld.doEdit(t, what)
	}
}
