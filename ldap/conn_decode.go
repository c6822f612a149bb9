package ldap

import (
	"errors"
	"fmt"
	"strings"
)

// BER as LDAP permits it (RFC 4511 section 5.1): definite lengths only, tags of one byte.
const (
	tagBoolean      = 0x01
	tagInteger      = 0x02
	tagEnumerated   = 0x0a
	tagOctets       = 0x04
	tagSequence     = 0x30
	tagSet          = 0x31
	tagSearchEntry  = 0x64 // [APPLICATION 4], constructed
	tagExtended     = 0x78 // [APPLICATION 24], constructed
	tagIntermediate = 0x79 // [APPLICATION 25], constructed
	tagControls     = 0xa0
)

var errShort = errors.New("the message is cut short")

// header reads a tag and a length. n is the length of the header itself. An incomplete header
// returns errShort, an invalid one another error.
func header(b []byte) (tag byte, length, n int, err error) {
	if len(b) < 2 {
		return 0, 0, 0, errShort
	}
	tag = b[0]
	if b[1] < 0x80 {
		return tag, int(b[1]), 2, nil
	}
	digits := int(b[1] & 0x7f)
	if digits == 0 || digits > 8 {
		return 0, 0, 0, fmt.Errorf("a BER length of form 0x%02x, which LDAP does not allow", b[1])
	}
	if len(b) < 2+digits {
		return 0, 0, 0, errShort
	}
	for _, c := range b[2 : 2+digits] {
		if length >= 1<<23 {
			return 0, 0, 0, errors.New("a BER length beyond all bounds")
		}
		length = length<<8 | int(c)
	}
	return tag, length, 2 + digits, nil
}

// element cuts the next element off b.
func element(b []byte) (tag byte, body, rest []byte, err error) {
	tag, length, n, err := header(b)
	if err != nil {
		return 0, nil, nil, err
	}
	if length > len(b)-n {
		return 0, nil, nil, errShort
	}
	return tag, b[n : n+length], b[n+length:], nil
}

func expect(b []byte, want byte, what string) (body, rest []byte, err error) {
	tag, body, rest, err := element(b)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", what, err)
	}
	if tag != want {
		return nil, nil, fmt.Errorf("%s: tag 0x%02x where 0x%02x is due", what, tag, want)
	}
	return body, rest, nil
}

// opening reads the start of an LDAPMessage: its id and the tag of its operation.
func opening(frame []byte) (id int64, op byte, err error) {
	id, body, err := opened(frame)
	if err != nil {
		return 0, 0, err
	}
	return id, body[0], nil
}

// opened returns the id of an LDAPMessage and the rest of its content, which is not empty.
func opened(frame []byte) (id int64, body []byte, err error) {
	body, rest, err := expect(frame, tagSequence, "message")
	if err != nil {
		return 0, nil, err
	}
	if len(rest) > 0 {
		return 0, nil, errors.New("message: bytes after its end")
	}
	return numbered(body)
}

// numbered splits the id off the content of an LDAPMessage. The content may be cut short after the
// tag of its operation.
func numbered(content []byte) (id int64, body []byte, err error) {
	number, body, err := expect(content, tagInteger, "message id")
	if err != nil {
		return 0, nil, err
	}
	if len(number) == 0 || len(number) > 8 {
		return 0, nil, errors.New("message id: not a number")
	}
	for _, c := range number {
		id = id<<8 | int64(c)
	}
	if len(body) == 0 {
		return 0, nil, errShort
	}
	return id, body, nil
}

// opensWithin is how many bytes of a message are enough to read the tag of its operation.
const opensWithin = 24

// streamed reports whether a message with this beginning goes to the listing instead of the
// library.
func streamed(content []byte) bool {
	_, body, err := numbered(content)
	return err == nil && (body[0] == tagSearchEntry || body[0] == tagIntermediate)
}

// rawEntry is a SearchResultEntry whose parts point into the frame that it was
// decoded from. It is valid until the next decode.
type rawEntry struct {
	dn     []byte
	attrs  []rawAttr
	values [][]byte // of all attributes, one after the other
	// oversized names an attribute with too many values. Its values are left out here.
	oversized string
	// controls are the controls of the message, not decoded.
	controls []byte
}

type rawAttr struct {
	name   []byte
	values [][]byte
	// oversized means that the attribute has too many values, and values is empty.
	oversized bool
}

// decode reads a complete LDAPMessage with a SearchResultEntry (RFC 4511 section 4.5.2). It
// allocates only if the entry is larger than all before it.
func (e *rawEntry) decode(frame []byte) error {
	e.dn, e.attrs, e.values, e.controls, e.oversized = nil, e.attrs[:0], e.values[:0], nil, ""
	body, rest, err := expect(frame, tagSequence, "message")
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return errors.New("message: bytes after its end")
	}
	if _, body, err = expect(body, tagInteger, "message id"); err != nil {
		return err
	}
	op, rest, err := expect(body, tagSearchEntry, "search result entry")
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		if e.controls, rest, err = expect(rest, tagControls, "controls"); err != nil {
			return err
		}
		if len(rest) > 0 {
			return errors.New("message: bytes after its controls")
		}
	}
	if e.dn, op, err = expect(op, tagOctets, "DN"); err != nil {
		return err
	}
	list, rest, err := expect(op, tagSequence, "attributes")
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return errors.New("entry: bytes after its attributes")
	}
	return e.attributes(list)
}

// text is the value of an attribute that has one, else "".
func (e *rawEntry) text(name string) string {
	for _, a := range e.attrs {
		if len(a.values) == 1 && strings.EqualFold(string(a.name), name) {
			return string(a.values[0])
		}
	}
	return ""
}

func (e *rawEntry) attributes(list []byte) error {
	for len(list) > 0 {
		one, rest, err := expect(list, tagSequence, "attribute")
		if err != nil {
			return err
		}
		list = rest
		name, one, err := expect(one, tagOctets, "attribute name")
		if err != nil {
			return err
		}
		set, rest, err := expect(one, tagSet, "attribute values")
		if err != nil {
			return err
		}
		if len(rest) > 0 {
			return errors.New("attribute: bytes after its values")
		}
		first, most, crowded := len(e.values), mostValues(name), false
		for len(set) > 0 {
			var v []byte
			if v, set, err = expect(set, tagOctets, "attribute value"); err != nil {
				return err
			}
			if crowded = crowded || len(e.values)-first == most; !crowded {
				e.values = append(e.values, v)
			}
		}
		if crowded {
			e.values, e.oversized = e.values[:first], string(name)
		}
		// A later append may move e.values. This slice stays valid: its elements point into the
		// frame, and it keeps the old array alive.
		e.attrs = append(e.attrs,
			rawAttr{name: name, values: e.values[first:len(e.values):len(e.values)], oversized: crowded})
	}
	return nil
}
