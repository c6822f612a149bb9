package plan

import (
	"context"
	"database/sql"

	"dirbridge/sync/identity"
)

// RecordProblem is a problem with the kind of its record.
type RecordProblem struct {
	Kind identity.Kind
	identity.Problem
}

const (
	problemColumns   = "SELECT seq, kind, anchor, dn, attribute, side, message, remedy FROM problem"
	unmatchedColumns = "SELECT seq, id, kind, key, name, active, admin, kept FROM unmatched"
)

func scanProblem(rows *sql.Rows) (seq int64, r RecordProblem, err error) {
	err = rows.Scan(&seq, &r.Kind, &r.Anchor, &r.DN, &r.Attribute, &r.Side, &r.Message, &r.Remedy)
	return seq, r, err
}

func scanUnmatched(rows *sql.Rows) (seq int64, u Unmatched, err error) {
	err = rows.Scan(&seq, &u.ID, &u.Kind, &u.Key, &u.Name, &u.Active, &u.Admin, &u.Kept)
	return seq, u, err
}

// Problems calls fn for every problem, in the order of their discovery.
func (p *Plan) Problems(ctx context.Context, fn func(identity.Kind, identity.Problem) error) error {
	return stream(ctx, p, tblProblem, problemColumns, scanProblem, func(r RecordProblem) error {
		return fn(r.Kind, r.Problem)
	})
}

// ProblemCount is the number of problems with the filter text in record, field or message,
// case-insensitively; "" counts all.
func (p *Plan) ProblemCount(ctx context.Context, filter string) (int64, error) {
	return p.filteredCount(ctx, tblProblem, filter)
}

// ProblemWindow reads up to n of those problems, from offset on, counted from 0.
func (p *Plan) ProblemWindow(ctx context.Context, filter string, offset int64, n int) ([]RecordProblem, error) {
	return filtered(ctx, p, tblProblem, problemColumns, filter, offset, n, scanProblem)
}

// Unmatched calls fn for every listed cloud account.
func (p *Plan) Unmatched(ctx context.Context, fn func(Unmatched) error) error {
	return stream(ctx, p, tblUnmatched, unmatchedColumns, scanUnmatched, fn)
}

// UnmatchedCount is the number of listed accounts with the filter text in key, name, id or reason;
// "" counts all.
func (p *Plan) UnmatchedCount(ctx context.Context, filter string) (int64, error) {
	return p.filteredCount(ctx, tblUnmatched, filter)
}

// UnmatchedWindow reads up to n of those accounts, from offset on, counted from 0.
func (p *Plan) UnmatchedWindow(ctx context.Context, filter string, offset int64, n int) ([]Unmatched, error) {
	return filtered(ctx, p, tblUnmatched, unmatchedColumns, filter, offset, n, scanUnmatched)
}

func (p *Plan) filteredIndex(ctx context.Context, table int, filter string) (*index, error) {
	query := "SELECT seq FROM " + tables()[table].name + " WHERE instr(search, ?) > 0 ORDER BY seq"
	return p.index(ctx, table, query, []any{identity.Fold(filter)})
}

func (p *Plan) filteredCount(ctx context.Context, table int, filter string) (int64, error) {
	if filter == "" {
		return p.length[table], nil
	}
	x, err := p.filteredIndex(ctx, table, filter)
	if err != nil {
		return 0, err
	}
	return x.count, nil
}

func filtered[T any](ctx context.Context, p *Plan, table int, columns, filter string, offset int64, n int,
	scan func(*sql.Rows) (int64, T, error)) ([]T, error) {
	var found []T
	take := taking(&found, scan)
	if filter == "" {
		err := p.query(ctx, columns+" WHERE seq > ? ORDER BY seq LIMIT ?", []any{max(offset, 0), max(n, 0)}, take)
		return found, err
	}
	x, err := p.filteredIndex(ctx, table, filter)
	if err != nil {
		return nil, err
	}
	err = p.rows(ctx, columns, x.at(offset, n), take)
	return found, err
}

// taking appends each row to a list.
func taking[T any](to *[]T, scan func(*sql.Rows) (int64, T, error)) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		_, t, err := scan(rows)
		*to = append(*to, t)
		return err
	}
}
