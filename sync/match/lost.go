package match

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// AnchorLost says which object an entry without an anchor was: the one that had its place and is
// nowhere else.
func AnchorLost(ctx context.Context, d *stage.Draft, was identity.Shadow) error {
	return d.Work.Exec(ctx, `UPDATE lacking SET anchor=?1 WHERE anchor='' AND kind=?2 AND dnf=?3 AND dir=?4`,
		string(was.Anchor), string(was.Kind), identity.Fold(was.DN), was.Anchor.Directory())
}

// CountLost counts the linked objects whose required attributes, key or anchor were there and no
// longer are. A single one is a problem of that entry; many at once mean that the bind account lost
// a right. An object that was deferred before this run does not count again: once an operator lets
// a plan go on, its runs go on, too.
func CountLost(ctx context.Context, d *stage.Draft) error {
	if d.Header.Mode != record.Full && d.Header.Mode != record.Incremental {
		return nil
	}
	err := d.Work.Exec(ctx, `INSERT INTO guard_count SELECT DISTINCT ?, l.dir, l.kind, l.attr, l.attr, shadow.anchor, shadow.id, 'have no '||l.attr||' any more that can be read'
		FROM lacking l CROSS JOIN shadow ON shadow.anchor=l.anchor WHERE shadow.id<>'' AND shadow.state=? AND (shadow.kind<>'user' OR json_extract(shadow.json,'$.active') OR l.attr=?)`,
		// which people have whose account is inactive, too
		plan.RuleAttributeLost, string(identity.Live), mapping.AccountControl)
	if err != nil {
		return err
	}
	n, err := d.Work.Number(ctx, `SELECT count(*) FROM guard_count WHERE rule=?`, plan.RuleAttributeLost)
	if least, ok := d.Env.Policy.Least(plan.RuleAttributeLost); err != nil || !ok || n <= least {
		return err
	}
	return d.Env.Store.AllDeferred(ctx, func(t identity.Deferred) error {
		return d.Work.Exec(ctx, `DELETE FROM guard_count WHERE rule=? AND anchor=?`, plan.RuleAttributeLost, string(t.Anchor))
	})
}
