package plan

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"dirbridge/sync/identity"
)

// whole reports whether the view has every change.
func (v View) whole() bool {
	return len(v.Actions) == 0 && len(v.Kinds) == 0 && v.Filter == "" && v.also == "" &&
		v.Cause == "" && v.Why == "" && v.Container == "" &&
		v.Field == "" &&
		!v.OnlyMissing && !v.OnlyDrift
}

// chosen is the part after FROM that chooses the rows of a view: of facet f, joined with search s
// if the filter needs it.
func (v View) chosen() (tables, where string, args []any) {
	tables = "facet f"
	var and []string
	anyOf := func(column string, values []string) {
		if len(values) == 0 {
			return
		}
		and = append(and, column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")")
		for _, value := range values {
			args = append(args, value)
		}
	}
	actions := make([]string, len(v.Actions))
	for i, a := range v.Actions {
		actions[i] = string(a)
	}
	anyOf("f.action", actions)
	anyOf("f.kind", v.Kinds)
	if v.OnlyMissing {
		and = append(and, "f.missing = 1")
	}
	if v.OnlyDrift {
		and = append(and, "f.drift > 0")
	}
	if v.Cause != "" {
		and = append(and, "f.cause IN (SELECT seq FROM label WHERE text = ?)")
		args = append(args, v.Cause)
	}
	if v.Why != "" {
		and = append(and, "CASE WHEN f.cause > 0 THEN f.cause ELSE f.reason END IN (SELECT seq FROM label WHERE text = ?)")
		args = append(args, v.Why)
	}
	if v.Field != "" {
		and = append(and,
			"f.fields IN (SELECT seq FROM label WHERE instr(char(31) || text || char(31), char(31) || ? || char(31)) > 0)")
		args = append(args, v.Field)
	}
	if v.Filter != "" || v.also != "" || v.Container != "" {
		// CROSS keeps SQLite from reversing the join: it must search the text only of rows that
		// passed the cheap tests.
		tables += " CROSS JOIN search s ON s.seq = f.seq"
	}
	for _, text := range []string{v.Filter, v.also} {
		if text != "" {
			and = append(and, "instr(s.text, ?) > 0")
			args = append(args, identity.Fold(text))
		}
	}
	if v.Container != "" {
		// The DN is in the text, with the type of each part.
		name, open := strings.CutSuffix(identity.Fold(v.Container), "*")
		if !open {
			name += ","
		}
		and = append(and, "(instr(s.text, ?) > 0 OR instr(s.text, ?) > 0)")
		args = append(args, ",ou="+name, ",cn="+name)
	}
	if len(and) == 0 {
		return tables, "1", nil
	}
	return tables, strings.Join(and, " AND "), args
}

// rowsQuery lists the Seq of the view's changes in order.
func (v View) rowsQuery() (string, []any) {
	rest := v
	rest.Filter = ""
	if v.Filter != "" && rest.whole() {
		return "SELECT s.seq FROM search s WHERE instr(s.text, ?) > 0 ORDER BY s.seq", []any{identity.Fold(v.Filter)}
	}
	tables, where, args := v.chosen()
	return "SELECT f.seq FROM " + tables + " WHERE " + where + " ORDER BY f.seq", args
}

// Count is the number of changes in the view. The first call scans the whole plan; the result is
// cached.
func (p *Plan) Count(ctx context.Context, v View) (int64, error) {
	if v.whole() {
		return p.Len(), nil
	}
	query, args := v.rowsQuery()
	x, err := p.index(ctx, tblChange, query, args)
	if err != nil {
		return 0, err
	}
	return x.count, nil
}

// WindowAt reads up to n changes of the view, beginning with the one at offset, counted from 0. The
// first call for a view scans the whole plan; after that any offset takes about a millisecond.
func (p *Plan) WindowAt(ctx context.Context, v View, offset int64, n int) ([]Change, error) {
	if v.Order != InPlan {
		return p.sortedAt(ctx, v, offset, n)
	}
	if v.whole() {
		return p.ChangesFrom(ctx, max(offset, 0), n)
	}
	query, args := v.rowsQuery()
	x, err := p.index(ctx, tblChange, query, args)
	if err != nil {
		return nil, err
	}
	return p.changes(ctx, x.at(offset, n))
}

// Window reads up to n changes of the view whose Seq is from or greater. It scans no more than
// necessary: the first rows of a new filter come at once.
func (p *Plan) Window(ctx context.Context, v View, from int64, n int) ([]Change, error) {
	if v.whole() {
		return p.ChangesFrom(ctx, from-1, n)
	}
	query, args := v.rowsQuery()
	if x := p.known(fmt.Sprintf("%s %q", query, args)); x != nil {
		return p.changes(ctx, x.from(from, n))
	}
	table := query[len("SELECT "):strings.IndexByte(query, '.')]
	query, order, _ := strings.Cut(query, " ORDER BY ")
	query += fmt.Sprintf(" AND %s.seq >= ? ORDER BY %s LIMIT ?", table, order)
	var seqs []int64
	err := p.query(ctx, query, append(args, from, max(n, 0)), func(rows *sql.Rows) error {
		var seq int64
		err := rows.Scan(&seq)
		seqs = append(seqs, seq)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.changes(ctx, seqs)
}

// changes reads the changes with the given numbers, which are in order.
func (p *Plan) changes(ctx context.Context, seqs []int64) ([]Change, error) {
	var changes []Change
	err := p.rows(ctx, "SELECT seq, payload FROM change", seqs, func(rows *sql.Rows) error {
		c, err := p.scanChange(rows)
		changes = append(changes, c)
		return err
	})
	return changes, err
}

// rows reads the rows with the given keys, in their order.
func (p *Plan) rows(ctx context.Context, query string, seqs []int64, fn func(*sql.Rows) error) error {
	for len(seqs) > 0 {
		some := seqs[:min(len(seqs), page)]
		seqs = seqs[len(some):]
		args := make([]any, len(some))
		for i, seq := range some {
			args[i] = seq
		}
		in := " WHERE seq IN (?" + strings.Repeat(", ?", len(some)-1) + ") ORDER BY seq"
		found := 0
		err := p.query(ctx, query+in, args, func(rows *sql.Rows) error { found++; return fn(rows) })
		if err != nil {
			return err
		}
		if found != len(some) {
			return changed(p.path, "rows of it are missing")
		}
	}
	return nil
}

func (p *Plan) query(ctx context.Context, query string, args []any, fn func(*sql.Rows) error) error {
	rows, err := p.db.QueryContext(ctx, query, args...)
	if err != nil {
		return fault(p.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return fault(p.path, err)
		}
	}
	return fault(p.path, rows.Err())
}
