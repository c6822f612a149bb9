package ldap

import (
	"context"

	"dirbridge/sync/identity"
)

// scopeEdges yields the memberships that bring people into scope: those of the groups of
// Options.MemberOf and of all groups in them, synchronized or not. The people of a primary group
// count as its members.
func (c *session) scopeEdges(ctx context.Context, fn func(identity.Edge) error) error {
	if len(c.source.opt.MemberOf) == 0 || !c.source.opt.SyncUsers {
		return nil
	}
	heads, err := c.scopeHeads(ctx)
	if err != nil {
		return err
	}
	var groups []scopeGroup
	if c.dir.chain {
		if groups, err = c.nested(ctx, heads); err != nil {
			return err
		}
		for _, g := range groups {
			if _, err := c.membersOfOne(ctx, g.dn, fn); err != nil {
				return err
			}
		}
	} else {
		w, err := c.walk(ctx, heads, fn)
		if err != nil {
			return err
		}
		groups = w.groups
	}
	return c.primaryEdges(ctx, groups, fn)
}

// scopeEdgesOf yields the same, limited to the given groups.
func (c *session) scopeEdgesOf(ctx context.Context, anchors []identity.Anchor, fn func(identity.Edge) error) error {
	if len(c.source.opt.MemberOf) == 0 || !c.source.opt.SyncUsers {
		return nil
	}
	heads, err := c.scopeHeads(ctx)
	if err != nil {
		return err
	}
	asked, err := c.groupsAt(ctx, anchors)
	if err != nil {
		return err
	}
	up := newLineage(c, heads)
	var among []scopeGroup
	for _, g := range asked {
		in, err := up.holds(ctx, g.dn)
		if err != nil {
			return err
		}
		if !in {
			continue
		}
		among = append(among, g)
		if _, err := c.membersOfOne(ctx, g.dn, fn); err != nil {
			return err
		}
	}
	return c.primaryEdges(ctx, among, fn)
}

func (c *session) primaryEdges(ctx context.Context, groups []scopeGroup, fn func(identity.Edge) error) error {
	return c.primaryMembers(ctx, groups, func(g scopeGroup, dn string, a identity.Anchor) error {
		if g.anchor == "" {
			return nil
		}
		return fn(identity.Edge{Kind: identity.InScope, From: g.anchor, To: identity.Ref{Anchor: a, DN: dn}})
	})
}

// groupsAt returns the groups with these anchors that exist.
func (c *session) groupsAt(ctx context.Context, anchors []identity.Anchor) ([]scopeGroup, error) {
	var guids []string
	for _, a := range anchors {
		if _, ok := guidBytes(a.GUID()); ok && a.Directory() == c.source.opt.Name {
			guids = append(guids, a.GUID())
		}
	}
	var groups []scopeGroup
	for len(guids) > 0 {
		n := min(getChunk, len(guids))
		q := query{filter: "(&" + c.dir.anyGroup() + c.dir.anchorFilter(guids[:n]) + ")", attrs: c.groupAttributes()}
		if err := c.subtree(ctx, "reading groups by GUID", c.dir.roots(), q, func(raw *rawEntry) error {
			groups = append(groups, c.scopeGroup(raw))
			return nil
		}); err != nil {
			return nil, err
		}
		guids = guids[n:]
	}
	return groups, nil
}
