package plan

import (
	"context"
	"fmt"
	"math/bits"
	"slices"
	"sort"
)

// index is the set of rows in a view, one bit per row: 128 kB for a million. It finds the row at
// any offset at once, which SQL's OFFSET cannot.
type index struct {
	key    string
	words  []uint64 // bit n%64 of word n/64 is row n
	before []int64  // rows in the words before block i of blockWords words
	count  int64
}

const blockWords = 16

// maxIndices is the number of views whose rows a plan caches.
const maxIndices = 8

func (x *index) add(row int64) {
	for int64(len(x.words)) <= row/64 {
		if len(x.words)%blockWords == 0 {
			x.before = append(x.before, x.count)
		}
		x.words = append(x.words, 0)
	}
	x.words[row/64] |= 1 << (row % 64)
	x.count++
}

// at returns up to n rows, beginning with the one at offset, counted from 0.
func (x *index) at(offset int64, n int) []int64 {
	if offset < 0 || offset >= x.count {
		return nil
	}
	block := sort.Search(len(x.before), func(i int) bool { return x.before[i] > offset }) - 1
	skip := offset - x.before[block]
	for i := block * blockWords; ; i++ {
		ones := int64(bits.OnesCount64(x.words[i]))
		if skip < ones {
			w := x.words[i]
			for ; skip > 0; skip-- {
				w &= w - 1
			}
			return x.from(int64(i)*64+int64(bits.TrailingZeros64(w)), n)
		}
		skip -= ones
	}
}

// from returns up to n rows, beginning with the first one that is row or greater.
func (x *index) from(row int64, n int) []int64 {
	row = max(row, 0)
	var rows []int64
	for i := row / 64; i < int64(len(x.words)) && len(rows) < n; i++ {
		w := x.words[i]
		if i == row/64 {
			w &= ^uint64(0) << (row % 64)
		}
		for ; w != 0 && len(rows) < n; w &= w - 1 {
			rows = append(rows, i*64+int64(bits.TrailingZeros64(w)))
		}
	}
	return rows
}

// known returns the cached index of a view.
func (p *Plan) known(key string) *index {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.indices, func(x *index) bool { return x.key == key })
	if i < 0 {
		return nil
	}
	x := p.indices[i]
	p.indices = slices.Insert(slices.Delete(p.indices, i, i+1), 0, x)
	return x
}

// index returns the rows that a query of sequence numbers, in order, yields. The first caller
// builds it, and others wait for it.
func (p *Plan) index(ctx context.Context, table int, query string, args []any) (*index, error) {
	key := fmt.Sprintf("%s %q", query, args)
	if x := p.known(key); x != nil {
		return x, nil
	}
	select {
	case p.building <- struct{}{}:
		defer func() { <-p.building }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if x := p.known(key); x != nil {
		return x, nil
	}
	x := &index{key: key}
	if err := p.fill(ctx, x, table, query, args); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.indices = slices.Insert(p.indices, 0, x)
	p.indices = p.indices[:min(len(p.indices), maxIndices)]
	return x, nil
}

func (p *Plan) fill(ctx context.Context, x *index, table int, query string, args []any) error {
	rows, err := p.db.QueryContext(ctx, query, args...)
	if err != nil {
		return fault(p.path, err)
	}
	defer rows.Close()
	last := int64(0)
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return fault(p.path, err)
		}
		// Otherwise a forged key could require any amount of memory.
		if seq <= last || seq > p.length[table] {
			return changed(p.path, "its rows are out of order")
		}
		last = seq
		x.add(seq)
	}
	return fault(p.path, rows.Err())
}
