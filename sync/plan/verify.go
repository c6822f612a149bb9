package plan

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Verify reads the complete plan and proves that it is the one that was sealed: the same header and
// rows. Otherwise it returns ErrChanged. It checks the content, so a copied or repacked plan is
// still the same.
func (p *Plan) Verify(ctx context.Context) error {
	var sums [tableCount]*rowHash
	for i, t := range tablesOf(p.header.Format) {
		sum, err := p.hash(ctx, t)
		if err != nil {
			return err
		}
		if sum.rows != p.length[i] {
			return changed(p.path, "rows of "+t.name+" are missing")
		}
		sums[i] = sum
	}
	if got := digest(p.header.Format, p.raw, &sums); got != p.header.Digest {
		return changed(p.path, "its content does not fit its digest")
	}
	return nil
}

// hash digests the rows of one table in order.
func (p *Plan) hash(ctx context.Context, t table) (*rowHash, error) {
	sum := newRowHash()
	var seq int64
	into, values := []any{&seq}, make([]any, len(t.columns))
	for i, c := range t.columns {
		// Values are hashed as the type of their column, which allocates nothing: the tables are
		// strict, so no other type can occur.
		if strings.HasSuffix(c, " INTEGER") {
			values[i] = new(int64)
		} else {
			values[i] = &rawColumn{text: strings.HasSuffix(c, " TEXT")}
		}
		into = append(into, scanTarget(values[i]))
	}
	query := "SELECT " + strings.Join(t.columnNames(), ", ") + " FROM " + t.name + " NOT INDEXED ORDER BY seq"
	err := p.query(ctx, query, nil, func(rows *sql.Rows) error {
		if rows.Scan(into...) != nil {
			return changed(p.path, "a row of "+t.name+" cannot be read")
		}
		if seq != sum.rows+1 {
			return changed(p.path, fmt.Sprintf("row %d of %s is missing", sum.rows+1, t.name))
		}
		return sum.add(values...)
	})
	return sum, err
}

// rawColumn is a column of bytes or text that stays in the driver's memory.
type rawColumn struct {
	bytes sql.RawBytes
	text  bool
}

func scanTarget(v any) any {
	if raw, ok := v.(*rawColumn); ok {
		return &raw.bytes
	}
	return v
}
