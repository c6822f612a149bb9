package affected

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/workdb"
)

// addThroughGroups adds the people who enter or leave scope because a group that defines the scope,
// or a group nested in it, has changed. The state keeps the memberships of those groups as edges of
// their own kind.
func (set *Set) addThroughGroups(ctx context.Context) error {
	var groups []identity.Anchor
	ways := map[identity.Anchor]bool{} // groups that define scope, or may
	led := map[identity.Anchor]bool{}  // those of them that defined it until now
	for a, kind := range set.kinds {
		if set.d.Env.ByMembership == nil || !set.d.Env.ByMembership(a.Directory()) {
			continue
		}
		groups = append(groups, a)
		// A group that is new, or back, need not have changed the groups that contain it.
		if t, touched := set.notifications[a]; kind != identity.User && touched && !t.Deleted {
			ways[a] = true
		}
	}
	if err := set.d.Env.Store.EdgesFrom(ctx, groups, func(e identity.Edge) error {
		if e.Kind == identity.InScope {
			ways[e.From], led[e.From] = true, true
		}
		return nil
	}); err != nil {
		return err
	}
	for a := range ways {
		if err := set.scopeGroup(ctx, a, led[a] && set.notifications[a].MembersTold, map[identity.Anchor]bool{}); err != nil {
			return err
		}
	}
	return nil
}

// scopeGroup adds the objects whose membership in a group that defines scope changed, and
// everything that is in scope through a group that was added to it or removed from it.
func (set *Set) scopeGroup(ctx context.Context, group identity.Anchor, told bool,
	met map[identity.Anchor]bool) error {
	var changed []identity.Ref
	var err error
	if told {
		changed, err = set.scopeReported(ctx, group)
	} else {
		changed, err = set.scopeChanges(ctx, group)
	}
	if err != nil {
		return err
	}
	for _, to := range changed {
		if err := set.scopeMember(ctx, to, met); err != nil {
			return err
		}
	}
	return set.checkLimit()
}

