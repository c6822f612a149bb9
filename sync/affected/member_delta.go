package affected

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/diff"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
	"dirbridge/sync/workdb"
)

// pairing is one membership that was added or removed.
type pairing struct {
	group   identity.Anchor
	to      identity.Ref
	removed bool
}

// Members compares the memberships that changes concern. For most groups these are a few pairs: a
// member that was added or removed, a person who came into scope. Groups that are new in the cloud,
// or that have a failed write, are compared completely.
func (set *Set) Members(ctx context.Context) error {
	set.d.Related = true
	whole := set.whole
	if err := set.d.Work.SubtractEdges(ctx); err != nil {
		return err
	}
	if err := set.addEnteringPairs(ctx); err != nil {
		return err
	}
	if err := set.resolvePairs(ctx); err != nil {
		return err
	}
	// For most groups only added members are wanted; the others are not compared.
	if err := set.d.Work.WantPairs(ctx); err != nil {
		return err
	}
	if set.d.Env.Policy.Flatten {
		if err := set.addNestedGroups(ctx, whole); err != nil {
			return err
		}
	}
	for a := range whole {
		if err := set.d.Work.CompareWhole(ctx, a); err != nil {
			return err
		}
	}
	if err := set.addReferencedRows(ctx); err != nil {
		return err
	}
	if err := set.holdings(ctx, whole); err != nil {
		return err
	}
	if err := diff.CompareMembers(ctx, set.d); err != nil {
		return err
	}
	return set.noteMembers(ctx)
}

// changedGroups reads which members of the changed groups were added or removed, and which groups
// must be compared completely.
func (set *Set) changedGroups(ctx context.Context) error {
	whole := map[identity.Anchor]bool{}
	set.whole = whole
	read := map[string][]identity.Anchor{} // by directory
	var all []identity.Anchor
	for a, obj := range set.objects {
		if obj.kind != identity.Group || obj.entry == nil || set.d.Frozen[a.Directory()] {
			continue
		}
		t, touched := set.notifications[a]
		switch {
		case set.enters(obj) || obj.hasProblem:
			whole[a] = true
		case !touched:
			continue
		case t.MembersTold:
			// Of several changes of one member the last one counts.
			last := map[string]identity.MemberChange{}
			for _, m := range t.Members {
				last[refKey(m.To)] = m
			}
			for _, m := range last {
				if err := set.pair(ctx, pairing{a, m.To, m.Removed}); err != nil {
					return err
				}
			}
			continue
		}
		read[a.Directory()] = append(read[a.Directory()], a)
		all = append(all, a)
	}
	err := set.each(ctx, func(src port.Source, name string) error {
		if len(read[name]) == 0 {
			return nil
		}
		return set.askDirectory(ctx, name, "read the members of groups that changed", func(own func(error) error) error {
			return src.EdgesOf(ctx, read[name], func(e identity.Edge) error {
				return own(set.d.Work.AddFresh(ctx, e))
			})
		})
	})
	if err != nil {
		return err
	}
	return set.d.Env.Store.EdgesFrom(ctx, all, func(e identity.Edge) error {
		return set.d.Work.AddStored(ctx, e)
	})
}

func (set *Set) pair(ctx context.Context, p pairing) error {
	return set.d.Work.AddPair(ctx, p.group, p.to, p.removed)
}

// Entering makes pairs of the memberships of objects that enter scope or are renamed: those in the
// directory, and those that are remembered and no longer in the directory.
func (set *Set) addEnteringPairs(ctx context.Context) error {
	for _, p := range set.pairs {
		if set.d.Frozen[p.group.Directory()] {
			continue
		}
		if err := set.pair(ctx, p); err != nil {
			return err
		}
	}
	var anchors []identity.Anchor
	var dns []string
	for a, obj := range set.objects {
		if set.enters(obj) || set.renamed(obj) {
			anchors = append(anchors, a)
			dns = append(dns, identity.Fold(obj.entry.DN))
			dns = append(dns, read.ForeignDNs(set.d, a, identity.SID(obj.entry.Attrs))...)
		}
	}
	if err := set.inherit(ctx); err != nil || len(anchors) == 0 {
		return err
	}
	return set.d.Env.Store.EdgesTo(ctx, anchors, dns, func(e identity.Edge) error {
		if e.Kind != identity.Membership || set.d.Frozen[e.From.Directory()] {
			return nil
		}
		// By name only if no anchor is known: another object may have the name by now.
		added, err := set.d.Work.HasPairTo(ctx, e.From, e.To)
		if err != nil || added {
			return err
		}
		return set.pair(ctx, pairing{e.From, e.To, true})
	})
}

