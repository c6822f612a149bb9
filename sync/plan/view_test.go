package plan_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// mixed is a plan with every kind of change.
func mixed(n int) []plan.Change {
	actions := []plan.Action{plan.Add, plan.Update, plan.Rename, plan.Deactivate, plan.Match}
	causes := []string{"", "OU=Sales was renamed OU=Sales EMEA", "the mapping of title changed"}
	changes := make([]plan.Change, n)
	for i := range changes {
		c := person(i + 1)
		c.Action, c.Cause = actions[i%len(actions)], causes[i%len(causes)]
		c.Reason = []string{"mail changed", "title changed"}[i%2]
		c.Missing = c.Action == plan.Deactivate && i%3 == 0
		if i%7 == 0 {
			c.Kind, c.Key, c.MemberKey = identity.Member, "All Staff", fmt.Sprintf("ÜNAL%d@Example.com", i)
			c.Fields, c.After, c.Cause = nil, nil, ""
		}
		if i%11 == 0 {
			c.Fields = []plan.FieldDiff{{Name: "title", Old: []string{"Äbtissin"}},
				{Name: "manager", New: []string{"x"}, Ref: true}}
		}
		changes[i] = c
	}
	return changes
}

// shows implements the documentation of View a second time, in Go.
func shows(v plan.View, c plan.Change) bool {
	if len(v.Actions) > 0 && !slices.Contains(v.Actions, c.Action) ||
		len(v.Kinds) > 0 && !slices.Contains(v.Kinds, string(c.Kind)) ||
		v.Cause != "" && v.Cause != c.Cause || v.OnlyMissing && !c.Missing ||
		v.Why != "" && v.Why != why(c) || v.Field != "" && !hasField(c, v.Field) {
		return false
	}
	texts := []string{c.Key, c.MemberKey, c.DN, c.Cause}
	for _, f := range c.Fields {
		texts = append(append(append(texts, f.Name), f.Old...), f.New...)
	}
	return slices.ContainsFunc(texts, func(s string) bool {
		return strings.Contains(strings.ToLower(s), strings.ToLower(v.Filter))
	})
}

func why(c plan.Change) string { return cmp.Or(c.Cause, c.Reason) }

func hasField(c plan.Change, name string) bool { _, ok := c.Field(name); return ok }

func anyView(t *rapid.T) plan.View {
	return plan.View{
		Actions: rapid.SliceOfNDistinct(
			rapid.SampledFrom([]plan.Action{plan.Add, plan.Update, plan.Deactivate, plan.Match, plan.Delete}),
			0, 3, rapid.ID[plan.Action]).Draw(t, "actions"),
		Kinds: rapid.SampledFrom([][]string{nil, nil, {"user"}, {"member"}, {"user", "group"}}).Draw(t, "kinds"),
		Filter: rapid.SampledFrom([]string{"", "", "user1", "ünal", "ÄBT", "sales emea", "100%", "_", "'", "manager",
			"nobody"}).Draw(t, "filter"),
		Cause:       rapid.SampledFrom([]string{"", "", "the mapping of title changed", "no such cause"}).Draw(t, "cause"),
		OnlyMissing: rapid.IntRange(0, 4).Draw(t, "missing") == 0,
		Why:         rapid.SampledFrom([]string{"", "", "", "title changed", "the mapping of title changed"}).Draw(t, "why"),
		Field:       rapid.SampledFrom([]string{"", "", "", "manager", "title", "titl"}).Draw(t, "field"),
	}
}

