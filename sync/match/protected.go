package match

import (
	"context"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// protectGuarded keeps protected objects from being linked, changed, emptied or removed: it drops their
// matches and lists them separately. A protected name of a person or group is out of reach even if
// no account has it yet.
func protectGuarded(ctx context.Context, d *stage.Draft) error {
	if len(d.Env.Protected) == 0 {
		return nil
	}
	err := d.Work.EachResource(ctx, func(r workdb.OwnedResource) error {
		rule, yes := d.Env.Protects(r.ID, r.Key)
		if !yes {
			return nil
		}
		d.Header.Protected++
		if err := LeftAlone(ctx, d, r.Resource, ProtectedWords(rule, r.DN)); err != nil {
			return err
		}
		return d.Work.Guard(ctx, r.Kind, r.ID)
	})
	if err != nil {
		return err
	}
	if err := d.Work.LeaveGuarded(ctx); err != nil {
		return err
	}
	return protectNamed(ctx, d)
}

// ProtectedWords says why an account is left unchanged, and which object of the directory has its
// name.
func ProtectedWords(rule, dn string) string {
	text := plan.KeptProtected + "by " + rule + " in policy.protected"
	if dn != "" {
		text += "; [" + dn + "] of the directory is left unchanged with it"
	}
	return text
}

// protectNamed reports the objects whose name is protected and would be given to an account.
func protectNamed(ctx context.Context, d *stage.Draft) error {
	var wishes []workdb.MatchedEntry
	err := d.Work.EachMatchedEntry(ctx, func(m workdb.MatchedEntry) error {
		if _, yes := d.Env.Protects("", m.Key); yes {
			wishes = append(wishes, m)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, w := range wishes {
		rule, _ := d.Env.Protects("", w.Key)
		if err := reportConflict(ctx, d, subjectOf(w), "",
			fmt.Sprintf("For [%s], the name [%s] is protected by %s in policy.protected.",
				w.DN, w.Key, rule),
			"Give it another name in the directory, or take the rule out of policy.protected."); err != nil {
			return err
		}
		if err := d.Work.DropMatch(ctx, w.Anchor); err != nil {
			return err
		}
	}
	return nil
}

// IsGuarded says whether an account is protected.
func IsGuarded(ctx context.Context, d *stage.Draft, kind identity.Kind, id identity.ResourceID) (bool, error) {
	return d.Work.IsGuarded(ctx, kind, id)
}

// LeftAlone lists an account that is left unchanged, and why.
func LeftAlone(ctx context.Context, d *stage.Draft, r identity.Resource, why string) error {
	u := plan.Unmatched{ID: r.ID, Kind: r.Kind, Key: r.Key, Name: r.Name, Active: r.Active,
		Admin: r.Admin == identity.Yes, Kept: why}
	return d.Work.AddUnmatched(ctx, u)
}