// inherit makes pairs of the memberships of accounts that are taken over from an object that is
// gone: the account still has them.
func (set *Set) inherit(ctx context.Context) error {
	successors := map[identity.Anchor]identity.Anchor{}
	var left []identity.Anchor
	all, err := set.d.Work.Successions(ctx)
	for _, s := range all {
		successors[s.Old], left = s.Successor, append(left, s.Old)
	}
	if err != nil || len(left) == 0 {
		return err
	}
	return set.d.Env.Store.EdgesTo(ctx, left, nil, func(e identity.Edge) error {
		if e.Kind != identity.Membership || set.d.Frozen[e.From.Directory()] {
			return nil
		}
		set.drops = append(set.drops, noted{e, true})
		successor := successors[e.To.Anchor]
		added, err := set.d.Work.HasPair(ctx, e.From, successor)
		if err != nil || added {
			return err
		}
		return set.pair(ctx, pairing{e.From, identity.Ref{Anchor: successor}, true})
	})
}

// resolvePairs finds the anchors of members that are known by DN alone: their own directory takes
// precedence over others, and current DNs over previous ones.
func (set *Set) resolvePairs(ctx context.Context) error {
	if err := read.ResolveForeign(ctx, set.d, workdb.OfPairs); err != nil {
		return err
	}
	dns, err := set.d.Work.UnresolvedPairDNs(ctx)
	if err != nil || len(dns) == 0 {
		return err
	}
	if err := set.d.Work.BeginBearers(ctx); err != nil {
		return err
	}
	if err := set.d.Env.Store.Seek(ctx, port.ByDN, dns, func(s identity.Shadow) error {
		obj := set.objects[s.Anchor]
		stood := obj != nil && obj.entry != nil && !strings.EqualFold(obj.entry.DN, s.DN)
		return set.d.Work.AddBearer(ctx, identity.Fold(s.DN), s.Anchor, stood)
	}); err != nil {
		return err
	}
	if err := set.seekForeign(ctx, dns, func(s identity.Shadow, dnf string) error {
		return set.d.Work.AddBearer(ctx, dnf, s.Anchor, false)
	}); err != nil {
		return err
	}
	return set.d.Work.ResolvePairs(ctx)
}

// holdings reads the members that the compared groups have in the cloud.
func (set *Set) holdings(ctx context.Context, whole map[identity.Anchor]bool) error {
	groups, err := set.d.Work.ComparedGroups(ctx, len(whole) > 0)
	if err != nil {
		return err
	}
	for _, g := range groups {
		all := whole[g.Anchor]
		wanted := map[identity.ResourceID]bool{}
		if !all {
			paired, err := set.d.Work.PairedAccounts(ctx, g.Anchor)
			if err != nil {
				return err
			}
			for _, id := range paired {
				wanted[id] = true
			}
			if len(wanted) == 0 {
				continue
			}
		}
		err := set.d.Env.Target.GroupMembers(ctx, g.ID, func(m identity.ResourceID) error {
			if !all && !wanted[m] {
				return nil
			}
			if all {
				if err := set.addOwnerRow(ctx, m); err != nil {
					return err
				}
			}
			return set.d.Work.AddMember(ctx, g.ID, m)
		})
		if err != nil {
			return fmt.Errorf("cloud: read the members of group %s: %w", g.ID, err)
		}
	}
	return nil
}

// noteMembers records the pairs, to be stored with the plan.
func (set *Set) noteMembers(ctx context.Context) error {
	var gone []pairing
	err := set.d.Work.EachPair(ctx, func(p workdb.Pair) error {
		if p.Removed {
			gone = append(gone, pairing{p.Edge.From, p.Edge.To, true})
		} else {
			set.notes = append(set.notes, noted{p.Edge, false})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range gone {
		if err := set.forgetMembership(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// forgetMembership records that a membership is to be forgotten, under any of its DNs. It keeps the
// membership of an object that left and whose linked account is left unchanged for now: when the
// object comes back, that record shows what to remove it from.
func (set *Set) forgetMembership(ctx context.Context, p pairing) error {
	var anchors []identity.Anchor
	if p.to.Anchor != "" {
		anchors = append(anchors, p.to.Anchor)
		s, ours, err := set.d.Env.Store.Shadow(ctx, p.to.Anchor)
		if err != nil {
			return err
		}
		if ours && s.ID != "" {
			matched, err := set.d.Work.IsMatched(ctx, p.to.Anchor)
			if err != nil || !matched {
				return err
			}
		}
	}
	return set.d.Env.Store.EdgesTo(ctx, anchors, []string{p.to.DN}, func(e identity.Edge) error {
		if e.From == p.group && e.Kind == identity.Membership {
			set.drops = append(set.drops, noted{e, true})
		}
		return nil
	})
}