// scopeReported adds the members that a directory reported as added to a group or removed from it: the
// group need not be read for them, however large it is.
func (set *Set) scopeReported(ctx context.Context, group identity.Anchor) (changed []identity.Ref, err error) {
	last := map[string]identity.MemberChange{}
	for _, m := range set.notifications[group].Members {
		last[refKey(m.To)] = m
	}
	for _, m := range last {
		changed = append(changed, m.To)
		if !m.Removed {
			set.note(identity.Edge{Kind: identity.InScope, From: group, To: m.To}, false)
			continue
		}
		var anchors []identity.Anchor
		if m.To.Anchor != "" {
			anchors = append(anchors, m.To.Anchor)
		}
		// The edge is stored under the member's DN at that time.
		err := set.d.Env.Store.EdgesTo(ctx, anchors, []string{m.To.DN}, func(e identity.Edge) error {
			if e.From == group && e.Kind == identity.InScope {
				set.note(e, true)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return changed, nil
}

// scopeChanges finds the members of one group that are new, and those that it no longer has. A
// group may have a million members, so only the differences are held in memory.
func (set *Set) scopeChanges(ctx context.Context, group identity.Anchor) (changed []identity.Ref, err error) {
	if err := set.readScope(ctx, group); err != nil {
		return nil, err
	}
	note := func(removed bool) func(identity.Ref) error {
		return func(to identity.Ref) error {
			set.note(identity.Edge{Kind: identity.InScope, From: group, To: to}, removed)
			changed = append(changed, to)
			return set.checkLimitAt(len(set.kinds) + len(changed))
		}
	}
	if err := set.d.Work.EachNewScopeMember(ctx, note(false)); err != nil {
		return nil, err
	}
	if err := set.d.Work.EachGoneScopeMember(ctx, note(true)); err != nil {
		return nil, err
	}
	return changed, nil
}

// readScope reads the members of one group, remembered and current, into their tables. Both are the
// same if its directory is not read.
func (set *Set) readScope(ctx context.Context, group identity.Anchor) error {
	if err := set.d.Work.ClearScope(ctx); err != nil {
		return err
	}
	into := func(add func(context.Context, workdb.ScopeMember) error) func(identity.Edge) error {
		return func(e identity.Edge) error {
			if e.Kind != identity.InScope {
				return nil
			}
			return add(ctx, workdb.ScopeMember{Key: refKey(e.To), To: e.To})
		}
	}
	err := set.d.Env.Store.EdgesFrom(ctx, []identity.Anchor{group}, into(set.d.Work.AddScopeWas))
	if err != nil {
		return err
	}
	src, err := set.sourceOf(ctx, group)
	if err != nil {
		return err
	}
	if src == nil {
		return set.d.Work.ScopeUnchanged(ctx)
	}
	return set.askDirectory(ctx, group.Directory(), "read the members of a group that the scope goes through",
		func(own func(error) error) error {
			now := into(set.d.Work.AddScopeNow)
			return src.EdgesOf(ctx, []identity.Anchor{group}, func(e identity.Edge) error { return own(now(e)) })
		})
}

// scopeMember adds one member whose way into scope was added or removed. For a group it adds all
// members at any depth.
func (set *Set) scopeMember(ctx context.Context, to identity.Ref, met map[identity.Anchor]bool) error {
	a := to.Anchor
	if a == "" {
		return set.addByDN(ctx, to.DN, met)
	}
	set.add(a, "")
	if met[a] {
		return nil // a cycle of groups
	}
	met[a] = true
	if set.kinds[a] == identity.User {
		return nil
	}
	if s, known, err := set.d.Env.Store.Shadow(ctx, a); err != nil || known && s.Kind == identity.User {
		return err // no object enters scope through a person
	}
	if err := set.readScope(ctx, a); err != nil {
		return err
	}
	var members []identity.Ref
	if err := set.d.Work.EachScopeMember(ctx, func(m workdb.ScopeMemberNow) error {
		if !m.Was {
			set.note(identity.Edge{Kind: identity.InScope, From: a, To: m.To}, false)
		}
		members = append(members, m.To)
		return set.checkLimitAt(len(set.kinds) + len(members))
	}); err != nil {
		return err
	}
	for _, m := range members {
		if err := set.scopeMember(ctx, m, met); err != nil {
			return err
		}
	}
	return set.checkLimit()
}

// addByDN adds an object named by a server whose references have no GUIDs. If it is neither a
// person in scope nor known, it may be a group whose people enter with it: only a full run finds
// them.
func (set *Set) addByDN(ctx context.Context, dn string, met map[identity.Anchor]bool) error {
	var found []identity.Anchor
	add := func(a identity.Anchor, kind identity.Kind) error {
		set.add(a, kind)
		found = append(found, a)
		return nil
	}
	err := set.d.Env.Store.Seek(ctx, port.ByDN, []string{identity.Fold(dn)},
		func(s identity.Shadow) error { return add(s.Anchor, s.Kind) })
	if err != nil {
		return err
	}
	err = set.each(ctx, func(src port.Source, name string) error {
		for _, kind := range []identity.Kind{identity.User, identity.Group} {
			err := set.askDirectory(ctx, name, "look for the member "+dn, func(own func(error) error) error {
				return src.ListUnder(ctx, kind, dn, func(e identity.Entry) error { return own(add(e.Anchor, e.Kind)) })
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
		return &FullInstead{Reason: "the scope goes through a group of which a member is known by its DN alone: " + dn}
	}
	for _, a := range found {
		if set.kinds[a] != identity.User {
			if err := set.scopeMember(ctx, identity.Ref{Anchor: a}, met); err != nil {
				return err
			}
		}
	}
	return nil
}

// sourceOf returns the directory of an anchor, nil if it is frozen or not configured.
func (set *Set) sourceOf(ctx context.Context, a identity.Anchor) (found port.Source, err error) {
	err = set.each(ctx, func(src port.Source, name string) error {
		if name == a.Directory() {
			found = src
		}
		return nil
	})
	return found, err
}

// refKey distinguishes the references of one group.
func refKey(r identity.Ref) string {
	if r.Anchor != "" {
		return string(r.Anchor)
	}
	return identity.Fold(r.DN)
}

// note records that an edge was added or removed, to be stored with the plan.
func (set *Set) note(e identity.Edge, removed bool) {
	e.To.DN = identity.Fold(e.To.DN)
	set.notes = append(set.notes, noted{e, removed})
}

// noted is a change of the remembered edges.
type noted struct {
	edge    identity.Edge
	removed bool
}
