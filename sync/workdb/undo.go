package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

const undoTables = `
CREATE TABLE step(kind TEXT, id TEXT, member TEXT, ord INT, json TEXT);
CREATE TABLE effect(kind TEXT, id TEXT, member TEXT, added INT, removed INT, json TEXT, PRIMARY KEY(kind, id,
	member)) WITHOUT ROWID;
CREATE TABLE reversal(kind TEXT, id TEXT, member TEXT, key TEXT DEFAULT '', holder TEXT DEFAULT '',
	wave INT DEFAULT 0, via TEXT DEFAULT '', blocked INT DEFAULT 0,
	json TEXT, PRIMARY KEY(kind, id, member)) WITHOUT ROWID;
`

// BeginUndo makes the tables of an undo.
func (w *DB) BeginUndo(ctx context.Context) error { return w.db.Script(ctx, undoTables) }

// Written is a resource of the cloud, or a membership, that a run wrote. ID is that of the group for
// a membership, and Member is "" for a resource.
type Written struct {
	Kind       identity.Kind
	ID, Member identity.ResourceID
}

func (o Written) args(more ...any) []any {
	return append([]any{string(o.Kind), string(o.ID), string(o.Member)}, more...)
}

// AddStep adds one write of the run, encoded. order counts the writes.
func (w *DB) AddStep(ctx context.Context, of Written, order int, step string) error {
	return w.exec(ctx, `INSERT INTO step VALUES(?,?,?,?,?)`, of.args(order, step)...)
}

// IndexSteps makes EachStep fast once all steps are added.
func (w *DB) IndexSteps(ctx context.Context) error {
	return w.exec(ctx, `CREATE INDEX step_object ON step(kind, id, member, ord)`)
}

// EachStep calls fn for every step, by object and in order.
func (w *DB) EachStep(ctx context.Context, fn func(step string) error) error {
	return each(ctx, w, `SELECT json FROM step ORDER BY kind, id, member, ord`, column[string], fn)
}

// Effect is everything that the run did to one object, encoded, and whether it added or removed it.
type Effect struct {
	Written
	Added, Removed bool
	Encoded        string
}

// AddEffect adds an effect.
func (w *DB) AddEffect(ctx context.Context, e Effect) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO effect VALUES(?,?,?,?,?,?)`, e.args(e.Added, e.Removed, e.Encoded)...)
}

// CountEffects counts the effects.
func (w *DB) CountEffects(ctx context.Context) (int64, error) {
	return w.number(ctx, `SELECT count(*) FROM effect`)
}

// HasEffect says whether there is an effect on a resource.
func (w *DB) HasEffect(ctx context.Context, kind identity.Kind, id identity.ResourceID) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM effect WHERE kind=? AND id=? AND member=''`, string(kind), string(id))
}

// Effects returns a page of the effects, in order of object.
func (w *DB) Effects(ctx context.Context, after Written) ([]Effect, error) {
	const page = `SELECT kind, id, member, json FROM effect WHERE (kind, id, member) > (?,?,?)
		ORDER BY kind, id, member LIMIT 100`
	return list(ctx, w, page, func(e *Effect) []any {
		return []any{&e.Kind, &e.ID, &e.Member, &e.Encoded}
	}, after.args()...)
}

// EffectOnRemoved returns the encoded effect on an account that the run removed, or "".
func (w *DB) EffectOnRemoved(ctx context.Context, id identity.ResourceID) (effect string, err error) {
	err = each(ctx, w, `SELECT json FROM effect WHERE kind='user' AND id=? AND member=''
		AND removed`, column[string], func(v string) error {
		effect = v
		return nil
	}, string(id))
	return effect, err
}

// IsEndAdded says whether the run added the group or the member of a membership.
func (w *DB) IsEndAdded(ctx context.Context, group, member identity.ResourceID) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM effect WHERE added AND member='' AND (kind='group'
		AND id=?1 OR kind<>'group' AND id=?2 OR kind='group' AND id=?2)`, string(group), string(member))
}

// Reversal is an object as it was found, encoded, with what its reversal must wait for.
type Reversal struct {
	Written
	Key     string              // that it gets back, or ""
	Holder  identity.ResourceID // that has this key by now
	Wave    int
	Via     string // a temporary key, written first
	Blocked bool   // the holder does not give the key up
	Encoded string
}

// AddReversal adds a reversal, without its wave.
func (w *DB) AddReversal(ctx context.Context, r Reversal) error {
	return w.exec(ctx, `INSERT INTO reversal(kind, id, member, key, holder, json) VALUES(?,?,?,?,?,?)`,
		r.args(identity.Fold(r.Key), string(r.Holder), r.Encoded)...)
}

// CountReversals counts the reversals.
func (w *DB) CountReversals(ctx context.Context) (int64, error) {
	return w.number(ctx, `SELECT count(*) FROM reversal`)
}

// EachReversal calls fn for every reversal, in order of object: what it must wait for, and what is
// encoded.
func (w *DB) EachReversal(ctx context.Context, fn func(Reversal) error) error {
	return each(ctx, w, `SELECT json, holder, wave, via, blocked
		FROM reversal ORDER BY kind, id, member`, func(r *Reversal) []any {
		return []any{&r.Encoded, &r.Holder, &r.Wave, &r.Via, &r.Blocked}
	}, fn)
}

// EachHeldKey calls fn for every reversal whose key another resource has: kind, id, key and holder,
// and whether the holder gets another key back.
func (w *DB) EachHeldKey(ctx context.Context, fn func(r Reversal, leaves bool) error) error {
	type row struct {
		Reversal
		leaves bool
	}
	return each(ctx, w, `
SELECT b.kind, b.id, b.key, b.holder, coalesce(h.key<>'' AND h.key<>b.key, 0) FROM reversal b
LEFT JOIN reversal h ON h.kind=b.kind AND h.id=b.holder AND h.member=''
	WHERE b.member='' AND b.key<>'' AND b.holder<>''`, func(r *row) []any {
		return []any{&r.Kind, &r.ID, &r.Key, &r.Holder, &r.leaves}
	}, func(r row) error { return fn(r.Reversal, r.leaves) })
}

// SetReversalWave says when a resource gets its key back, and how.
func (w *DB) SetReversalWave(ctx context.Context, r Reversal) error {
	return w.exec(ctx, `UPDATE reversal SET wave=?, via=?, blocked=?
		WHERE kind=? AND id=? AND member=''`, r.Wave, r.Via, r.Blocked, string(r.Kind), string(r.ID))
}
