package apply

import (
	"dirbridge/sync/fingerprint"
	"dirbridge/sync/identity"
)

// refreshFingerprint updates the fingerprint of a shadow for values that were resolved after the
// plan was made. before is the shadow from which the fingerprint was computed.
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
