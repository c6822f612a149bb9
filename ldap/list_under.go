package ldap

import (
	"context"

	"dirbridge/sync/identity"
)

// ListUnder lists the people, or groups, in scope at dn and below it, like People and Groups. If dn
// does not exist the list is empty.
func (s *Source) ListUnder(ctx context.Context, kind identity.Kind, dn string,
	fn func(identity.Entry) error) (err error) {
	defer s.secrets.In(&err)
	if kind == identity.User && !s.opt.SyncUsers || kind == identity.Group && !s.opt.SyncGroups {
		return ctx.Err()
	}
	top, err := identity.CanonicalDN(dn)
	if err != nil || top == "" {
		return giveUp("", "%q is not a distinguished name", dn)
	}
	return resumed(ctx, s, entryID, fn, func(fn func(identity.Entry) error) error {
		return s.with(ctx, func(c *session) error {
			bases := c.dir.basesUnder(top)
			if len(bases) == 0 {
				return ctx.Err()
			}
			scope, err := c.listingScope(ctx, kind, false)
			if err != nil {
				return err
			}
			m := s.maker(c.dir, kind)
			q := query{filter: scope.filter, attrs: m.cols.request, allowOversized: true}
			each := scope.filtered(ctx, func(raw *rawEntry) error {
				e, err := m.entry(ctx, raw)
				if err != nil || len(s.excludes) > 0 && s.excluded(identity.FoldDN(e.DN)) {
					return err
				}
				return fn(e)
			})
			for _, base := range bases {
				err := c.subtree(ctx, "listing", []string{base}, q, each)
				// It may have moved again; a later change reports where to.
				if err != nil && !noSuchObject(err) {
					return err
				}
			}
			return nil
		})
	})
}

// basesUnder returns the parts of the base DNs at dn or below it.
func (d *directory) basesUnder(dn string) []string {
	folded := identity.FoldDN(dn)
	var out []string
	for _, base := range d.bases {
		b := identity.FoldDN(base)
		switch {
		case identity.UnderDN(folded, b) && !d.foreign(folded, b):
			return []string{dn}
		case identity.UnderDN(b, folded) && !d.foreign(b, folded):
			out = append(out, base)
		}
	}
	return out
}

// EdgesOf lists the memberships of these groups, in scope or not, like Edges. Anchors of other
// directories, and of objects that are not groups, yield none.
func (s *Source) EdgesOf(ctx context.Context, groups []identity.Anchor, fn func(identity.Edge) error) (err error) {
	defer s.secrets.In(&err)
	guids := s.guids(groups)
	if len(guids) == 0 {
		return ctx.Err()
	}
	return resumed(ctx, s, edgeID, fn, func(fn func(identity.Edge) error) error {
		return s.with(ctx, func(c *session) error {
			if err := c.scopeEdgesOf(ctx, groups, fn); err != nil || !s.opt.SyncGroups {
				return err
			}
			l := c.memberships(identity.Membership, fn)
			return chunks(guids, func(some []string) error {
				q := query{filter: "(&" + c.dir.anyGroup() + c.dir.anchorFilter(some) + ")", attrs: l.attributes(),
					controls: l.controls}
				return c.subtree(ctx, "reading memberships", c.dir.roots(), q, func(raw *rawEntry) error {
					return l.members(ctx, raw)
				})
			})
		})
	})
}

// guids returns the GUIDs of the anchors that belong to this directory, each once.
func (s *Source) guids(anchors []identity.Anchor) []string {
	var out []string
	seen := map[string]bool{}
	for _, a := range anchors {
		guid := a.GUID()
		if _, ok := guidBytes(guid); ok && a.Directory() == s.opt.Name && !seen[guid] {
			seen[guid] = true
			out = append(out, guid)
		}
	}
	return out
}

// chunks calls fn with parts of the list, each small enough for one filter.
func chunks[T any](all []T, fn func([]T) error) error {
	for len(all) > 0 {
		n := min(getChunk, len(all))
		if err := fn(all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}
