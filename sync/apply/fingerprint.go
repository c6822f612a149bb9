package apply

import (
	"dirbridge/sync/fingerprint"
	"dirbridge/sync/identity"
)

// refreshFingerprint brings the fingerprint of a shadow up to values that were resolved after the
// plan was made, before being the shadow that the fingerprint was taken of.
func (a *applier) refreshFingerprint(s *identity.Shadow, before identity.Shadow) {
	p := fingerprint.Set{Seed: fingerprint.Seed(a.env.FingerprintsDigest()), Norm: a.env.Target.Normalize}
	follow := a.env.Mappers.Follow(s.Anchor.Directory())
	for _, admin := range identity.Tris() {
		if p.Account(fingerprint.AsListed(before, admin), follow) == s.Fingerprint.Cloud {
			s.Fingerprint.Cloud = p.Account(fingerprint.AsListed(*s, admin), follow)
			return
		}
	}
}
