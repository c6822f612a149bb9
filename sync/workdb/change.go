package workdb

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// AddChange adds a change. order decides among the changes of one phase, wave, kind and key.
func (w *DB) AddChange(ctx context.Context, c plan.Change, order string) error {
	return w.exec(ctx, `INSERT INTO change VALUES(?,?,?,?,?,?)`, int(c.Phase), c.Wave, string(c.Kind), identity.Fold(c.Key), order,
		Encode(c))
}

// EachChange calls fn for every change, in the order of the plan.
func (w *DB) EachChange(ctx context.Context, fn func(plan.Change) error) error {
	return eachEncoded(ctx, w, `SELECT json FROM change ORDER BY phase, wave, kind, keyf, sub`, fn)
}

// CountAddedMembers counts the members that the plan adds to a group.
func (w *DB) CountAddedMembers(ctx context.Context, group identity.Anchor, key string) (int64, error) {
	return w.number(ctx, `SELECT count(*) FROM change WHERE kind='member' AND phase=? AND keyf=? AND json_extract(json,'$.Anchor')=?`,
		int(plan.MemberAdds), identity.Fold(key), string(group))
}

// CountMissingPeople counts the people of a directory whose change is a removal.
func (w *DB) CountMissingPeople(ctx context.Context, directory string) (int64, error) {
	return w.number(ctx, `SELECT count(*) FROM change WHERE kind='user' AND json_extract(json,'$.Missing') AND substr(json_extract(json,'$.Anchor'),1,length(?1)+1)=?1||':'`, directory)
}
