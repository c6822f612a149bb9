package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// AddShadow adds what the state has of an object.
func (w *DB) AddShadow(ctx context.Context, s identity.Shadow) error {
	return w.exec(ctx, `INSERT INTO shadow VALUES(?,?,?,?,?,?,?)`,
		string(s.Anchor), string(s.Kind), string(s.ID), string(s.State), s.Linked.Unix(), Encode(s),
		identity.SID(s.Inputs))
}

// IndexShadows makes ProtectShared and ProtectShadow fast before Index is called.
func (w *DB) IndexShadows(ctx context.Context) error {
	return w.exec(ctx, `CREATE INDEX shadow_id ON shadow(kind, id)`)
}

// CountLivePeople counts the live people with an account.
func (w *DB) CountLivePeople(ctx context.Context) (int64, error) {
	return w.number(ctx, `SELECT count(*) FROM shadow WHERE kind='user' AND id<>'' AND state='live'`)
}

// HasPerson says whether the database has the shadow of a person.
func (w *DB) HasPerson(ctx context.Context, a identity.Anchor) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM shadow WHERE anchor=? AND kind='user'`, string(a))
}

// IsFreeAccount says whether an account is that of a known person, and matched with no entry.
func (w *DB) IsFreeAccount(ctx context.Context, id string) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM (SELECT id FROM shadow WHERE kind='user'
		UNION ALL SELECT id FROM known WHERE state<>'live') WHERE id=?1 AND NOT EXISTS(SELECT 1 FROM matched c
			WHERE c.kind='user' AND c.id=?1)`, id)
}

// Absent is the shadow of an object that is not among the entries.
type Absent struct {
	Shadow   identity.Shadow
	Resource identity.Resource // its account, without attributes; the id is "" if it is not listed
	Base     string            // fingerprint of the account
	Taken    bool              // the account is matched with another object
	Wanted   bool              // another object, which has a problem, claims the account
}

// EachAbsent calls fn for every shadow without an entry, in order of kind and anchor.
func (w *DB) EachAbsent(ctx context.Context, fn func(Absent) error) error {
	const query = `SELECT shadow.json, coalesce(r.id,''), coalesce(r.key,''), coalesce(r.name,''),
		coalesce(r.active,0), coalesce(r.admin,0), coalesce(r.version,''), coalesce(r.base,''),
	c.anchor IS NOT NULL, EXISTS(SELECT 1 FROM wanted x WHERE x.kind=shadow.kind AND x.id=shadow.id)
FROM shadow LEFT JOIN entry s ON s.anchor=shadow.anchor LEFT JOIN resource r ON r.kind=shadow.kind AND r.id=shadow.id
LEFT JOIN matched c ON c.kind=shadow.kind AND c.id=shadow.id AND shadow.id<>''
WHERE s.anchor IS NULL ORDER BY shadow.kind, shadow.anchor`
	type row struct {
		Absent
		shadow string
	}
	return each(ctx, w, query, func(a *row) []any {
		r := &a.Resource
		return []any{&a.shadow, &r.ID, &r.Key, &r.Name, &r.Active, &r.Admin, &r.Version, &a.Base, &a.Taken, &a.Wanted}
	}, func(a row) error {
		if err := Decode(a.shadow, &a.Shadow); err != nil {
			return err
		}
		a.Resource.Kind = a.Shadow.Kind
		return fn(a.Absent)
	})
}

// UnlistedPeople returns a page of the live people with an account who are not among the entries,
// in order of anchor.
func (w *DB) UnlistedPeople(ctx context.Context, after identity.Anchor) (out []identity.Shadow, err error) {
	const query = `SELECT json FROM shadow WHERE kind='user' AND state='live' AND id<>'' AND anchor>?
		AND anchor NOT IN (SELECT anchor FROM entry) ORDER BY anchor LIMIT 500`
	err = eachEncoded(ctx, w, query, func(s identity.Shadow) error {
		out = append(out, s)
		return nil
	}, string(after))
	return out, err
}

// EachUnprotected calls fn for every shadow whose account is not protected, in order of kind and
// anchor.
func (w *DB) EachUnprotected(ctx context.Context, fn func(identity.Shadow) error) error {
	const due = `SELECT json FROM shadow WHERE NOT EXISTS(SELECT 1 FROM protected p
		WHERE p.kind=shadow.kind AND p.id=shadow.id) ORDER BY kind, anchor`
	return eachEncoded(ctx, w, due, fn)
}

// AddKnown adds a person who is only referred to as a manager.
func (w *DB) AddKnown(ctx context.Context, s identity.Shadow) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO known VALUES(?,?,?,?,?)`,
		string(s.Anchor), s.Anchor.Directory(), identity.Fold(s.DN), string(s.ID),
		string(s.State))
}

// MarkUnanswered records that a write to an object was never answered.
func (w *DB) MarkUnanswered(ctx context.Context, a identity.Anchor) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO unanswered VALUES(?)`, string(a))
}

// IsUnanswered says whether MarkUnanswered was called for an object.
func (w *DB) IsUnanswered(ctx context.Context, a identity.Anchor) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM unanswered WHERE anchor=?`, string(a))
}
