package ldap

import (
	"bufio"
	"crypto/tls"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
)

// fake is a scripted server: it answers binds and the searches that open a session, and leaves
// every other search to the test.
type fake struct {
	root         [][]string // of the rootDSE: name and values
	head         [][]string // of the naming context
	bind         func(user, password string) (code int, text string)
	bindControls []*ber.Packet // of the answer to a bind
	search       func(w *answers, r search)
	// undefined means that the schema has neither computers nor critical system objects.
	undefined bool
	catalogue bool // a global catalogue, which searches from the root on

	mu       sync.Mutex
	searches []search
	dials    int
	conns    []net.Conn
	refusing bool
	url      string
}

// search is one search request.
type search struct {
	id       int64
	base     string
	scope    int64
	filter   string
	attrs    []string
	cookie   string
	paged    bool
	controls []string
	sync     string // cookie of a request by RFC 4533
}

// answers writes messages, and ignores write errors, which the client causes.
type answers struct {
	net.Conn
	id int64
}

func (w *answers) send(op *ber.Packet, controls ...*ber.Packet) {
	w.Write(message(w.id, op, controls...))
}

func message(id int64, op *ber.Packet, controls ...*ber.Packet) []byte {
	p := ber.NewSequence("message")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, "id"))
	p.AppendChild(op)
	if len(controls) > 0 {
		c := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "controls")
		for _, one := range controls {
			c.AppendChild(one)
		}
		p.AppendChild(c)
	}
	return p.Bytes()
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func entryOp(dn string, attrs [][]string) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 4, nil, "entry")
	op.AppendChild(octets(dn))
	list := ber.NewSequence("attributes")
	for _, a := range attrs {
		one := ber.NewSequence("attribute")
		one.AppendChild(octets(a[0]))
		set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "values")
		for _, v := range a[1:] {
			set.AppendChild(octets(v))
		}
		one.AppendChild(set)
		list.AppendChild(one)
	}
	op.AppendChild(list)
	return op
}

func (w *answers) entry(dn string, attrs ...[]string) { w.send(entryOp(dn, attrs)) }

func (w *answers) reference(url string) {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 19, nil, "reference")
	op.AppendChild(octets(url))
	w.send(op)
}

func (w *answers) result(tag ber.Tag, code int, text string, referral []string, controls ...*ber.Packet) {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "result")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, "code"))
	op.AppendChild(octets(""))
	op.AppendChild(octets(text))
	if len(referral) > 0 {
		refs := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "referral")
		for _, u := range referral {
			refs.AppendChild(octets(u))
		}
		op.AppendChild(refs)
	}
	w.send(op, controls...)
}

func (w *answers) done(code int, text string) { w.result(5, code, text, nil) }

// page ends a page; an empty cookie means the last one.
func (w *answers) page(cookie string) {
	c := goldap.NewControlPaging(0)
	c.SetCookie([]byte(cookie))
	w.result(5, 0, "", nil, c.Encode())
}

const fakeContext = "DC=corp,DC=example,DC=com"

func adRoot() [][]string {
	return [][]string{{"namingContexts", fakeContext, "CN=Configuration," + fakeContext,
		"DC=DomainDnsZones," + fakeContext},
		{"defaultNamingContext", fakeContext}, {"configurationNamingContext", "CN=Configuration," + fakeContext},
		{"supportedCapabilities", capabilityADDS}, {"supportedControl", goldap.ControlTypePaging, controlExtended}}
}

var guidA = "\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff" // 00112233-4455-6677-8899-aabbccddeeff

const guidAText = "00112233-4455-6677-8899-aabbccddeeff"

