package synctest

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

func storeEmpty(t *testing.T, f *storeFixture) {
	ctx := t.Context()
	if n := len(f.shadows(t)) + len(f.edges(t, "")) + len(f.containers(t, "corp")) + len(f.dirty(t)); n != 0 {
		t.Errorf("an empty store lists %d", n)
	}
	if _, ok, err := f.Shadow(ctx, anchorOf("corp", "000000000001")); ok || err != nil {
		t.Errorf("an empty store has a shadow: %v, %v", ok, err)
	}
	if v, err := f.Value(ctx, "cookie"); v != "" || err != nil {
		t.Errorf("an empty store has a value: %q, %v", v, err)
	}
	if runs, err := f.Runs(ctx, 10); len(runs) != 0 || err != nil {
		t.Errorf("an empty store has runs: %v, %v", runs, err)
	}
	if events, err := f.EventsSince(ctx, 0, 10); len(events) != 0 || err != nil {
		t.Errorf("an empty store has events: %v, %v", events, err)
	}
	if in := f.unanswered(t); len(in) != 0 {
		t.Errorf("an empty store has intents: %v", in)
	}
}

// fullShadow has a value in every field.
func fullShadow() identity.Shadow {
	return identity.Shadow{
		Anchor: anchorOf("corp", "0000000000aa"), Kind: identity.User, DN: `CN=Silva\, Ana,OU=Søren,DC=x`,
		Parent: anchorOf("corp", "0000000000bb"), RDN: `CN=Silva\, Ana`,
		Inputs: identity.Attrs{"mail": {"ana@example.com"}, "proxyAddresses": {"SMTP:a", "smtp:b"}}, Base: "f00f",
		Applied: identity.Attrs{"displayName": {"Ana \"A\" Silva\x00\n"}}, Active: true,
		ID: "id-1", Linked: at(1), State: identity.Grace, Since: at(2), ByUs: true,
		Ignored: map[string]identity.Ignored{"title": {Wanted: []string{"a", "b"}, Got: []string{"c"}, Sure: true},
			"street": {Wanted: []string{"d"}}},
		Run: 7,
	}
}

func storeShadows(t *testing.T, f *storeFixture) {
	full, plain := fullShadow(), identity.Shadow{Anchor: anchorOf("corp", "000000000001"), Kind: identity.Group,
		State: identity.Live}
	f.commit(t, port.Batch{Shadows: []identity.Shadow{full, plain}})
	f.reopen(t)
	for _, want := range []identity.Shadow{full, plain} {
		got, ok, err := f.Shadow(t.Context(), want.Anchor)
		if diff := gocmp.Diff(want, got); diff != "" || !ok || err != nil {
			t.Errorf("%v, %v: %s", ok, err, diff)
		}
	}
	if diff := gocmp.Diff([]identity.Shadow{plain, full}, f.shadows(t)); diff != "" {
		t.Errorf("listed: %s", diff)
	}

	full.State, full.Since, full.ByUs, full.Ignored, full.Applied = identity.Live, at(9), false, nil, nil
	f.commit(t,
		port.Batch{Shadows: []identity.Shadow{full},
			Forget: []identity.Anchor{plain.Anchor, anchorOf("corp", "0000000000ff")}})
	f.reopen(t)
	if diff := gocmp.Diff([]identity.Shadow{full}, f.shadows(t)); diff != "" {
		t.Errorf("replaced and forgotten: %s", diff)
	}
}

func storeOrder(t *testing.T, f *storeFixture) {
	var want []identity.Anchor
	for i := range 300 {
		directory := []string{"corp", "ad", "Corp"}[i%3]
		want = append(want,
			anchorOf(directory, string(rune('a'+i*7%26))+string(rune('0'+i%10))+"0000000"+string(rune('a'+i%26))+
				string(rune('0'+i/26%10))+string(rune('a'+i/10%26))))
	}
	slices.Sort(want)
	want = slices.Compact(want)
	shuffled := slices.Clone(want)
	slices.SortFunc(shuffled, func(a, b identity.Anchor) int { return cmp.Compare(a[len(a)-3:], b[len(b)-3:]) })
	for chunk := range slices.Chunk(shuffled, 37) {
		var b port.Batch
		for _, a := range chunk {
			b.Shadows = append(b.Shadows, identity.Shadow{Anchor: a, State: identity.Live})
		}
		f.commit(t, b)
	}
	var got []identity.Anchor
	for _, s := range f.shadows(t) {
		got = append(got, s.Anchor)
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed as %v, want %v", got, want)
	}
}

