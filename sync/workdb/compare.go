package workdb

import (
	"context"
	"errors"

	"dirbridge/sync/identity"
)

// ToCompare is a matched entry with everything from which its change is made. Resource is nil if it
// has no account, and the shadows are nil if the state has none.
type ToCompare struct {
	Match
	Wave            int
	Via             string
	DN, Parent      string // Parent is folded
	RDN, Key        string
	Active          bool
	Mapped, Inputs  identity.Attrs
	Base            string
	Shadow          *identity.Shadow
	PreviousOwner   *identity.Shadow
	Resource        *identity.Resource
	ResourceBase    string
	Manager         identity.Anchor // if it is in the plan
	ManagerID       identity.ResourceID
	Container       identity.Anchor // the parent, if it is a container
	Fingerprint     int64
	ManagerDN       string // folded, whether or not the manager is known
	ManagerIsListed bool
}

// compareRow is a row of toCompare, encoded.
type compareRow struct {
	ToCompare
	attrs, inputs    string
	shadow, previous string
	resource         identity.Resource
	resourceAttrs    string
}

const toCompare = `
SELECT c.anchor, c.kind, c.how, c.wave, c.via, s.dn, s.parent, s.rdn, s.key, s.active, s.attrs, s.inputs, s.base,
	coalesce(shadow.json,''), coalesce(r.id,''), coalesce(r.key,''), coalesce(r.extf,''), coalesce(r.active,0),
		coalesce(r.admin,0),
	coalesce(r.maker,''), coalesce(r.version,''), coalesce(r.attrs,'{}'), coalesce(r.base,''),
	CASE WHEN mc.anchor IS NOT NULL OR msh.id IS NOT NULL THEN m.anchor ELSE coalesce(k.anchor,'') END,
	coalesce(nullif(mc.id,''), msh.id, k.id, ''),
	coalesce((SELECT k.anchor FROM container k WHERE k.dnf=s.parent ORDER BY k.dir<>s.dir, k.anchor LIMIT 1),''),
	s.fingerprint, s.mgr, m.anchor IS NOT NULL, coalesce((SELECT old.json FROM shadow old
		WHERE old.anchor=c.was AND c.was<>''),'')
FROM matched c JOIN entry s ON s.anchor=c.anchor
LEFT JOIN shadow ON shadow.anchor=c.anchor
LEFT JOIN resource r ON r.kind=c.kind AND r.id=c.id
LEFT JOIN entry m ON s.mgr<>'' AND m.anchor=(SELECT x.anchor FROM entry x WHERE x.dnf=s.mgr AND x.kind='user' 
	AND (x.dir=s.dir OR NOT EXISTS(SELECT 1 FROM known y WHERE y.dnf=s.mgr AND y.dir=s.dir AND y.state='live'
		AND y.id<>'')) ORDER BY x.dir<>s.dir, x.anchor LIMIT 1)
LEFT JOIN known k ON m.anchor IS NULL AND s.mgr<>'' AND k.anchor=(SELECT x.anchor FROM known x
	WHERE x.dnf=s.mgr AND x.state='live' AND x.id<>'' ORDER BY x.dir<>s.dir, x.anchor LIMIT 1)
LEFT JOIN matched mc ON mc.anchor=m.anchor
LEFT JOIN shadow msh ON msh.anchor=m.anchor AND EXISTS(SELECT 1 FROM resource x WHERE x.kind='user' AND x.id=msh.id)
ORDER BY c.anchor`

// EachToCompare calls fn for every match, in order of anchor.
func (w *DB) EachToCompare(ctx context.Context, fn func(ToCompare) error) error {
	return each(ctx, w, toCompare, func(p *compareRow) []any {
		r := &p.resource
		return []any{&p.Anchor, &p.Kind, &p.How, &p.Wave, &p.Via, &p.DN, &p.Parent, &p.RDN, &p.Key, &p.Active, &p.attrs,
			&p.inputs, &p.Base, &p.shadow, &r.ID, &r.Key, &r.ExternalID, &r.Active, &r.Admin, &r.Provisioner, &r.Version,
			&p.resourceAttrs, &p.ResourceBase, &p.Manager, &p.ManagerID, &p.Container, &p.Fingerprint, &p.ManagerDN,
			&p.ManagerIsListed, &p.previous}
	}, func(p compareRow) error {
		if err := p.decode(); err != nil {
			return err
		}
		return fn(p.ToCompare)
	})
}

func (p *compareRow) decode() (err error) {
	if err := Decode(p.attrs, &p.Mapped); err != nil {
		return err
	}
	if err := Decode(p.inputs, &p.Inputs); err != nil {
		return err
	}
	if p.Shadow, err = decodeShadow(p.shadow); err != nil {
		return err
	}
	if p.PreviousOwner, err = decodeShadow(p.previous); err != nil || p.resource.ID == "" {
		return err
	}
	p.Resource = &p.resource
	return Decode(p.resourceAttrs, &p.resource.Attrs)
}

