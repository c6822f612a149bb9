package ldap

import (
	"hash/maphash"

	"dirbridge/sync/identity"
)

// anchorOwners detects objects with the objectGUID of another object. Active Directory has none. In
// other directories objectGUID is a normal attribute and may be copied with an entry. The object
// that comes first keeps the anchor, and any other gets a Problem: the account must not follow one
// object now and another later.
type anchorOwners struct {
	seed maphash.Seed
	dns  map[uint64]uint64 // DN by anchor, as hashes; nil if duplicates are impossible
}

func (d *directory) anchorOwners() *anchorOwners {
	if d.ad() {
		return &anchorOwners{}
	}
	return &anchorOwners{seed: maphash.MakeSeed(), dns: map[uint64]uint64{}}
}

// check removes the anchor of an entry if it belongs to another entry.
func (b *anchorOwners) check(m *maker, e *identity.Entry, raw *rawEntry) {
	if b.dns == nil || e.Anchor == "" {
		return
	}
	if _, attribute, _ := m.dir.guidOf(raw); attribute != "objectGUID" {
		return // the server itself assigns the other attributes
	}
	anchor, dn := maphash.String(b.seed, string(e.Anchor)), maphash.String(b.seed, identity.FoldDN(e.DN))
	first, known := b.dns[anchor]
	if !known {
		b.dns[anchor] = dn
	}
	if !known || first == dn {
		return
	}
	e.Anchor = ""
	e.Problems = append(e.Problems,
		m.problem(e, "objectGUID", "For "+e.DN+", the attribute objectGUID is the one of another object as well",
			"Give each object an objectGUID of its own; the one that was read first has it until then."))
}
