package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// Problem adds one problem.
func (w *DB) Problem(ctx context.Context, kind identity.Kind, p identity.Problem) error {
	return w.Exec(ctx, InsertProblem, ProblemRow(kind, p)...)
}

// InsertProblem adds one problem.
const InsertProblem = `INSERT INTO finding VALUES(?,?,?)`

// ProblemRow returns the arguments of InsertProblem.
func ProblemRow(kind identity.Kind, p identity.Problem) []any {
	return []any{string(kind), identity.SubjectOfProblem(p), Encode(p)}
}

// Protect keeps a resource from being written or counted as unmatched.
func (w *DB) Protect(ctx context.Context, kind identity.Kind, id identity.ResourceID) error {
	return w.Exec(ctx, `INSERT OR IGNORE INTO protected VALUES(?,?)`, string(kind), string(id))
}

// Want keeps the account of a missing object as it is, because another object claims it.
func (w *DB) Want(ctx context.Context, kind identity.Kind, id identity.ResourceID) error {
	if id == "" {
		return nil
	}
	return w.Exec(ctx, `INSERT OR IGNORE INTO wanted VALUES(?,?)`, string(kind), string(id))
}
