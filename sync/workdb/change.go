package workdb

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// AddChange adds a change, encoded as the plan file stores it. order decides among the changes of
// one phase, wave, kind and key.
func (w *DB) AddChange(ctx context.Context, c plan.Change, order string) error {
	e := w.encoder.Encode(c)
	return w.exec(ctx, `INSERT INTO change VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, int(c.Phase), c.Wave, string(c.Kind),
		identity.Fold(c.Key), order, string(c.Anchor), string(e.Action), e.Missing, e.Cause, e.Reason, e.Fields,
		int(e.Extent), e.Search, e.Payload)
}

// EachChange calls fn for every change, in the order of the plan.
func (w *DB) EachChange(ctx context.Context, fn func(plan.Encoded) error) error {
	const query = `SELECT payload, action, kind, missing, cause, reason, fields, drift, search
		FROM change ORDER BY phase, wave, kind, keyf, sub`
	return each(ctx, w, query, func(e *plan.Encoded) []any {
		return []any{&e.Payload, &e.Action, &e.Kind, &e.Missing, &e.Cause, &e.Reason, &e.Fields, &e.Extent, &e.Search}
	}, fn)
}

// CountAddedMembers counts the members that the plan adds to a group.
func (w *DB) CountAddedMembers(ctx context.Context, group identity.Anchor, key string) (int64, error) {
	return w.number(ctx, `SELECT count(*) FROM change WHERE kind='member' AND phase=? AND keyf=? AND anchor=?`,
		int(plan.MemberAdds), identity.Fold(key), string(group))
}

// CountMissingPeople counts the people of a directory whose change is a removal.
func (w *DB) CountMissingPeople(ctx context.Context, directory string) (int64, error) {
	return w.number(ctx, `SELECT count(*) FROM change WHERE kind='user' AND missing
		AND substr(anchor,1,length(?1)+1)=?1||':'`, directory)
}
