package port

import (
	"context"

	"dirbridge/sync/identity"
)

// Source is one directory, only ever read. Its methods may be called from several
// goroutines, but the engine runs one listing at a time. Every listing is whole or
// an error (P1): nil means that completeness was proven. The values passed to a
// callback belong to it. An error of the callback ends the listing and is returned.
type Source interface {
	// Describe dials and says which server answers. The name is set on an error, too.
	Describe(ctx context.Context) (identity.Directory, error)
	// Containers lists every container of the directory, the naming context first.
	Containers(ctx context.Context, fn func(identity.Container) error) error
	// People lists every person in scope. An entry that could not be decoded comes
	// with its Problems; one without even a GUID comes without an anchor.
	People(ctx context.Context, fn func(identity.Entry) error) error
	// Groups lists every group in scope, without members.
	Groups(ctx context.Context, fn func(identity.Entry) error) error
	// Edges lists the memberships of every group in scope, large groups by ranges.
	Edges(ctx context.Context, fn func(identity.Edge) error) error
	// Get reads objects by GUID, wherever they stand in the directory. found is
	// called once for each that exists, scope or not, in any order; an anchor for
	// which it is not called does not exist (or is deleted).
	Get(ctx context.Context, kind identity.Kind, anchors []identity.Anchor,
		found func(e identity.Entry, inScope bool) error) error
	// Cookie says from where Changes would begin now. It is asked for before a full
	// reading begins, so that what changes meanwhile is told the next time.
	Cookie(ctx context.Context) (identity.Cookie, error)
	// Changes tells which objects changed since a cookie was given, each at least once, in
	// any order, whether in scope or not, and from where to begin the next time. A
	// chain with an *identity.Stale says that the server cannot tell (any more):
	// everything must be read. On another error since still stands.
	Changes(ctx context.Context, since identity.Cookie, fn func(identity.ChangeNotification) error) (identity.Cookie,
		error)
	// ListUnder lists the people, or groups, in scope at or below dn, like People and
	// Groups. Where there is no such object it lists nothing.
	ListUnder(ctx context.Context, kind identity.Kind, dn string, fn func(identity.Entry) error) error
	// FindByAttribute lists the people, or groups, in scope that have one of the values in one
	// of the attributes, like People and Groups. The directory decides how values are
	// compared; security identifiers are given as text.
	FindByAttribute(ctx context.Context, kind identity.Kind, attributes, values []string,
		fn func(identity.Entry) error) error
	// EdgesOf lists the memberships of these groups alone, in scope or not, like Edges.
	EdgesOf(ctx context.Context, groups []identity.Anchor, fn func(identity.Edge) error) error
	// Referrers lists the references to objects at these DNs: memberships in groups
	// in scope, and managers of people in scope. To.DN is spelled as it was asked for.
	Referrers(ctx context.Context, dns []string, fn func(identity.Edge) error) error
	// Tree lists the containers right below dn ("" for the roots), counting the
	// people under each.
	Tree(ctx context.Context, dn string) ([]identity.Node, error)
	Close() error
}
