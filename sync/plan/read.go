package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// page is the number of rows that a stream reads at a time.
const page = 256

// ErrNoChange means that the plan has no change with that number.
var ErrNoChange = errors.New("the plan has no such change")

// Len is the number of changes; their Seq are 1 to Len.
func (p *Plan) Len() int64 { return p.length[tblChange] }

// At reads one change.
func (p *Plan) At(seq int64) (Change, error) {
	var payload []byte
	err := p.db.QueryRow("SELECT payload FROM change WHERE seq = ?", seq).Scan(&payload)
	if errors.Is(err, sql.ErrNoRows) {
		return Change{}, fmt.Errorf("%w: %d of %d", ErrNoChange, seq, p.Len())
	}
	if err != nil {
		return Change{}, fault(p.path, err)
	}
	return p.decode(seq, payload)
}

func (p *Plan) decode(seq int64, payload []byte) (Change, error) {
	var c Change
	if err := c.UnmarshalBinary(payload); err != nil || c.Seq != seq {
		return Change{}, changed(p.path, fmt.Sprintf("change %d cannot be read", seq))
	}
	return c, nil
}

// Changes calls fn for every change in order of Seq. An error of fn ends it and is
// returned.
func (p *Plan) Changes(ctx context.Context, fn func(Change) error) error {
	for after := int64(0); ; {
		changes, err := p.ChangesFrom(ctx, after, page)
		if err != nil || len(changes) == 0 {
			return err
		}
		for _, c := range changes {
			if err := fn(c); err != nil {
				return err
			}
		}
		after = changes[len(changes)-1].Seq
	}
}

// ChangesFrom reads up to limit changes whose Seq is greater than after. In a damaged file it
// returns an error instead of skipping a change.
func (p *Plan) ChangesFrom(ctx context.Context, after int64, limit int) ([]Change, error) {
	const query = "SELECT seq, payload FROM change WHERE seq > ? ORDER BY seq LIMIT ?"
	var changes []Change
	err := p.query(ctx, query, []any{after, max(limit, 0)}, func(rows *sql.Rows) error {
		c, err := p.scanChange(rows)
		changes = append(changes, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	// A damaged page can make a search by key skip rows that a table scan finds, so a verified plan
	// is not enough.
	after = max(after, 0)
	if due := min(int64(max(limit, 0)), max(p.Len()-after, 0)); int64(len(changes)) != due {
		return nil, changed(p.path, fmt.Sprintf("%d changes after change %d instead of %d", len(changes), after, due))
	}
	for i := range changes {
		if changes[i].Seq != after+int64(i)+1 {
			return nil, changed(p.path, fmt.Sprintf("change %d is missing", after+int64(i)+1))
		}
	}
	return changes, nil
}

func (p *Plan) scanChange(rows *sql.Rows) (Change, error) {
	var seq int64
	var payload sql.RawBytes
	if err := rows.Scan(&seq, &payload); err != nil {
		return Change{}, err
	}
	return p.decode(seq, payload)
}
