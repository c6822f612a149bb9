package ldaptest

// Requests, as tagged (RFC 4511 section 4.2 and after).
const (
	opBind     = 0x60
	opUnbind   = 0x42
	opSearch   = 0x63
	opModify   = 0x66
	opAdd      = 0x68
	opDelete   = 0x4a
	opModifyDN = 0x6c
	opCompare  = 0x6e
	opAbandon  = 0x50
	opExtended = 0x77
)

// message is one request.
type message struct {
	id       int64
	op       byte
	body     *cursor // content of the operation
	target   int64   // of an abandon
	controls []control
}

// parseMessage reads one frame. It does not decode the body.
func parseMessage(frame []byte) (message, error) {
	outer := &cursor{b: frame}
	c := outer.sub(0x30)
	m := message{id: c.integer(0x02)}
	op, content := c.next()
	m.op, m.body = op, &cursor{b: content}
	if c.peek() == 0xa0 {
		list := c.sub(0xa0)
		m.controls = parseControls(list)
		if list.err != nil {
			return m, list.err
		}
	}
	if op == opAbandon && c.err == nil {
		whole := &cursor{b: appendText(nil, 0x02, string(content))}
		m.target = whole.integer(0x02)
	}
	if c.err != nil || outer.err != nil || m.id < 0 || len(c.b) > 0 || len(outer.b) > 0 {
		return m, errBER
	}
	return m, nil
}

// startTLS reports whether an extended request asks for TLS.
func (m message) startTLS() bool {
	c := cursor{b: m.body.b}
	return c.text(0x80) == startTLSRequest
}
