package synctest

import (
	"fmt"
	"strings"
	"testing"

	"dirbridge/sync/identity"
)

func sourceContainers(t *testing.T, f *SourceFixture) {
	site := f.Directory.AddContainer(t, f.Base, "Site, one")
	floor := f.Directory.AddContainer(t, site, "Floor")
	person := f.Directory.AddPerson(t, floor, "Person", nil)
	directory, err := f.Source.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []identity.Container
	byAnchor, byDN := map[identity.Anchor]identity.Container{}, map[string]bool{}
	if err := f.Source.Containers(t.Context(), func(c identity.Container) error {
		if _, twice := byAnchor[c.Anchor]; twice {
			t.Errorf("%s came twice", c.DN)
		}
		all, byAnchor[c.Anchor], byDN[identity.Fold(c.DN)] = append(all, c), c, true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 || !strings.EqualFold(all[0].DN, directory.BaseDN) {
		t.Fatalf("the first of %d containers is not the naming context %s", len(all), directory.BaseDN)
	}
	for _, dn := range []string{f.Base, f.Outside, site, floor} {
		c, ok := byAnchor[f.anchor(t, dn)]
		if !ok {
			t.Errorf("%s is missing", dn)
		} else if !byDN[identity.Fold(c.Parent)] {
			t.Errorf("%s has parent %s, which is not listed", c.DN, c.Parent)
		}
	}
	if _, ok := byAnchor[f.anchor(t, person)]; ok {
		t.Error("a person is listed as a container")
	}
	if e := f.people(t)[f.anchor(t, person)]; !byDN[identity.Fold(e.Parent)] {
		t.Errorf("a person's parent %s is not listed", e.Parent)
	}
}

func sourceTree(t *testing.T, f *SourceFixture) {
	site := f.Directory.AddContainer(t, f.Base, "Site, one")
	floor := f.Directory.AddContainer(t, site, "Floor")
	empty := f.Directory.AddContainer(t, f.Base, "Empty")
	for i := range 3 {
		f.Directory.AddPerson(t, site, fmt.Sprintf("On site %d", i), nil)
	}
	for i := range 12 {
		f.Directory.AddPerson(t, floor, fmt.Sprintf("On the floor %d", i), nil)
	}
	f.Directory.AddGroup(t, empty, "No person")

	want := map[identity.Anchor]identity.Node{
		f.anchor(t, site):  {Name: "Site, one", People: 15, HasChildren: true},
		f.anchor(t, empty): {Name: "Empty", People: 0},
	}
	nodes, err := f.Source.Tree(t.Context(), f.Base)
	if err != nil {
		t.Fatal(err)
	}
	if len(nodes) != len(want) {
		t.Errorf("below %s: %v", f.Base, nodes)
	}
	for _, n := range nodes {
		w := want[f.anchor(t, n.DN)]
		if n.Name != w.Name || n.People != w.People || n.HasChildren != w.HasChildren {
			t.Errorf("%+v, want %+v", n, w)
		}
	}
	if nodes, err = f.Source.Tree(t.Context(), floor); err != nil || len(nodes) != 0 {
		t.Errorf("below a container without containers: %v, %v", nodes, err)
	}
	roots, err := f.Source.Tree(t.Context(), "")
	if err != nil || len(roots) == 0 {
		t.Fatalf("the roots are %v, %v", roots, err)
	}
	for _, n := range roots {
		if n.DN == "" || n.Name == "" {
			t.Errorf("a root is %+v", n)
		}
	}
}
