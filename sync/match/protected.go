package match

import (
	"context"
	"dirbridge/sync/workdb"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/stage"
)

// protectGuarded keeps protected objects from being linked, changed, emptied or removed: it drops their
// matches and lists them separately. A protected name of a person or group is out of reach even if
// no account has it yet.
func protectGuarded(ctx context.Context, d *stage.Draft) error {
	if len(d.Env.Protected) == 0 {
		return nil
	}
	const all = `SELECT r.kind, r.id, r.key, r.name, r.active, r.admin, coalesce((SELECT s.dn FROM matched c JOIN entry s ON s.anchor=c.anchor
		WHERE c.kind=r.kind AND c.id=r.id LIMIT 1),'') FROM resource r`
	err := d.Work.Each(ctx, all, func(scan func(...any) error) error {
		var r identity.Resource
		var dn string
		if err := scan(&r.Kind, &r.ID, &r.Key, &r.Name, &r.Active, &r.Admin, &dn); err != nil {
			return err
		}
		rule, yes := d.Env.Protects(r.ID, r.Key)
		if !yes {
			return nil
		}
		d.Header.Protected++
		if err := LeftAlone(ctx, d, r, ProtectedWords(rule, dn)); err != nil {
			return err
		}
		return d.Work.Exec(ctx, `INSERT OR IGNORE INTO guarded VALUES(?,?)`, string(r.Kind), string(r.ID))
	})
	if err != nil {
		return err
	}
	for _, q := range []string{
		`INSERT OR IGNORE INTO protected SELECT kind, id FROM guarded`,
		`INSERT OR IGNORE INTO wanted SELECT kind, id FROM guarded`,
		`INSERT OR IGNORE INTO off_limits SELECT c.anchor, c.id FROM matched c JOIN guarded g ON g.kind=c.kind AND g.id=c.id`,
		`INSERT OR IGNORE INTO conflicting SELECT anchor FROM off_limits`,
		`DELETE FROM matched WHERE anchor IN (SELECT anchor FROM off_limits)`,
	} {
		if err := d.Work.Exec(ctx, q); err != nil {
			return err
		}
	}
	return protectNamed(ctx, d)
}

// ProtectedWords says why an account is left unchanged, and which object of the directory has its
// name.
func ProtectedWords(rule, dn string) string {
	text := plan.KeptProtected + "by " + rule + " in policy.protected"
	if dn != "" {
		text += "; [" + dn + "] of the directory is left alone with it"
	}
	return text
}

// protectNamed reports the objects whose name is protected and would be given to an account.
func protectNamed(ctx context.Context, d *stage.Draft) error {
	type wish struct {
		subject
		id identity.ResourceID
	}
	var wishes []wish
	err := d.Work.Each(ctx, `SELECT c.anchor, c.kind, c.id, s.dn, s.key FROM matched c JOIN entry s ON s.anchor=c.anchor ORDER BY c.anchor`,
		func(scan func(...any) error) error {
			var w wish
			if err := scan(&w.Anchor, &w.Kind, &w.id, &w.dn, &w.Key); err != nil {
				return err
			}
			if _, yes := d.Env.Protects("", w.Key); yes {
				wishes = append(wishes, w)
			}
			return nil
		})
	if err != nil {
		return err
	}
	for _, w := range wishes {
		rule, _ := d.Env.Protects("", w.Key)
		w.byLink = []candidate{{id: w.id}}
		if err := reportConflict(ctx, d, w.subject, "",
			fmt.Sprintf("For [%s], the name [%s] is protected by %s in policy.protected.",
				w.dn, w.Key, rule),
			"Give it another name in the directory, or take the rule out of policy.protected."); err != nil {
			return err
		}
		if err := d.Work.Exec(ctx, `DELETE FROM matched WHERE anchor=?`, string(w.Anchor)); err != nil {
			return err
		}
	}
	return nil
}

// IsGuarded says whether an account is protected.
func IsGuarded(ctx context.Context, d *stage.Draft, kind identity.Kind, id identity.ResourceID) (bool, error) {
	n, err := d.Work.Number(ctx, `SELECT count(*) FROM guarded WHERE kind=? AND id=?`, string(kind), string(id))
	return n > 0, err
}

// LeftAlone lists an account that is left unchanged, and why.
func LeftAlone(ctx context.Context, d *stage.Draft, r identity.Resource, why string) error {
	u := plan.Unmatched{ID: r.ID, Kind: r.Kind, Key: r.Key, Name: r.Name, Active: r.Active,
		Admin: r.Admin == identity.Yes, Kept: why}
	return d.Work.Exec(ctx, `INSERT INTO unmatched VALUES(?,?)`, identity.Fold(r.Key), workdb.Encode(u))
}
