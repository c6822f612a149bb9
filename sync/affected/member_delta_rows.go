package affected

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
)

// addReferencedRows adds rows for all unchanged groups and members in the tables: they are only referred to.
func (set *Set) addReferencedRows(ctx context.Context) error {
	some, err := set.d.Work.Referenced(ctx)
	if err != nil {
		return err
	}
	for _, a := range some {
		if set.objects[a] != nil && !set.d.Frozen[a.Directory()] {
			continue
		}
		s, ok, err := set.d.Env.Store.Shadow(ctx, a)
		if err != nil {
			return err
		}
		if ok {
			if err := set.addReferencedRow(ctx, s); err != nil {
				return err
			}
		}
	}
	// Flattening goes through groups that are deferred themselves.
	if err := set.d.Env.Store.Deferred(ctx, nil, some, false, func(t identity.Deferred) error {
		if set.objects[t.Anchor] != nil || t.Kind != identity.Group {
			return nil
		}
		return set.d.Work.AddReferencedUnread(ctx, t.Anchor, t.Kind)
	}); err != nil {
		return err
	}
	dns, err := set.d.Work.UnresolvedDNs(ctx)
	if err != nil {
		return err
	}
	light := func(s identity.Shadow) error { return set.addReferencedRow(ctx, s) }
	if err := set.d.Env.Store.Seek(ctx, port.ByDN, dns, light); err != nil {
		return err
	}
	return set.seekForeign(ctx, dns, func(s identity.Shadow, _ string) error { return light(s) })
}

func (set *Set) addReferencedRow(ctx context.Context, s identity.Shadow) error {
	// A person of a frozen directory is as remembered. The group's own directory decides who is in
	// the group.
	frozen := set.d.Frozen[s.Anchor.Directory()] && s.Kind == identity.User
	if set.objects[s.Anchor] != nil && !frozen || s.State != identity.Live || s.ID == "" {
		return nil
	}
	matched, err := set.d.Work.IsMatched(ctx, s.Anchor)
	if err != nil || matched {
		return err
	}
	return read.ReferencedRow(ctx, set.d, s)
}

// addOwnerRow adds rows for the owner of an account that is in a group: it may have to be removed
// from it.
func (set *Set) addOwnerRow(ctx context.Context, id identity.ResourceID) error {
	return set.d.Env.Store.Seek(ctx, port.ByID, []string{string(id)},
		func(s identity.Shadow) error { return set.addReferencedRow(ctx, s) })
}
