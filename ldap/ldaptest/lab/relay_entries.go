package lab

// entryCounter counts the SearchResultEntry messages (RFC 4511 section 4.5.2) from the server on
// one unencrypted connection. Its reads may end anywhere. It stops at data that is not LDAP: a
// relay forwards TLS and HTTP too.
type entryCounter struct {
	head    []byte // of the current message: the bytes with its length and kind
	skip    int    // remaining bytes of it
	notLDAP bool   // the connection does not carry LDAP
}

const (
	sequence          = 0x30
	integer           = 0x02
	searchResultEntry = 0x64 // [APPLICATION 4], constructed
)

// count processes received data and returns the number of entries that began in it.
func (c *entryCounter) count(p []byte) (entries int64) {
	for len(p) > 0 && !c.notLDAP {
		if c.skip > 0 {
			n := min(c.skip, len(p))
			c.skip -= n
			p = p[n:]
			continue
		}
		c.head, p = append(c.head, p[0]), p[1:]
		kind, rest, state := messageHead(c.head)
		switch state {
		case headNotLDAP:
			c.notLDAP = true
		case headWhole:
			if kind == searchResultEntry {
				entries++
			}
			c.head, c.skip = c.head[:0], rest
		}
	}
	return entries
}

// headState is how much of a message's head has arrived.
type headState int

const (
	headShort headState = iota
	headWhole
	headNotLDAP
)

// messageHead reads the head of an LDAPMessage: a SEQUENCE, the INTEGER of the message id, and the
// tag of its operation. rest is how many bytes follow.
func messageHead(head []byte) (kind byte, rest int, state headState) {
	if head[0] != sequence {
		return 0, 0, headNotLDAP
	}
	length, at, state := berLength(head, 1)
	if state != headWhole {
		return 0, 0, state
	}
	end := at + length
	if len(head) <= at {
		return 0, 0, headShort
	}
	if head[at] != integer {
		return 0, 0, headNotLDAP
	}
	idLength, at, state := berLength(head, at+1)
	switch {
	case state != headWhole:
		return 0, 0, state
	case idLength < 1 || idLength > 4 || at+idLength >= end:
		return 0, 0, headNotLDAP
	case len(head) <= at+idLength:
		return 0, 0, headShort
	}
	at += idLength
	return head[at], end - at - 1, headWhole
}

// berLength reads the length at a place, and returns where its contents begin. A message of more
// than 2 GiB is not LDAP.
func berLength(b []byte, at int) (length, next int, state headState) {
	if len(b) <= at {
		return 0, 0, headShort
	}
	if b[at] < 0x80 {
		return int(b[at]), at + 1, headWhole
	}
	n := int(b[at] & 0x7f)
	if n < 1 || n > 4 {
		return 0, 0, headNotLDAP
	}
	if len(b) <= at+n {
		return 0, 0, headShort
	}
	for _, v := range b[at+1 : at+1+n] {
		length = length<<8 | int(v)
	}
	if length >= 1<<31 {
		return 0, 0, headNotLDAP
	}
	return length, at + 1 + n, headWhole
}

// Entries is how many directory entries the server has sent so far over unencrypted connections.
func (r *Relay) Entries() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entries
}
