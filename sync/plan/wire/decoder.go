package wire

import (
	"errors"
	"time"

	"dirbridge/sync/identity"
)

// ErrDamaged means that bytes are not a message of this package.
var ErrDamaged = errors.New("the stored record is damaged")

// Decoder reads one message in the order in which it was written. After the first error every read
// returns zero; Done returns the error. No input makes it panic, or use memory out of proportion to
// its length.
type Decoder struct {
	src  string
	pos  int
	seen []string
	bad  bool
}

// NewDecoder reads b, which may be reused at once: the decoded strings share a copy.
func NewDecoder(b []byte) *Decoder { return &Decoder{src: string(b)} }

// Done returns ErrDamaged unless the message was read exactly to its end.
func (d *Decoder) Done() error {
	if d.bad || d.pos != len(d.src) {
		return ErrDamaged
	}
	return nil
}

// Fail marks the message as damaged, because its reader met an impossible value.
func (d *Decoder) Fail() { d.bad, d.pos = true, len(d.src) }

// Uint reads a number.
func (d *Decoder) Uint() uint64 {
	var n uint64
	for shift := 0; shift < 64 && d.pos < len(d.src); shift += 7 {
		b := d.src[d.pos]
		d.pos++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	d.Fail()
	return 0
}

// Int reads a number that may be negative.
func (d *Decoder) Int() int64 {
	u := d.Uint()
	return int64(u>>1) ^ -int64(u&1)
}

// Bool reads a truth value.
func (d *Decoder) Bool() bool { return d.Uint() == 1 }

// String reads a string.
func (d *Decoder) String() string {
	tag := d.Uint()
	n := tag >> 2
	switch tag & 3 {
	case word:
		if n < uint64(len(words)) {
			return words[n]
		}
	case repeated:
		if n < uint64(len(d.seen)) {
			return d.seen[n]
		}
	case literal:
		if n <= uint64(len(d.src)-d.pos) {
			s := d.src[d.pos : d.pos+int(n)]
			d.pos += int(n)
			if repeatable(s) && len(d.seen) < maxRepeated {
				d.seen = append(d.seen, s)
			}
			return s
		}
	}
	d.Fail()
	return ""
}

// Len reads the length of a list, each of whose elements takes at least a byte; ok is false for a
// nil list.
func (d *Decoder) Len() (n int, ok bool) {
	l := d.Uint()
	if l == 0 {
		return 0, false
	}
	if l-1 > uint64(len(d.src)-d.pos) {
		d.Fail()
		return 0, false
	}
	return int(l - 1), true
}

// Strings reads values.
func (d *Decoder) Strings() []string {
	n, ok := d.Len()
	if !ok {
		return nil
	}
	values := make([]string, 0, n)
	for range n {
		values = append(values, d.String())
	}
	return values
}

// Attrs reads attributes.
func (d *Decoder) Attrs() identity.Attrs {
	n, ok := d.Len()
	if !ok {
		return nil
	}
	a := make(identity.Attrs, n)
	for range n {
		name := d.String()
		a[name] = d.Strings()
	}
	return a
}

// Time reads a time, in UTC.
func (d *Decoder) Time() time.Time {
	n := d.Uint()
	if n == 0 {
		return time.Time{}
	}
	if n > uint64(time.Second) {
		d.Fail()
		return time.Time{}
	}
	return time.Unix(d.Int(), int64(n-1)).UTC()
}
