package sync_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/explain"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestExplainEqualsPlan: whatever is explained, before the first run and between runs that fail in
// every way, its change, its memberships and its problems are those that a full plan has for it,
// and explain writes nothing.
func TestExplainEqualsPlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp("", "dirbridge-property-")
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, tmp)
		t.Cleanup(func() { os.RemoveAll(tmp) })
		f.policy.Threshold = policy.Threshold{Off: true}
		f.policy.OnUnmatched = rapid.SampledFrom([]string{"report", "deactivate"}).Draw(t, "on unmatched")
		f.cloud.Limit.UniqueGroupNames = rapid.Bool().Draw(t, "unique group names")
		f.dir.RefsByDN = rapid.Bool().Draw(t, "references by DN")
		f.dir.Add(person("Keeper", "keeper@example.com"))
		w := &randomWorld{fixture: f, keeper: f.dir.Anchors(identity.User)[0]}
		if rapid.IntRange(0, 3).Draw(t, "scope by group") == 0 {
			f.dir.ScopeGroup = f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Scope", Attrs: identity.Attrs{}})
			f.dir.Edit(f.dir.ScopeGroup, func(o *synctest.Object) { o.Members[w.keeper] = true })
		}
		for range rapid.IntRange(1, 6).Draw(t, "people") {
			w.addPerson(t)
		}
		for range rapid.IntRange(0, 3).Draw(t, "groups") {
			w.addGroup(t)
		}
		w.administrators(t)
		for range rapid.IntRange(1, 3).Draw(t, "rounds") {
			for range rapid.IntRange(0, 6).Draw(t, "edits") {
				w.edit(t)
			}
			f.rules["title"] = rapid.SampledFrom([]string{"title", "title", "displayName", ""}).Draw(t, "rule of the title")
			w.explainAll(t)
			w.faults(t)
			_, _, err := f.sync(noOverride)
			if errors.Is(err, synctest.ErrDead) {
				f.store.Close()
				f.open()
			} else if err != nil && !isHeld(err) {
				t.Fatalf("sync: %v", err)
			}
			f.cloud.Fault = nil
		}
	})
}

// explainAll explains most objects, and compares.
func (w *randomWorld) explainAll(t *rapid.T) {
	p, err := w.engine().Plan(t.Context(), sync.Request{Mode: record.Full})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	all := changes(t, p)
	writes := w.cloud.Writes
	known := map[identity.Anchor]identity.Kind{}
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		for _, a := range w.dir.Anchors(kind) {
			known[a] = ""
		}
	}
	w.store.Shadows(t.Context(), func(s identity.Shadow) error { known[s.Anchor] = s.Kind; return nil })
	for _, a := range slices.Sorted(maps.Keys(known)) {
		if rapid.IntRange(0, 2).Draw(t, "leave out") == 0 {
			continue
		}
		kind := known[a]
		x, err := w.engine().Explain(t.Context(), explain.Subject{Anchor: a, Kind: kind})
		if err != nil {
			t.Fatalf("explain %s: %v", a, err)
		}
		w.compareExplained(t, x, p, all, func(c plan.Change) bool { return c.Anchor == a && c.Kind != identity.Member }, a)
	}
	p.Unmatched(t.Context(), func(u plan.Unmatched) error {
		x, err := w.engine().Explain(t.Context(), explain.Subject{ID: u.ID, Kind: u.Kind})
		if err != nil {
			t.Fatalf("explain the account %s: %v", u.ID, err)
		}
		if u.KeptAdmin() {
			if !x.Spared {
				t.Fatalf("the plan keeps the administrator %s, explained %+v", u.Key, x)
			}
			return nil
		}
		if x.Unmatched == nil || *x.Unmatched != u {
			t.Fatalf("the plan says %+v, explained %+v", u, x.Unmatched)
		}
		w.compareExplained(t, x, p, all, func(c plan.Change) bool { return c.Anchor == "" && c.ID == u.ID }, "")
		return nil
	})
	if n := w.cloud.Writes; n != writes {
		t.Fatalf("explaining wrote %d times", n-writes)
	}
}

func (w *randomWorld) compareExplained(t *rapid.T, x explain.Result, p *plan.Plan, all []plan.Change,
	its func(plan.Change) bool, a identity.Anchor) {
	var want, got, members []string
	var problems, told []string
	for _, c := range all {
		if its(c) {
			want = append(want, gist(c))
		}
		if c.Kind == identity.Member && c.Member == a && a != "" {
			members = append(members, gist(c))
		}
	}
	if x.Change != nil {
		got = append(got, gist(*x.Change))
	}
	if x.Then != nil {
		got = append(got, gist(*x.Then))
	}
	var explained []string
	for _, c := range x.Members {
		explained = append(explained, gist(c))
	}
	p.Problems(t.Context(), func(_ identity.Kind, pr identity.Problem) error {
		if pr.Anchor == a && a != "" {
			problems = append(problems, pr.Message)
		}
		return nil
	})
	for _, pr := range x.Problems {
		told = append(told, pr.Message)
	}
	withheld := ""
	p.Withheld(t.Context(), func(h plan.Withheld) error {
		if h.Person.Anchor == a && a != "" {
			withheld = h.Fingerprint
		}
		return nil
	})
	if x.Withheld == nil && withheld != "" || x.Withheld != nil && x.Withheld.Fingerprint != withheld {
		t.Fatalf("%s: the plan withholds %q, explained is %+v", a, withheld, x.Withheld)
	}
	for _, list := range [][]string{problems, told, members, explained} {
		slices.Sort(list)
	}
	if !reflect.DeepEqual(want, got) || !reflect.DeepEqual(problems, told) || !reflect.DeepEqual(members, explained) {
		t.Fatalf("%s %s:\nplanned %q %q %q\nexplained %q %q %q\nplan:\n%s%s", x.Anchor, x.ID, want, members, problems, got,
			explained, told, brief(all), w.problems(p))
	}
}

// gist is a change without what depends on the rest of the plan.
func gist(c plan.Change) string {
	return fmt.Sprint(c.Action, c.Kind, c.Phase, c.Anchor, c.Member, c.ID, c.MemberID, c.Key, c.MemberKey, c.DN,
		c.SourceBase, c.CloudBase, c.Fields, c.Via, c.Wave, c.Reason, c.Cause, c.Missing)
}
