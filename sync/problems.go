package sync

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// countProblems adds the open problems that the plan could not judge, and counts the records that
// have one.
func (d *draft) countProblems(ctx context.Context) (err error) {
	if err := d.carryProblems(ctx); err != nil {
		return err
	}
	// A page that shifts during a read returns a record twice.
	if err := d.work.Exec(ctx, `DELETE FROM finding WHERE rowid NOT IN (SELECT min(rowid) FROM finding GROUP BY kind, json)`); err != nil {
		return err
	}
	const count = `SELECT count(DISTINCT subject) FROM finding WHERE kind=?`
	if d.header.Counts.Users.Problem, err = d.work.Number(ctx, count, string(identity.User)); err != nil {
		return err
	}
	d.header.Counts.Groups.Problem, err = d.work.Number(ctx, count, string(identity.Group))
	return err
}

// carryProblems keeps the open problems of objects that this plan did not examine: that the plan
// does not report them does not mean that they are gone.
func (d *draft) carryProblems(ctx context.Context) error {
	scope := d.header.Mode.Scope()
	if scope == record.OfUndo {
		return nil
	}
	return d.env.Store.Problems(ctx, port.ProblemQuery{Scope: &scope}, func(p record.Problem) error {
		if d.wouldFind(p) {
			return nil
		}
		return d.work.Problem(ctx, p.Kind, p.Problem)
	})
}

// wouldFind says whether this plan would have found the problem if it still existed.
func (d *draft) wouldFind(p record.Problem) bool {
	switch {
	case d.header.Mode == record.Purge:
		return !d.named
	case d.coverage.Listed():
		return d.header.Complete || p.Anchor != "" && d.wasRead(p.Anchor.Directory())
	case p.Anchor == "", p.Attribute == fieldID && p.Side == identity.InCloud:
		return false // only complete listings show these
	}
	return d.coverage.Examined(p.Anchor) && !d.frozen[p.Anchor.Directory()]
}
