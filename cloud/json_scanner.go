package cloud

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// Bounds of an answer: the longest string and the deepest nesting.
const (
	longestString = 16 << 20
	deepestValue  = 64
)

var (
	errTruncated = errors.New("the answer ends in the middle: it was cut short")
	errEmpty     = errors.New("the answer is empty")
)

// jsonScanner reads JSON from a stream through one buffer, so that an answer of any size needs no
// more memory than its longest string. It keeps the first error.
type jsonScanner struct {
	r        io.Reader
	buf      []byte
	pos, end int
	eof      bool
	scratch  []byte // for a string with escapes
	depth    int
	err      error
}

func (s *jsonScanner) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *jsonScanner) bad(what string) { s.fail(fmt.Errorf("the answer is not JSON: %s", what)) }

// fill reads more bytes and keeps those from pos on. It is false at the end.
func (s *jsonScanner) fill() bool {
	if s.eof || s.err != nil {
		return false
	}
	if s.pos > 0 {
		copy(s.buf, s.buf[s.pos:s.end])
		s.end -= s.pos
		s.pos = 0
	}
	if s.end == len(s.buf) {
		if len(s.buf) >= longestString {
			s.fail(fmt.Errorf("the answer holds a value longer than %d bytes", longestString))
			return false
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err == io.EOF {
			s.eof = true
		} else if err != nil {
			s.fail(err)
			return false
		}
		if n > 0 || s.eof {
			return n > 0
		}
	}
	s.fail(io.ErrNoProgress)
	return false
}

// peek returns the next byte after white space, or 0 at the end.
func (s *jsonScanner) peek() byte {
	for {
		for s.pos < s.end {
			c := s.buf[s.pos]
			if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				return c
			}
			s.pos++
		}
		if !s.fill() {
			s.fail(errTruncated)
			return 0
		}
	}
}

// open checks that the answer begins with an object.
func (s *jsonScanner) open() {
	switch c := s.peek(); {
	case c == 0 && s.eof && s.end == s.pos:
		s.err = errEmpty
	case c == '<':
		s.bad("it is a web page or XML")
	case c != '{':
		s.bad("it is no object")
	}
}

func (s *jsonScanner) expect(c byte) bool {
	if s.peek() != c {
		if s.err == nil {
			s.bad(fmt.Sprintf("%q is missing", c))
		}
		return false
	}
	s.pos++
	return true
}

// object calls member for each key of the object at the position. The key is valid until the next
// use of the scanner: member uses it first, and then consumes the colon and the value.
func (s *jsonScanner) object(member func(key []byte)) {
	if !s.enter('{') {
		return
	}
	defer func() { s.depth-- }()
	if s.peek() == '}' {
		s.pos++
		return
	}
	for s.err == nil {
		if s.peek() != '"' {
			s.bad("a key is missing")
			return
		}
		key := s.str()
		if s.err != nil {
			return
		}
		member(key)
		if s.err != nil || !s.another('}') {
			return
		}
	}
}

// array calls element for each element, which must consume it.
func (s *jsonScanner) array(element func()) {
	if !s.enter('[') {
		return
	}
	defer func() { s.depth-- }()
	if s.peek() == ']' {
		s.pos++
		return
	}
	for s.err == nil {
		element()
		if s.err != nil || !s.another(']') {
			return
		}
	}
}

func (s *jsonScanner) enter(open byte) bool {
	s.depth++
	if s.depth > deepestValue {
		s.bad("it is nested too deeply")
	}
	if s.err != nil || !s.expect(open) {
		s.depth--
		return false
	}
	return true
}

// another consumes a comma (true) or the end of the array or object (false).
func (s *jsonScanner) another(closing byte) bool {
	switch c := s.peek(); {
	case c == ',':
		s.pos++
		return true
	case c == closing:
		s.pos++
	case s.err == nil:
		s.bad("a comma is missing")
	}
	return false
}

// str reads a string. The bytes are valid until the next use of the scanner.
func (s *jsonScanner) str() []byte {
	s.pos++ // the opening quote
	for i := s.pos; ; {
		for ; i < s.end; i++ {
			switch c := s.buf[i]; {
			case c == '"':
				v := s.buf[s.pos:i]
				s.pos = i + 1
				return v
			case c == '\\':
				return s.escaped(i)
			case c < 0x20:
				s.bad("a control character stands in a string")
				return nil
			}
		}
		read := i - s.pos
		if !s.fill() {
			s.fail(errTruncated)
			return nil
		}
		i = s.pos + read
	}
}

