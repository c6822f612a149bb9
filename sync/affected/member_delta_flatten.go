package affected

import (
	"context"

	"dirbridge/sync/identity"
)

// addNestedGroups makes every group that contains one of the changed groups, at any depth, compared
// completely, and loads the edges of everything that they contain: all of them together decide who
// is in a flattened group. A group that leaves counts as changed too: its people leave the groups
// that contained it.
func (set *Set) addNestedGroups(ctx context.Context, whole map[identity.Anchor]bool) error {
	met := map[identity.Anchor]bool{}
	up, err := set.d.Work.GroupsCompared(ctx)
	if err != nil {
		return err
	}
	for _, a := range up {
		met[a] = true
	}
	for a := range whole {
		if !met[a] {
			met[a] = true
			up = append(up, a)
		}
	}
	for a, obj := range set.objects {
		if obj.kind == identity.Group && obj.entry == nil && !set.d.Frozen[a.Directory()] {
			up = append(up, a)
		}
	}
	for len(up) > 0 {
		var next []identity.Anchor
		err := set.d.Env.Store.EdgesTo(ctx, up, nil, func(e identity.Edge) error {
			if e.Kind == identity.Membership && !met[e.From] {
				met[e.From] = true
				next = append(next, e.From)
			}
			return nil
		})
		if err != nil {
			return err
		}
		up = next
	}
	var down []identity.Anchor
	for a := range met {
		whole[a] = true
		down = append(down, a)
	}
	return set.loadNestedEdges(ctx, down, met, whole)
}

// loadNestedEdges loads the remembered edges of groups and of the groups that they contain, without
// those that were removed. A group that is compared completely and was read has its current edges
// already. TestFlattenedGroupTouched pins it.
func (set *Set) loadNestedEdges(ctx context.Context, down []identity.Anchor, met,
	whole map[identity.Anchor]bool) error {
	for len(down) > 0 {
		var next []identity.Anchor
		err := set.d.Env.Store.EdgesFrom(ctx, down, func(e identity.Edge) error {
			if e.Kind != identity.Membership {
				return nil
			}
			if a := e.To.Anchor; a != "" && !met[a] {
				met[a] = true
				next = append(next, a) // a person has no edges of its own
			}
			return set.d.Work.AddNestedEdge(ctx, e, whole[e.From])
		})
		if err != nil {
			return err
		}
		// A member that was added to a group may be a group.
		err = set.d.Work.EachAddedMember(ctx, func(a identity.Anchor) error {
			if !met[a] {
				met[a] = true
				next = append(next, a)
			}
			return nil
		})
		if err != nil {
			return err
		}
		down = next
	}
	return nil
}