// decodeShadow returns nil for "".
func decodeShadow(text string) (*identity.Shadow, error) {
	if text == "" {
		return nil, nil
	}
	s := new(identity.Shadow)
	return s, Decode(text, s)
}

// Disabled is a person with a problem who is disabled in the directory, and the active account that
// is that person's by a link or, without a link, by the GUID.
type Disabled struct {
	Anchor       identity.Anchor
	DN, RDN      string
	GUID         string
	Base         string
	Inputs       identity.Attrs
	Shadow       *identity.Shadow // nil without a link
	Resource     identity.Resource
	ResourceBase string
}

const disabledApart = `SELECT s.anchor, s.dn, s.rdn, s.guid, s.base, s.inputs, shadow.json, r.id, r.key, r.extf,
	r.admin, r.version, r.base, r.attrs
FROM entry s JOIN shadow ON shadow.anchor=s.anchor AND shadow.id<>'' JOIN resource r ON r.kind='user' AND r.id=shadow.id
WHERE s.kind='user' AND s.problem>0 AND s.active=0 AND r.active=1
	AND NOT EXISTS(SELECT 1 FROM guarded g WHERE g.kind='user' AND g.id=shadow.id)
UNION ALL SELECT s.anchor, s.dn, s.rdn, s.guid, s.base, s.inputs, '', r.id, r.key, r.extf, r.admin, r.version,
	r.base, r.attrs
FROM entry s JOIN resource r ON r.kind='user' AND r.extf=s.guid
WHERE s.kind='user' AND s.problem>0 AND s.active=0 AND r.active=1 AND s.guid<>''
	AND NOT EXISTS(SELECT 1 FROM shadow WHERE shadow.anchor=s.anchor AND shadow.id<>'')
	AND NOT EXISTS(SELECT 1 FROM entry o WHERE o.kind='user' AND o.guid=s.guid AND o.anchor<>s.anchor)
	AND NOT EXISTS(SELECT 1 FROM guarded g WHERE g.kind='user' AND g.id=r.id) ORDER BY 1`

// EachDisabled calls fn for every disabled person with a problem whose account is active and in
// reach, in order of anchor.
func (w *DB) EachDisabled(ctx context.Context, fn func(Disabled) error) error {
	type row struct {
		Disabled
		inputs, shadow, attrs string
	}
	return each(ctx, w, disabledApart, func(d *row) []any {
		r := &d.Resource
		return []any{&d.Anchor, &d.DN, &d.RDN, &d.GUID, &d.Base, &d.inputs, &d.shadow, &r.ID, &r.Key, &r.ExternalID,
			&r.Admin, &r.Version, &d.ResourceBase, &d.attrs}
	}, func(d row) (err error) {
		d.Resource.Kind, d.Resource.Active = identity.User, true
		if d.Shadow, err = decodeShadow(d.shadow); err != nil {
			return err
		}
		if err := errors.Join(Decode(d.inputs, &d.Inputs), Decode(d.attrs, &d.Resource.Attrs)); err != nil {
			return err
		}
		return fn(d.Disabled)
	})
}

// CountClaims counts the claims of others to an account that carries a person's GUID: other
// accounts with the GUID, other objects that are matched or linked with the account, and active
// entries whose SID history names the person.
func (w *DB) CountClaims(ctx context.Context, a identity.Anchor, guid string, id identity.ResourceID) (int64, error) {
	const othersWant = `SELECT EXISTS(SELECT 1 FROM resource o WHERE o.kind='user' AND o.extf=?2 AND o.extf<>''
		AND o.id<>?3)
		+ EXISTS(SELECT 1 FROM matched c WHERE c.kind='user' AND c.id=?3 AND c.anchor<>?1)
		+ EXISTS(SELECT 1 FROM shadow o WHERE o.kind='user' AND o.id=?3 AND o.anchor<>?1)
		+ EXISTS(SELECT 1 FROM sid_match t JOIN entry h ON h.anchor=t.successor WHERE t.old=?1 AND h.active=1)
		+ EXISTS(SELECT 1 FROM entry o JOIN entry h ON h.kind=o.kind AND h.keyf=o.keyf AND h.active=1 AND h.anchor<>?1
			JOIN sid_history p ON p.anchor=h.anchor AND p.sid=o.sid WHERE o.anchor=?1 AND o.sid<>'' AND o.keyf<>'')`
	return w.number(ctx, othersWant, string(a), guid, string(id))
}
