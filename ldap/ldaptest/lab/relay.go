package lab

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Relay forwards connections to a server, until it is cut or the test ends.
type Relay struct {
	Address string // host:port to connect to

	mu       sync.Mutex
	cut      bool
	left     int64 // bytes from the server until the cut; negative means no limit
	entries  int64
	open     map[net.Conn]struct{}
	listener net.Listener
	carriers sync.WaitGroup
}

// NewRelay listens on loopback and forwards to the address of the server.
func NewRelay(t testing.TB, server string) *Relay { return NewRelayOn(t, "127.0.0.1", server) }

// NewRelayOn listens on that loopback address, which is in no certificate of the lab.
func NewRelayOn(t testing.TB, ip, server string) *Relay {
	t.Helper()
	listener, err := net.Listen("tcp", ip+":0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{Address: listener.Addr().String(), open: map[net.Conn]struct{}{}, left: -1, listener: listener}
	r.carriers.Add(1)
	go r.serve(server)
	t.Cleanup(func() {
		listener.Close()
		r.Cut()
		r.carriers.Wait()
	})
	return r
}

// Cut closes every connection, as if the server's machine failed, and accepts no more.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = true
	for c := range r.open {
		c.Close()
	}
}

// CutAfter cuts after this many more bytes from the server.
func (r *Relay) CutAfter(bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = bytes
}

// IsCut reports whether it was cut.
func (r *Relay) IsCut() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cut
}

func (r *Relay) serve(server string) {
	defer r.carriers.Done()
	for {
		near, err := r.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", server)
		if err != nil {
			near.Close()
			continue
		}
		if !r.keep(near, far) {
			near.Close()
			far.Close()
			continue
		}
		r.carriers.Add(2)
		go r.carry(near, &counted{Conn: far, relay: r})
		go r.carry(far, near)
	}
}

func (r *Relay) keep(conns ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cut {
		return false
	}
	for _, c := range conns {
		r.open[c] = struct{}{}
	}
	return true
}

// counted is the server's end.
type counted struct {
	net.Conn
	relay   *Relay
	entries entryCounter
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.relay.counts(n, c.entries.count(p[:n])) {
		c.relay.Cut()
	}
	return n, err
}

func (r *Relay) counts(n int, entries int64) (spent bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries += entries
	if r.left < 0 || r.cut {
		return false
	}
	r.left = max(0, r.left-int64(n))
	return r.left == 0
}

// carry copies one direction. If either end closes, so does the other.
func (r *Relay) carry(to, from net.Conn) {
	defer r.carriers.Done()
	_, _ = io.Copy(to, from)
	to.Close()
	from.Close()
	r.mu.Lock()
	delete(r.open, to)
	delete(r.open, from)
	r.mu.Unlock()
}

// Host is the address, with the port, of a server's URL.
func Host(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if u.Port() == "" {
		return u.Host + ":" + map[string]string{"ldap": "389", "ldaps": "636", "http": "80"}[u.Scheme]
	}
	return u.Host
}
