package affected

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/diff"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
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
	if err := set.subtract(ctx); err != nil {
		return err
	}
	if err := set.addEnteringPairs(ctx); err != nil {
		return err
	}
	if err := set.resolvePairs(ctx); err != nil {
		return err
	}
	// For most groups only added members are wanted; the others are not compared.
	const came = `INSERT INTO edge SELECT substr(src,1,instr(src,':')-1), src, kind, a, dnf FROM pair WHERE removed=0`
	if err := set.d.Work.Exec(ctx, came); err != nil {
		return err
	}
	if set.d.Env.Policy.Flatten {
		if err := set.addNestedGroups(ctx, whole); err != nil {
			return err
		}
	}
	for a := range whole {
		if err := set.d.Work.Exec(ctx, `INSERT INTO whole VALUES(?)`, string(a)); err != nil {
			return err
		}
		if err := set.d.Work.Exec(ctx, `INSERT INTO edge SELECT ?1, src, kind, a, dnf FROM fresh WHERE src=?2`, a.Directory(), string(a)); err != nil {
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
				return own(set.d.Work.Exec(ctx, `INSERT INTO fresh VALUES(?,?,?,?)`, string(e.From), string(e.Kind), string(e.To.Anchor), identity.Fold(e.To.DN)))
			})
		})
	})
	if err != nil {
		return err
	}
	return set.d.Env.Store.EdgesFrom(ctx, all, func(e identity.Edge) error {
		return set.d.Work.Exec(ctx, `INSERT INTO stored VALUES(?,?,?,?)`, string(e.From), string(e.Kind), string(e.To.Anchor), identity.Fold(e.To.DN))
	})
}

