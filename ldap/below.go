package ldap

import (
	"context"

	"dirbridge/sync/identity"
)

// Below lists the people, or groups, in scope below dn, like People and Groups.
func (s *Source) Below(ctx context.Context, kind identity.Kind, dn string, fn func(identity.Entry) error) error {
	return ctx.Err()
}

// EdgesOf lists the memberships of these groups alone, in scope or not, like Edges.
func (s *Source) EdgesOf(ctx context.Context, groups []identity.Anchor, fn func(identity.Edge) error) error {
	return ctx.Err()
}

// Referrers lists the references to objects at these DNs.
func (s *Source) Referrers(ctx context.Context, dns []string, fn func(identity.Edge) error) error {
	return ctx.Err()
}
