package store

import (
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// What shadows and edges are looked up by is kept as a hash: an index of numbers is a
// third of the size of one of DNs and ids. Whoever looks something up compares what was
// found with what was asked for, so that two values of one hash cost a row read in vain.

// keyHash is the hash of a folded key, the one that identity.Print.Key is made of (see
// sync/prints.go): where a shadow has the directory's key in its print alone, it is
// found by that.
func keyHash(folded string) uint32 {
	const seed uint64 = 21 * 0x9e3779b97f4a7c15 % (1 << 64)
	h := uint64(14695981039346656037) ^ seed
	for i := 0; i < len(folded); i++ {
		h = (h ^ uint64(folded[i])) * 1099511628211
	}
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	return uint32(max(h, 1) >> 7)
}

// hashOrNone is a column of hashes: NULL, which no index holds, where there is no value.
func hashOrNone(value string) any {
	if value == "" {
		return nil
	}
	return int64(keyHash(value))
}

// appliedKey is the folded key that the cloud was last given.
func appliedKey(s *identity.Shadow) string {
	if s.Kind == identity.Group {
		return identity.Fold(s.Applied.First(schema.GroupName))
	}
	return identity.Fold(s.Applied.First(schema.UID))
}

// wishOrNone is the hash of the key that the directory last gave, where it is another
// one than was applied.
func wishOrNone(s *identity.Shadow) any {
	if key := appliedKey(s); s.Print.Key == 0 || key != "" && s.Print.Key == keyHash(key) {
		return nil
	}
	return int64(s.Print.Key)
}

// goal is the hash of an edge's other end.
func goal(to identity.Ref) any {
	if to.Anchor != "" {
		return hashOrNone(string(to.Anchor))
	}
	return hashOrNone(identity.Fold(to.DN))
}

func linked(s *identity.Shadow) int64 {
	switch {
	case s.Kind != identity.User || s.State != identity.Live || s.ID == "":
		return 0
	case s.Active:
		return 2
	}
	return 1
}
