package mapping

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"dirbridge/sync/identity"
)

// Base is the fingerprint of what the cloud should have of a person or a group: key, state and
// attributes, 32 hexadecimal digits. Anchor, DN and problems do not count. Every part has a length
// prefix, so two different persons never hash the same bytes.
func Base(p identity.Person) string {
	var scratch [1024]byte
	var room [40]string
	names := room[:0]
	for n, values := range p.Attrs {
		if len(values) > 0 {
			names = append(names, n)
		}
	}
	slices.Sort(names)

	b := appendPart(scratch[:0], p.Key)
	if p.Active {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	for _, n := range names {
		b = appendPart(b, n)
		values := p.Attrs[n]
		b = binary.AppendUvarint(b, uint64(len(values)))
		for _, v := range values {
			b = appendPart(b, v)
		}
	}
	sum := sha256.Sum256(b)
	var text [32]byte
	hex.Encode(text[:], sum[:16])
	return string(text[:])
}

func appendPart(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
