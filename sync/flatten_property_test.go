package sync_test

import (
	"os"
	"testing"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestFlattenedGroups: nested groups at several levels, and cycles of them, whose people are
// written to each. Whatever joins or leaves one of them, and whichever member writes fail,
// incremental runs write only groups that changed, call nothing drift, and end where a full run
// would.
func TestFlattenedGroups(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp("", "dirbridge-property-")
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, tmp)
		t.Cleanup(func() { os.RemoveAll(tmp) })
		f.policy.Threshold, f.policy.Flatten = policy.Threshold{Off: true}, true
		f.cloud.Limit.Batch = rapid.IntRange(1, 4).Draw(t, "batch")
		f.dir.ReportMembers = rapid.Bool().Draw(t, "tell members")
		f.dir.RefsByDN = rapid.Bool().Draw(t, "references by DN")
		f.dir.Add(person("Keeper", "keeper@example.com"))
		w := &nestedWorld{changingWorld: &changingWorld{randomWorld: &randomWorld{fixture: f,
			keeper: f.dir.Anchors(identity.User)[0]}}}
		for i := range 5 {
			f.dir.Add(person(string(rune('A'+i)), string(rune('a'+i))+"@example.com"))
		}
		for i := range 5 {
			w.groups = append(w.groups, f.group("Group "+string(rune('A'+i))))
		}
		for range rapid.IntRange(5, 20).Draw(t, "first edits") {
			w.nest(t)
		}
		if _, _, err := f.sync(noOverride); err != nil {
			t.Fatalf("full sync: %v", err)
		}
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			for range rapid.IntRange(1, 4).Draw(t, "edits") {
				w.nest(t)
			}
			w.wantSameAsFull(t)
			if rapid.Bool().Draw(t, "faulty") {
				w.failMembers(t)
			}
			w.increment(t)
			w.cloud.Fault = nil
			w.wantNoDrift(t)
		}
		for range 2 {
			w.increment(t)
		}
		if p := w.plan(); p.Len() != 0 {
			t.Fatalf("a full plan finds more:\n%s\nlog:\n%s", brief(changes(t, p)), w.log)
		}
	})
}

// nestedWorld is a world in which mostly groups change.
type nestedWorld struct {
	*changingWorld
	groups []identity.Anchor
}

// nest lets one member join or leave a group; at times a person or a group changes.
func (w *nestedWorld) nest(t *rapid.T) {
	what := rapid.IntRange(0, 11).Draw(t, "what")
	switch who := w.some(t, identity.User); what {
	case 0:
		set(w.dir, who, "userAccountControl", rapid.SampledFrom([]string{"512", "514"}).Draw(t, "uac"))
	case 1:
		w.dir.Edit(who, func(o *synctest.Object) { o.Out = !o.Out })
	case 2:
		g := rapid.SampledFrom(w.groups).Draw(t, "group")
		w.dir.Edit(g, func(o *synctest.Object) { o.Out = !o.Out })
	default:
		g := rapid.SampledFrom(w.groups).Draw(t, "group")
		m := rapid.SampledFrom(append(w.dir.Anchors(identity.User), w.groups...)).Draw(t, "member")
		in := w.dir.Snapshot()[g].Members[m]
		w.log += "join " + string(g) + " " + string(m) + "\n"
		w.join(g, m, !in)
	}
}

// failMembers makes some writes of members fail, as if their part of a group was refused.
func (w *nestedWorld) failMembers(t *rapid.T) {
	script := rapid.SliceOfN(rapid.SampledFrom([]synctest.Fault{synctest.Fine, synctest.Refuse, synctest.Refuse,
		synctest.Drop, synctest.Lose, synctest.Die}), 1, 8).Draw(t, "faults")
	n := 0
	w.cloud.Fault = func(c plan.Change) synctest.Fault {
		if c.Kind == identity.Member && n < len(script) {
			n++
			return script[n-1]
		}
		return synctest.Fine
	}
}

// wantSameAsFull checks that a full plan also writes every membership that an incremental plan
// writes.
func (w *nestedWorld) wantSameAsFull(t *rapid.T) {
	full := map[string]bool{}
	name := func(c plan.Change) string { return string(c.Action) + " " + string(c.Anchor) + " " + string(c.Member) }
	for _, c := range changes(t, w.plan()) {
		full[name(c)] = true
	}
	p, err := w.engine().Plan(t.Context(), sync.Request{Mode: record.Incremental})
	if err != nil {
		t.Fatalf("incremental plan: %v", err)
	}
	defer p.Close()
	for _, c := range changes(t, p) {
		if c.Kind == identity.Member && !full[name(c)] {
			t.Fatalf("only the incremental plan has: %s\n%s", brief([]plan.Change{c}), w.log)
		}
	}
}
