package port

import (
	"context"

	"dirbridge/sync/identity"
)

// Source is one directory, which is only read. Its methods may be called from several goroutines,
// but the engine runs one listing at a time. Every listing is complete or returns an error (P1):
// nil means that completeness was proven. The values passed to a callback belong to the callback.
// An error of the callback ends the listing and is returned.
type Source interface {
	// Describe connects and says which server answers. Its name is set even with an error.
	Describe(ctx context.Context) (identity.Directory, error)
	// Containers lists every container of the directory, the naming context first.
	Containers(ctx context.Context, fn func(identity.Container) error) error
	// People lists every person in scope. An entry that could not be decoded comes with its
	// Problems; an entry without even a GUID comes without an anchor.
	People(ctx context.Context, fn func(identity.Entry) error) error
	// Groups lists every group in scope, without members.
	Groups(ctx context.Context, fn func(identity.Entry) error) error
	// Edges lists the memberships of every group in scope, large groups by ranges.
	Edges(ctx context.Context, fn func(identity.Edge) error) error
	// Get reads objects by GUID, wherever they are in the directory. found is called once for each
	// object that exists, in scope or not, in any order. An anchor for which it is not called does
	// not exist or is deleted.
	Get(ctx context.Context, kind identity.Kind, anchors []identity.Anchor,
		found func(e identity.Entry, inScope bool) error) error
	// Cookie returns the point from which Changes would begin now. Call it before a full read
	// begins, so that the next Changes include what changed during the read.
	Cookie(ctx context.Context) (identity.Cookie, error)
	// Changes reports which objects changed since a cookie was returned, each at least once, in any
	// order, in scope or not, and returns the cookie for the next call. An *identity.Stale in the
	// error chain says that the server cannot tell, or no longer can: everything must be read.
	// After any other error since stays valid.
	Changes(ctx context.Context, since identity.Cookie, fn func(identity.ChangeNotification) error) (identity.Cookie,
		error)
	// ListUnder lists the people, or groups, in scope at or below dn, like People and Groups. It
	// lists nothing if dn does not exist.
	ListUnder(ctx context.Context, kind identity.Kind, dn string, fn func(identity.Entry) error) error
	// FindByAttribute lists the people, or groups, in scope that have one of the values in one of
	// the attributes, like People and Groups. The directory decides how values are compared.
	// Security identifiers are passed as text.
	FindByAttribute(ctx context.Context, kind identity.Kind, attributes, values []string,
		fn func(identity.Entry) error) error
	// EdgesOf lists the memberships of only these groups, in scope or not, like Edges.
	EdgesOf(ctx context.Context, groups []identity.Anchor, fn func(identity.Edge) error) error
	// Referrers lists the references to objects at these DNs: memberships in groups in scope, and
	// managers of people in scope. To.DN has the spelling of the request.
	Referrers(ctx context.Context, dns []string, fn func(identity.Edge) error) error
	// Tree lists the containers directly below dn ("" for the roots), with the number of people
	// under each.
	Tree(ctx context.Context, dn string) ([]identity.Node, error)
	Close() error
}
