package diff

import (
	"context"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/read"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Members compares memberships. Members that are not linked are left unchanged.
func Members(ctx context.Context, d *stage.Draft) error {
	if err := read.SumMatches(ctx, d); err != nil {
		return err
	}
	if clean, err := d.Env.Store.Value(ctx, facts.MembersValue); err != nil || clean == read.MembersDigest(d) {
		return err // the same as when there was nothing to do
	}
	if err := read.ReferencedRows(ctx, d); err != nil {
		return err
	}
	if err := referencedFrozen(ctx, d); err != nil {
		return err
	}
	if err := relate(ctx, d); err != nil {
		return err
	}
	return CompareMembers(ctx, d)
}

// CompareMembers plans from the tables of memberships, which are filled.
func CompareMembers(ctx context.Context, d *stage.Draft) error {
	nesting := workdb.KeepNesting
	if d.Env.Policy.Flatten {
		nesting = workdb.Flatten
		if !d.Coverage.Listed() {
			// The other groups are there only for their contents: their members in the cloud were
			// not read.
			nesting = workdb.FlattenCompare
		}
	}
	if err := read.ResolveForeign(ctx, d, workdb.OfEdges); err != nil {
		return err
	}
	if err := d.Work.WantMembers(ctx, nesting); err != nil {
		return err
	}
	// The members of a nested group that was not read are unknown; once it is read, the groups around
	// it need not have changed.
	unknown := d.Env.Policy.Flatten && !d.Header.Complete
	if unknown {
		if err := d.Work.LookAgainAtUnwanted(ctx); err != nil {
			return err
		}
	}
	if err := d.Work.CompareMembers(ctx, !unknown); err != nil {
		return err
	}
	if err := markMemberDrift(ctx, d); err != nil {
		return err
	}
	if err := memberChanges(ctx, d, d.Work.EachMemberToAdd, plan.Change{Action: plan.Add, Phase: plan.MemberAdds,
		Reason: "a member in the directory"}, "taken out of the group in the cloud since the last run"); err != nil {
		return err
	}
	return memberChanges(ctx, d, d.Work.EachMemberToRemove, plan.Change{Action: plan.Remove, Phase: plan.MemberRemoves,
		Reason: "no longer a member in the directory"}, "put into the group in the cloud since the last run")
}

// relate puts the memberships into their tables. It leaves out directories that could not be read
// completely.
func relate(ctx context.Context, d *stage.Draft) error {
	d.Related = true
	err := d.Work.EachSpooledEdge(ctx, func(e workdb.Edge) error {
		if d.Frozen[e.Directory] {
			return nil
		}
		return d.Work.AddEdge(ctx, e)
	})
	if err != nil {
		return err
	}
	return d.Work.EachSpooledMember(ctx, func(group, member identity.ResourceID) error {
		return d.Work.AddMember(ctx, group, member)
	})
}

// memberChanges plans memberships. like is what all of them have in common; byHand is the reason of
// those that are drift.
func memberChanges(ctx context.Context, d *stage.Draft,
	each func(context.Context, func(workdb.MemberDifference) error) error, like plan.Change, byHand string) error {
	return each(ctx, func(m workdb.MemberDifference) error {
		c := like
		c.Kind, c.Anchor, c.ID, c.Key, c.DN = identity.Member, m.Group, m.GroupID, m.GroupKey, m.GroupDN
		c.Member, c.MemberID, c.MemberKind, c.MemberKey = m.Member, m.MemberID, m.MemberKind, m.MemberKey
		if c.Drift = m.Drift; c.Drift {
			c.Reason = byHand
		}
		if c.Action == plan.Add {
			d.Header.Counts.Members.Add++
		} else {
			d.Header.Counts.Members.Remove++
		}
		d.Header.Drift.Count(&c)
		return AddChange(ctx, d, c, identity.Fold(c.MemberKey))
	})
}

// referencedFrozen adds rows for the people of directories that could not be read, as remembered: a
// group of another directory decides which of them are its members.
func referencedFrozen(ctx context.Context, d *stage.Draft) error {
	if d.Header.Complete {
		return nil
	}
	for after := identity.Anchor(""); ; {
		some, err := d.Work.UnlistedPeople(ctx, after)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, s := range some {
			if after = s.Anchor; d.WasRead(after.Directory()) {
				continue
			}
			if err := read.ReferencedRow(ctx, d, s); err != nil {
				return err
			}
		}
	}
}
