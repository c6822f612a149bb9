package sync

import (
	"context"

	"dirbridge/sync/identity"
)

// throughGroups adds the people who come into scope, or leave it, because a group by
// whose members the scope is defined has changed, or one nested in it. The state knows
// the memberships of those groups as edges of their own kind.
func (h *hunt) throughGroups(ctx context.Context) error {
	var groups []identity.Anchor
	ways := map[identity.Anchor]bool{} // groups that scope goes through, or may go through
	for a, kind := range h.kinds {
		if h.opt.ByMembership == nil || !h.opt.ByMembership(a.Directory()) {
			continue
		}
		groups = append(groups, a)
		// One that is new, or back, need not have been touched by whoever it is in.
		if t, touched := h.news[a]; kind != identity.User && touched && !t.Deleted {
			ways[a] = true
		}
	}
	if err := h.opt.Store.EdgesFrom(ctx, groups, func(e identity.Edge) error {
		if e.Kind == identity.InScope {
			ways[e.From] = true
		}
		return nil
	}); err != nil {
		return err
	}
	for a := range ways {
		if err := h.scopeGroup(ctx, a, map[identity.Anchor]bool{}); err != nil {
			return err
		}
	}
	return nil
}

// scopeGroup adds those whose membership in a group that scope goes through changed,
// and all that are in scope by way of a group that came to it, or left it.
func (h *hunt) scopeGroup(ctx context.Context, group identity.Anchor, met map[identity.Anchor]bool) error {
	before, now, err := h.scopeMembers(ctx, group)
	if err != nil {
		return err
	}
	for ref, e := range now {
		if _, was := before[ref]; !was {
			h.note(e, false)
			if err := h.scopeMember(ctx, e.To, met); err != nil {
				return err
			}
		}
	}
	for ref, e := range before {
		if _, is := now[ref]; !is {
			h.note(e, true)
			if err := h.scopeMember(ctx, e.To, met); err != nil {
				return err
			}
		}
	}
	return h.bound()
}

// scopeMembers are the members of one group as remembered and as they are.
func (h *hunt) scopeMembers(ctx context.Context, group identity.Anchor) (before, now map[string]identity.Edge, err error) {
	before, now = map[string]identity.Edge{}, map[string]identity.Edge{}
	into := func(m map[string]identity.Edge) func(identity.Edge) error {
		return func(e identity.Edge) error {
			if e.Kind == identity.InScope {
				m[refKey(e.To)] = e
			}
			return nil
		}
	}
	if err := h.opt.Store.EdgesFrom(ctx, []identity.Anchor{group}, into(before)); err != nil {
		return nil, nil, err
	}
	src, err := h.sourceOf(ctx, group)
	if src == nil || err != nil {
		return before, before, err
	}
	err = h.reading(ctx, group.Directory(), "read the members of a group that the scope goes through", func(func(error) error) error {
		return src.EdgesOf(ctx, []identity.Anchor{group}, into(now))
	})
	return before, now, err
}

// scopeMember adds one member whose way into scope came or went. Where it is a group,
// all of its members are concerned, down to the last.
func (h *hunt) scopeMember(ctx context.Context, to identity.Ref, met map[identity.Anchor]bool) error {
	a := to.Anchor
	if a == "" {
		return h.addByDN(ctx, to.DN, met)
	}
	h.add(a, "")
	if met[a] {
		return nil // a cycle of groups
	}
	met[a] = true
	before, now, err := h.scopeMembers(ctx, a)
	if err != nil {
		return err
	}
	for ref, e := range now {
		if _, known := before[ref]; !known {
			h.note(e, false)
		}
		before[ref] = e
	}
	for _, e := range before {
		if err := h.scopeMember(ctx, e.To, met); err != nil {
			return err
		}
	}
	return h.bound()
}

// addByDN adds somebody whom a server without GUIDs in its references names. One that
// is neither a person in scope nor known may be a group whose people enter with it:
// only a full run finds them.
func (h *hunt) addByDN(ctx context.Context, dn string, met map[identity.Anchor]bool) error {
	var found []identity.Anchor
	add := func(a identity.Anchor, kind identity.Kind) error {
		h.add(a, kind)
		found = append(found, a)
		return nil
	}
	err := h.opt.Store.Seek(ctx, ByDN, []string{identity.Fold(dn)}, func(s identity.Shadow) error { return add(s.Anchor, s.Kind) })
	if err != nil {
		return err
	}
	err = h.each(ctx, func(src Source, name string) error {
		for _, kind := range []identity.Kind{identity.User, identity.Group} {
			err := h.reading(ctx, name, "look for the member "+dn, func(own func(error) error) error {
				return src.Below(ctx, kind, dn, func(e identity.Entry) error { return own(add(e.Anchor, e.Kind)) })
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return &fullInstead{reason: "the scope goes through a group of which a member is known by its DN alone: " + dn}
	}
	for _, a := range found {
		if h.kinds[a] != identity.User {
			if err := h.scopeMember(ctx, identity.Ref{Anchor: a}, met); err != nil {
				return err
			}
		}
	}
	return nil
}

// sourceOf is the directory of an anchor, nil where it is frozen or not configured.
func (h *hunt) sourceOf(ctx context.Context, a identity.Anchor) (found Source, err error) {
	err = h.each(ctx, func(src Source, name string) error {
		if name == a.Directory() {
			found = src
		}
		return nil
	})
	return found, err
}

// refKey tells references of one group apart.
func refKey(r identity.Ref) string {
	if r.Anchor != "" {
		return string(r.Anchor)
	}
	return identity.Fold(r.DN)
}

// note remembers that an edge came or went, to be stored with the plan.
func (h *hunt) note(e identity.Edge, removed bool) {
	e.To.DN = identity.Fold(e.To.DN)
	h.notes = append(h.notes, noted{e, removed})
}

// noted is a change of the remembered edges.
type noted struct {
	edge    identity.Edge
	removed bool
}
