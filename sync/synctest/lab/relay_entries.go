package lab

// entryCounter counts the SearchResultEntry messages (RFC 4511 section 4.5.2) in what
// one connection carries from the server, unencrypted. Its reads may end anywhere.
type entryCounter struct {
	head []byte // of the message that is read: as many bytes as tell its length and kind
	skip int    // bytes of it that are still to come
}

const searchResultEntry = 0x64 // [APPLICATION 4], constructed

// took takes in what was read and returns how many entries began in it.
func (c *entryCounter) took(p []byte) (entries int64) {
	for len(p) > 0 {
		if c.skip > 0 {
			n := min(c.skip, len(p))
			c.skip -= n
			p = p[n:]
			continue
		}
		c.head, p = append(c.head, p[0]), p[1:]
		if kind, rest, ok := messageHead(c.head); ok {
			if kind == searchResultEntry {
				entries++
			}
			c.head, c.skip = c.head[:0], rest
		}
	}
	return entries
}

// messageHead reads the head of an LDAPMessage: a SEQUENCE, the INTEGER of the message
// id, and the tag of what it is. ok is false where head is shorter than that. rest is
// how many bytes follow.
func messageHead(head []byte) (kind byte, rest int, ok bool) {
	length, at, ok := berLength(head, 1)
	if !ok {
		return 0, 0, false
	}
	end := at + length
	idLength, at, ok := berLength(head, at+1)
	if !ok || len(head) <= at+idLength {
		return 0, 0, false
	}
	at += idLength
	return head[at], end - at - 1, true
}

// berLength reads the length that stands at a place, and where its contents begin.
func berLength(b []byte, at int) (length, next int, ok bool) {
	if len(b) <= at {
		return 0, 0, false
	}
	if b[at] < 0x80 {
		return int(b[at]), at + 1, true
	}
	n := int(b[at] & 0x7f)
	if len(b) <= at+n {
		return 0, 0, false
	}
	for _, v := range b[at+1 : at+1+n] {
		length = length<<8 | int(v)
	}
	return length, at + 1 + n, true
}

// Entries is how many directory entries the server sent so far, over connections in
// the clear.
func (r *Relay) Entries() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entries
}
