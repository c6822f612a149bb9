package ldaptest

import "strings"

// placed is an object that stands for entries on another server (RFC 3296).
type placed struct {
	dn  []rdn
	url string
}

// AddReferral puts a referral object into the directory: searches that meet it return a
// reference to the URL, and show it itself under the control ManageDsaIT. No URL takes it
// away again.
func (s *Server) AddReferral(dn, url string) error {
	parts, err := parseDN(dn)
	if err != nil {
		return err
	}
	d := s.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, p := range d.placed {
		if dnKey(p.dn) == dnKey(parts) {
			d.placed = append(d.placed[:i:i], d.placed[i+1:]...)
			break
		}
	}
	if url != "" {
		d.placed = append(d.placed, placed{parts, url})
	}
	return nil
}

// met are the referral objects that a search meets below its base.
func (d *directory) met(base *object, scope int64) (met []placed) {
	if scope == scopeBase {
		return nil
	}
	key := dnKey(mustDN(base.dn()))
	for _, p := range d.placed {
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

// appendPlaced writes the object itself.
func appendPlaced(b []byte, message int64, p placed) []byte {
	b, envelope := open(b, 0x30)
	b = appendInteger(b, 0x02, message)
	b, op := open(b, 0x64)
	b = appendText(b, 0x04, formatDN(p.dn))
	b, list := open(b, 0x30)
	b, at := open(b, 0x30)
	b = appendText(b, 0x04, "ref")
	b, set := open(b, 0x31)
	b = shut(shut(appendText(b, 0x04, p.url), set), at)
	return shut(shut(shut(b, list), op), envelope)
}
