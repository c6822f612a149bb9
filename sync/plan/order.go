package plan

import (
	"context"
	"database/sql"
	"fmt"
	"math/bits"
	"slices"
)

// Order is the sort order of a view.
type Order string

const (
	InPlan  Order = ""      // in the order of execution
	ByName  Order = "name"  // by key; then memberships by group and member; matches last
	ByPlace Order = "place" // by the container, then the name
)

// expression sorts rows of search, whose text begins with the keys and the DN, one per line. The
// container begins at the DN's first comma that is not escaped.
func (o Order) expression() string {
	if o == ByPlace {
		const dn = `substr(s.text, instr(s.text, char(10)) + 1, 1000)`
		return `substr(` + dn + `, instr(replace(` + dn + `, '\,', '\.'), ',')), s.text`
	}
	return "f.action = 'match', f.kind = 'member', s.text"
}

// sorted is a view in a sort order: 4 MB for a million changes. A plan caches few.
type sorted struct {
	key  string
	seqs []int32
}

const maxSorted = 2

// sort returns the order of a view's changes, which the plan caches.
func (p *Plan) sort(ctx context.Context, v View) ([]int32, error) {
	_, where, args := v.chosen()
	// The join is always there, whether a filter needs it or not.
	query := "SELECT f.seq FROM facet f CROSS JOIN search s ON s.seq = f.seq WHERE " + where + " ORDER BY " +
		v.Order.expression() + ", f.seq"
	key := fmt.Sprintf("%s %q", query, args)
	if found := p.sortedBy(key); found != nil {
		return found.seqs, nil
	}
	select {
	case p.building <- struct{}{}:
		defer func() { <-p.building }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if found := p.sortedBy(key); found != nil {
		return found.seqs, nil
	}
	x := &sorted{key: key}
	err := p.query(ctx, query, args, func(rows *sql.Rows) error {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return err
		}
		if seq < 1 || seq > p.length[tblChange] || int64(len(x.seqs)) >= p.length[tblChange] {
			return changed(p.path, "its rows are out of order")
		}
		x.seqs = append(x.seqs, int32(seq))
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.orders = slices.Insert(p.orders, 0, x)
	p.orders = p.orders[:min(len(p.orders), maxSorted)]
	return x.seqs, nil
}

func (p *Plan) sortedBy(key string) *sorted {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.orders {
		if x.key == key {
			return x
		}
	}
	return nil
}

// sortedAt reads up to n changes of a sorted view from offset on.
func (p *Plan) sortedAt(ctx context.Context, v View, offset int64, n int) ([]Change, error) {
	all, err := p.sort(ctx, v)
	if err != nil || offset < 0 || offset >= int64(len(all)) || n <= 0 {
		return nil, err
	}
	some := all[offset:min(offset+int64(n), int64(len(all)))]
	place := make(map[int64]int, len(some))
	seqs := make([]int64, len(some))
	for i, seq := range some {
		place[int64(seq)], seqs[i] = i, int64(seq)
	}
	slices.Sort(seqs)
	found, err := p.changes(ctx, seqs)
	if err != nil {
		return nil, err
	}
	changes := make([]Change, len(some))
	for _, c := range found {
		changes[place[c.Seq]] = c
	}
	return changes, nil
}

// Seek finds the next change of a view, after the one at an offset, that matches a text like a
// filter, and returns its offset. After the last change it continues with the first; ok is false if
// no change matches.
func (p *Plan) Seek(ctx context.Context, v View, text string, after int64) (offset int64, ok bool, err error) {
	order := v.Order
	v.Order = InPlan
	all, args := v.rowsQuery()
	narrow := v
	narrow.also = text
	query, more := narrow.rowsQuery()
	found, err := p.index(ctx, tblChange, query, more)
	if err != nil || found.count == 0 {
		return 0, false, err
	}
	if order != InPlan {
		v.Order = order
		seqs, err := p.sort(ctx, v)
		n := int64(len(seqs))
		if after >= n {
			after = -1
		}
		for i := range n {
			at := (after + 1 + i) % n
			if at >= 0 && found.has(int64(seqs[at])) {
				return at, true, err
			}
		}
		return 0, false, err
	}
	x, err := p.index(ctx, tblChange, all, args)
	if err != nil {
		return 0, false, err
	}
	here := int64(0)
	if at := x.at(after, 1); len(at) == 1 {
		here = at[0]
	}
	next := found.from(here+1, 1)
	if len(next) == 0 {
		next = found.from(0, 1)
	}
	return x.rank(next[0]), true, nil
}

// has reports whether a row is in the index.
func (x *index) has(row int64) bool {
	return row/64 < int64(len(x.words)) && x.words[row/64]&(1<<(row%64)) != 0
}

// rank is the number of rows in the index before a row.
func (x *index) rank(row int64) int64 {
	word := row / 64
	if word >= int64(len(x.words)) {
		return x.count
	}
	n := x.before[word/blockWords]
	for i := word / blockWords * blockWords; i < word; i++ {
		n += int64(bits.OnesCount64(x.words[i]))
	}
	return n + int64(bits.OnesCount64(x.words[word]&(1<<(row%64)-1)))
}
