package ldap

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
)

func record(target string, priority, weight, port uint16) net.SRV {
	return net.SRV{Target: target, Priority: priority, Weight: weight, Port: port}
}

const (
	everywhere = "_ldap._tcp.dc._msdcs.corp.example.com"
	inBerlin   = "_ldap._tcp.berlin._sites.dc._msdcs.corp.example.com"
)

func TestLocate(t *testing.T) {
	for name, c := range map[string]struct {
		dns    *names
		change func(*Options)
		want   []string
		fails  string
	}{
		"by priority": {
			dns: &names{
				srv: map[string][]net.SRV{everywhere: {record("DC2.corp.example.com.", 10, 100, 389),
					record("dc1.corp.example.com.", 0, 0, 389)}}},
			want: []string{"ldaps://dc1.corp.example.com", "ldaps://dc2.corp.example.com"}},
		"the site's first, then the others": {dns: &names{srv: map[string][]net.SRV{
			everywhere: {record("dc1.corp.example.com.", 0, 100, 389), record("dc2.corp.example.com.", 5, 100, 389)},
			inBerlin:   {record("dc2.corp.example.com.", 9, 0, 389)}}},
			change: func(o *Options) { o.Site = "Berlin" },
			want:   []string{"ldaps://dc2.corp.example.com", "ldaps://dc1.corp.example.com"}},
		"a site without servers": {
			dns:    &names{srv: map[string][]net.SRV{everywhere: {record("dc1.corp.example.com.", 0, 0, 389)}}},
			change: func(o *Options) { o.Site = "Rome" }, want: []string{"ldaps://dc1.corp.example.com"}},
		"StartTLS": {dns: &names{srv: map[string][]net.SRV{everywhere: {record("dc1.corp.example.com.", 0, 0, 389)}}},
			change: func(o *Options) { o.StartTLS = true }, want: []string{"ldap://dc1.corp.example.com"}},
		"a port of its own": {
			dns:  &names{srv: map[string][]net.SRV{everywhere: {record("dc1.corp.example.com.", 0, 0, 1636)}}},
			want: []string{"ldaps://dc1.corp.example.com:1636"}},
		"not offered": {dns: &names{srv: map[string][]net.SRV{everywhere: {record(".", 0, 0, 389)}}},
			want: []string{"ldaps://corp.example.com"}},
		"no records": {dns: &names{}, want: []string{"ldaps://corp.example.com"}},
		"a trailing dot": {dns: &names{}, change: func(o *Options) { o.Domain += "." },
			want: []string{"ldaps://corp.example.com"}},
		"DNS out of order": {dns: &names{mute: true}, want: []string{"ldaps://corp.example.com"},
			fails: "_ldap._tcp.dc._msdcs.corp.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{Name: "corp", Domain: "corp.example.com", Resolver: c.dns.start(t), DialTimeout: 3 * time.Second}
			if c.change != nil {
				c.change(&o)
			}
			found, err := locate(t.Context(), &o)
			if (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("got %v", err)
			}
			var urls []string
			for _, f := range found {
				urls = append(urls, f.url)
			}
			if !slices.Equal(urls, c.want) {
				t.Errorf("found %q, want %q", urls, c.want)
			}
		})
	}
}

// RFC 2782: the lowest priority comes first; within one priority the chance is proportional to the
// weight, and small for weight 0.
func TestOrderOfRecords(t *testing.T) {
	dc := func(n string, priority, weight uint16) *net.SRV {
		return &net.SRV{Target: n, Priority: priority, Weight: weight}
	}
	for _, c := range []struct {
		lots []int
		want string
	}{
		{[]int{0, 0, 0, 0}, "none half most far"},
		{[]int{100, 25, 0, 0}, "most half none far"},
		{[]int{1, 1, 0, 0}, "half most none far"},
		{[]int{26, 1, 0, 0}, "most half none far"},
	} {
		records := []*net.SRV{dc("far", 5, 100), dc("half", 0, 25), dc("none", 0, 0), dc("most", 0, 75)}
		var got []string
		lots := c.lots
		for _, r := range byPriority(records, func(n int) int {
			lot := lots[0]
			lots = lots[1:]
			if lot >= n {
				t.Fatalf("lot %d of %d", lot, n)
			}
			return lot
		}) {
			got = append(got, r.Target)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("lots %v: %q, want %q", c.lots, got, c.want)
		}
	}
}

