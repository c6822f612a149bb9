package sync

import (
	"dirbridge/sync/identity"
)

// refreshFingerprint brings the fingerprint of a shadow up to values that were resolved after the
// plan was made, before being the shadow that the fingerprint was taken of.
func (a *applier) refreshFingerprint(s *identity.Shadow, before identity.Shadow) {
	p := fingerprintSet{seed: fingerprintSeed(a.env.FingerprintsDigest()), norm: a.env.Target.Normalize}
	follow := a.env.Mappers.Follow(s.Anchor.Directory())
	for _, admin := range identity.Tris() {
		if p.account(asListed(before, admin), follow) == s.Fingerprint.Cloud {
			s.Fingerprint.Cloud = p.account(asListed(*s, admin), follow)
			return
		}
	}
}
