package read

import (
	"context"
	"fmt"

	"dirbridge/sync/digest"
	"dirbridge/sync/facts"
	"dirbridge/sync/fingerprint"
	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
)

// loadFingerprints reads the fingerprints, if they were taken under this configuration.
func loadFingerprints(ctx context.Context, d *stage.Draft) (*fingerprint.Set, error) {
	s := NewFingerprints(d.Env)
	have, err := d.Env.Store.Value(ctx, facts.FingerprintsValue)
	if s.Alike = have == d.Env.FingerprintsDigest(); err != nil || !s.Alike {
		return s.Index(), err
	}
	// They are read before both sides are, and the shadows of changed people after that: another
	// process that writes makes one disagree with the other.
	beside, err := begunBeside(ctx, d)
	if s.Valid = err == nil && !beside; !s.Valid {
		return s.Index(), err
	}
	numbers := map[string]uint16{}
	err = d.Env.Store.Fingerprints(ctx, func(a identity.Anchor, id identity.ResourceID, p identity.Fingerprint) error {
		s.Anchors = append(s.Anchors, digest.Hash(1, string(a)))
		s.Ids = append(s.Ids, digest.Hash(2, string(id)))
		s.Fingerprints = append(s.Fingerprints, p)
		if follow := d.Env.Mappers.Follow(a.Directory()); follow != nil {
			n, known := numbers[a.Directory()]
			if !known {
				n = uint16(len(s.Sets))
				numbers[a.Directory()], s.Sets = n, append(s.Sets, follow)
			}
			s.Whose = append(s.Whose, n)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read prints: %w", err)
	}
	s.Index()
	// What failed, was held or was excluded is checked again, whether or not it changed.
	return s, d.Env.Store.Dirty(ctx, func(a identity.Anchor, _ string) error {
		if i, ok := s.ByName.Find(s.Anchors, digest.Hash(1, string(a))); ok {
			s.Flags[i] |= fingerprint.TreatAsChanged
		}
		return nil
	})
}

func NewFingerprints(e *stage.Env) *fingerprint.Set {
	return &fingerprint.Set{Seed: fingerprint.Seed(e.FingerprintsDigest()), Norm: e.Target.Normalize}
}