// netlogonAnswer is the answer of a domain controller (MS-ADTS section 6.3.1.9).
func netlogonAnswer(id int64, code uint16, site string) []byte {
	b := binary.LittleEndian.AppendUint16(nil, code)
	b = append(b, make([]byte, 22)...)
	label := func(s string) { b = append(append(b, byte(len(s))), s...) }
	at := len(b)
	label("corp")
	label("example")
	label("com")
	b = append(b, 0)
	b = append(b, 0xc0, byte(at)) // the domain is the forest
	label("dc1")
	b = append(b, 0xc0, byte(at))
	label("CORP")
	b = append(b, 0)
	label("DC1")
	b = append(b, 0, 0) // no user
	label("Hamburg")
	b = append(b, 0)
	label(site)
	b = append(b, 0)
	b = append(b, 5, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)
	message := ber.NewSequence("")
	message.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	message.AppendChild(entryOp("", [][]string{{"Netlogon", string(b)}}))
	return message.Bytes()
}

// locator answers Netlogon requests over UDP.
func locator(t *testing.T, answer []byte) (port uint16) {
	t.Helper()
	address := serveUDP(t, func(request []byte) []byte {
		if p := ber.DecodePacket(request); p == nil ||
			!strings.Contains(parseSearch(1, p).filter, "(DnsDomain=corp.example.com)") {
			t.Errorf("%q does not ask for the domain", request)
		}
		return answer
	})
	_, text, _ := net.SplitHostPort(address)
	n, _ := strconv.Atoi(text)
	return uint16(n)
}

func TestSiteComesFromAController(t *testing.T) {
	for name, c := range map[string]struct {
		answer []byte
		site   bool
	}{
		"told": {netlogonAnswer(1, 23, "Berlin"), true}, "nothing": {nil, false},
		"older": {netlogonAnswer(1, 19, "Berlin"), false},
		"none":  {netlogonAnswer(1, 23, ""), false}, "garbage": {[]byte("0\x03\x02\x01\x01"), false},
		"no name": {netlogonAnswer(1, 23, "a b"), false},
	} {
		t.Run(name, func(t *testing.T) {
			port := locator(t, c.answer)
			dns := &names{hosts: map[string]string{"dc1.corp.example.com": "127.0.0.1"}, srv: map[string][]net.SRV{
				everywhere: {record("dc1.corp.example.com.", 0, 0, port)}, inBerlin: {record("dc7.corp.example.com.", 0, 0, 389)}}}
			found, err := locate(t.Context(),
				&Options{Domain: "corp.example.com", Resolver: dns.start(t), DialTimeout: 5 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			if near := found[0].url == "ldaps://dc7.corp.example.com"; near != c.site {
				t.Errorf("the first is %s", found[0].url)
			}
		})
	}
}

func FuzzNetlogonSite(f *testing.F) {
	f.Add(netlogonAnswer(1, 23, "Berlin"))
	f.Add(netlogonAnswer(300, 25, "Default-First-Site-Name"))
	f.Add([]byte{})
	f.Add(netlogonAnswer(1, 23, "x")[:60])
	f.Fuzz(func(t *testing.T, b []byte) {
		if site, err := netlogonSite(b); err != nil && site != "" {
			t.Errorf("%q with %v", site, err)
		}
	})
}

// A domain is read from the controller in DNS, whose certificate must be for that name.
func TestReadByDomain(t *testing.T) {
	ca := newAuthority(t, "Our CA")
	for name, c := range map[string]struct {
		certificate string
		says        string
	}{"good": {certificate: "dc1.corp.example.com"},
		"another's":    {certificate: "dc2.corp.example.com", says: "for another host"},
		"the domain's": {certificate: "corp.example.com", says: "for another host"}} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{search: paged(30, 10)}).start(t, ca.server(t, c.certificate, time.Now().Add(time.Hour)))
			port, _ := strconv.Atoi(f.url[strings.LastIndexByte(f.url, ':')+1:])
			dns := &names{hosts: map[string]string{"dc1.corp.example.com": "127.0.0.1"},
				srv: map[string][]net.SRV{everywhere: {record("dc1.corp.example.com.", 0, 0, uint16(port))}}}
			s := f.source(t, func(o *Options) {
				o.Servers, o.Domain, o.Resolver, o.CAFile = nil, "corp.example.com", dns.start(t), ca.file
			})
			mails, err := people(s)
			want := fmt.Sprintf("ldaps://dc1.corp.example.com:%d", port)
			if c.says != "" {
				wantFailure(t, err, "give-up", c.says, want, c.certificate)
				return
			}
			if err != nil || len(mails) != 30 {
				t.Fatalf("%d people, %v", len(mails), err)
			}
			if d, err := s.Describe(context.Background()); err != nil || d.Server != want {
				t.Errorf("%+v, %v", d, err)
			}
		})
	}
}
