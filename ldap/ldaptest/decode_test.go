package ldaptest

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

func TestDNForms(t *testing.T) {
	for _, row := range []struct{ in, want string }{
		{"CN=Ana,DC=x", "CN=Ana,DC=x"},
		{"cn = Ana , dc = x", "CN=Ana,DC=x"},
		{`CN=Silva\, Ana,DC=x`, `CN=Silva\, Ana,DC=x`},
		{`CN="Silva, Ana",DC=x`, `CN=Silva\, Ana,DC=x`},
		{`CN=\C3\9Cnal,DC=x`, "CN=Ünal,DC=x"},
		{`CN=a\20,DC=x`, `CN=a\ ,DC=x`},
		{`CN=x\0ADEL:1,DC=x`, `CN=x\0ADEL:1,DC=x`},
		{"CN=a;DC=x", "CN=a,DC=x"},
		{"", ""},
		{"CN", "error"}, {"=a", "error"}, {"CN=,DC=x", "error"}, {"CN=a,", "error"}, {`CN=a\`, "error"},
		{`CN=a\zz`, "error"}, {`CN="a`, "error"}, {"CN=a+OU=b", "error"}, {"CN=\xff", "error"}, {`CN=\ff`, "error"},
	} {
		parts, err := parseDN(row.in)
		got := formatDN(parts)
		if err != nil {
			got = "error"
		}
		if got != row.want {
			t.Errorf("%q: got %q, want %q", row.in, got, row.want)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	const text = "6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11"
	g, ok := parseGUID(text)
	if !ok || g.String() != text || g[0] != 0x0a || g[4] != 0xd2 || g[8] != 0x8c {
		t.Errorf("GUID %v reads back as %s", g, g)
	}
	if h, ok := parseGUID("0A2E1C6FD295534A8C4E2F4F8D0F7F11"); !ok || h != g {
		t.Errorf("the hex form reads as %s", h)
	}
	raw, ok := parseSID("S-1-5-21-1-2-3-500")
	if !ok || len(raw) != 28 || sidText(raw) != "S-1-5-21-1-2-3-500" {
		t.Errorf("SID %x", raw)
	}
	for _, bad := range []string{"", "S-1", "S-2-5-21", "S-1-5-x", "S-1-5-4294967296"} {
		if _, ok := parseSID(bad); ok {
			t.Errorf("%q is taken for a SID", bad)
		}
	}
}

// A client that sends an invalid message gets a notice and is disconnected; other clients are not
// affected.
func TestBrokenRequests(t *testing.T) {
	s := start(t, 20, Options{})
	good := connect(t, s)
	for name, raw := range map[string]string{
		"HTTP":              "GET / HTTP/1.1\r\n\r\n",
		"empty sequence":    "\x30\x00",
		"no operation":      "\x30\x03\x02\x01\x01",
		"unknown operation": "\x30\x05\x02\x01\x01\x7f\x00",
		"indefinite length": "\x30\x80\x02\x01\x01\x42\x00\x00\x00",
		"too long":          "\x30\x84\x7f\xff\xff\xff",
		"bad bind":          "\x30\x08\x02\x01\x01\x60\x03\x02\x01\x03",
		"negative id":       "\x30\x05\x02\x01\xff\x42\x00",
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "ldap://"))
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := c.Write([]byte(raw)); err != nil {
			t.Fatal(err)
		}
		var rest bytes.Buffer
		if _, err := rest.ReadFrom(c); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s: the connection stays open", name)
		}
		_ = c.Close()
	}
	if got := find(t, good, testBase, people, "cn"); len(got) != 20 {
		t.Errorf("another client got %d entries", len(got))
	}
}

func TestAbandon(t *testing.T) {
	s := start(t, 50, Options{})
	c := connect(t, s)
	s.Inject(Fault{Kind: Hang, After: 10})
	done := make(chan error, 1)
	go func() {
		_, err := c.Search(request(testBase, people, "cn"))
		done <- err
	}()
	until(t, "ten entries", func() bool { return s.Stats().Entries == 10 })
	_ = c.Close() // the server must notice, or its Close would hang
	if err := <-done; err == nil {
		t.Error("a search that hangs ended well")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func FuzzRequest(f *testing.F) {
	compiled, err := ldap.CompileFilter(
		"(&(objectClass=user)(|(cn=a*b*c)(!(mail>=x)))(memberOf:1.2.840.113556.1.4.1941:=CN=x," + testBase + "))")
	if err != nil {
		f.Fatal(err)
	}
	search := appendText(nil, 0x04, testBase)
	search = append(search, 0x0a, 1, 2, 0x0a, 1, 0, 0x02, 1, 0, 0x02, 1, 0, 0x01, 1, 0)
	search = append(append(search, compiled.Bytes()...), 0x30, 0)
	f.Add(byte(opSearch), search)
	f.Add(byte(opDelete), []byte("CN=DC1,OU=Domain Controllers,"+testBase))
	f.Add(byte(opModifyDN), appendText(appendText(nil, 0x04, "CN=Users,"+testBase), 0x04, "CN=U"))
	f.Add(byte(opBind), append([]byte{0x02, 1, 3}, appendText(appendText(nil, 0x04, "x"), 0x80, "y")...))
	still := silentConn(f) // for requests that change nothing
	f.Fuzz(func(t *testing.T, op byte, body []byte) {
		c := still
		switch op {
		case opAdd, opModify, opDelete, opModifyDN:
			c = silentConn(t)
		}
		d := c.server.dir
		frame, at := openElement(nil, 0x30)
		frame = appendInteger(frame, 0x02, 7)
		frame = closeElement(append(appendHeader(frame, op, len(body)), body...), at)
		m, err := parseMessage(frame)
		if err != nil {
			return
		}
		if m.op == opSearch {
			c.who = `u:CORP\tester`
			_ = c.search(t.Context(), m.id, m.body, m.controls)
			return
		}
		_ = c.answer(t.Context(), m)
		for _, o := range d.candidates(d.heads[0], scopeSub, &filter{op: filterAnd}) {
			if back, _ := d.lookup(o.dn()); back != o {
				t.Fatalf("%s does not lead back", o.dn())
			}
		}
	})
}

// silentConn is a bound connection that discards its output, on a new directory.
func silentConn(t testing.TB) *conn {
	t.Helper()
	d, err := newDirectory(Options{BaseDN: testBase, Flavor: AD, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{dir: d, opts: Options{}.withDefaults(), who: newIdentities(d, "u", "p"), logins: &loginState{}}
	s.faults.cleared = make(chan struct{})
	return &conn{server: s, under: func() {}, wire: discardConn{}, who: `u:CORP\tester`}
}

func FuzzDN(f *testing.F) {
	for _, s := range []string{"CN=a,DC=b", `CN=\#a\, "b" \C3\9C\20,OU=x`, `CN="q,r";O=z`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		parts, err := parseDN(s)
		if err != nil {
			return
		}
		again, err := parseDN(formatDN(parts))
		if err != nil || dnKey(again) != dnKey(parts) {
			t.Fatalf("%q is written as %q, which reads as %v, %v", s, formatDN(parts), again, err)
		}
	})
}

// discardConn is a connection that discards its output.
type discardConn struct{ net.Conn }

func (discardConn) Write(b []byte) (int, error) { return len(b), nil }
func (discardConn) Close() error                { return nil }
