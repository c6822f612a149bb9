package ldaptest

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"sync"
)

// maxAtOnce bounds the concurrent requests of one connection.
const maxAtOnce = 8

// conn is one client. Its reader goroutine owns the connection; searches run on goroutines of their
// own, so that they can be abandoned.
type conn struct {
	server *Server
	under  context.CancelFunc

	writing      sync.Mutex // one batch of whole messages at a time
	mu           sync.Mutex
	wire         net.Conn
	tls          bool
	direct       bool              // TLS from the start: LDAPS
	global       bool              // of the global catalogue; never changes
	peer         *x509.Certificate // the client's certificate, if it sent one
	who          string            // the bound account in the form of whoAmI; "" if anonymous
	openSearches openSearches
	running      map[int64]context.CancelFunc

	ntlm *ntlmExchange // only for the reader goroutine
}

func (c *conn) secure() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tls
}

func (c *conn) authenticated() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.who != ""
}

// identity returns the bound account, or "".
func (c *conn) identity() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.who
}

func (c *conn) identify(who string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.who = who
}

func (c *conn) close() {
	c.under()
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.wire.Close()
}

// write sends complete messages.
func (c *conn) write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	c.mu.Lock()
	wire := c.wire
	c.mu.Unlock()
	n, err := wire.Write(b)
	c.server.count.bytes.Add(int64(n))
	return err
}

// serve reads requests until the client disconnects or violates the protocol, and waits for running
// requests.
func (c *conn) serve(ctx context.Context) {
	if secured, ok := c.wire.(*tls.Conn); ok && c.handshake(ctx, secured) != nil {
		c.close()
		return
	}
	var work sync.WaitGroup
	slots := make(chan struct{}, maxAtOnce)
	in := bufio.NewReader(c.wire)
	var frame []byte
	for ctx.Err() == nil {
		var err error
		if frame, err = readFrame(in, frame); err != nil {
			break
		}
		m, err := parseMessage(frame)
		if err != nil {
			_ = c.write(disconnection())
			break
		}
		c.server.count.requests.Add(1)
		if m.op == opSearch {
			c.startSearch(ctx, &work, slots, m)
			frame = nil // the search keeps it
			continue
		}
		if m.op == opAbandon {
			c.abandon(m.target)
			continue
		}
		if m.op == opUnbind {
			break
		}
		if m.op == opBind || m.op == opExtended && m.startTLS() {
			// Both change the connection itself. Waiting for searches would block a client that
			// wants to abandon a search which hangs.
			c.abandonAll()
			work.Wait()
		}
		if m.op == opExtended && m.startTLS() {
			if in, err = c.startTLS(ctx, m, in); err != nil {
				break
			}
			continue
		}
		if err := c.answer(ctx, m); err != nil {
			break
		}
	}
	c.close()
	work.Wait()
}

// handshake does the handshake of LDAPS. As in Windows, a client certificate binds at once (MS-ADTS
// section 5.1.1.2); other servers wait for EXTERNAL.
func (c *conn) handshake(ctx context.Context, secured *tls.Conn) error {
	if err := secured.HandshakeContext(ctx); err != nil {
		return err
	}
	peer, who := peerOf(secured), ""
	if peer != nil && c.server.dir.flavor != OpenLDAP {
		who = c.server.certified(peer)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.direct, c.peer, c.who = true, peer, who
	return nil
}

// startSearch runs a search on a goroutine of its own.
func (c *conn) startSearch(ctx context.Context, work *sync.WaitGroup, slots chan struct{}, m message) {
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	c.mu.Lock()
	c.running[m.id] = cancel
	c.mu.Unlock()
	c.server.count.searches.Add(1)
	work.Go(func() {
		defer func() {
			cancel()
			c.mu.Lock()
			delete(c.running, m.id)
			c.mu.Unlock()
			<-slots
		}()
		if err := c.search(ctx, m.id, m.body, m.controls); err != nil && err != errGone {
			c.close()
		}
	})
}

func (c *conn) abandon(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel := c.running[id]; cancel != nil {
		cancel()
	}
}

func (c *conn) abandonAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cancel := range c.running {
		cancel()
	}
}

// startTLS answers the request and starts TLS on the connection (RFC 4511 section 4.14).
func (c *conn) startTLS(ctx context.Context, m message, in *bufio.Reader) (*bufio.Reader, error) {
	reply := func(r *refusal) error {
		return c.write(appendResult(nil, m.id, 0x78, r, appendText(nil, 0x8a, startTLSRequest)))
	}
	if c.server.certificate == nil {
		return in,
			reply(
				refuse(protocolError, "00000000: LdapErr: DSID-0C0911D1, comment: Unknown extended request OID, data 0, v1db1"))
	}
	// Bytes that arrived before TLS must not be taken for encrypted ones.
	if c.secure() || in.Buffered() > 0 {
		return in,
			reply(refuse(operationsError, "00000000: LdapErr: DSID-0C09116E, comment: TLS or SSL already in effect, data 0, "+
				"v1db1"))
	}
	if err := reply(nil); err != nil {
		return in, err
	}
	secured := tls.Server(c.wire, c.server.tlsConfig())
	if err := secured.HandshakeContext(ctx); err != nil {
		return in, err
	}
	c.mu.Lock()
	c.wire, c.tls, c.peer, c.who = secured, true, peerOf(secured), ""
	c.mu.Unlock()
	return bufio.NewReader(secured), nil
}

// disconnection is the notice before the server closes on a broken message (RFC 4511 section 4.4.1).
func disconnection() []byte {
	return appendResult(nil, 0, 0x78, refuse(protocolError, "malformed message"),
		appendText(nil, 0x8a, "1.3.6.1.4.1.1466.20036"))
}
