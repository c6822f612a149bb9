package synctest

import (
	"context"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// SourceFixture is a source, and an editor for the directory that it reads.
//
// The source reads the attributes mail, displayName, givenName and telephoneNumber of people and
// groups, below the one base DN Base, with at most ten entries per page.
type SourceFixture struct {
	Source    port.Source
	Directory DirectoryEditor
	Name      string // of the directory in the configuration
	Base      string // DN of an empty container, which the source reads
	Outside   string // DN of an empty container, which it does not read
	// Large is the number of members of a large group: more than the server returns at once.
	Large int
	// Cut closes all connections of the source and prevents new ones; nil if the fixture cannot.
	Cut func()

	// For Changes only:

	// Way is the required way of reading changes; "" for any.
	Way identity.Way
	// Untold: deletions cannot be reported here, and the source must say so.
	Untold bool
	// Undelete restores a deleted object at its former DN; nil if the fixture cannot.
	Undelete func(t testing.TB, guid, dn string)
	// Reopen makes another source with the same configuration, which the suite closes; nil if the
	// fixture cannot.
	Reopen func(t testing.TB) port.Source
}

// DirectoryEditor changes a directory as its administrators do, or fails the test. The returned DNs
// have the server's spelling.
type DirectoryEditor interface {
	AddContainer(t testing.TB, parent, name string) string
	AddPerson(t testing.TB, parent, name string, attrs map[string][]string) string
	AddGroup(t testing.TB, parent, name string) string
	Rename(t testing.TB, dn, name string) string
	Move(t testing.TB, dn, parent string) string
	Set(t testing.TB, dn, attribute string, values ...string)
	AddMember(t testing.TB, group string, members ...string)
	RemoveMember(t testing.TB, group string, members ...string)
	Delete(t testing.TB, dn string)
	// GUID is the canonical GUID of the object at the DN, in any spelling.
	GUID(t testing.TB, dn string) string
}

// Source runs the suite of sources. newSource gives each test an empty fixture.
func Source(t *testing.T, newSource func(t *testing.T) SourceFixture) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, *SourceFixture)
	}{
		{"describes the directory", sourceDescribes},
		{"lists nothing in an empty directory", sourceEmpty},
		{"lists all people", sourcePeople},
		{"preserves unusual names and values", sourceOddNames},
		{"lists only people as people", sourceKinds},
		{"keeps anchors across edits", sourceAnchors},
		{"gives a recreated object a new anchor", sourceNewAnchor},
		{"lists all groups", sourceGroups},
		{"lists memberships", sourceEdges},
		{"lists all members of a large group", sourceLargeGroup},
		{"lists containers", sourceContainers},
		{"counts people in the tree", sourceTree},
		{"gets by anchor", sourceGet},
		{"finds by attribute", sourceFindsByAttribute},
		{"gets many at once", sourceGetMany},
		{"lists objects under a DN", sourceListsUnder},
		{"lists the members of some groups", sourceEdgesOf},
		{"lists referrers", sourceReferrers},
		{"lists referrers of many objects", sourceReferrersOfMany},
		{"ends listings when the callback fails", sourceCallback},
		{"ends listings with the context", sourceCancel},
		{"reports an incomplete listing as an error", sourceDisconnected},
		{"supports concurrent calls", sourceConcurrent},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newSource(t)
			t.Cleanup(func() {
				if err := f.Source.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			c.run(t, &f)
		})
	}
}

// listings returns all methods that list.
func (f *SourceFixture) listings() map[string]func(ctx context.Context, each func() error) error {
	s := f.Source
	return map[string]func(context.Context, func() error) error{
		"People": func(ctx context.Context, each func() error) error {
			return s.People(ctx, func(identity.Entry) error { return each() })
		},
		"Groups": func(ctx context.Context, each func() error) error {
			return s.Groups(ctx, func(identity.Entry) error { return each() })
		},
		"Edges": func(ctx context.Context, each func() error) error {
			return s.Edges(ctx, func(identity.Edge) error { return each() })
		},
		"Containers": func(ctx context.Context, each func() error) error {
			return s.Containers(ctx, func(identity.Container) error { return each() })
		},
	}
}

// people lists the people by anchor, and checks that each comes once.
func (f *SourceFixture) people(t *testing.T) map[identity.Anchor]identity.Entry {
	t.Helper()
	return f.entries(t, identity.User, f.Source.People)
}

func (f *SourceFixture) groups(t *testing.T) map[identity.Anchor]identity.Entry {
	t.Helper()
	return f.entries(t, identity.Group, f.Source.Groups)
}

func (f *SourceFixture) entries(t *testing.T, kind identity.Kind,
	list func(context.Context, func(identity.Entry) error) error) map[identity.Anchor]identity.Entry {
	t.Helper()
	found := map[identity.Anchor]identity.Entry{}
	err := list(t.Context(), func(e identity.Entry) error {
		if _, twice := found[e.Anchor]; twice {
			t.Errorf("%s came twice", e.DN)
		}
		found[e.Anchor] = e
		f.checkEntry(t, kind, e)
		return nil
	})
	if err != nil {
		t.Fatalf("listing: %v", err)
	}
	return found
}

// checkEntry checks what is true of every entry.
func (f *SourceFixture) checkEntry(t *testing.T, kind identity.Kind, e identity.Entry) {
	t.Helper()
	if e.Anchor != identity.NewAnchor(f.Name, f.Directory.GUID(t, e.DN)) {
		t.Errorf("%s has anchor %s", e.DN, e.Anchor)
	}
	if e.Kind != kind {
		t.Errorf("%s is of kind %q", e.DN, e.Kind)
	}
	if e.DN != e.RDN+","+e.Parent {
		t.Errorf("%s has RDN %s and parent %s", e.DN, e.RDN, e.Parent)
	}
	if len(e.Problems) > 0 {
		t.Errorf("%s has problems: %v", e.DN, e.Problems)
	}
	for name, values := range e.Attrs {
		if len(values) == 0 {
			t.Errorf("%s: attribute %s is there without values", e.DN, name)
		}
	}
}

// anchor is the anchor of the object at the DN.
func (f *SourceFixture) anchor(t *testing.T, dn string) identity.Anchor {
	t.Helper()
	return identity.NewAnchor(f.Name, f.Directory.GUID(t, dn))
}
