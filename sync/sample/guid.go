package sample

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// GUID is an objectGUID in the order of its text form (RFC 9562 section 4).
type GUID [16]byte

// String is the canonical text: lower case, dashed.
func (g GUID) String() string {
	var b [36]byte
	hex.Encode(b[0:8], g[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], g[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], g[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], g[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], g[10:16])
	return string(b[:])
}

// Wire is the GUID as Active Directory sends it: the first three fields little endian (MS-DTYP
// section 2.3.4.2).
func (g GUID) Wire() [16]byte {
	return [16]byte{g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6],
		g[8], g[9], g[10], g[11], g[12], g[13], g[14], g[15]}
}

func (c *Company) guid(stream, i uint64) GUID {
	var g GUID
	binary.BigEndian.PutUint64(g[:8], c.chance(stream, 2*i))
	binary.BigEndian.PutUint64(g[8:], c.chance(stream, 2*i+1))
	g[6] = g[6]&0x0f | 0x40 // version 4
	g[8] = g[8]&0x3f | 0x80 // variant
	return g
}

// RIDs of the sample's objects. Groups come below people, so that the number of people never
// changes them.
const (
	firstGroupRID  = 1200
	firstPersonRID = 20000
)

// DomainSID is the SID of the domain, "S-1-5-21-...".
func (c *Company) DomainSID() string {
	return fmt.Sprintf("S-1-5-21-%d-%d-%d", uint32(c.chance(forDomainSID, 0)),
		uint32(c.chance(forDomainSID, 1)), uint32(c.chance(forDomainSID, 2)))
}

func (c *Company) sid(rid int) string {
	return fmt.Sprintf("%s-%d", c.DomainSID(), rid)
}
