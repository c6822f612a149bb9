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
	again
)

// maxAgain bounds how many strings of one message are remembered.
const maxAgain = 1 << 12

// Encoder builds one message. The zero value is ready; Reset makes it ready again
// and keeps its memory.
type Encoder struct {
	buf  []byte
	seen map[string]uint64
	keys []string
}

// Reset forgets the message. The slice that Bytes gave is written over by the next.
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
		e.Uint(n<<2 | again)
		return
	}
	e.Uint(uint64(len(s)) << 2) // literal is 0
	e.buf = append(e.buf, s...)
	if repeatable(s) && len(e.seen) < maxAgain {
		if e.seen == nil {
			e.seen = make(map[string]uint64, 64)
		}
		e.seen[s] = uint64(len(e.seen))
	}
}

// repeatable strings are remembered; both sides must agree on which.
func repeatable(s string) bool { return len(s) > 2 }

// Strings appends values. Nil and empty stay apart.
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

// Attrs appends attributes in order of their names. Nil and empty stay apart.
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

// Time appends an instant, to the nanosecond; its zone is not kept.
func (e *Encoder) Time(t time.Time) {
	if t.IsZero() {
		e.Uint(0)
		return
	}
	e.Uint(uint64(t.Nanosecond()) + 1)
	e.Int(t.Unix())
}
