package cloud

import (
	"hash/maphash"

	"dirbridge/sync/identity"
)

// idSet is a set of resource ids, stored as 64-bit hashes in an open table: at most 16 bytes for an
// id, whatever its length. With a million ids, the chance of a collision is one in 10^7; the
// listing is then short by one and refused, never trusted.
type idSet struct {
	seed  maphash.Seed
	table []uint64 // 0 is free
	n     int
}

func newIDSet() *idSet { return &idSet{seed: maphash.MakeSeed(), table: make([]uint64, 1<<6)} }

// add adds an id, and returns whether it was new.
func (s *idSet) add(id identity.ResourceID) bool {
	h := maphash.String(s.seed, string(id))
	if h == 0 {
		h = 1
	}
	if !s.put(h) {
		return false
	}
	s.n++
	if s.n*4 > len(s.table)*3 {
		s.grow()
	}
	return true
}

func (s *idSet) put(h uint64) bool {
	mask := uint64(len(s.table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		switch s.table[i] {
		case 0:
			s.table[i] = h
			return true
		case h:
			return false
		}
	}
}

func (s *idSet) grow() {
	old := s.table
	s.table = make([]uint64, 2*len(old))
	for _, h := range old {
		if h != 0 {
			s.put(h)
		}
	}
}
