package plan

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// Grouped counts the changes of the view by "action", "cause", "reason" or "field",
// the largest group first. A change counts once for each of its fields, and not at
// all where it has no cause, reason or field.
func (p *Plan) Grouped(ctx context.Context, by string, v View) ([]Group, error) {
	tables, where, args := v.chosen()
	var query string
	switch by {
	case "action":
		query = "SELECT f.action, count(*) FROM " + tables + " WHERE " + where + " GROUP BY f.action"
	case "cause", "reason", "field":
		column := strings.Replace(by, "field", "fields", 1)
		query = fmt.Sprintf(`SELECT l.text, g.n FROM (SELECT f.%s AS label, count(*) AS n FROM %s WHERE %s GROUP BY f.%s) g
			JOIN label l ON l.seq = g.label`, column, tables, where, column)
	default:
		return nil, fmt.Errorf("changes cannot be grouped by %q, only by action, cause, reason or field", by)
	}
	counts := map[string]int64{}
	err := p.query(ctx, query, args, func(rows *sql.Rows) error {
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
	groups := make([]Group, 0, len(counts))
	for name, n := range counts {
		groups = append(groups, Group{Name: name, Count: n})
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	return groups, nil
}
