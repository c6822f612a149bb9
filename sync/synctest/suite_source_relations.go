package synctest

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dirbridge/sync/identity"
)

// listUnder lists the entries below a DN by anchor, and checks that each comes once.
func (f *SourceFixture) listUnder(t *testing.T, kind identity.Kind, dn string) map[identity.Anchor]identity.Entry {
	t.Helper()
	return f.entries(t, kind, func(ctx context.Context, fn func(identity.Entry) error) error {
		return f.Source.ListUnder(ctx, kind, dn, fn)
	})
}

func sourceListsUnder(t *testing.T, f *SourceFixture) {
	site := f.Directory.AddContainer(t, f.Base, `Site, "one" + all`)
	floor := f.Directory.AddContainer(t, site, "Floor")
	beside := f.Directory.AddContainer(t, f.Base, "Floor") // the same name elsewhere
	empty := f.Directory.AddContainer(t, f.Base, "Empty")
	away := f.Directory.AddContainer(t, f.Outside, "Floor")
	in := map[identity.Anchor]string{} // the container of each person
	for i, parent := range []string{f.Base, site, floor, beside, away} {
		for n := range 8 {
			dn := f.Directory.AddPerson(t, parent, fmt.Sprintf("Person %d.%d", i, n),
				map[string][]string{"mail": {fmt.Sprintf("p%d.%d@example.com", i, n)}})
			in[f.anchor(t, dn)] = parent
		}
		in[f.anchor(t, f.Directory.AddGroup(t, parent, fmt.Sprintf("Group %d", i)))] = parent
	}
	directory, err := f.Source.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for kind, all := range map[identity.Kind]map[identity.Anchor]identity.Entry{identity.User: f.people(t),
		identity.Group: f.groups(t)} {
		for dn, parents := range map[string][]string{
			directory.BaseDN: {f.Base, site, floor, beside}, f.Base: {f.Base, site, floor, beside}, site: {site, floor},
			floor:                  {floor},
			strings.ToUpper(floor): {floor}, beside: {beside}, empty: nil, away: nil, f.Outside: nil,
			"OU=Nowhere," + f.Base: nil,
		} {
			want := map[identity.Anchor]identity.Entry{}
			for anchor, e := range all {
				if slices.Contains(parents, in[anchor]) {
					want[anchor] = e
				}
			}
			if got := f.listUnder(t, kind, dn); !reflect.DeepEqual(got, want) {
				t.Errorf("of kind %s, below %s are %d, want %d:\n%v\nwant:\n%v", kind, dn, len(got), len(want), got, want)
			}
		}
	}
}

// edgesOf lists the memberships of some groups, once each, with their ends resolved.
func (f *SourceFixture) edgesOf(t *testing.T, groups ...identity.Anchor) map[relation]bool {
	t.Helper()
	found := map[relation]bool{}
	err := f.Source.EdgesOf(t.Context(), groups, func(e identity.Edge) error {
		if e.Kind != identity.Membership {
			t.Errorf("edge of kind %q", e.Kind)
		}
		r := relation{e.From, f.end(t, e.To)}
		if found[r] {
			t.Errorf("%v came twice", r)
		}
		found[r] = true
		return nil
	})
	if err != nil {
		t.Fatalf("edges of some groups: %v", err)
	}
	return found
}

// end is the anchor of an edge's end.
func (f *SourceFixture) end(t *testing.T, to identity.Ref) identity.Anchor {
	t.Helper()
	if to.Anchor != "" {
		return to.Anchor
	}
	return f.anchor(t, to.DN)
}

func (f *SourceFixture) wantEdgesOf(t *testing.T, when string, groups []identity.Anchor, want ...relation) {
	t.Helper()
	expected := map[relation]bool{}
	for _, r := range want {
		expected[r] = true
	}
	if got := f.edgesOf(t, groups...); !maps.Equal(got, expected) {
		t.Errorf("%s: the %d edges are %v, want %d: %v", when, len(got), got, len(expected), expected)
	}
}

func sourceEdgesOf(t *testing.T, f *SourceFixture) {
	ana := f.Directory.AddPerson(t, f.Base, `Silva, "Ana"`, nil)
	stranger := f.Directory.AddPerson(t, f.Outside, "Stranger", nil)
	team, all := f.Directory.AddGroup(t, f.Base, "Team"), f.Directory.AddGroup(t, f.Base, "All, of us")
	nobody, out := f.Directory.AddGroup(t, f.Base, "Nobody"), f.Directory.AddGroup(t, f.Outside, "Strangers")
	large := f.Directory.AddGroup(t, f.Base, "Everybody")
	f.Directory.AddMember(t, team, ana)
	f.Directory.AddMember(t, all, team, stranger)
	f.Directory.AddMember(t, out, ana, team)
	a, s := f.anchor(t, ana), f.anchor(t, stranger)
	one, two, three, none, big := f.anchor(t, team), f.anchor(t, all), f.anchor(t, out), f.anchor(t, nobody),
		f.anchor(t, large)

	f.wantEdgesOf(t, "of one", []identity.Anchor{two}, relation{two, one}, relation{two, s})
	f.wantEdgesOf(t, "of one out of scope", []identity.Anchor{three}, relation{three, a}, relation{three, one})
	f.wantEdgesOf(t, "of one without members", []identity.Anchor{none})
	f.wantEdgesOf(t, "of one that is not there", []identity.Anchor{f.unknownAnchor(1)})
	f.wantEdgesOf(t, "of none", nil)
	f.wantEdgesOf(t, "of many", []identity.Anchor{f.unknownAnchor(1), one, two, three, none},
		relation{one, a}, relation{two, one}, relation{two, s}, relation{three, a}, relation{three, one})

	var members []string
	var want []relation
	for i := range f.Large {
		dn := f.Directory.AddGroup(t, f.Outside, fmt.Sprintf("Member %04d", i))
		members, want = append(members, dn), append(want, relation{big, f.anchor(t, dn)})
	}
	for chunk := range slices.Chunk(members, 400) {
		f.Directory.AddMember(t, large, chunk...)
	}
	f.wantEdgesOf(t, "of a large group", []identity.Anchor{one, big}, append(want, relation{one, a})...)
	for r := range f.edges(t) {
		if r.from != one && r.from != two && r.from != big {
			t.Errorf("the listing has %v", r)
		}
	}
}

