package ldaptest

import (
	"encoding/binary"
	"errors"
	"io"
)

// BER as LDAP uses it: definite lengths and low tag numbers (RFC 4511 section 5.1).

// errBER means that bytes are not BER, or not the expected element.
var errBER = errors.New("malformed BER")

// maxRequest is the largest request in bytes, as MaxReceiveBuffer of Active Directory.
const maxRequest = 10 << 20

// readFrame reads one complete message, header included, into buf, which grows as needed.
func readFrame(r io.Reader, buf []byte) ([]byte, error) {
	buf = append(buf[:0], 0, 0)
	if _, err := io.ReadFull(r, buf); err != nil {
		return nil, err
	}
	if buf[0] != 0x30 {
		return nil, errBER
	}
	size := int(buf[1])
	if n := size & 0x7f; size >= 0x80 {
		if n == 0 || n > 4 {
			return nil, errBER
		}
		buf = append(buf, make([]byte, n)...)
		if _, err := io.ReadFull(r, buf[2:]); err != nil {
			return nil, unexpected(err)
		}
		size = 0
		for _, b := range buf[2:] {
			size = size<<8 | int(b)
		}
	}
	if size > maxRequest {
		return nil, errBER
	}
	head := len(buf)
	buf = append(buf, make([]byte, size)...)
	_, err := io.ReadFull(r, buf[head:])
	return buf, unexpected(err)
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// cursor reads consecutive elements. It keeps the first error; after that every read returns zero
// values.
type cursor struct {
	b   []byte
	err error
}

func (c *cursor) more() bool { return c.err == nil && len(c.b) > 0 }

// next returns the tag and the content of the next element.
func (c *cursor) next() (tag byte, content []byte) {
	if c.err != nil {
		return 0, nil
	}
	if len(c.b) < 2 || c.b[0]&0x1f == 0x1f {
		c.err = errBER
		return 0, nil
	}
	tag = c.b[0]
	size, head := int(c.b[1]), 2
	if n := size & 0x7f; size >= 0x80 {
		if n == 0 || n > 4 || len(c.b) < 2+n {
			c.err = errBER
			return 0, nil
		}
		size, head = 0, 2+n
		for _, b := range c.b[2:head] {
			size = size<<8 | int(b)
		}
	}
	if size > len(c.b)-head {
		c.err = errBER
		return 0, nil
	}
	content = c.b[head : head+size]
	c.b = c.b[head+size:]
	return tag, content
}

// peek returns the tag of the next element, 0 at the end.
func (c *cursor) peek() byte {
	if !c.more() {
		return 0
	}
	return c.b[0]
}

// want returns the content of the next element, which must have the tag.
func (c *cursor) want(tag byte) []byte {
	got, content := c.next()
	if c.err == nil && got != tag {
		c.err = errBER
		return nil
	}
	return content
}

func (c *cursor) text(tag byte) string { return string(c.want(tag)) }

func (c *cursor) integer(tag byte) int64 {
	b := c.want(tag)
	if c.err == nil && (len(b) == 0 || len(b) > 8) {
		c.err = errBER
	}
	if c.err != nil {
		return 0
	}
	n := int64(int8(b[0]))
	for _, x := range b[1:] {
		n = n<<8 | int64(x)
	}
	return n
}

func (c *cursor) boolean(tag byte) bool {
	b := c.want(tag)
	if c.err == nil && len(b) != 1 {
		c.err = errBER
	}
	return c.err == nil && b[0] != 0
}

// sub is a cursor over the content of the next element.
func (c *cursor) sub(tag byte) *cursor {
	b := c.want(tag)
	return &cursor{b: b, err: c.err}
}

// Encoding. Constructed elements have a length of four bytes, filled in when they end, as in Active
// Directory.

func openElement(b []byte, tag byte) ([]byte, int) {
	b = append(b, tag, 0x84, 0, 0, 0, 0)
	return b, len(b)
}

func closeElement(b []byte, at int) []byte {
	binary.BigEndian.PutUint32(b[at-4:at], uint32(len(b)-at))
	return b
}

func appendHeader(b []byte, tag byte, size int) []byte {
	switch {
	case size < 0x80:
		return append(b, tag, byte(size))
	case size < 0x100:
		return append(b, tag, 0x81, byte(size))
	case size < 0x10000:
		return append(b, tag, 0x82, byte(size>>8), byte(size))
	}
	return append(b, tag, 0x84, byte(size>>24), byte(size>>16), byte(size>>8), byte(size))
}

func appendText(b []byte, tag byte, s string) []byte {
	return append(appendHeader(b, tag, len(s)), s...)
}

func appendInteger(b []byte, tag byte, n int64) []byte {
	size := 1
	for m := n; m > 127 || m < -128; m >>= 8 {
		size++
	}
	b = append(b, tag, byte(size))
	for i := size - 1; i >= 0; i-- {
		b = append(b, byte(n>>(8*i)))
	}
	return b
}