func TestViewsSelectAsDocumented(t *testing.T) {
	all := mixed(3000)
	p := write(t, "", all...)
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		v := anyView(t)
		var want []int64
		for i, c := range all {
			if shows(v, c) {
				want = append(want, int64(i+1))
			}
		}
		from, n := rapid.Int64Range(-2, 3100).Draw(t, "from"), rapid.IntRange(0, 300).Draw(t, "n")
		first, _ := slices.BinarySearch(want, from)
		check := func(what string, want []int64, got []plan.Change, err error) {
			if err != nil {
				t.Fatal(err)
			}
			var seqs []int64
			for _, c := range got {
				seqs = append(seqs, c.Seq)
			}
			if !slices.Equal(seqs, want) {
				t.Fatalf("%s of %+v from %d, %d rows:\ngot  %v\nwant %v", what, v, from, n, seqs, want)
			}
		}
		keyed := want[first:min(first+n, len(want))]
		got, err := p.Window(ctx, v, from, n) // before the view is indexed
		check("Window", keyed, got, err)
		offset := rapid.Int64Range(0, int64(len(want))+3).Draw(t, "offset")
		at := min(int(offset), len(want))
		got, err = p.WindowAt(ctx, v, offset, n)
		check("WindowAt", want[at:min(at+n, len(want))], got, err)
		got, err = p.Window(ctx, v, from, n) // and after
		check("indexed Window", keyed, got, err)
		picked, err := p.Pick(ctx, v)
		if err != nil || picked.Len() != int64(len(want)) || len(want) > 0 && !picked.Has(want[0]) {
			t.Fatalf("Pick of %+v has %d, %v; want %d", v, picked.Len(), err, len(want))
		}
		var counts record.Counts
		for _, seq := range want {
			all[seq-1].CountInto(&counts)
		}
		if got, err := p.Tally(ctx, picked); err != nil || got != counts {
			t.Fatalf("Tally of %+v is %+v, %v; want %+v", v, got, err, counts)
		}
		if count, err := p.Count(ctx, v); err != nil || count != int64(len(want)) {
			t.Fatalf("Count of %+v is %d, %v; want %d", v, count, err, len(want))
		}
	})
}

func TestGroupsAddUp(t *testing.T) {
	all := mixed(1000)
	p := write(t, "", all...)
	v := plan.View{Filter: "user1", Kinds: []string{"user"}}
	for _, by := range []string{"action", "cause", "reason", "why", "field"} {
		for _, v := range []plan.View{{}, v} {
			want := map[string]int64{}
			for _, c := range all {
				if !shows(v, c) {
					continue
				}
				names := map[string][]string{"action": {string(c.Action)}, "cause": {c.Cause}, "reason": {c.Reason},
					"why": {why(c)}}[by]
				for _, f := range c.Fields {
					if by == "field" {
						names = append(names, f.Name)
					}
				}
				for _, n := range names {
					if n != "" {
						want[n]++
					}
				}
			}
			groups, err := p.Grouped(t.Context(), by, v)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int64{}
			for i, g := range groups {
				got[g.Name] = g.Count
				if i > 0 && g.Count > groups[i-1].Count {
					t.Errorf("by %s: %v is out of order", by, groups)
				}
			}
			if some, err := p.Pick(t.Context(), plan.View{}); by != "action" {
				of, err2 := p.GroupedOf(t.Context(), by, v, some)
				if diff := gocmp.Diff(want, of); diff != "" || err != nil || err2 != nil {
					t.Errorf("of all by %s, %v, %v (-want +got):\n%s", by, err, err2, diff)
				}
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("by %s, %+v (-want +got):\n%s", by, v, diff)
			}
		}
	}
	if _, err := p.Grouped(t.Context(), "colour", plan.View{}); err == nil {
		t.Error("an unknown grouping is not refused")
	}
}

func TestManyReadersAtOnce(t *testing.T) {
	p := write(t, "", mixed(2000)...)
	done := make(chan error)
	const readers = 8
	for r := range readers {
		go func() {
			done <- func() error {
				for i := range 10 {
					v := plan.View{Filter: fmt.Sprintf("user%d", i), Actions: []plan.Action{plan.Add}}
					if _, err := p.WindowAt(t.Context(), v, int64(r), 20); err != nil {
						return err
					}
				}
				// A nested read in a callback must not wait for a connection.
				seen := 0
				return p.Changes(t.Context(), func(c plan.Change) error {
					if seen++; seen%500 != 0 {
						return nil
					}
					_, err := p.At(c.Seq)
					return err
				})
			}()
		}()
	}
	for range readers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestReadingEndsWithTheContext(t *testing.T) {
	p := write(t, "", mixed(1000)...)
	ctx, cancel := context.WithCancel(t.Context())
	err := p.Changes(ctx, func(plan.Change) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Changes ended with %v", err)
	}
	if _, err := p.Count(ctx, plan.View{Filter: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("Count ended with %v", err)
	}
	own := errors.New("enough")
	if err := p.Changes(t.Context(), func(plan.Change) error { return own }); err != own {
		t.Errorf("the callback's error came back as %v", err)
	}
	if _, err := p.At(1001); !errors.Is(err, plan.ErrNoChange) {
		t.Errorf("At beyond the end: %v", err)
	}
}
