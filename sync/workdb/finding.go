package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// Finding is a problem. Kind is "" if it is not about one object.
type Finding struct {
	Kind identity.Kind
	identity.Problem
}

// Row encodes the finding.
func (f Finding) Row() Row {
	return Row{`INSERT INTO finding VALUES(?,?,?)`,
		[]any{string(f.Kind), identity.SubjectOfProblem(f.Problem), Encode(f.Problem)}}
}

// Problem adds one problem.
func (w *DB) Problem(ctx context.Context, kind identity.Kind, p identity.Problem) error {
	return w.Put(ctx, Finding{kind, p}.Row())
}

// EachFinding calls fn for every problem, in the order in which they were added.
func (w *DB) EachFinding(ctx context.Context, fn func(Finding) error) error {
	type row struct{ kind, problem string }
	return each(ctx, w, `SELECT kind, json FROM finding ORDER BY rowid`, func(r *row) []any {
		return []any{&r.kind, &r.problem}
	}, func(r row) error {
		f := Finding{Kind: identity.Kind(r.kind)}
		if err := Decode(r.problem, &f.Problem); err != nil {
			return err
		}
		return fn(f)
	})
}

// DropRepeatedFindings keeps one of several equal problems.
func (w *DB) DropRepeatedFindings(ctx context.Context) error {
	return w.exec(ctx, `DELETE FROM finding WHERE rowid NOT IN (SELECT min(rowid) FROM finding GROUP BY kind, json)`)
}

// CountWithProblems counts the objects of a kind that have a problem.
func (w *DB) CountWithProblems(ctx context.Context, kind identity.Kind) (int64, error) {
	return w.number(ctx, `SELECT count(DISTINCT subject) FROM finding WHERE kind=?`, string(kind))
}

// MarkConflicting records that matching found a problem of an object, see MarkConflicts.
func (w *DB) MarkConflicting(ctx context.Context, a identity.Anchor) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO conflicting VALUES(?)`, string(a))
}

// MarkConflicts marks the entries of the objects that conflict, which could not be done while they
// were being read.
func (w *DB) MarkConflicts(ctx context.Context) error {
	return w.exec(ctx, `UPDATE entry SET problem=3 WHERE problem=0 AND anchor IN (SELECT anchor FROM conflicting)`)
}
