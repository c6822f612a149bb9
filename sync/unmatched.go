package sync

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// unmatched lists the accounts that no directory knows, and plans for them as the policy wants.
// Groups are only ever reported: the program cannot know whether the cloud's own groups were meant
// to come from the directory.
func (d *draft) unmatched(ctx context.Context) error {
	const query = `SELECT r.kind, r.id, r.key, r.name, r.active, r.admin, r.version, coalesce(r.base,'') FROM resource r
WHERE NOT EXISTS(SELECT 1 FROM matched c WHERE c.kind=r.kind AND c.id=r.id)
AND NOT EXISTS(SELECT 1 FROM protected p WHERE p.kind=r.kind AND p.id=r.id) ORDER BY r.kind, r.keyf, r.id`
	err := d.work.Each(ctx, query, func(scan func(...any) error) error {
		var r identity.Resource
		var base string
		if err := scan(&r.Kind, &r.ID, &r.Key, &r.Name, &r.Active, &r.Admin, &r.Version, &base); err != nil {
			return err
		}
		return d.unknown(ctx, r, base)
	})
	if err != nil {
		return err
	}
	return d.reportSpared(ctx)
}

func (d *draft) unknown(ctx context.Context, r identity.Resource, base string) error {
	u := plan.Unmatched{ID: r.ID, Kind: r.Kind, Key: r.Key, Name: r.Name, Active: r.Active, Admin: r.Admin == identity.Yes}
	if r.Kind == identity.Group {
		d.header.Counts.Groups.Unmatched++
		u.Kept = "groups that the directory does not know are left alone"
		return d.work.Exec(ctx, `INSERT INTO unmatched VALUES(?,?)`, identity.Fold(r.Key), workdb.Encode(u))
	}
	held, expired, err := d.unmanaged(ctx, r)
	if held || err != nil {
		return err
	}
	d.header.Counts.Users.Unmatched++
	d.stats.Unmatched++
	remove := d.env.Policy.OnUnmatched == "remove" && !d.usersUnsynced()
	if d.env.Policy.OnUnmatched != "remove" {
		if err := d.forgetMirrored(ctx, r); err != nil {
			return err
		}
	}
	switch {
	case d.usersUnsynced():
		u.Kept = "users are not synchronized: whom the directory knows was not asked for"
	case !remove && d.env.Policy.OnUnmatched != "deactivate":
		u.Kept = "on_unmatched is report"
	case !d.header.Complete:
		u.Kept = "a directory could not be read whole"
	case !r.Active && remove:
		if u.Kept, err = d.waits(ctx, r); err != nil {
			return err
		}
		if u.Kept == "" {
			u.Kept = "deactivated already, and not by the connector: it is not purged"
		}
	case !r.Active:
		u.Kept = "deactivated already"
	case r.Admin == identity.Yes:
		u.Kept = neverRemoved
		if err := d.spareAdmin(ctx, r); err != nil {
			return err
		}
	default:
		d.header.Counts.Users.Deactivate++
		d.header.Removals++
		c := plan.Change{Kind: identity.User, Action: plan.Deactivate, Phase: plan.Deactivations, ID: r.ID, Key: r.Key,
			CloudBase: base, CloudVersion: r.Version,
			Missing: true, Reason: also("no directory knows this account", expired), Cause: "unmatched accounts",
			Fields: []plan.FieldDiff{{Name: schema.Active, Old: []string{"true"}, New: []string{"false"}}}}
		if remove {
			if c.After, err = d.mirrorAfter(ctx, r); err != nil {
				return err
			}
		}
		if err := d.addChange(ctx, c, string(r.ID)); err != nil {
			return err
		}
	}
	if u.Kept != "" {
		u.Kept = also(u.Kept, expired)
	}
	return d.work.Exec(ctx, `INSERT INTO unmatched VALUES(?,?)`, identity.Fold(r.Key), workdb.Encode(u))
}

// reportSpared reports, in the guide's words, which administrators were kept: each is a problem of
// its own, so that they are listed and counted like all others.
func (d *draft) reportSpared(ctx context.Context) error {
	for _, key := range d.spared {
		err := d.work.Problem(ctx, identity.User, identity.Problem{DN: key, Attribute: "roles", Side: identity.InCloud,
			Message: "No on-premises user matches the existing full administrators in the cloud. The following cloud full " +
				"administrators would have been deleted, but were not: " + key + ".",
			Remedy: stage.AdministratorsRemedy})
		if err != nil {
			return err
		}
	}
	return nil
}
