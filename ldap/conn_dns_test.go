package ldap

import (
	"context"
	"encoding/binary"
	"net"
	"strings"
	"sync"
	"testing"
)

// names is a DNS server for tests.
type names struct {
	srv   map[string][]net.SRV // by name, without the trailing dot
	hosts map[string]string    // IPv4
	mute  bool                 // fails every query

	mu    sync.Mutex
	asked []string
}

// start serves until the test ends, and returns a resolver for it.
func (n *names) start(t *testing.T) *net.Resolver {
	t.Helper()
	address := serveUDP(t, n.answer)
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", address)
	}}
}

// answer is the message with the records of the query (RFC 1035 section 4.1).
func (n *names) answer(question []byte) []byte {
	name, at := "", 12
	for l := int(question[at]); l > 0; l = int(question[at]) {
		name += string(question[at+1:at+1+l]) + "."
		at += 1 + l
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	kind := binary.BigEndian.Uint16(question[at+1:])
	n.mu.Lock()
	n.asked = append(n.asked, name)
	n.mu.Unlock()

	m := append([]byte{}, question[:at+5]...)
	count := 0
	record := func(data []byte) {
		m = append(m, 0xc0, 12, byte(kind>>8), byte(kind), 0, 1, 0, 0, 0, 60, byte(len(data)>>8), byte(len(data)))
		m = append(m, data...)
		count++
	}
	_, known := n.hosts[name]
	known = known || len(n.srv[name]) > 0
	switch kind {
	case 33:
		for _, r := range n.srv[name] {
			data := binary.BigEndian.AppendUint16(nil, r.Priority)
			data = binary.BigEndian.AppendUint16(data, r.Weight)
			data = binary.BigEndian.AppendUint16(data, r.Port)
			for _, label := range strings.Split(strings.TrimSuffix(r.Target, "."), ".") {
				if label != "" {
					data = append(append(data, byte(len(label))), label...)
				}
			}
			record(append(data, 0))
		}
	case 1:
		if ip := n.hosts[name]; ip != "" {
			record(net.ParseIP(ip).To4())
		}
	}
	m[2], m[3] = 0x85, 0x80 // an authoritative answer
	switch {
	case n.mute:
		m[3] |= 2 // the server failed
	case !known:
		m[3] |= 3 // there is no such name
	}
	binary.BigEndian.PutUint16(m[6:], uint16(count))
	binary.BigEndian.PutUint16(m[8:], 0)
	binary.BigEndian.PutUint16(m[10:], 0)
	return m
}

// questions lists the names in the queries.
func (n *names) questions() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.asked...)
}

// serveUDP answers datagrams until the test ends; a nil answer sends nothing.
func serveUDP(t *testing.T, answer func(request []byte) []byte) (address string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		buf := make([]byte, 1024)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if a := answer(buf[:n]); a != nil {
				conn.WriteTo(a, from)
			}
		}
	})
	t.Cleanup(func() { conn.Close(); serving.Wait() })
	return conn.LocalAddr().String()
}
