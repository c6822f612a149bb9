package ldaptest

import "strings"

// referralObject is an object that represents entries on another server (RFC 3296).
type referralObject struct {
	dn  []rdn
	url string
}

// AddReferral adds a referral object to the directory: searches that meet it return a reference to
// the URL, and with the control ManageDsaIT the object itself. An empty URL removes it.
func (s *Server) AddReferral(dn, url string) error {
	parts, err := parseDN(dn)
	if err != nil {
		return err
	}
	d := s.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, p := range d.referralObjects {
		if dnKey(p.dn) == dnKey(parts) {
			d.referralObjects = append(d.referralObjects[:i:i], d.referralObjects[i+1:]...)
			break
		}
	}
	if url != "" {
		d.referralObjects = append(d.referralObjects, referralObject{parts, url})
	}
	return nil
}

// referralsBelow returns the referral objects below the base of a search.
func (d *directory) referralsBelow(base *object, scope int64) (met []referralObject) {
	if scope == scopeBase {
		return nil
	}
	key := dnKey(mustDN(base.dn()))
	for _, p := range d.referralObjects {
		if strings.HasSuffix(dnKey(p.dn), key) {
			met = append(met, p)
		}
	}
	return met
}

func mustDN(dn string) []rdn {
	parts, _ := parseDN(dn)
	return parts
}

// appendReferralObject encodes the referral object itself.
func appendReferralObject(b []byte, message int64, p referralObject) []byte {
	b, envelope := openElement(b, 0x30)
	b = appendInteger(b, 0x02, message)
	b, op := openElement(b, 0x64)
	b = appendText(b, 0x04, formatDN(p.dn))
	b, list := openElement(b, 0x30)
	b, at := openElement(b, 0x30)
	b = appendText(b, 0x04, "ref")
	b, set := openElement(b, 0x31)
	b = closeElement(closeElement(appendText(b, 0x04, p.url), set), at)
	return closeElement(closeElement(closeElement(b, list), op), envelope)
}
