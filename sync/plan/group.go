package plan

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Grouped counts the changes of the view by "action", "cause", "reason", "why" (the cause, else the
// reason) or "field", the largest group first. By field, a change counts once for each of its
// fields. A change without a cause, reason or field does not count.
func (p *Plan) Grouped(ctx context.Context, by string, v View) ([]Group, error) {
	tables, where, args := v.chosen()
	column, err := groupColumn(by)
	if err != nil {
		return nil, err
	}
	query := "SELECT f.action, count(*) FROM " + tables + " WHERE " + where + " GROUP BY f.action"
	if by != "action" {
		query = fmt.Sprintf(`SELECT l.text, g.n FROM (SELECT %s AS label, count(*) AS n FROM %s WHERE %s GROUP BY label) g
			JOIN label l ON l.seq = g.label`, column, tables, where)
	}
	counts := map[string]int64{}
	err = p.query(ctx, query, args, func(rows *sql.Rows) error {
		var text string
		var n int64
		if err := rows.Scan(&text, &n); err != nil {
			return err
		}
		names := []string{text}
		if by == "field" {
			names = strings.Split(text, fieldSeparator)
		}
		for _, name := range names {
			counts[name] += n
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return largestFirst(counts), nil
}

func groupColumn(by string) (string, error) {
	switch by {
	case "action", "cause", "reason":
		return "f." + by, nil
	case "field":
		return "f.fields", nil
	case "why":
		return "CASE WHEN f.cause > 0 THEN f.cause ELSE f.reason END", nil
	}
	return "", fmt.Errorf("changes cannot be grouped by %q, only by action, cause, reason, why or field", by)
}

func largestFirst(counts map[string]int64) []Group {
	groups := make([]Group, 0, len(counts))
	for name, n := range counts {
		groups = append(groups, Group{Name: name, Count: n})
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	return groups
}

// GroupedOf counts like Grouped, but only changes in a set.
func (p *Plan) GroupedOf(ctx context.Context, by string, v View, s *Set) (map[string]int64, error) {
	counts := map[string]int64{}
	if s.Len() == 0 {
		return counts, nil
	}
	column, err := groupColumn(by)
	if err != nil || by == "action" {
		return nil, errors.Join(err, errors.New("a set is not grouped by action: see Tally"))
	}
	tables, where, args := v.chosen()
	labels := map[int64]int64{}
	err = p.query(ctx, "SELECT f.seq, "+column+" FROM "+tables+" WHERE "+where, args, func(rows *sql.Rows) error {
		var seq, label int64
		err := rows.Scan(&seq, &label)
		if s.Has(seq) {
			labels[label]++
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for label, n := range labels {
		if label == 0 {
			continue // it has none
		}
		var text string
		if err := p.rows(ctx, "SELECT seq, text FROM label", []int64{label}, func(rows *sql.Rows) error {
			return rows.Scan(&label, &text)
		}); err != nil {
			return nil, err
		}
		for _, name := range strings.Split(text, fieldSeparator) {
			counts[name] += n
		}
	}
	return counts, nil
}
