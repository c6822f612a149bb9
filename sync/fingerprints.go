package sync

import (
	"slices"

	"dirbridge/sync/digest"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// fingerprintSet holds the fingerprints of all linked people while both sides are read: 54 bytes
// and two table cells a person, whatever their attributes. Everyone whose entry and
// account are as they were when they were last found to agree needs no row in the
// work database, no mapping and no comparison; everything else counts as changed.
//
// It is only an index of what the store remembers. Where it is not sure it says
// "changed", which costs time and never correctness.
type fingerprintSet struct {
	seed         uint64                                      // of the configuration
	norm         func(name string, values []string) []string // Target.Normalize
	alike        bool                                        // the stored fingerprints were taken under it
	valid        bool                                        // they are, and can be relied on
	anchors      []uint64
	ids          []uint64
	fingerprints []identity.Fingerprint
	flags        []uint8 // belongs to whoever reads the directory, and after that to the planner
	listed       []bool  // the account is as it was; belongs to whoever reads the cloud
	byName       table   // position by hash of the anchor
	byID         table   // position by hash of the resource id
	// Where not all directories have the same attributes followed: those of each, and
	// which of the sets is each person's.
	sets  []map[string]bool
	whose []uint16
}

// What was seen of a person.
const (
	sourceSame     uint8 = 1 << iota
	treatAsChanged       // is compared as a whole
	loaded               // its rows are in the work database
)

func (s *fingerprintSet) index() *fingerprintSet {
	s.flags, s.listed = make([]uint8, len(s.fingerprints)), make([]bool, len(s.fingerprints))
	s.byName, s.byID = newTable(s.anchors), newTable(s.ids)
	for i, p := range s.fingerprints {
		if p.Source == 0 || p.Cloud == 0 {
			s.flags[i] |= treatAsChanged
		}
	}
	return s
}

// source notes that an entry was read. It is true where nothing more need be done
// with it now.
func (s *fingerprintSet) source(e identity.Entry) bool {
	if len(s.fingerprints) == 0 || len(e.Problems) > 0 {
		return false
	}
	i, ok := s.byName.find(s.anchors, digest.Hash(1, string(e.Anchor)))
	if !ok || s.fingerprints[i].Source != s.entry(e) {
		return false
	}
	s.flags[i] |= sourceSame
	return true
}

// resource notes that an account was listed, like source.
func (s *fingerprintSet) resource(r identity.Resource) bool {
	if len(s.fingerprints) == 0 || r.Kind != identity.User {
		return false
	}
	i, ok := s.byID.find(s.ids, digest.Hash(2, string(r.ID)))
	if !ok || s.fingerprints[i].Cloud != s.account(r, s.follow(i)) {
		return false
	}
	s.listed[i] = true
	return true
}

// entry is the fingerprint of an entry: its place and every attribute that was asked for.
func (s *fingerprintSet) entry(e identity.Entry) uint64 {
	return nonzero(digest.Hash(s.seed, e.DN) + s.attrs(e.Attrs, nil, nil))
}

// follow are the attributes that count of somebody's account; nil is all that are listed.
func (s *fingerprintSet) follow(i int) map[string]bool {
	if len(s.whose) == 0 {
		return nil
	}
	return s.sets[s.whose[i]]
}

// account is the fingerprint of a resource as listed, in the form in which it is compared. Of
// its attributes only those count that follow the directory of its owner; nil is all.
func (s *fingerprintSet) account(r identity.Resource, follow map[string]bool) uint64 {
	state := uint64(r.Admin)
	if r.Active {
		state += 16
	}
	return nonzero(digest.Hash(s.seed+3, r.Key) + digest.Hash(s.seed+state*7919, "") + s.attrs(r.Attrs, s.norm, follow))
}

// attrs adds the hashes of the attributes up, since a map has no order.
func (s *fingerprintSet) attrs(attrs identity.Attrs, norm func(string, []string) []string, only map[string]bool) (sum uint64) {
	for name, values := range attrs {
		if only != nil && !only[name] {
			continue
		}
		if norm != nil {
			values = norm(name, values)
		}
		h := digest.Hash(s.seed+11, name)
		for _, v := range values {
			h = digest.Hash(h, v)
		}
		sum += h
	}
	return sum
}

// markRelated marks as changed the people who are related to a changed person: who has
// the key that such a one wants, whose manager such a one is, and whose GUID an
// unknown account carries. keys and dns are hashes, so that a chance hit marks one
// person more than needed, and nothing else.
func (s *fingerprintSet) markRelated(keys, dns map[uint32]bool) {
	for i, p := range s.fingerprints {
		if keys[p.Key] || p.Manager != 0 && dns[p.Manager] {
			s.flags[i] |= treatAsChanged
		}
	}
}

// markManagers marks as changed those whose DN is one of dns, so that a changed
// person's reference to them resolves. It says whether there was any.
func (s *fingerprintSet) markManagers(dns map[uint32]bool) (any bool) {
	for i, p := range s.fingerprints {
		if dns[p.DN] && s.flags[i]&treatAsChanged == 0 {
			s.flags[i] |= treatAsChanged
			any = true
		}
	}
	return any
}

func (s *fingerprintSet) unchanged(i int) bool {
	return s.listed[i] && s.flags[i]&(sourceSame|treatAsChanged) == sourceSame
}

// count says how many need nothing.
func (s *fingerprintSet) count() (n int64) {
	for i := range s.fingerprints {
		if s.unchanged(i) {
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

func keyHash(folded string) uint32 { return uint32(nonzero(digest.Hash(21, folded)) >> 7) }

// table finds positions by hash: open addressing, at most half full.
type table struct {
	cells []uint32 // position + 1; 0 is free
	mask  uint64
}

func newTable(hashes []uint64) table {
	size := 16
	for size < 2*len(hashes) {
		size *= 2
	}
	t := table{cells: make([]uint32, size), mask: uint64(size - 1)}
	for i, h := range hashes {
		c := h & t.mask
		for t.cells[c] != 0 {
			c = (c + 1) & t.mask
		}
		t.cells[c] = uint32(i + 1)
	}
	return t
}

// find gives the position of a hash in hashes, which is what the table was made of.
func (t table) find(hashes []uint64, h uint64) (int, bool) {
	for c := h & t.mask; t.cells[c] != 0; c = (c + 1) & t.mask {
		if i := int(t.cells[c] - 1); hashes[i] == h {
			return i, true
		}
	}
	return 0, false
}

// asListed is the account as its shadow would have it listed: what was applied, but
// for the values that the cloud is known not to take.
func asListed(s identity.Shadow, admin identity.Tri) identity.Resource {
	r := identity.Resource{ID: s.ID, Kind: s.Kind, ExternalID: s.Applied.First(schema.ExternalID), Key: s.Applied.First(schema.UID),
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

func fingerprintSeed(configuration string) uint64 { return digest.Hash(0, configuration) }
