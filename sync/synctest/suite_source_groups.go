package synctest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"dirbridge/sync/identity"
)

func sourceGroups(t *testing.T, f *SourceFixture) {
	teams := f.Directory.AddContainer(t, f.Base, "Teams")
	want := map[identity.Anchor]bool{}
	for i := range 23 {
		parent := []string{f.Base, teams}[i%2]
		want[f.anchor(t, f.Directory.AddGroup(t, parent, fmt.Sprintf("Team, %02d", i)))] = true
	}
	f.Directory.AddGroup(t, f.Outside, "Strangers")
	got := f.groups(t)
	for anchor := range want {
		if _, ok := got[anchor]; !ok {
			t.Errorf("%s is missing", anchor)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d groups listed, of %d", len(got), len(want))
	}
}

// relation is an edge with a resolved end.
type relation struct{ from, to identity.Anchor }

// edges lists the memberships, once each, with their ends resolved.
func (f *SourceFixture) edges(t *testing.T) map[relation]bool {
	t.Helper()
	found := map[relation]bool{}
	err := f.Source.Edges(t.Context(), func(e identity.Edge) error {
		if e.Kind != identity.Membership {
			t.Errorf("edge of kind %q", e.Kind)
		}
		to := e.To.Anchor
		if to == "" {
			to = f.anchor(t, e.To.DN)
		}
		r := relation{e.From, to}
		if found[r] {
			t.Errorf("%v came twice", r)
		}
		found[r] = true
		return nil
	})
	if err != nil {
		t.Fatalf("listing edges: %v", err)
	}
	return found
}

func (f *SourceFixture) wantEdges(t *testing.T, when string, want ...relation) {
	t.Helper()
	expected := map[relation]bool{}
	for _, r := range want {
		expected[r] = true
	}
	if got := f.edges(t); !maps.Equal(got, expected) {
		t.Errorf("%s the %d edges are %v, want %d: %v", when, len(got), got, len(expected), expected)
	}
}

func sourceEdges(t *testing.T, f *SourceFixture) {
	ana, ben := f.Directory.AddPerson(t, f.Base, `Silva, "Ana"`, nil), f.Directory.AddPerson(t, f.Base, "Ben Ω", nil)
	stranger := f.Directory.AddPerson(t, f.Outside, "Stranger", nil)
	team, all := f.Directory.AddGroup(t, f.Base, "Team"), f.Directory.AddGroup(t, f.Base, "All, of us")
	f.Directory.AddGroup(t, f.Base, "Nobody")
	out := f.Directory.AddGroup(t, f.Outside, "Strangers")
	f.Directory.AddMember(t, team, ana)
	f.Directory.AddMember(t, all, team, ben, stranger)
	f.Directory.AddMember(t, out, ana)

	a, b, s := f.anchor(t, ana), f.anchor(t, ben), f.anchor(t, stranger)
	one, two := f.anchor(t, team), f.anchor(t, all)
	// an end that is out of scope is listed: it may come into scope later
	f.wantEdges(t, "at first", relation{one, a}, relation{two, one}, relation{two, b}, relation{two, s})

	f.Directory.RemoveMember(t, all, ben)
	f.Directory.AddMember(t, team, ben)
	f.wantEdges(t, "after a change", relation{one, a}, relation{one, b}, relation{two, one}, relation{two, s})
}

// sourceLargeGroup checks that every member of a group is listed if no server returns them at once
// (MS-ADTS 3.1.1.3.4.6: MaxValRange).
func sourceLargeGroup(t *testing.T, f *SourceFixture) {
	group := f.Directory.AddGroup(t, f.Base, "Everybody")
	var members []string
	for i := range f.Large {
		members = append(members, f.Directory.AddGroup(t, f.Outside, fmt.Sprintf("Member %04d", i)))
	}
	var want []relation
	for chunk := range slices.Chunk(members, 400) {
		f.Directory.AddMember(t, group, chunk...)
	}
	for _, dn := range members {
		want = append(want, relation{f.anchor(t, group), f.anchor(t, dn)})
	}
	f.wantEdges(t, "of a large group", want...)
}
