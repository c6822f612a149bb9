package ldap

import (
	"hash/maphash"

	"dirbridge/sync/identity"
)

// bearers finds objects with the objectGUID of another one. Active Directory has none; in
// other directories it is an attribute like others, and may be copied with an entry. The
// object that comes first has it, and any other is a Problem: the account must not follow
// now the one and now the other.
type bearers struct {
	seed maphash.Seed
	dns  map[uint64]uint64 // of anchors, by their prints; nil where nothing is looked for
}

func (d *directory) bearers() *bearers {
	if d.ad() {
		return &bearers{}
	}
	return &bearers{seed: maphash.MakeSeed(), dns: map[uint64]uint64{}}
}

// settle takes the anchor away from an entry that has another one's.
func (b *bearers) settle(m *maker, e *identity.Entry, raw *rawEntry) {
	if b.dns == nil || e.Anchor == "" {
		return
	}
	if _, attribute, _ := m.dir.guidOf(raw); attribute != "objectGUID" {
		return // the server itself gives the others
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
	e.Problems = append(e.Problems, m.problem(e, "objectGUID", "For "+e.DN+", the attribute objectGUID is the one of another object as well",
		"Give each object an objectGUID of its own; the one that was read first has it until then."))
}
