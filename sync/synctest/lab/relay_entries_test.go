package lab

import (
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// Entries are counted wherever the reads end, and whatever else comes.
func TestEntryCounter(t *testing.T) {
	message := func(id int64, kind ber.Tag, size int) []byte {
		p := ber.NewSequence("LDAPMessage")
		p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, "id"))
		op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, kind, nil, "op")
		op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, string(make([]byte, size)), ""))
		p.AppendChild(op)
		return p.Bytes()
	}
	var stream []byte
	for i, size := range []int{0, 1, 100, 127, 128, 300, 70_000} {
		stream = append(stream, message(int64(i*40_000), 4, size)...) // an entry
		stream = append(stream, message(int64(i), 5, size)...)        // a result
	}
	for _, step := range []int{1, 2, 3, 7, 1000, len(stream)} {
		var c entryCounter
		var n int64
		for rest := stream; len(rest) > 0; {
			k := min(step, len(rest))
			n += c.took(rest[:k])
			rest = rest[k:]
		}
		if n != 7 || c.skip != 0 || len(c.head) != 0 {
			t.Errorf("in steps of %d: %d entries, %d bytes left of the last message", step, n, c.skip)
		}
	}
}
