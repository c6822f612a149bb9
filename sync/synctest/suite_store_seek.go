package synctest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
)

func (f *storeFixture) seek(t *testing.T, by port.Index, values ...string) []identity.Anchor {
	t.Helper()
	found := []identity.Anchor{}
	err := f.Seek(t.Context(), by, values, func(s identity.Shadow) error {
		if slices.Contains(found, s.Anchor) {
			t.Errorf("by %s %s is listed twice", by, s.Anchor)
		}
		found = append(found, s.Anchor)
		return nil
	})
	if err != nil {
		t.Fatalf("by %s: %v", by, err)
	}
	slices.Sort(found)
	return found
}

func numbered(directory string, n int) identity.Anchor {
	return anchorOf(directory, fmt.Sprintf("%012d", n))
}

// colleague is a person with a value of its own in every index but two: ten people share a manager,
// and a hundred a parent.
func colleague(n int) identity.Shadow {
	return identity.Shadow{Anchor: numbered("corp", n), Kind: identity.User,
		DN: fmt.Sprintf("CN=Person %d,OU=Übersee,DC=X", n), State: identity.Live,
		ID: identity.ResourceID(fmt.Sprintf("Id-%d", n)), Parent: numbered("corp", 900_000_000+n/100), Active: n%2 == 0,
		Applied: identity.Attrs{schema.UID: {fmt.Sprintf("Person%d@Example.com", n)},
			schema.Manager: {fmt.Sprintf("Id-boss-%d", n/10)}},
		Inputs: identity.Attrs{"objectSid": {fmt.Sprintf("S-1-5-21-1-2-3-%d", n)}}}
}

