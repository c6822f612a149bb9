package synctest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

func (f *storeFixture) deferred(t *testing.T, keys []string, anchors []identity.Anchor,
	again bool) map[identity.Anchor]identity.Deferred {
	t.Helper()
	all := map[identity.Anchor]identity.Deferred{}
	if err := f.Deferred(t.Context(), keys, anchors, again, func(tr identity.Deferred) error {
		if _, twice := all[tr.Anchor]; twice {
			t.Errorf("%s is listed twice", tr.Anchor)
		}
		all[tr.Anchor] = tr
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func storeDeferred(t *testing.T, f *storeFixture) {
	a, b, c, d := numbered("corp", 1), numbered("corp", 2), numbered("lab", 3), numbered("lab", 4)
	wants := func(a identity.Anchor, key string, again bool) identity.Deferred {
		return identity.Deferred{Anchor: a, Kind: identity.User, Key: key, Again: again}
	}
	sameKey, other := []identity.Deferred{wants(a, "ana@x.org", false), wants(b, "ana@x.org", true)}, wants(c,
		"bo@x.org", false)
	keyless := identity.Deferred{Anchor: d, Kind: identity.Group, Again: true}
	f.commit(t, port.Batch{Deferred: append(slices.Clone(sameKey), other, keyless)})
	f.reopen(t)
	check := func(when string, keys []string, anchors []identity.Anchor, again bool, want ...identity.Deferred) {
		t.Helper()
		expected := map[identity.Anchor]identity.Deferred{}
		for _, tr := range want {
			expected[tr.Anchor] = tr
		}
		if diff := gocmp.Diff(expected, f.deferred(t, keys, anchors, again)); diff != "" {
			t.Errorf("%s, keys %q, anchors %q, again %v: %s", when, keys, anchors, again, diff)
		}
	}
	check("at first", nil, nil, false)
	check("at first", []string{""}, nil, false)
	check("at first", []string{"ana@x.org", "nobody"}, nil, false, sameKey...)
	check("at first", nil, []identity.Anchor{c, d, c, numbered("corp", 3)}, false, other, keyless)
	check("at first", nil, nil, true, sameKey[1], keyless)
	check("at first", []string{"ana@x.org", "ana@x.org", "bo@x.org"}, []identity.Anchor{a, b, c, d}, true, sameKey[0],
		sameKey[1], other, keyless)
	check("at first", []string{"ana@x.org"}, []identity.Anchor{b, d}, false, sameKey[0], sameKey[1], keyless)

	changed := wants(b, "bea@x.org", false)
	f.commit(t, port.Batch{Deferred: []identity.Deferred{changed}, Settled: []identity.Anchor{a, numbered("corp", 77)}})
	check("settled", []string{"ana@x.org", "bea@x.org"}, []identity.Anchor{a}, false, changed)
	check("settled", nil, nil, true, keyless)
	f.commit(t, port.Batch{Values: map[string]string{"x": "y"}})
	check("after a batch without", []string{"bo@x.org"}, nil, true, other, keyless)

	f.commit(t, port.Batch{AllDeferred: true, Deferred: sameKey})
	check("replaced", []string{"bea@x.org", "bo@x.org", "ana@x.org"}, []identity.Anchor{c, d}, true, sameKey...)
	f.commit(t, port.Batch{AllDeferred: true})
	check("emptied", []string{"ana@x.org"}, []identity.Anchor{a, b, c, d}, true)
}

func storeManyDeferred(t *testing.T, f *storeFixture) {
	const most = 5000
	var b port.Batch
	var keys []string
	var anchors []identity.Anchor
	for i := range most {
		tr := identity.Deferred{Anchor: numbered("corp", i), Kind: identity.User, Key: fmt.Sprintf("%d@x.org", i),
			Again: i%3 == 0}
		b.Deferred, keys, anchors = append(b.Deferred, tr), append(keys, tr.Key), append(anchors, tr.Anchor)
	}
	f.commit(t, b)
	for _, again := range []bool{false, true} {
		if n := len(f.deferred(t, keys, anchors, again)); n != most {
			t.Errorf("%d of %d are found", n, most)
		}
	}
	if n := len(f.deferred(t, keys[:700], anchors[300:1000], false)); n != 1000 {
		t.Errorf("%d are found by 700 keys and 700 anchors of 1000", n)
	}
}

func storeEdgeChanges(t *testing.T, f *storeFixture) {
	g, m := numbered("corp", 1), numbered("corp", 2)
	member := identity.Edge{Kind: identity.Membership, From: g, To: identity.Ref{Anchor: m, DN: "CN=M,DC=x"}}
	out := identity.Edge{Kind: identity.Membership, From: g, To: identity.Ref{DN: "CN=Out,DC=x"}}
	boss := identity.Edge{Kind: identity.Manager, From: g, To: member.To}
	other := identity.Edge{Kind: identity.InScope, From: numbered("lab", 1), To: identity.Ref{SID: "S-1-5"}}
	f.commit(t, port.Batch{Edges: map[string]port.EdgeSet{"corp": edgeSet(member)}, EdgeChanges: []port.EdgeChange{
		{Directory: "corp", Edge: member}, {Directory: "corp", Edge: out}, {Directory: "lab", Edge: other},
		{Directory: "corp", Edge: boss, Removed: true}}})
	f.reopen(t)
	want := func(when, directory string, edges ...identity.Edge) {
		t.Helper()
		got := f.edges(t, directory)
		if len(got) != len(edges) {
			t.Errorf("%s the edges of %q are %v", when, directory, got)
		}
		for _, e := range edges {
			if !slices.Contains(got, e) {
				t.Errorf("%s the edges of %q are %v, without %v", when, directory, got, e)
			}
		}
	}
	want("added,", "corp", member, out)
	want("added,", "lab", other)
	f.commit(t, port.Batch{EdgeChanges: []port.EdgeChange{
		{Directory: "corp", Edge: boss}, {Directory: "corp", Edge: member, Removed: true},
		{Directory: "lab", Edge: out, Removed: true},
		{Directory: "corp", Edge: out, Removed: true}, {Directory: "corp", Edge: out}}})
	want("changed in order,", "corp", boss, out)
	want("changed in order,", "lab", other)
	f.commit(t,
		port.Batch{Edges: map[string]port.EdgeSet{"corp": edgeSet(member, boss)},
			EdgeChanges: []port.EdgeChange{{Directory: "corp", Edge: boss, Removed: true}}})
	want("replaced and changed,", "corp", member)
}

func (f *storeFixture) edgesBy(t *testing.T, list func(fn func(identity.Edge) error) error) map[identity.Edge]int {
	t.Helper()
	all := map[identity.Edge]int{}
	for _, e := range collect(t, list) {
		all[e]++
	}
	return all
}

func storeEdgesFromTo(t *testing.T, f *storeFixture) {
	g, h, m, n := numbered("corp", 1), numbered("lab", 1), numbered("corp", 2), numbered("lab", 2)
	edge := func(kind identity.EdgeKind, from, to identity.Anchor, dn string) identity.Edge {
		return identity.Edge{Kind: kind, From: from, To: identity.Ref{Anchor: to, DN: dn}}
	}
	gm, gn := edge(identity.Membership, g, m, "CN=Åsa,DC=x"), edge(identity.Membership, g, n, "")
	bare, boss := edge(identity.Membership, g, "", "CN=Åsa,DC=x"), edge(identity.Manager, m, n, "")
	hm, hs := edge(identity.Membership, h, m, ""), edge(identity.InScope, h, m, "")
	foreign := edge(identity.Membership, h, "", "CN=ÅSA,DC=X")
	sid := identity.Edge{Kind: identity.Membership, From: h, To: identity.Ref{SID: "S-1-5"}}
	f.commit(t,
		port.Batch{Edges: map[string]port.EdgeSet{"corp": edgeSet(gm, gn, bare, boss), "lab": edgeSet(hm, hs, foreign, sid)}})
	f.reopen(t)
	type anchors = []identity.Anchor
	from := func(when string, a anchors, want ...identity.Edge) {
		t.Helper()
		f.sameEdges(t, fmt.Sprintf("%s from %q", when, a), want, func(fn func(identity.Edge) error) error {
			return f.EdgesFrom(t.Context(), a, fn)
		})
	}
	to := func(when string, a anchors, dns []string, want ...identity.Edge) {
		t.Helper()
		f.sameEdges(t, fmt.Sprintf("%s to %q %q", when, a, dns), want, func(fn func(identity.Edge) error) error {
			return f.EdgesTo(t.Context(), a, dns, fn)
		})
	}
	from("at first", nil)
	from("at first", anchors{n, ""})
	from("at first", anchors{g, g}, gm, gn, bare)
	from("at first", anchors{m, h, n}, boss, hm, hs, foreign, sid)
	to("at first", nil, nil)
	to("at first", anchors{""}, []string{""})
	to("at first", anchors{m, m}, nil, gm, hm, hs)
	to("at first", anchors{n, g}, nil, gn, boss)
	to("at first", nil, []string{"cn=åsa,dc=x"}, bare, foreign)
	to("at first", anchors{m}, []string{"CN=åsa,DC=x", "cn=åsa,dc=x", "dc=x"}, gm, hm, hs, bare, foreign)

	f.commit(t, port.Batch{Edges: map[string]port.EdgeSet{"corp": edgeSet(gn, gm)},
		EdgeChanges: []port.EdgeChange{{Directory: "lab", Edge: hm, Removed: true},
			{Directory: "lab", Edge: edge(identity.Membership, h, n, "")}}})
	from("later", anchors{m, g}, gm, gn)
	to("later", anchors{m}, []string{"cn=åsa,dc=x"}, gm, hs, foreign)
	to("later", anchors{n}, nil, gn, edge(identity.Membership, h, n, ""))
}

func (f *storeFixture) sameEdges(t *testing.T, when string, want []identity.Edge,
	list func(fn func(identity.Edge) error) error) {
	t.Helper()
	expected := map[identity.Edge]int{}
	for _, e := range want {
		expected[e] = 1
	}
	if got := f.edgesBy(t, list); !maps.Equal(got, expected) {
		t.Errorf("%s there are %v, want %v", when, got, expected)
	}
}

func storeManyEdges(t *testing.T, f *storeFixture) {
	const groups, members = 3000, 4
	var all []identity.Edge
	var from, to []identity.Anchor
	var dns []string
	for g := range groups {
		from = append(from, numbered("corp", g))
		for m := range members {
			e := identity.Edge{Kind: identity.Membership, From: from[g], To: identity.Ref{DN: fmt.Sprintf("CN=%d,DC=x", g)}}
			if m > 0 {
				e.To.Anchor = numbered("corp", 100_000+g+m*groups)
				to = append(to, e.To.Anchor)
			}
			all = append(all, e)
		}
		dns = append(dns, fmt.Sprintf("cn=%d,dc=x", g))
	}
	f.commit(t, port.Batch{Edges: map[string]port.EdgeSet{"corp": edgeSet(all...), "lab": edgeSet(all[:10]...)}})
	f.commit(t, port.Batch{Edges: map[string]port.EdgeSet{"lab": edgeSet()}})
	f.sameEdges(t, "from all", all, func(fn func(identity.Edge) error) error { return f.EdgesFrom(t.Context(), from, fn) })
	f.sameEdges(t, "to all", all, func(fn func(identity.Edge) error) error { return f.EdgesTo(t.Context(), to, dns, fn) })
}
