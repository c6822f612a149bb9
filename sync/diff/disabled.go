package diff

import (
	"context"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// A problem does not keep an account active (P2). A person who is readable as disabled is disabled,
// whatever else about the person cannot be read, is missing, or is also another's: if the link is
// certain, the account is deactivated. Everything else waits for the end of the problem, including
// reactivation.

// disabledWithProblems deactivates the accounts of people with a problem who are disabled in the
// directory and whose account, by the remembered link, is active. That they are disabled was read:
// an attribute that cannot be read leaves a person active, see mapping.Person. If no link is
// remembered, as after a loss of the state, an account that carries the objectGUID of this person
// and of no other is as certain.
func disabledWithProblems(ctx context.Context, d *stage.Draft) error {
	return d.Work.EachDisabled(ctx, func(found workdb.Disabled) error {
		p := Pair{Kind: identity.User, anchor: found.Anchor, dn: found.DN, rdn: found.RDN, inputs: found.Inputs,
			base: found.Base, How: workdb.ByLink, shadow: found.Shadow, Res: &found.Resource, resBase: found.ResourceBase}
		if !d.Env.Mappers.Of(p.anchor.Directory()).ManagesState() {
			return nil
		}
		if p.shadow == nil {
			p.How = workdb.ByExternal
		}
		sure, err := certainLink(ctx, d, p.anchor, found.GUID, found.Resource)
		if err != nil || !sure {
			return err
		}
		return deactivateAlone(ctx, d, p)
	})
}

// deactivateAlone plans the deactivation of a person for whom nothing else is planned.
func deactivateAlone(ctx context.Context, d *stage.Draft, p Pair) error {
	c := plan.Change{Kind: identity.User, Action: plan.Deactivate, Phase: plan.Leavers, Anchor: p.anchor, ID: p.Res.ID,
		Key: p.Res.Key, DN: p.dn,
		SourceBase: p.base, CloudBase: p.resBase, CloudVersion: p.Res.Version, After: onlyInactive(d, p),
		Fields: []plan.FieldDiff{{Name: schema.Active, Old: []string{"true"}, New: []string{"false"}}}}
	if err := markDrift(ctx, d, p, c.Fields); err != nil {
		return err
	}
	if err := markRemapped(ctx, d, p, c.Fields); err != nil {
		return err
	}
	c.Cause = remapping(c.Fields)
	c.Reason = reasonOf(d, p, c) + "; its other changes wait until the problem is solved"
	d.Header.Counts.Users.Deactivate++
	d.Header.Drift.Count(&c)
	if p.Res.Admin == identity.Yes {
		d.AdminsOut++
	}
	return AddChange(ctx, d, c, "")
}

// certainLink says whether an account is certain to be a person's: the link is remembered, or the
// account carries the objectGUID, no other account carries it, and no other object claims this
// account, by a link, by externalId, or as the same person who moved to another domain.
func certainLink(ctx context.Context, d *stage.Draft, anchor identity.Anchor, guid string, r identity.Resource) (bool,
	error) {
	n, err := d.Work.CountClaims(ctx, anchor, guid, r.ID)
	if err != nil || n > 0 {
		return false, err
	}
	if r.ExternalID == "" || strings.EqualFold(r.ExternalID, guid) {
		return true, nil
	}
	// The account carries another GUID. A GUID that is in no directory and not in the state claims
	// nothing.
	for _, dir := range d.Header.Directories {
		known, err := d.Work.IsKnown(ctx, identity.NewAnchor(dir.Name, r.ExternalID))
		if err != nil || known || !dir.Whole {
			return false, err
		}
	}
	return true, nil
}
