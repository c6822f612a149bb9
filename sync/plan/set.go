package plan

import (
	"context"
	"database/sql"
	"math/bits"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// Set is a set of changes of one plan, by number, with one bit per change: 128 kB for a million. A
// nil Set can be read as an empty one. Concurrent use is safe only without writes.
type Set struct {
	words []uint64
	n     int64
}

// Has reports whether the change is in the set.
func (s *Set) Has(seq int64) bool {
	return s != nil && seq >= 0 && seq/64 < int64(len(s.words)) && s.words[seq/64]&(1<<(seq%64)) != 0
}

// Len is the number of changes in the set.
func (s *Set) Len() int64 {
	if s == nil {
		return 0
	}
	return s.n
}

// Put adds or removes a change.
func (s *Set) Put(seq int64, in bool) {
	if seq < 0 || s.Has(seq) == in {
		return
	}
	for int64(len(s.words)) <= seq/64 {
		s.words = append(s.words, 0)
	}
	s.words[seq/64] ^= 1 << (seq % 64)
	if in {
		s.n++
	} else {
		s.n--
	}
}

// PutAll adds or removes all changes of another set.
func (s *Set) PutAll(o *Set, in bool) {
	if o == nil {
		return
	}
	for i, w := range o.words {
		if i == len(s.words) {
			s.words = append(s.words, 0)
		}
		was := bits.OnesCount64(s.words[i])
		if in {
			s.words[i] |= w
		} else {
			s.words[i] &^= w
		}
		s.n += int64(bits.OnesCount64(s.words[i]) - was)
	}
}

// Clone returns a copy.
func (s *Set) Clone() *Set {
	if s == nil {
		return &Set{}
	}
	return &Set{slices.Clone(s.words), s.n}
}

// list returns the numbers in order.
func (s *Set) list() []int64 {
	if s == nil {
		return nil
	}
	return (&index{words: s.words, count: s.n}).from(0, int(s.n))
}

// Pick returns the set of changes in a view.
func (p *Plan) Pick(ctx context.Context, v View) (*Set, error) {
	query, args := v.rowsQuery()
	x, err := p.index(ctx, tblChange, query, args)
	if err != nil {
		return nil, err
	}
	return &Set{slices.Clone(x.words), x.count}, nil
}

// PickBy returns the set of changes that a selector chooses. It reads every change.
func (p *Plan) PickBy(ctx context.Context, by Selector) (*Set, error) {
	s := &Set{}
	err := p.Changes(ctx, func(c Change) error {
		if by.Matches(&c) {
			s.Put(c.Seq, true)
		}
		return nil
	})
	return s, err
}

// fewChanges is the number up to which changes are looked up one by one instead of reading all.
const fewChanges = 2000

// Tally counts the changes of a set like Header.Counts, without matched, unmatched and problems.
func (p *Plan) Tally(ctx context.Context, s *Set) (record.Counts, error) {
	var n record.Counts
	if s.Len() == 0 {
		return n, nil
	}
	count := func(rows *sql.Rows) error {
		var seq int64
		var action Action
		var kind identity.Kind
		err := rows.Scan(&seq, &action, &kind)
		if s.Has(seq) {
			countInto(&n, kind, action)
		}
		return err
	}
	const query = "SELECT seq, action, kind FROM facet"
	if s.Len() <= fewChanges {
		return n, p.rows(ctx, query, s.list(), count)
	}
	return n, p.query(ctx, query, nil, count)
}

// CountInto counts one change.
func (c *Change) CountInto(n *record.Counts) { countInto(n, c.Kind, c.Action) }

func countInto(n *record.Counts, kind identity.Kind, action Action) {
	o := &n.Users
	switch kind {
	case identity.Member:
		if action == Remove {
			n.Members.Remove++
		} else {
			n.Members.Add++
		}
		return
	case identity.Group:
		o = &n.Groups
	}
	switch action {
	case Add:
		o.Add++
	case Update:
		o.Update++
	case Rename:
		o.Rename++
	case Deactivate:
		o.Deactivate++
	case Reactivate:
		o.Reactivate++
	case Delete:
		o.Delete++
	}
}
