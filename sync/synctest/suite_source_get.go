package synctest

import (
	"fmt"
	"testing"

	"dirbridge/sync/identity"
)

// got is a result of Get.
type got struct {
	entry   identity.Entry
	inScope bool
}

func (f *SourceFixture) get(t *testing.T, kind identity.Kind, anchors ...identity.Anchor) map[identity.Anchor]got {
	t.Helper()
	found := map[identity.Anchor]got{}
	err := f.Source.Get(t.Context(), kind, anchors, func(e identity.Entry, inScope bool) error {
		if _, twice := found[e.Anchor]; twice {
			t.Errorf("%s was found twice", e.DN)
		}
		found[e.Anchor] = got{e, inScope}
		f.checkEntry(t, kind, e)
		return nil
	})
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	return found
}

// unknownAnchor is an anchor of no object.
func (f *SourceFixture) unknownAnchor(n int) identity.Anchor {
	return identity.NewAnchor(f.Name, fmt.Sprintf("00000000-0000-4000-8000-%012x", n))
}

func sourceGet(t *testing.T, f *SourceFixture) {
	in := f.Directory.AddPerson(t, f.Base, "In", map[string][]string{"mail": {"in@example.com"}})
	out := f.Directory.AddPerson(t, f.Outside, "Out", map[string][]string{"mail": {"out@example.com"}})
	dead := f.Directory.AddPerson(t, f.Base, "Dead", nil)
	group := f.anchor(t, f.Directory.AddGroup(t, f.Base, "Group"))
	a, b, c := f.anchor(t, in), f.anchor(t, out), f.anchor(t, dead)
	f.Directory.Delete(t, dead)

	found := f.get(t, identity.User, a, b, c, f.unknownAnchor(1))
	if g := found[a]; !g.inScope || g.entry.Attrs.First("mail") != "in@example.com" {
		t.Errorf("in scope: %+v", g)
	}
	if g := found[b]; g.inScope || g.entry.Attrs.First("mail") != "out@example.com" {
		t.Errorf("out of scope: %+v", g)
	}
	if len(found) != 2 {
		t.Errorf("found %d, of which 2 exist", len(found))
	}
	if found := f.get(t, identity.Group, group); !found[group].inScope {
		t.Errorf("the group: %+v", found)
	}
	if found := f.get(t, identity.User); len(found) != 0 {
		t.Errorf("asked for no person, it found %v", found)
	}

	moved := f.Directory.Move(t, in, f.Outside)
	if g := f.get(t, identity.User, a)[a]; g.inScope || f.anchor(t, g.entry.DN) != f.anchor(t, moved) {
		t.Errorf("moved out of scope: %+v", g)
	}
}

func sourceGetMany(t *testing.T, f *SourceFixture) {
	var anchors []identity.Anchor
	for i := range 25 {
		anchors = append(anchors, f.anchor(t, f.Directory.AddPerson(t, f.Base, fmt.Sprintf("Person %02d", i), nil)))
	}
	asked := make([]identity.Anchor, 0, 525)
	for i := range 500 {
		if i%20 == 0 {
			asked = append(asked, anchors[i/20])
		}
		asked = append(asked, f.unknownAnchor(i+1))
	}
	found := f.get(t, identity.User, asked...)
	for _, a := range anchors {
		if !found[a].inScope {
			t.Errorf("%s was not found in scope", a)
		}
	}
	if len(found) != len(anchors) {
		t.Errorf("found %d of %d", len(found), len(anchors))
	}
}
