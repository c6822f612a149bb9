package fingerprint

import (
	"slices"

	"dirbridge/sync/digest"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// Set holds the fingerprints of all linked people while both sides are read: 54 bytes and two table
// cells a person, whatever their attributes. A person whose entry and account are as they were when
// they last agreed needs no row in the work database, no mapping and no comparison; every other
// person counts as changed.
//
// It is only an index of what the store remembers. If it is not sure, it says "changed", which
// costs time and never correctness.
type Set struct {
	Seed         uint64                                      // of the configuration
	Norm         func(name string, values []string) []string // Target.Normalize
	Alike        bool                                        // stored with the same seed
	Valid        bool                                        // stored and reliable
	Anchors      []uint64
	Ids          []uint64
	Fingerprints []identity.Fingerprint
	Flags        []uint8 // used by the goroutine that reads the directory, then by the planner
	Listed       []bool  // the account is unchanged; used by the goroutine that reads the cloud
	ByName       Table   // position by hash of the anchor
	byID         Table   // position by hash of the resource id
	// Sets has the attribute sets that directories follow, if they differ. Whose is the index in
	// Sets of each person.
	Sets  []map[string]bool
	Whose []uint16
}

// Flags: what was found out about a person.
const (
	SourceSame     uint8 = 1 << iota
	TreatAsChanged       // compare as a whole
	Loaded               // its rows are in the work database
)

func (s *Set) Index() *Set {
	s.Flags, s.Listed = make([]uint8, len(s.Fingerprints)), make([]bool, len(s.Fingerprints))
	s.ByName, s.byID = newTable(s.Anchors), newTable(s.Ids)
	for i, p := range s.Fingerprints {
		if p.Source == 0 || p.Cloud == 0 {
			s.Flags[i] |= TreatAsChanged
		}
	}
	return s
}

// Source records that an entry was read. It returns true if the entry needs no more work now.
func (s *Set) Source(e identity.Entry) bool {
	if len(s.Fingerprints) == 0 || len(e.Problems) > 0 {
		return false
	}
	i, ok := s.ByName.Find(s.Anchors, digest.Hash(1, string(e.Anchor)))
	if !ok || s.Fingerprints[i].Source != s.Entry(e) {
		return false
	}
	s.Flags[i] |= SourceSame
	return true
}

// Resource records that an account was listed, like Source.
func (s *Set) Resource(r identity.Resource) bool {
	if len(s.Fingerprints) == 0 || r.Kind != identity.User {
		return false
	}
	i, ok := s.byID.Find(s.Ids, digest.Hash(2, string(r.ID)))
	if !ok || s.Fingerprints[i].Cloud != s.Account(r, s.follow(i)) {
		return false
	}
	s.Listed[i] = true
	return true
}

// Entry returns the fingerprint of an entry: its place and every attribute that was requested.
func (s *Set) Entry(e identity.Entry) uint64 {
	return nonzero(digest.Hash(s.Seed, e.DN) + s.attrs(e.Attrs, nil, nil))
}

// follow returns the attributes that count for a person's account; nil means all that are listed.
func (s *Set) follow(i int) map[string]bool {
	if len(s.Whose) == 0 {
		return nil
	}
	return s.Sets[s.Whose[i]]
}

// Account returns the fingerprint of a listed resource, in the form in which it is compared. Only
// the attributes that follow the directory of its owner count; nil means all.
func (s *Set) Account(r identity.Resource, follow map[string]bool) uint64 {
	state := uint64(r.Admin)
	if r.Active {
		state += 16
	}
	return nonzero(digest.Hash(s.Seed+3, r.Key) + digest.Hash(s.Seed+state*7919, "") + s.attrs(r.Attrs, s.Norm, follow))
}

// attrs sums the hashes of the attributes, because a map has no order.
func (s *Set) attrs(attrs identity.Attrs, norm func(string, []string) []string, only map[string]bool) (sum uint64) {
	for name, values := range attrs {
		if only != nil && !only[name] {
			continue
		}
		if norm != nil {
			values = norm(name, values)
		}
		h := digest.Hash(s.Seed+11, name)
		for _, v := range values {
			h = digest.Hash(h, v)
		}
		sum += h
	}
	return sum
}

// MarkRelated marks as changed the people who are related to a changed person: those who have the
// key that a changed person wants, those who are the manager of a changed person, and those whose
// GUID an unknown account carries. keys and dns are hashes; a collision marks one person more than
// needed, and nothing else.
func (s *Set) MarkRelated(keys, dns map[uint32]bool) {
	for i, p := range s.Fingerprints {
		if keys[p.Key] || p.Manager != 0 && dns[p.Manager] {
			s.Flags[i] |= TreatAsChanged
		}
	}
}

// MarkManagers marks as changed the people whose DN is in dns, so that a changed person's reference
// to them resolves. any says whether it marked a person.
func (s *Set) MarkManagers(dns map[uint32]bool) (any bool) {
	for i, p := range s.Fingerprints {
		if dns[p.DN] && s.Flags[i]&TreatAsChanged == 0 {
			s.Flags[i] |= TreatAsChanged
			any = true
		}
	}
	return any
}

func (s *Set) Unchanged(i int) bool {
	return s.Listed[i] && s.Flags[i]&(SourceSame|TreatAsChanged) == SourceSame
}

// Count returns how many people need no work.
func (s *Set) Count() (n int64) {
	for i := range s.Fingerprints {
		if s.Unchanged(i) {
			n++
		}
	}
	return n
}

func nonzero(h uint64) uint64 {
	if h == 0 {
		return 1
	}
	return h
}

func KeyHash(folded string) uint32 { return uint32(nonzero(digest.Hash(21, folded)) >> 7) }

// Table finds positions by hash: open addressing, at most half full.
type Table struct {
	cells []uint32 // position + 1; 0 is free
	mask  uint64
}

func newTable(hashes []uint64) Table {
	size := 16
	for size < 2*len(hashes) {
		size *= 2
	}
	t := Table{cells: make([]uint32, size), mask: uint64(size - 1)}
	for i, h := range hashes {
		c := h & t.mask
		for t.cells[c] != 0 {
			c = (c + 1) & t.mask
		}
		t.cells[c] = uint32(i + 1)
	}
	return t
}

// Find returns the position of a hash in hashes, from which the table was built.
func (t Table) Find(hashes []uint64, h uint64) (int, bool) {
	for c := h & t.mask; t.cells[c] != 0; c = (c + 1) & t.mask {
		if i := int(t.cells[c] - 1); hashes[i] == h {
			return i, true
		}
	}
	return 0, false
}

// AsListed returns the account as the cloud would list it according to its shadow: the applied
// values, apart from those that the cloud is known not to accept.
func AsListed(s identity.Shadow, admin identity.Tri) identity.Resource {
	r := identity.Resource{ID: s.ID, Kind: s.Kind, ExternalID: s.Applied.First(schema.ExternalID),
		Key:    s.Applied.First(schema.UID),
		Active: s.Active, Attrs: s.Applied.Clone(), Admin: admin}
	for name, ig := range s.Ignored {
		if !ig.Sure {
			continue
		}
		if name == schema.Active {
			r.Active = slices.Equal(ig.Got, []string{"true"})
			continue
		}
		if len(ig.Got) == 0 {
			delete(r.Attrs, name)
		} else {
			r.Attrs[name] = ig.Got
		}
		switch name {
		case schema.UID:
			r.Key = identity.Attrs{name: ig.Got}.First(name)
		case schema.ExternalID:
			r.ExternalID = identity.Attrs{name: ig.Got}.First(name)
		}
	}
	return r
}

func Seed(configuration string) uint64 { return digest.Hash(0, configuration) }
