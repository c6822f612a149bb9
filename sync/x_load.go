package sync

import (
	"context"
	"fmt"

	"dirbridge/sync/digest"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
)

// loadFingerprints reads the fingerprints, if they were taken under this configuration.
func (d *draft) loadFingerprints(ctx context.Context) (*fingerprintSet, error) {
	s := &fingerprintSet{seed: fingerprintSeed(d.env.FingerprintsDigest()), norm: d.env.Target.Normalize}
	have, err := d.env.Store.Value(ctx, facts.FingerprintsValue)
	if s.alike = have == d.env.FingerprintsDigest(); err != nil || !s.alike {
		return s.index(), err
	}
	// They are read before both sides are, and the shadows of who changed after that: another
	// process that writes makes the one disagree with the other.
	beside, err := d.begunBeside(ctx)
	if s.valid = err == nil && !beside; !s.valid {
		return s.index(), err
	}
	numbers := map[string]uint16{}
	err = d.env.Store.Fingerprints(ctx, func(a identity.Anchor, id identity.ResourceID, p identity.Fingerprint) error {
		s.anchors = append(s.anchors, digest.Hash(1, string(a)))
		s.ids = append(s.ids, digest.Hash(2, string(id)))
		s.fingerprints = append(s.fingerprints, p)
		if follow := d.env.Mappers.Follow(a.Directory()); follow != nil {
			n, known := numbers[a.Directory()]
			if !known {
				n = uint16(len(s.sets))
				numbers[a.Directory()], s.sets = n, append(s.sets, follow)
			}
			s.whose = append(s.whose, n)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read prints: %w", err)
	}
	s.index()
	// What failed, was held or was left out is looked at again, whatever it looks like.
	return s, d.env.Store.Dirty(ctx, func(a identity.Anchor, _ string) error {
		if i, ok := s.byName.find(s.anchors, digest.Hash(1, string(a))); ok {
			s.flags[i] |= treatAsChanged
		}
		return nil
	})
}