// reference is an edge to a DN.
type reference struct {
	kind identity.EdgeKind
	from identity.Anchor
	to   string
}

func (f *SourceFixture) wantReferrers(t *testing.T, when string, dns []string, want ...reference) {
	t.Helper()
	expected, found := map[reference]bool{}, map[reference]bool{}
	for _, r := range want {
		expected[r] = true
	}
	err := f.Source.Referrers(t.Context(), dns, func(e identity.Edge) error {
		found[reference{e.Kind, e.From, e.To.DN}] = true
		if e.To.Anchor != "" && e.To.Anchor != f.anchor(t, e.To.DN) {
			t.Errorf("%s: %s is said to be %s", when, e.To.DN, e.To.Anchor)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: referrers: %v", when, err)
	}
	if !maps.Equal(found, expected) {
		t.Errorf("%s: the referrers are %v, want %v", when, found, expected)
	}
}

func sourceReferrers(t *testing.T, f *SourceFixture) {
	ana := f.Directory.AddPerson(t, f.Base, `Silva (Ana) *, "A"`, nil)
	ben := f.Directory.AddPerson(t, f.Base, `Ben\Ω`, nil)
	away := f.Directory.AddPerson(t, f.Outside, "Away", nil)
	lone := f.Directory.AddPerson(t, f.Base, "Lone", nil)
	team, all, out := f.Directory.AddGroup(t, f.Base, "Team"), f.Directory.AddGroup(t, f.Base, "All"),
		f.Directory.AddGroup(t, f.Outside, "Strangers")
	f.Directory.AddMember(t, team, ana, away)
	f.Directory.AddMember(t, all, team, ana)
	f.Directory.AddMember(t, out, ana, ben)
	f.Directory.Set(t, ben, "manager", ana)
	f.Directory.Set(t, away, "manager", ana)
	f.Directory.Set(t, ana, "manager", away)
	one, two, a, b := f.anchor(t, team), f.anchor(t, all), f.anchor(t, ana), f.anchor(t, ben)

	// An object out of scope is not a referrer, but can be referred to.
	f.wantReferrers(t, "of one", []string{ana},
		reference{identity.Membership, one, ana}, reference{identity.Membership, two, ana},
		reference{identity.Manager, b, ana})
	f.wantReferrers(t, "of one in another spelling", []string{strings.ToUpper(ana)},
		reference{identity.Membership, one, strings.ToUpper(ana)}, reference{identity.Membership, two, strings.ToUpper(ana)},
		reference{identity.Manager, b, strings.ToUpper(ana)})
	f.wantReferrers(t, "of a group", []string{team}, reference{identity.Membership, two, team})
	f.wantReferrers(t, "of one out of scope", []string{away}, reference{identity.Membership, one, away},
		reference{identity.Manager, a, away})
	f.wantReferrers(t, "of nobody's", []string{lone, ben})
	f.wantReferrers(t, "of who is not there", []string{"CN=Nobody at all," + f.Base})
	f.wantReferrers(t, "of nobody", nil)
	f.wantReferrers(t, "of several", []string{lone, away, team},
		reference{identity.Membership, one, away}, reference{identity.Manager, a, away},
		reference{identity.Membership, two, team})
}

func sourceReferrersOfMany(t *testing.T, f *SourceFixture) {
	boss := f.Directory.AddPerson(t, f.Base, "Boss", nil)
	var asked []string
	want := []reference{}
	for i := range 40 {
		group := f.Directory.AddGroup(t, f.Base, fmt.Sprintf("Group %02d", i))
		dn := f.Directory.AddPerson(t, f.Base, fmt.Sprintf("Person, %02d", i), map[string][]string{"manager": {boss}})
		f.Directory.AddMember(t, group, dn)
		asked = append(asked, dn, fmt.Sprintf("CN=Nobody %02d,%s", i, f.Base))
		want = append(want, reference{identity.Membership, f.anchor(t, group), dn},
			reference{identity.Manager, f.anchor(t, dn), boss})
	}
	f.wantReferrers(t, "of many", append(asked, boss), want...)
}