// start serves until the test ends. config is for TLS; nil is plain.
func (f *fake) start(t *testing.T, config *tls.Config) *fake {
	t.Helper()
	if f.root == nil {
		f.root = adRoot()
	}
	if f.head == nil {
		f.head = [][]string{{"objectGUID", guidA}}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.url = "ldap://" + l.Addr().String()
	if config != nil {
		l = tls.NewListener(l, config)
		f.url = "ldaps" + f.url[4:]
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			f.mu.Lock()
			f.dials++
			f.conns = append(f.conns, c)
			refusing := f.refusing
			f.mu.Unlock()
			if refusing {
				c.Close()
				continue
			}
			serving.Go(func() { defer c.Close(); f.serve(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		f.hangUp()
		serving.Wait()
	})
	return f
}

// refuse closes every later connection.
func (f *fake) refuse() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refusing = true
}

// hangUp ends all connections.
func (f *fake) hangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		c.Close()
	}
	f.conns = nil
}

func (f *fake) serve(c net.Conn) {
	in := bufio.NewReader(c)
	for {
		p, err := ber.ReadPacket(in)
		if err != nil || len(p.Children) < 2 {
			return
		}
		w := &answers{c, p.Children[0].Value.(int64)}
		switch op := p.Children[1]; op.Tag {
		case goldap.ApplicationBindRequest:
			code, text := 0, ""
			if f.bind != nil {
				code, text = f.bind(op.Children[1].Value.(string), op.Children[2].Data.String())
			}
			w.result(1, code, text, nil, f.bindControls...)
		case goldap.ApplicationSearchRequest:
			f.answer(w, parseSearch(w.id, p))
		default:
			return
		}
	}
}

func parseSearch(id int64, p *ber.Packet) search {
	op := p.Children[1].Children
	r := search{id: id, base: op[0].Value.(string), scope: op[1].Value.(int64)}
	r.filter, _ = goldap.DecompileFilter(op[6])
	for _, a := range op[7].Children {
		r.attrs = append(r.attrs, a.Value.(string))
	}
	if len(p.Children) > 2 {
		for _, child := range p.Children[2].Children {
			c, _ := goldap.DecodeControl(child)
			if c == nil {
				continue
			}
			r.controls = append(r.controls, c.GetControlType())
			if c.GetControlType() == goldap.ControlTypeSyncRequest {
				value := ber.DecodePacket(child.Children[len(child.Children)-1].Data.Bytes())
				if len(value.Children) > 1 {
					r.sync = value.Children[1].Data.String()
				}
			}
			if paging, ok := c.(*goldap.ControlPaging); ok {
				r.paged, r.cookie = true, string(paging.Cookie)
			}
		}
	}
	return r
}

func (f *fake) answer(w *answers, r search) {
	if r.base == "" && r.scope == 2 { // the test for a global catalogue
		if f.catalogue {
			w.entry(fakeContext)
			w.page("")
		} else {
			w.done(32, "")
		}
		return
	}
	f.mu.Lock()
	f.searches = append(f.searches, r)
	root := f.root
	f.mu.Unlock()
	switch {
	case r.base == "" && r.scope == 0:
		w.entry("", root...)
		w.done(0, "")
	case slices.Contains(r.controls, goldap.ControlTypeSyncRequest) && f.search != nil:
		f.search(w, r)
	case r.base == fakeContext && r.scope == 0:
		if r.filter == everything || !f.undefined {
			w.entry(fakeContext, asked(r, f.head)...)
		}
		w.done(0, "")
	case f.search != nil:
		f.search(w, r)
	default:
		w.page("")
	}
}

// connections returns the number of connections.
func (f *fake) connections() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dials
}

// seen returns the searches so far.
func (f *fake) seen() []search {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]search(nil), f.searches...)
}

// source makes a Source for the fake.
func (f *fake) source(t *testing.T, change ...func(*Options)) *Source {
	t.Helper()
	o := Options{Name: "corp", Servers: []string{f.url}, BindUser: "svc@corp.example.com",
		BindPassword: password("Geheim-17"),
		SyncUsers:    true, SyncGroups: true, Attributes: []string{"mail", "displayName"}, RestartPause: time.Millisecond}
	for _, c := range change {
		c(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func password(p string) func() (string, error) { return func() (string, error) { return p, nil } }

// guid is the wire form of the n-th test GUID.
func guid(n int) string {
	return string([]byte{byte(n), byte(n >> 8), byte(n >> 16), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
}
