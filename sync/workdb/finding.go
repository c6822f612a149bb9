package workdb

import (
	"context"
	"strings"

	"dirbridge/sync/identity"
)

// Finding is a problem. Kind is "" if it is not about one object.
type Finding struct {
	Kind identity.Kind
	identity.Problem
}

// Row encodes the finding.
func (f Finding) Row() Row {
	p := f.Problem
	return Row{`INSERT INTO finding VALUES(?,?,?,?,?,?,?,?)`, []any{string(f.Kind), identity.SubjectOfProblem(p),
		string(p.Anchor), text(p.DN), p.Attribute, string(p.Side), text(p.Message), p.Remedy}}
}

// text is a text of a directory as UTF-8, whatever it was.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// Problem adds one problem.
func (w *DB) Problem(ctx context.Context, kind identity.Kind, p identity.Problem) error {
	return w.Put(ctx, Finding{kind, p}.Row())
}

// EachFinding calls fn for every problem, in the order in which they were added.
func (w *DB) EachFinding(ctx context.Context, fn func(Finding) error) error {
	return each(ctx, w, `SELECT kind, anchor, dn, attr, side, message, remedy
		FROM finding ORDER BY rowid`, func(f *Finding) []any {
		return []any{&f.Kind, &f.Anchor, &f.DN, &f.Attribute, &f.Side, &f.Message, &f.Remedy}
	}, fn)
}

// DropRepeatedFindings keeps one of several equal problems.
func (w *DB) DropRepeatedFindings(ctx context.Context) error {
	return w.exec(ctx, `DELETE FROM finding WHERE rowid NOT IN (SELECT min(rowid)
		FROM finding GROUP BY kind, anchor, dn, attr, side, message, remedy)`)
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
