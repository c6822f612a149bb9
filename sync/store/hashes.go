package store

import (
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// keyHash is the hash of a folded key, the same as in identity.Fingerprint.Key (see
// sync/fingerprints.go). If a shadow has the directory's key only in its fingerprint, it is found
// by that.
func keyHash(folded string) uint32 {
	const seed uint64 = 21 * 0x9e3779b97f4a7c15 % (1 << 64)
	h := uint64(14695981039346656037) ^ seed
	for i := 0; i < len(folded); i++ {
		h = (h ^ uint64(folded[i])) * 1099511628211
	}
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	return uint32(h >> 7)
}

// hashOf is the hash for looking up a value: 0 for none, which no value has.
func hashOf(value string) uint32 {
	if value == "" {
		return 0
	}
	return max(keyHash(value), 1)
}

// appliedKey is the folded key that was last written to the cloud.
func appliedKey(s *identity.Shadow) string {
	if s.Kind == identity.Group {
		return identity.Fold(s.Applied.First(schema.GroupName))
	}
	return identity.Fold(s.Applied.First(schema.UID))
}

// personSID is the security identifier of a person; groups are not looked up by it.
func personSID(s *identity.Shadow) string {
	if s.Kind != identity.User {
		return ""
	}
	return identity.SID(s.Inputs)
}

// edgeEndHash is the hash of an edge's other end, NULL if it has neither anchor nor DN.
func edgeEndHash(to identity.Ref) any {
	end := string(to.Anchor)
	if end == "" {
		end = identity.Fold(to.DN)
	}
	if end == "" {
		return nil
	}
	return int64(hashOf(end))
}

// linked is 1 for the shadow of a live, linked person, 2 with an active account, else 0.
func linked(s *identity.Shadow) int64 {
	switch {
	case s.Kind != identity.User || s.State != identity.Live || s.ID == "":
		return 0
	case s.Active:
		return 2
	}
	return 1
}