// subtract makes pairs of the current edges that are not stored, and of the stored edges that are
// not current. If both have an anchor, it compares anchors, because a member may have been renamed;
// otherwise DNs.
func (set *Set) subtract(ctx context.Context) error {
	const without = `INSERT OR IGNORE INTO pair SELECT x.src, x.kind, x.a, x.dnf, %d FROM %s x WHERE
	NOT EXISTS(SELECT 1 FROM %[3]s y WHERE y.src=x.src AND y.kind=x.kind AND x.a<>'' AND y.a=x.a)
	AND NOT EXISTS(SELECT 1 FROM %[3]s y WHERE y.src=x.src AND y.kind=x.kind AND (x.a='' OR y.a='') AND y.dnf=x.dnf)`
	for _, q := range []string{
		`CREATE INDEX fresh_a ON fresh(src, a)`, `CREATE INDEX fresh_dn ON fresh(src, dnf)`,
		`CREATE INDEX stored_a ON stored(src, a)`, `CREATE INDEX stored_dn ON stored(src, dnf)`,
		fmt.Sprintf(without, 0, "fresh", "stored"), fmt.Sprintf(without, 1, "stored", "fresh"),
	} {
		if err := set.d.Work.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func (set *Set) pair(ctx context.Context, p pairing) error {
	return set.d.Work.Exec(ctx, `INSERT OR IGNORE INTO pair VALUES(?,?,?,?,?)`, string(p.group), string(identity.Membership), string(p.to.Anchor),
		identity.Fold(p.to.DN), p.removed)
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
		n, err := set.d.Work.Number(ctx, `SELECT count(*) FROM pair WHERE src=?1 AND removed=0 AND (?2<>'' AND a=?2 OR (?2='' OR a='') AND dnf=?3)`,
			string(e.From), string(e.To.Anchor), identity.Fold(e.To.DN))
		if err != nil || n > 0 {
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
	err := set.d.Work.Each(ctx, `SELECT shadow.anchor, c.anchor FROM matched c JOIN shadow ON shadow.kind=c.kind AND shadow.id=c.id AND shadow.anchor<>c.anchor`, func(scan func(...any) error) error {
		var old, successor identity.Anchor
		err := scan(&old, &successor)
		successors[old], left = successor, append(left, old)
		return err
	})
	if err != nil || len(left) == 0 {
		return err
	}
	return set.d.Env.Store.EdgesTo(ctx, left, nil, func(e identity.Edge) error {
		if e.Kind != identity.Membership || set.d.Frozen[e.From.Directory()] {
			return nil
		}
		set.drops = append(set.drops, noted{e, true})
		successor := successors[e.To.Anchor]
		n, err := set.d.Work.Number(ctx, `SELECT count(*) FROM pair WHERE src=? AND removed=0 AND a=?`, string(e.From), string(successor))
		if err != nil || n > 0 {
			return err
		}
		return set.pair(ctx, pairing{e.From, identity.Ref{Anchor: successor}, true})
	})
}

// resolvePairs finds the anchors of members that are known by DN alone: their own directory takes
// precedence over others, and current DNs over previous ones.
func (set *Set) resolvePairs(ctx context.Context) error {
	if err := read.ResolveForeign(ctx, set.d, "pair", "a", "dnf"); err != nil {
		return err
	}
	dns, err := set.texts(ctx, `SELECT DISTINCT dnf FROM pair WHERE a='' AND dnf<>''`)
	if err != nil || len(dns) == 0 {
		return err
	}
	if err := set.d.Work.Exec(ctx, `CREATE TABLE bearer(dnf TEXT, anchor TEXT, dir TEXT, past INT)`); err != nil {
		return err
	}
	if err := set.d.Work.Exec(ctx, `INSERT INTO bearer SELECT dnf, anchor, dir, 0 FROM entry WHERE dnf IN (SELECT dnf FROM pair WHERE a='')`); err != nil {
		return err
	}
	if err := set.d.Env.Store.Seek(ctx, port.ByDN, dns, func(s identity.Shadow) error {
		obj := set.objects[s.Anchor]
		stood := obj != nil && obj.entry != nil && !strings.EqualFold(obj.entry.DN, s.DN)
		return set.d.Work.Exec(ctx, `INSERT INTO bearer VALUES(?,?,?,?)`, identity.Fold(s.DN), string(s.Anchor), s.Anchor.Directory(), stood)
	}); err != nil {
		return err
	}
	if err := set.seekForeign(ctx, dns, func(s identity.Shadow, dnf string) error {
		return set.d.Work.Exec(ctx, `INSERT INTO bearer VALUES(?,?,?,0)`, dnf, string(s.Anchor), s.Anchor.Directory())
	}); err != nil {
		return err
	}
	for _, q := range []string{
		`CREATE INDEX bearer_dn ON bearer(dnf)`,
		`UPDATE OR REPLACE pair SET a=(SELECT b.anchor FROM bearer b WHERE b.dnf=pair.dnf AND (pair.removed OR NOT b.past)
			ORDER BY b.dir<>substr(pair.src,1,instr(pair.src,':')-1), b.past, b.anchor LIMIT 1)
		WHERE a='' AND EXISTS(SELECT 1 FROM bearer b WHERE b.dnf=pair.dnf AND (pair.removed OR NOT b.past))`,
	} {
		if err := set.d.Work.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// holdings reads the members that the compared groups have in the cloud.
func (set *Set) holdings(ctx context.Context, whole map[identity.Anchor]bool) error {
	type held struct {
		anchor identity.Anchor
		id     identity.ResourceID
	}
	var groups []held
	const query = `SELECT c.anchor, c.id FROM matched c WHERE c.kind='group' AND c.id<>'' AND (c.anchor IN (SELECT src FROM pair) OR c.anchor IN (SELECT src FROM edge) OR ?)`
	if err := set.d.Work.Each(ctx, query, func(scan func(...any) error) error {
		var g held
		err := scan(&g.anchor, &g.id)
		groups = append(groups, g)
		return err
	}, len(whole) > 0); err != nil {
		return err
	}
	for _, g := range groups {
		all := whole[g.anchor]
		wanted := map[identity.ResourceID]bool{}
		if !all {
			err := set.d.Work.Each(ctx, `SELECT c.id FROM pair p JOIN entry s ON s.anchor=p.a OR p.a='' AND s.dnf=p.dnf JOIN matched c ON c.anchor=s.anchor WHERE p.src=? AND c.id<>''`,
				func(scan func(...any) error) error {
					var id identity.ResourceID
					err := scan(&id)
					wanted[id] = true
					return err
				}, string(g.anchor))
			if err != nil {
				return err
			}
			if len(wanted) == 0 {
				continue
			}
		}
		err := set.d.Env.Target.GroupMembers(ctx, g.id, func(m identity.ResourceID) error {
			if !all && !wanted[m] {
				return nil
			}
			if all {
				if err := set.addOwnerRow(ctx, m); err != nil {
					return err
				}
			}
			return set.d.Work.Exec(ctx, `INSERT INTO cloud_member VALUES(?,?)`, string(g.id), string(m))
		})
		if err != nil {
			return fmt.Errorf("cloud: read the members of group %s: %w", g.id, err)
		}
	}
	return nil
}

// noteMembers records the pairs, to be stored with the plan.
func (set *Set) noteMembers(ctx context.Context) error {
	var gone []pairing
	err := set.d.Work.Each(ctx, `SELECT src, kind, a, dnf, removed FROM pair ORDER BY 1, 3, 4`, func(scan func(...any) error) error {
		var n noted
		if err := scan(&n.edge.From, &n.edge.Kind, &n.edge.To.Anchor, &n.edge.To.DN, &n.removed); err != nil {
			return err
		}
		if n.removed {
			gone = append(gone, pairing{n.edge.From, n.edge.To, true})
		} else {
			set.notes = append(set.notes, n)
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
			n, err := set.d.Work.Number(ctx, `SELECT count(*) FROM matched WHERE anchor=?`, string(p.to.Anchor))
			if err != nil || n == 0 {
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