// escaped reads the rest of a string whose first backslash is at i.
func (s *jsonScanner) escaped(i int) []byte {
	out := append(s.scratch[:0], s.buf[s.pos:i]...)
	s.pos = i
	for s.err == nil {
		c := s.byte()
		switch {
		case s.err != nil:
		case c == '"':
			s.scratch = out
			return out
		case c == '\\':
			out = s.escape(out)
		case c < 0x20:
			s.bad("a control character stands in a string")
		default:
			out = append(out, c)
		}
		if len(out) > longestString {
			s.bad("a string is too long")
		}
	}
	return nil
}

func (s *jsonScanner) byte() byte {
	if s.pos == s.end && !s.fill() {
		s.fail(errTruncated)
		return 0
	}
	c := s.buf[s.pos]
	s.pos++
	return c
}

func (s *jsonScanner) escape(out []byte) []byte {
	switch c := s.byte(); c {
	case '"', '\\', '/':
		return append(out, c)
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'u':
		return s.unicode(out)
	}
	if s.err == nil {
		s.bad("an unknown escape stands in a string")
	}
	return out
}

// unicode reads \uXXXX, and a second one if the first is half of a surrogate pair. An unpaired half
// becomes the replacement character, as in encoding/json.
func (s *jsonScanner) unicode(out []byte) []byte {
	r := s.hex()
	for utf16.IsSurrogate(r) && s.err == nil {
		for s.pos+2 > s.end && s.fill() {
		}
		if s.pos+2 > s.end || s.buf[s.pos] != '\\' || s.buf[s.pos+1] != 'u' {
			return utf8.AppendRune(out, utf8.RuneError)
		}
		s.pos += 2
		second := s.hex()
		if both := utf16.DecodeRune(r, second); both != utf8.RuneError {
			return utf8.AppendRune(out, both)
		}
		out = utf8.AppendRune(out, utf8.RuneError)
		r = second
	}
	return utf8.AppendRune(out, r)
}

func (s *jsonScanner) hex() rune {
	var r rune
	for range 4 {
		c := s.byte()
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			if s.err == nil {
				s.bad("an escape is not hexadecimal")
			}
			return 0
		}
		r = r<<4 | rune(c)
	}
	return r
}

// literal reads a number, true, false or null. The bytes are valid until the next
// use of the scanner.
func (s *jsonScanner) literal() []byte {
	s.peek()
	i := s.pos
	for s.err == nil {
		if i == s.end {
			read := i - s.pos
			if !s.fill() {
				i = s.pos + read
				break
			}
			i = s.pos + read
		}
		if c := s.buf[i]; c == ',' || c == '}' || c == ']' || c == ':' || c <= ' ' {
			break
		}
		i++
	}
	if s.err != nil {
		return nil
	}
	v := s.buf[s.pos:i]
	s.pos = i
	switch string(v) {
	case "true", "false", "null":
		return v
	}
	if !isNumber(v) {
		s.bad("a value is neither a number, true, false nor null")
	}
	return v
}

func isNumber(v []byte) bool {
	i := 0
	digits := func() bool {
		from := i
		for i < len(v) && '0' <= v[i] && v[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(v) && v[i] == '-' {
		i++
	}
	first := i
	if !digits() || v[first] == '0' && i-first > 1 {
		return false
	}
	if i < len(v) && v[i] == '.' {
		if i++; !digits() {
			return false
		}
	}
	if i < len(v) && (v[i] == 'e' || v[i] == 'E') {
		if i++; i < len(v) && (v[i] == '+' || v[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(v)
}

// skip consumes one value.
func (s *jsonScanner) skip() {
	switch s.peek() {
	case '{':
		s.object(func([]byte) {
			if s.expect(':') {
				s.skip()
			}
		})
	case '[':
		s.array(s.skip)
	case '"':
		s.str()
	case 0:
		if s.err == nil {
			s.bad("a value is missing")
		}
	default:
		s.literal()
	}
}

// finish checks that only white space follows.
func (s *jsonScanner) finish() error {
	if s.err != nil {
		return s.err
	}
	for {
		for s.pos < s.end {
			switch s.buf[s.pos] {
			case ' ', '\n', '\r', '\t':
				s.pos++
			default:
				s.bad("something follows its end")
				return s.err
			}
		}
		if !s.fill() {
			return s.err
		}
	}
}
