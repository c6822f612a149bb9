package workdb

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// Doubt is a match of a person that an operator may have to confirm, with what is shown of it.
type Doubt struct {
	Match
	DN, RDN, Key string
	Active       bool
	Mapped       identity.Attrs
	Resource     identity.Resource
	Owner        *identity.Shadow // linked owner of the account, if that is another object
}

const doubts = `
SELECT c.anchor, c.how, c.was, s.dn, s.rdn, s.key, s.active, s.attrs, r.id, r.key, r.name, r.extf, r.active,
	r.admin, r.attrs,
	coalesce((SELECT o.json FROM shadow o WHERE o.kind='user' AND o.id=c.id AND o.anchor<>c.anchor LIMIT 1), '')
FROM matched c JOIN entry s ON s.anchor=c.anchor JOIN resource r ON r.kind='user' AND r.id=c.id
WHERE c.kind='user' AND c.anchor>?1 AND (c.how='` + ByLink + `' AND r.admin=2 AND s.keyf<>'' AND s.keyf<>r.keyf
	OR c.how NOT IN ('` + ByLink + `', '` + ByExternal + `')
		AND (r.admin IN (2, 3) OR r.admin=0 AND ?2 OR c.was<>'' OR r.extf NOT IN ('', s.guid)))
ORDER BY c.anchor LIMIT 200`

// Doubts returns a page of the matches of people in question, in order of anchor: of full
// administrators whose key changes; and, where neither link nor GUID matched, of accounts with a
// role, of those that are taken over, and of those that carry another GUID. rolesKnown adds the
// accounts whose role is not known.
func (w *DB) Doubts(ctx context.Context, after identity.Anchor, rolesKnown bool) (out []Doubt, err error) {
	type row struct {
		Doubt
		mapped, attrs, owner string
	}
	err = each(ctx, w, doubts, func(d *row) []any {
		r := &d.Resource
		return []any{&d.Anchor, &d.How, &d.Was, &d.DN, &d.RDN, &d.Key, &d.Active, &d.mapped, &r.ID, &r.Key, &r.Name,
			&r.ExternalID, &r.Active, &r.Admin, &d.attrs, &d.owner}
	}, func(d row) error {
		if err := Decode(d.mapped, &d.Mapped); err != nil {
			return err
		}
		if err := Decode(d.attrs, &d.Resource.Attrs); err != nil {
			return err
		}
		if d.owner != "" {
			d.Owner = new(identity.Shadow)
			if err := Decode(d.owner, d.Owner); err != nil {
				return err
			}
		}
		out = append(out, d.Doubt)
		return nil
	}, string(after), rolesKnown)
	return out, err
}

// Withhold records what waits for an operator, and drops its match.
func (w *DB) Withhold(ctx context.Context, h plan.Withheld) error {
	a := h.Person.Anchor
	if err := w.exec(ctx, `INSERT INTO withheld VALUES(?,?,?,?)`, string(a), string(h.Account.ID), h.Rule, Encode(h)); err != nil {
		return err
	}
	if err := w.MarkConflicting(ctx, a); err != nil {
		return err
	}
	return w.DropMatch(ctx, a)
}

// UpdateWithheld replaces a withheld record.
func (w *DB) UpdateWithheld(ctx context.Context, h plan.Withheld) error {
	return w.exec(ctx, `UPDATE withheld SET json=? WHERE anchor=?`, Encode(h), string(h.Person.Anchor))
}

// FirstWithheld returns the first withheld records, in order of anchor.
func (w *DB) FirstWithheld(ctx context.Context, most int) (out []plan.Withheld, err error) {
	err = eachEncoded(ctx, w, `SELECT json FROM withheld ORDER BY anchor LIMIT ?`, func(h plan.Withheld) error {
		out = append(out, h)
		return nil
	}, most)
	return out, err
}

// EachWithheld calls fn for every withheld record, in order of anchor.
func (w *DB) EachWithheld(ctx context.Context, fn func(plan.Withheld) error) error {
	return eachEncoded(ctx, w, `SELECT json FROM withheld ORDER BY anchor`, fn)
}

// WithheldOf returns the withheld record of a person, or nil.
func (w *DB) WithheldOf(ctx context.Context, a identity.Anchor) (h *plan.Withheld, err error) {
	err = eachEncoded(ctx, w, `SELECT json FROM withheld WHERE anchor=?`, func(found plan.Withheld) error {
		h = &found
		return nil
	}, string(a))
	return h, err
}

// ProtectWithheld protects the accounts of withheld records.
func (w *DB) ProtectWithheld(ctx context.Context) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO protected SELECT 'user', id FROM withheld`)
}

// EndConfirmation records that an operator's confirmation is used, or covers nothing any more.
func (w *DB) EndConfirmation(ctx context.Context, a identity.Anchor) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO ended VALUES(?)`, string(a))
}

// EachEndedConfirmation calls fn for every confirmation that ends.
func (w *DB) EachEndedConfirmation(ctx context.Context, fn func(identity.Anchor) error) error {
	return each(ctx, w, `SELECT anchor FROM ended`, column[identity.Anchor], fn)
}
