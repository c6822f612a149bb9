package guard

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/match"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// CountProblems adds the open problems that the plan could not judge, and counts the records that
// have one.
func CountProblems(ctx context.Context, d *stage.Draft) (err error) {
	if err := carryProblems(ctx, d); err != nil {
		return err
	}
	// A page that shifts during a read returns a record twice.
	if err := d.Work.DropRepeatedFindings(ctx); err != nil {
		return err
	}
	if d.Header.Counts.Users.Problem, err = d.Work.CountWithProblems(ctx, identity.User); err != nil {
		return err
	}
	d.Header.Counts.Groups.Problem, err = d.Work.CountWithProblems(ctx, identity.Group)
	return err
}

// carryProblems keeps the open problems of objects that this plan did not examine: that the plan
// does not report them does not mean that they are gone.
func carryProblems(ctx context.Context, d *stage.Draft) error {
	scope := d.Header.Mode.Scope()
	if scope == record.OfUndo {
		return nil
	}
	return d.Env.Store.Problems(ctx, port.ProblemQuery{Scope: &scope}, func(p record.Problem) error {
		if wouldFind(d, p) {
			return nil
		}
		return d.Work.Problem(ctx, p.Kind, p.Problem)
	})
}

// wouldFind says whether this plan would have found the problem if it still existed.
func wouldFind(d *stage.Draft, p record.Problem) bool {
	switch {
	case d.Header.Mode == record.Purge:
		return !d.Named
	case d.Coverage.Listed():
		return d.Header.Complete || p.Anchor != "" && d.WasRead(p.Anchor.Directory())
	case p.Anchor == "", p.Attribute == match.FieldID && p.Side == identity.InCloud:
		return false // only complete listings show these
	}
	return d.Coverage.Examined(p.Anchor) && !d.Frozen[p.Anchor.Directory()]
}
