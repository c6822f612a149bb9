package plan

import (
	"encoding/binary"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan/wire"
)

// Encoded is a change as a plan file stores it, except for its number and for the numbers of its
// labels, which Writer.AddEncoded gives it. Who makes a plan of many changes encodes each once and
// keeps it on disk until its place in the plan is known.
type Encoded struct {
	Payload []byte // as MarshalBinary makes it, with the number 0
	Action  Action
	Kind    identity.Kind
	Missing bool
	Cause   string
	Reason  string
	Fields  string // names
	Extent  Extent
	Search  string // text for filters
}

// Encoder encodes changes and shadows as a plan file stores them. The zero value is ready for use.
type Encoder struct {
	enc  wire.Encoder
	text strings.Builder
}

// Encode encodes a change, whatever its number.
func (e *Encoder) Encode(c Change) Encoded {
	c.Seq = 0
	e.enc.Reset()
	encodeChange(&e.enc, &c)
	return Encoded{Payload: append([]byte(nil), e.enc.Bytes()...), Action: c.Action, Kind: c.Kind, Missing: c.Missing,
		Cause: c.Cause, Reason: c.Reason, Fields: fieldNames(c.Fields), Extent: c.Extent(), Search: e.searchText(&c)}
}

// Shadow encodes a shadow as Writer.AddEncodedShadow takes it.
func (e *Encoder) Shadow(s identity.Shadow) []byte {
	e.enc.Reset()
	e.enc.Shadow(&s)
	return append([]byte(nil), e.enc.Bytes()...)
}

// numbered returns the payload with a number, which stands after the version.
func (c Encoded) numbered(seq int64) ([]byte, error) {
	_, version := binary.Uvarint(c.Payload)
	if version <= 0 {
		return nil, wire.ErrDamaged
	}
	_, old := binary.Varint(c.Payload[version:])
	if old <= 0 {
		return nil, wire.ErrDamaged
	}
	out := make([]byte, 0, len(c.Payload)+binary.MaxVarintLen64)
	out = binary.AppendVarint(append(out, c.Payload[:version]...), seq)
	return append(out, c.Payload[version+old:]...), nil
}

// searchText is the text for filters, folded, its parts separated by line breaks, which no filter
// can contain.
func (e *Encoder) searchText(c *Change) string {
	e.text.Reset()
	part := func(s string) {
		if s != "" {
			e.text.WriteString(s)
			e.text.WriteByte('\n')
		}
	}
	part(c.Key)
	part(c.MemberKey)
	part(c.DN)
	part(c.Cause)
	for _, f := range c.Fields {
		part(f.Name)
		for _, v := range f.Old {
			part(v)
		}
		for _, v := range f.New {
			if v != c.Key {
				part(v)
			}
		}
	}
	return identity.Fold(e.text.String())
}
