package wire

import (
	"encoding/binary"
	"sort"
	"time"

	"dirbridge/sync/identity"
)

const (
	literal = iota
	word
	repeated
)

// maxRepeated bounds the strings of one message that are remembered.
const maxRepeated = 1 << 12

// Encoder builds one message. The zero value is ready for use; Reset prepares it for another
// message and keeps its memory.
type Encoder struct {
	buf  []byte
	seen map[string]uint64
	keys []string
}

// Reset starts another message, which overwrites the slice from Bytes.
func (e *Encoder) Reset() {
	e.buf = e.buf[:0]
	clear(e.seen)
}

// Bytes is the message so far; it is valid until Reset.
func (e *Encoder) Bytes() []byte { return e.buf }

// Uint appends a number.
func (e *Encoder) Uint(n uint64) { e.buf = binary.AppendUvarint(e.buf, n) }

// Int appends a number that may be negative.
func (e *Encoder) Int(n int64) { e.buf = binary.AppendVarint(e.buf, n) }

// Bool appends a truth value.
func (e *Encoder) Bool(v bool) {
	if v {
		e.Uint(1)
		return
	}
	e.Uint(0)
}

// String appends a string, which need not be UTF-8.
func (e *Encoder) String(s string) {
	if n, ok := wordNumber[s]; ok {
		e.Uint(n<<2 | word)
		return
	}
	if n, ok := e.seen[s]; ok {
		e.Uint(n<<2 | repeated)
		return
	}
	e.Uint(uint64(len(s)) << 2) // literal is 0
	e.buf = append(e.buf, s...)
	if repeatable(s) && len(e.seen) < maxRepeated {
		if e.seen == nil {
			e.seen = make(map[string]uint64, 64)
		}
		e.seen[s] = uint64(len(e.seen))
	}
}

// repeatable reports whether a string is remembered; both sides must agree.
func repeatable(s string) bool { return len(s) > 2 }

// Strings appends values. Nil and empty differ.
func (e *Encoder) Strings(values []string) {
	if values == nil {
		e.Uint(0)
		return
	}
	e.Uint(uint64(len(values)) + 1)
	for _, v := range values {
		e.String(v)
	}
}

// Attrs appends attributes sorted by name. Nil and empty differ.
func (e *Encoder) Attrs(a identity.Attrs) {
	if a == nil {
		e.Uint(0)
		return
	}
	e.Uint(uint64(len(a)) + 1)
	e.keys = e.keys[:0]
	for name := range a {
		e.keys = append(e.keys, name)
	}
	sort.Strings(e.keys)
	for _, name := range e.keys {
		e.String(name)
		e.Strings(a[name])
	}
}

// Time appends a time, to the nanosecond, without its zone.
func (e *Encoder) Time(t time.Time) {
	if t.IsZero() {
		e.Uint(0)
		return
	}
	e.Uint(uint64(t.Nanosecond()) + 1)
	e.Int(t.Unix())
}
