package ldaptest

import (
	"encoding/binary"
	"time"
)

// cookie is a point in the history of a replica. Its layout is that of a domain controller; it is
// opaque to clients.
type cookie struct {
	when       time.Time
	age        uint32 // how often cookies had been expired when it was made
	object     int64  // objects changed up to here were sent
	property   int64  // and of the others the changes after this
	invocation guid
	vector     []upTo
}

// upTo is one line of the up-to-dateness vector.
type upTo struct {
	invocation guid
	usn        int64
}

const cookieMark = "MSDS\x03\x00\x00\x00"

// maxVector bounds the vector in a cookie; no forest has as many domain controllers.
const maxVector = 1024

func (c cookie) bytes() []byte {
	le := binary.LittleEndian
	b := []byte(cookieMark)
	b = le.AppendUint64(b, uint64(c.when.Unix()+11644473600)*10_000_000) // FILETIME
	b = le.AppendUint32(b, c.age)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint32(b, uint32(16+24*len(c.vector)))
	b = le.AppendUint64(b, uint64(c.object))
	b = le.AppendUint64(b, 0)
	b = le.AppendUint64(b, uint64(c.property))
	b = append(b, c.invocation[:]...)
	b = le.AppendUint64(b, 1)
	b = le.AppendUint64(b, uint64(len(c.vector)))
	for _, v := range c.vector {
		b = append(b, v.invocation[:]...)
		b = le.AppendUint64(b, uint64(v.usn))
	}
	return b
}

// parseCookie decodes the output of bytes.
func parseCookie(b []byte) (c cookie, ok bool) {
	const fixed = 8 + 8 + 12 + 24 + 16
	le := binary.LittleEndian
	if len(b) < fixed+16 || string(b[:8]) != cookieMark {
		return c, false
	}
	c.when = time.Unix(int64(le.Uint64(b[8:])/10_000_000)-11644473600, 0)
	c.age = le.Uint32(b[16:])
	c.object, c.property = int64(le.Uint64(b[28:])), int64(le.Uint64(b[44:]))
	copy(c.invocation[:], b[52:68])
	n := le.Uint64(b[76:])
	rest := b[fixed+16:]
	if le.Uint64(b[68:]) != 1 || n > maxVector || len(rest) != int(n)*24 || int(le.Uint32(b[24:])) != 16+len(rest) ||
		c.object < 0 || c.property < 0 || c.property > c.object {
		return c, false
	}
	for ; len(rest) > 0; rest = rest[24:] {
		v := upTo{usn: int64(le.Uint64(rest[16:]))}
		copy(v.invocation[:], rest)
		c.vector = append(c.vector, v)
	}
	return c, true
}
