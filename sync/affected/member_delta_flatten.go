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
	var up []identity.Anchor
	met := map[identity.Anchor]bool{}
	err := set.d.Work.Each(ctx, `SELECT DISTINCT src FROM pair UNION SELECT DISTINCT src FROM edge`, func(scan func(...any) error) error {
		var a identity.Anchor
		err := scan(&a)
		up = append(up, a)
		met[a] = true
		return err
	})
	if err != nil {
		return err
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
			return set.d.Work.Exec(ctx, `INSERT INTO edge SELECT ?1,?2,?3,?4,?5 WHERE NOT (?6 AND EXISTS(SELECT 1 FROM fresh WHERE src=?2))
				AND NOT EXISTS(SELECT 1 FROM pair WHERE src=?2 AND removed=1 AND (a<>'' AND a=?4 OR (a='' OR ?4='') AND dnf=?5))`,
				e.From.Directory(), string(e.From), string(e.Kind), string(e.To.Anchor), identity.Fold(e.To.DN), whole[e.From])
		})
		if err != nil {
			return err
		}
		// A member that was added to a group may be a group.
		err = set.d.Work.Each(ctx, `SELECT DISTINCT a FROM pair WHERE removed=0 AND a<>''`, func(scan func(...any) error) error {
			var a identity.Anchor
			if err := scan(&a); err != nil {
				return err
			}
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
