package ldap

import (
	"context"

	"dirbridge/sync/identity"
)

// People lists every person in scope. An entry that cannot be read in full has Problems.
func (s *Source) People(ctx context.Context, fn func(identity.Entry) error) (err error) {
	defer s.secrets.In(&err)
	if !s.opt.SyncUsers {
		return nil
	}
	return s.list(ctx, identity.User, "listing people", fn)
}

// Groups lists every group in scope, without members.
func (s *Source) Groups(ctx context.Context, fn func(identity.Entry) error) (err error) {
	defer s.secrets.In(&err)
	if !s.opt.SyncGroups {
		return nil
	}
	return s.list(ctx, identity.Group, "listing groups", fn)
}

func (s *Source) list(ctx context.Context, kind identity.Kind, what string, fn func(identity.Entry) error) error {
	return resumed(ctx, s, entryID, fn, func(fn func(identity.Entry) error) error {
		return s.listOnce(ctx, kind, what, fn)
	})
}

func (s *Source) listOnce(ctx context.Context, kind identity.Kind, what string, fn func(identity.Entry) error) error {
	return s.with(ctx, func(c *session) error {
		scope, err := c.listingScope(ctx, kind, false)
		if err != nil {
			return err
		}
		m := s.maker(c.dir, kind)
		bearers := c.dir.anchorOwners()
		q := query{filter: scope.filter, attrs: m.cols.request, allowOversized: true}
		return c.subtree(ctx, what, c.dir.bases, q, scope.filtered(ctx, func(raw *rawEntry) error {
			e, err := m.entry(ctx, raw)
			if err != nil {
				return err
			}
			bearers.check(m, &e, raw)
			if len(s.excludes) > 0 && s.excluded(identity.FoldDN(e.DN)) {
				return nil
			}
			return fn(e)
		}))
	})
}
