package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// page is how many rows a stream reads before it hands them on.
const page = 256

// ErrNoChange says that the plan has no change of that number.
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

// ChangesFrom reads up to limit changes whose Seq is greater than after.
func (p *Plan) ChangesFrom(ctx context.Context, after int64, limit int) ([]Change, error) {
	rows, err := p.db.QueryContext(ctx, "SELECT seq, payload FROM change WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
	if err != nil {
		return nil, fault(p.path, err)
	}
	defer rows.Close()
	var changes []Change
	for rows.Next() {
		var seq int64
		var payload sql.RawBytes
		if err := rows.Scan(&seq, &payload); err != nil {
			return nil, fault(p.path, err)
		}
		c, err := p.decode(seq, payload)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, fault(p.path, rows.Err())
}