func storeEdges(t *testing.T, f *storeFixture) {
	from := anchorOf("corp", "000000000001")
	one := identity.Edge{Kind: identity.Membership, From: from, To: identity.Ref{Anchor: anchorOf("corp", "000000000002")}}
	two := identity.Edge{Kind: identity.Membership, From: from,
		To: identity.Ref{DN: `CN=Out\, of scope,DC=x`, SID: "S-1-5-21-1"}}
	three := identity.Edge{Kind: identity.Manager, From: from, To: identity.Ref{Anchor: anchorOf("corp", "000000000002")}}
	other := identity.Edge{Kind: identity.Membership, From: anchorOf("lab", "000000000001"),
		To: identity.Ref{SID: "S-1-5-21-2"}}
	want := func(when, directory string, edges ...identity.Edge) {
		t.Helper()
		got := map[identity.Edge]int{}
		for _, e := range f.edges(t, directory) {
			got[e]++
		}
		expected := map[identity.Edge]int{}
		for _, e := range edges {
			expected[e] = 1
		}
		if !maps.Equal(got, expected) {
			t.Errorf("%s the edges of %q are %v, want %v", when, directory, got, expected)
		}
	}

	f.commit(t, port.Batch{Edges: map[string]port.EdgeSet{"corp": edgeSet(one, two), "lab": edgeSet(other)}})
	f.reopen(t)
	want("at first", "corp", one, two)
	want("at first", "lab", other)
	want("at first", "", one, two, other)
	f.commit(t, port.Batch{Edges: map[string]port.EdgeSet{"corp": edgeSet(two, three)}})
	want("replaced,", "corp", two, three)
	want("when another's were replaced,", "lab", other)
	f.commit(t, port.Batch{Edges: map[string]port.EdgeSet{"corp": edgeSet()}})
	want("emptied,", "", other)
	f.commit(t, port.Batch{Values: map[string]string{"x": "y"}})
	want("after a batch without edges", "", other)
}

func storeContainers(t *testing.T, f *storeFixture) {
	root := identity.Container{Anchor: anchorOf("corp", "000000000009"), DN: "DC=x", Parent: ""}
	ou := identity.Container{Anchor: anchorOf("corp", "000000000001"), DN: `OU=A\, B,DC=x`, Parent: "DC=x"}
	lab := identity.Container{Anchor: anchorOf("lab", "000000000001"), DN: "DC=lab"}
	f.commit(t, port.Batch{Containers: map[string][]identity.Container{"corp": {root, ou}, "lab": {lab}}})
	f.reopen(t)
	if diff := gocmp.Diff([]identity.Container{root, ou}, f.containers(t, "corp")); diff != "" {
		t.Error(diff)
	}
	f.commit(t, port.Batch{Containers: map[string][]identity.Container{"corp": {root}}})
	if diff := gocmp.Diff([]identity.Container{root}, f.containers(t, "corp")); diff != "" {
		t.Errorf("replaced: %s", diff)
	}
	if diff := gocmp.Diff([]identity.Container{lab}, f.containers(t, "lab")); diff != "" {
		t.Errorf("another's: %s", diff)
	}
}

func storeDirty(t *testing.T, f *storeFixture) {
	a, b, c := anchorOf("corp", "00000000000a"), anchorOf("corp", "00000000000b"), anchorOf("corp", "00000000000c")
	f.commit(t, port.Batch{Dirty: map[identity.Anchor]string{a: "failed", b: "held"}})
	f.commit(t, port.Batch{Dirty: map[identity.Anchor]string{b: "skipped", c: "unticked", a: ""}})
	f.reopen(t)
	if got, want := f.dirty(t), map[identity.Anchor]string{b: "skipped", c: "unticked"}; !maps.Equal(got, want) {
		t.Errorf("dirty are %v, want %v", got, want)
	}
	f.commit(t, port.Batch{CleanOf: "skipped", Dirty: map[identity.Anchor]string{a: "skipped"}})
	if got, want := f.dirty(t), map[identity.Anchor]string{a: "skipped", c: "unticked"}; !maps.Equal(got, want) {
		t.Errorf("once those that were skipped are clean, dirty are %v, want %v", got, want)
	}
}

func storeValues(t *testing.T, f *storeFixture) {
	f.commit(t, port.Batch{Values: map[string]string{"cookie": "1", "mode": "enabled"}})
	f.commit(t, port.Batch{Values: map[string]string{"cookie": "2 \x00 ü", "mode": ""}})
	f.reopen(t)
	for name, want := range map[string]string{"cookie": "2 \x00 ü", "mode": "", "never": ""} {
		if got, err := f.Value(t.Context(), name); got != want || err != nil {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
}
