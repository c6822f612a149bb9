package diff

import (
	"context"

	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Unmatched lists the accounts that no directory knows, and plans for them as the policy wants.
// Groups are only ever reported: the program cannot know whether the cloud's own groups were meant
// to come from the directory.
func Unmatched(ctx context.Context, d *stage.Draft) error {
	err := d.Work.EachUnmatched(ctx, func(r workdb.Resource) error { return planUnmatched(ctx, d, r.Resource, r.Base) })
	if err != nil {
		return err
	}
	return ReportSpared(ctx, d)
}

func planUnmatched(ctx context.Context, d *stage.Draft, r identity.Resource, base string) error {
	u := plan.Unmatched{ID: r.ID, Kind: r.Kind, Key: r.Key, Name: r.Name, Active: r.Active, Admin: r.Admin == identity.Yes}
	if r.Kind == identity.Group {
		d.Header.Counts.Groups.Unmatched++
		u.Kept = "groups without a match in the directory are left unchanged"
		return d.Work.AddUnmatched(ctx, u)
	}
	held, expired, err := UnmanagedRule(ctx, d, r)
	if held || err != nil {
		return err
	}
	d.Header.Counts.Users.Unmatched++
	d.Stats.Unmatched++
	remove := d.Env.Policy.OnUnmatched == "remove" && !guard.UsersUnsynced(d)
	if d.Env.Policy.OnUnmatched != "remove" {
		if err := forgetMirrored(ctx, d, r); err != nil {
			return err
		}
	}
	switch {
	case guard.UsersUnsynced(d):
		u.Kept = "users are not synchronized, so no match was looked for"
	case !remove && d.Env.Policy.OnUnmatched != "deactivate":
		u.Kept = "on_unmatched is report"
	case !d.Header.Complete:
		u.Kept = "a directory could not be read completely"
	case !r.Active && remove:
		if u.Kept, err = waitsUnwritten(ctx, d, r); err != nil {
			return err
		}
		if u.Kept == "" {
			u.Kept = "already inactive, but not deactivated by Dirbridge: it is not purged"
		}
	case !r.Active:
		u.Kept = "deactivated already"
	case r.Admin == identity.Yes:
		u.Kept = neverRemoved
		if err := SpareAdmin(ctx, d, r); err != nil {
			return err
		}
	default:
		d.Header.Counts.Users.Deactivate++
		d.Header.Removals++
		c := plan.Change{Kind: identity.User, Action: plan.Deactivate, Phase: plan.Deactivations, ID: r.ID, Key: r.Key,
			CloudBase: base, CloudVersion: r.Version,
			Missing: true, Reason: joinReasons("no match in any directory", expired), Cause: "unmatched accounts",
			Fields: []plan.FieldDiff{{Name: schema.Active, Old: []string{"true"}, New: []string{"false"}}}}
		if remove {
			if c.After, err = mirrorAfter(ctx, d, r); err != nil {
				return err
			}
		}
		if err := AddChange(ctx, d, c, string(r.ID)); err != nil {
			return err
		}
	}
	if u.Kept != "" {
		u.Kept = joinReasons(u.Kept, expired)
	}
	return d.Work.AddUnmatched(ctx, u)
}

// ReportSpared reports, in the guide's words, which administrators were kept: each is a problem of
// its own, so that they are listed and counted like all others.
func ReportSpared(ctx context.Context, d *stage.Draft) error {
	for _, key := range d.Spared {
		err := d.Work.Problem(ctx, identity.User, identity.Problem{DN: key, Attribute: "roles", Side: identity.InCloud,
			Message: "No on-premises user matches the existing full administrators in the cloud. The following cloud full " +
				"administrators would have been deleted, but were not: " + key + ".",
			Remedy: stage.AdministratorsRemedy})
		if err != nil {
			return err
		}
	}
	return nil
}