func storeSeek(t *testing.T, f *storeFixture) {
	one, two := colleague(1), colleague(2)
	one.Inputs = identity.Attrs{"ObjectSID": {"S-1-5-21-9"}, "objectClass": {"user"}}
	one.Applied[schema.UID], one.DN = []string{"ÅSA@Example.com"}, "CN=Åsa,DC=X"
	group := identity.Shadow{Anchor: numbered("lab", 1), Kind: identity.Group, DN: "CN=Staff,DC=lab", State: identity.Live,
		ID: "Id-9", Parent: one.Parent,
		Applied: identity.Attrs{schema.GroupName: {"Person2@example.COM"}, schema.UID: {"not the key of a group"}},
		Inputs:  identity.Attrs{"objectSid": {"S-1-5-21-8"}}}
	bare := identity.Shadow{Anchor: numbered("corp", 3), Kind: identity.User, State: identity.Held}
	f.commit(t, port.Batch{Shadows: []identity.Shadow{one, two, group, bare}})
	f.reopen(t)
	guid := func(n int) string { return numbered("", n).GUID() }
	type anchors = []identity.Anchor
	for _, c := range []struct {
		by     port.Index
		values []string
		want   anchors
	}{
		{port.ByID, []string{"Id-1"}, anchors{one.Anchor}},
		{port.ByID, []string{"id-1", "Id-", "Id-1 "}, anchors{}},
		{port.ByID, []string{"Id-9", "Id-2", "Id-9", "nobody", "Id-2"}, anchors{two.Anchor, group.Anchor}},
		{port.ByKey, []string{"person2@example.com"}, anchors{two.Anchor, group.Anchor}},
		{port.ByKey, []string{"åsa@example.com"}, anchors{one.Anchor}},
		{port.ByKey, []string{"not the key of a group", "person3@example.com"}, anchors{}},
		{port.ByDN, []string{"cn=åsa,dc=x"}, anchors{one.Anchor}},
		{port.ByDN, []string{"cn=person 2,ou=übersee,dc=x", "cn=staff,dc=lab", "dc=x"}, anchors{two.Anchor, group.Anchor}},
		{port.ByManager, []string{"Id-boss-0"}, anchors{one.Anchor, two.Anchor}},
		{port.ByManager, []string{"Id-1", "id-boss-0"}, anchors{}},
		{port.ByParent, []string{string(one.Parent)}, anchors{one.Anchor, two.Anchor, group.Anchor}},
		{port.BySID, []string{"S-1-5-21-9", "S-1-5-21-8", "S-1-5-21-1-2-3-2"}, anchors{one.Anchor, two.Anchor}},
		{port.BySID, []string{"s-1-5-21-9", "S-1-5-21-1-2-3-1"}, anchors{}},
		{port.ByGUID, []string{guid(1)}, anchors{one.Anchor, group.Anchor}},
		{port.ByGUID, []string{guid(3), guid(3), guid(77)}, anchors{bare.Anchor}},
	} {
		if diff := gocmp.Diff(c.want, f.seek(t, c.by, c.values...)); diff != "" {
			t.Errorf("by %s, %q: %s", c.by, c.values, diff)
		}
	}
	for _, by := range []port.Index{port.ByID, port.ByKey, port.ByDN, port.ByManager, port.ByParent, port.ByGUID,
		port.BySID} {
		if got := append(f.seek(t, by), f.seek(t, by, "")...); len(got) != 0 {
			t.Errorf("by %s no value, or an empty one, gives %v", by, got)
		}
	}
	var whole identity.Shadow
	if err := f.Seek(t.Context(), port.ByID, []string{"Id-1"}, func(s identity.Shadow) error {
		whole = s
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(one, whole); diff != "" {
		t.Errorf("found as %s", diff)
	}
	if err := f.Seek(t.Context(), "shoe size", []string{"43"}, func(identity.Shadow) error { return nil }); err == nil {
		t.Error("an index that does not exist finds nothing, without an error")
	}
}

// Replaced shadows are not found by their old values, and forgotten ones not at all.
func storeSeekReplaced(t *testing.T, f *storeFixture) {
	f.commit(t, port.Batch{Shadows: []identity.Shadow{colleague(1), colleague(2)}})
	moved, old := colleague(1), colleague(1)
	moved.ID, moved.DN, moved.Parent = "Id-new", "CN=New,DC=x", numbered("corp", 5)
	moved.Inputs = identity.Attrs{"objectSid": {"S-1-5-21-new"}}
	moved.Applied = identity.Attrs{schema.UID: {"new@example.com"}, schema.Manager: {"Id-new-boss"}}
	f.commit(t,
		port.Batch{Shadows: []identity.Shadow{colleague(1), moved}, Forget: []identity.Anchor{colleague(2).Anchor}})
	f.reopen(t)
	for by, values := range map[port.Index][2]string{
		port.ByID: {string(old.ID), "Id-new"}, port.ByDN: {identity.Fold(old.DN), "cn=new,dc=x"},
		port.ByParent: {string(old.Parent), string(moved.Parent)},
		port.ByKey:    {"person1@example.com", "new@example.com"}, port.ByManager: {"Id-boss-0", "Id-new-boss"},
		port.BySID: {identity.SID(old.Inputs), "S-1-5-21-new"},
	} {
		if got := f.seek(t, by, values[0]); len(got) != 0 {
			t.Errorf("by %s what it had finds %v", by, got)
		}
		if got := f.seek(t, by, values[:]...); !slices.Equal(got, []identity.Anchor{moved.Anchor}) {
			t.Errorf("by %s both values find %v", by, got)
		}
	}
	if got := f.seek(t, port.ByGUID, colleague(2).Anchor.GUID(), old.Anchor.GUID()); !slices.Equal(got,
		[]identity.Anchor{old.Anchor}) {
		t.Errorf("by GUID %v are found", got)
	}
	f.commit(t, port.Batch{Shadows: []identity.Shadow{colleague(2)}})
	if got := f.seek(t, port.ByKey, "person2@example.com"); !slices.Equal(got, []identity.Anchor{colleague(2).Anchor}) {
		t.Errorf("who came back is found as %v", got)
	}
}

// After any changes, few at a time or thousands, Seek finds the same as a reading of all shadows.
func storeSeekLarge(t *testing.T, f *storeFixture) {
	const most = 12_000
	random := rand.New(rand.NewPCG(3, 4))
	now := map[identity.Anchor]identity.Shadow{}
	for round, size := range []int{most, 40, 4000, 1, most, most, 900} {
		var b port.Batch
		for _, n := range random.Perm(most)[:size] {
			s := colleague(n)
			if other := random.IntN(most); round > 0 {
				o := colleague(other)
				s.Applied, s.Inputs, s.DN, s.ID, s.Parent = o.Applied, o.Inputs, o.DN, o.ID, o.Parent
			}
			if round > 0 && random.IntN(10) == 0 {
				b.Forget = append(b.Forget, s.Anchor)
				delete(now, s.Anchor)
				continue
			}
			b.Shadows, now[s.Anchor] = append(b.Shadows, s), s
		}
		f.commit(t, b)
		var values [6][]string
		for _, n := range random.Perm(most)[:3000] {
			s := colleague(n)
			for i, v := range []string{string(s.ID), s.Applied[schema.UID][0], s.DN, s.Applied[schema.Manager][0],
				string(s.Parent), identity.SID(s.Inputs)} {
				if i == 1 || i == 2 {
					v = identity.Fold(v)
				}
				if i < 3 || i == 5 || n%50 == 0 { // many share a manager
					values[i] = append(values[i], v)
				}
			}
		}
		for i, by := range []port.Index{port.ByID, port.ByKey, port.ByDN, port.ByManager, port.ByParent, port.BySID} {
			f.compareSeek(t, fmt.Sprintf("round %d", round), by, values[i], now, func(s identity.Shadow) string {
				return []string{string(s.ID), identity.Fold(s.Applied.First(schema.UID)), identity.Fold(s.DN),
					s.Applied.First(schema.Manager), string(s.Parent), identity.SID(s.Inputs)}[i]
			})
		}
	}
}

func (f *storeFixture) compareSeek(t *testing.T, when string, by port.Index, values []string,
	now map[identity.Anchor]identity.Shadow, of func(identity.Shadow) string) {
	t.Helper()
	wanted, found := map[string]bool{}, map[identity.Anchor]bool{}
	for _, v := range values {
		wanted[v] = true
	}
	err := f.Seek(t.Context(), by, values, func(s identity.Shadow) error {
		if found[s.Anchor] || !wanted[of(s)] || of(s) != of(now[s.Anchor]) {
			t.Errorf("%s: by %s %s is found with %q, twice: %v", when, by, s.Anchor, of(s), found[s.Anchor])
		}
		found[s.Anchor] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	missing := 0
	for a, s := range now {
		if wanted[of(s)] && !found[a] {
			missing++
		}
	}
	if missing > 0 || len(found) == 0 {
		t.Errorf("%s: by %s %d are found and %d are not", when, by, len(found), missing)
	}
}

func storeLinked(t *testing.T, f *storeFixture) {
	linked := func() map[string]port.LinkedCount {
		t.Helper()
		n, err := f.Linked(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := linked(); len(n) != 0 {
		t.Errorf("an empty store counts %v", n)
	}
	odd := strings.Repeat("a:b", 2) // a name may contain the separator before the GUID
	var b port.Batch
	for i := range 50 {
		b.Shadows = append(b.Shadows, colleague(i))
		s := colleague(i)
		s.Anchor = numbered(odd, i)
		switch {
		case i < 10:
			s.Kind = identity.Group
		case i < 20:
			s.State = identity.Grace
		case i < 30:
			s.ID = ""
		case i < 35:
			s.State = identity.Held
		}
		b.Shadows = append(b.Shadows, s)
	}
	f.commit(t, b)
	f.reopen(t)
	if diff := gocmp.Diff(map[string]port.LinkedCount{"corp": {People: 50, Active: 25}, odd: {People: 15, Active: 7}},
		linked()); diff != "" {
		t.Error(diff)
	}
	gone, off, same := colleague(0), colleague(2), colleague(4)
	gone.State, off.Active = identity.Grace, false
	f.commit(t,
		port.Batch{Shadows: []identity.Shadow{gone, same, colleague(2), off},
			Forget: []identity.Anchor{numbered(odd, 36), numbered(odd, 37), numbered(odd, 37),
				numbered(odd, 1), numbered("nowhere", 1)}})
	if diff := gocmp.Diff(map[string]port.LinkedCount{"corp": {People: 49, Active: 23}, odd: {People: 13, Active: 6}},
		linked()); diff != "" {
		t.Errorf("after changes: %s", diff)
	}
	b.Forget = nil
	for _, s := range b.Shadows {
		b.Forget = append(b.Forget, s.Anchor)
	}
	f.commit(t, b)
	if n := linked(); n["corp"].People != 0 || n[odd].People != 0 {
		t.Errorf("with no record left it counts %v", n)
	}
}
