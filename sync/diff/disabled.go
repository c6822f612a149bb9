package diff

import (
	"context"
	"errors"
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

// disabledApart selects people with a problem who are disabled in the directory and whose account,
// by the remembered link, is active. That they are disabled was read: an attribute that cannot be
// read leaves a person active, see mapping.Person. If no link is remembered, as after a loss of the
// state, an account that carries the objectGUID of this person and of no other is as certain.
const disabledApart = `SELECT s.anchor, s.dn, s.rdn, s.guid, s.base, s.inputs, shadow.json, r.id, r.key, r.extf, r.admin, r.version, r.base, r.attrs
FROM entry s JOIN shadow ON shadow.anchor=s.anchor AND shadow.id<>'' JOIN resource r ON r.kind='user' AND r.id=shadow.id
WHERE s.kind='user' AND s.problem>0 AND s.active=0 AND r.active=1
	AND NOT EXISTS(SELECT 1 FROM guarded g WHERE g.kind='user' AND g.id=shadow.id)
UNION ALL SELECT s.anchor, s.dn, s.rdn, s.guid, s.base, s.inputs, '', r.id, r.key, r.extf, r.admin, r.version, r.base, r.attrs
FROM entry s JOIN resource r ON r.kind='user' AND r.extf=s.guid
WHERE s.kind='user' AND s.problem>0 AND s.active=0 AND r.active=1 AND s.guid<>''
	AND NOT EXISTS(SELECT 1 FROM shadow WHERE shadow.anchor=s.anchor AND shadow.id<>'')
	AND NOT EXISTS(SELECT 1 FROM entry o WHERE o.kind='user' AND o.guid=s.guid AND o.anchor<>s.anchor)
	AND NOT EXISTS(SELECT 1 FROM guarded g WHERE g.kind='user' AND g.id=r.id) ORDER BY 1`

// disabledWithProblems deactivates the accounts of people with a problem.
func disabledWithProblems(ctx context.Context, d *stage.Draft) error {
	return d.Work.Each(ctx, disabledApart, func(scan func(...any) error) error {
		p := Pair{Kind: identity.User, How: workdb.ByLink, shadow: new(identity.Shadow),
			Res: &identity.Resource{Kind: identity.User, Active: true}}
		var guid, inputs, js, attrs string
		r := p.Res
		if err := scan(&p.anchor, &p.dn, &p.rdn, &guid, &p.base, &inputs, &js, &r.ID, &r.Key, &r.ExternalID, &r.Admin,
			&r.Version, &p.resBase, &attrs); err != nil {
			return err
		}
		if !d.Env.Mappers.Of(p.anchor.Directory()).ManagesState() {
			return nil
		}
		if js == "" {
			p.How, p.shadow = workdb.ByExternal, nil
		} else if err := workdb.Decode(js, p.shadow); err != nil {
			return err
		}
		if err := errors.Join(workdb.Decode(inputs, &p.inputs), workdb.Decode(attrs, &r.Attrs)); err != nil {
			return err
		}
		sure, err := certainLink(ctx, d, p.anchor, guid, *r)
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
	c.Reason = reasonOf(d, p, c) + "; what else differs waits until its problem is solved"
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
	const othersWant = `SELECT EXISTS(SELECT 1 FROM resource o WHERE o.kind='user' AND o.extf=?2 AND o.extf<>'' AND o.id<>?3)
		+ EXISTS(SELECT 1 FROM matched c WHERE c.kind='user' AND c.id=?3 AND c.anchor<>?1)
		+ EXISTS(SELECT 1 FROM shadow o WHERE o.kind='user' AND o.id=?3 AND o.anchor<>?1)
		+ EXISTS(SELECT 1 FROM sid_match t JOIN entry h ON h.anchor=t.successor WHERE t.old=?1 AND h.active=1)
		+ EXISTS(SELECT 1 FROM entry o JOIN entry h ON h.kind=o.kind AND h.keyf=o.keyf AND h.active=1 AND h.anchor<>?1
			JOIN sid_history p ON p.anchor=h.anchor AND p.sid=o.sid WHERE o.anchor=?1 AND o.sid<>'' AND o.keyf<>'')`
	n, err := d.Work.Number(ctx, othersWant, string(anchor), guid, string(r.ID))
	if err != nil || n > 0 {
		return false, err
	}
	if r.ExternalID == "" || strings.EqualFold(r.ExternalID, guid) {
		return true, nil
	}
	// The account carries another GUID. A GUID that is in no directory and not in the state claims
	// nothing.
	for _, dir := range d.Header.Directories {
		const known = `SELECT EXISTS(SELECT 1 FROM entry WHERE anchor=?1) + EXISTS(SELECT 1 FROM shadow WHERE anchor=?1)`
		n, err := d.Work.Number(ctx, known, string(identity.NewAnchor(dir.Name, r.ExternalID)))
		if err != nil || n > 0 || !dir.Whole {
			return false, err
		}
	}
	return true, nil
}
