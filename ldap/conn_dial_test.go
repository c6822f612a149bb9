package ldap

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"

	"dirbridge/sync/identity"
)

// authority issues certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // PEM
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{file: filepath.Join(t.TempDir(), "ca.pem")}
	var der []byte
	der, a.key = certificate(t, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true},
		nil)
	a.cert, _ = x509.ParseCertificate(der)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(a.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func certificate(t *testing.T, c *x509.Certificate, by *authority) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, signer := c, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

// server is a TLS configuration with a certificate for the host, valid until the given time.
func (a *authority) server(t *testing.T, host string, until time.Time) *tls.Config {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until}
	if ip := net.ParseIP(host); ip != nil {
		c.IPAddresses = []net.IP{ip}
	} else {
		c.DNSNames = []string{host}
	}
	der, key := certificate(t, c, a)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func describe(s *Source) error {
	_, err := s.Describe(context.Background())
	return err
}

func wantFailure(t *testing.T, err error, class identity.Class, says ...string) {
	t.Helper()
	var f *identity.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a failure", err)
	}
	if f.Class != class || f.Side != identity.InDirectory || f.Remedy == "" {
		t.Errorf("class %q, side %q, remedy %q; want class %q and a remedy (%v)", f.Class, f.Side, f.Remedy, class, err)
	}
	for _, s := range says {
		if !strings.Contains(err.Error()+" // "+f.Remedy, s) {
			t.Errorf("%q // %q does not say %q", err, f.Remedy, s)
		}
	}
}

func TestTLS(t *testing.T) {
	ours, other := newAuthority(t, "Our CA"), newAuthority(t, "Other CA")
	tomorrow := time.Now().Add(24 * time.Hour)
	for name, c := range map[string]struct {
		config *tls.Config
		change func(*Options)
		says   []string // empty: success
	}{
		"good": {config: ours.server(t, "127.0.0.1", tomorrow)},
		"name overruled": {config: ours.server(t, "dc1.corp.example.com", tomorrow),
			change: func(o *Options) { o.ServerName = "dc1.corp.example.com" }},
		"expired": {config: ours.server(t, "127.0.0.1", time.Now().Add(-time.Hour)),
			says: []string{"valid from", "Renew"}},
		"foreign CA": {config: other.server(t, "127.0.0.1", tomorrow), says: []string{"does not trust", "Set ca_file"}},
		"wrong name": {config: ours.server(t, "dc9.corp.example.com", tomorrow),
			says: []string{"for another host", "dc9.corp.example.com"}},
		"no CA file": {config: ours.server(t, "127.0.0.1", tomorrow), change: func(o *Options) { o.CAFile += ".missing" },
			says: []string{"ca_file", "no such file"}},
		"empty CA file": {config: ours.server(t, "127.0.0.1", tomorrow), change: func(o *Options) { o.CAFile = os.DevNull },
			says: []string{"holds no certificate"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{}).start(t, c.config)
			err := describe(f.source(t, func(o *Options) {
				o.CAFile = ours.file
				if c.change != nil {
					c.change(o)
				}
			}))
			if len(c.says) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantFailure(t, err, "give-up", append(c.says, "127.0.0.1")[:len(c.says)]...)
		})
	}
}

func TestServerWithoutTLS(t *testing.T) {
	f := (&fake{}).start(t, nil)
	err := describe(f.source(t, func(o *Options) {
		o.Servers = []string{"ldaps" + f.url[4:]}
		o.DialTimeout = time.Second
	}))
	if err == nil {
		t.Fatal("a plain server is taken for one with TLS")
	}
}

func TestUnreachableServers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	f := (&fake{}).start(t, nil)
	wantFailure(t, describe(f.source(t, func(o *Options) { o.Servers = []string{"ldap://" + closed} })),
		"retry", "refused",
		closed, "firewall")
	wantFailure(t, describe(f.source(t, func(o *Options) { o.Servers = []string{"ldaps://dc1.nowhere.invalid"} })),
		"retry", "dc1.nowhere.invalid")

	s := f.source(t, func(o *Options) { o.Servers = []string{"ldap://" + closed, f.url} })
	d, err := s.Describe(context.Background())
	if err != nil || d.Server != f.url {
		t.Fatalf("the second server was not used: %+v, %v", d, err)
	}
}

func TestSilentServerAtDial(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, err := New(Options{Name: "corp", Servers: []string{"ldaps://" + l.Addr().String()},
		DialTimeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	wantFailure(t, describe(s), "retry", "does not answer")
}

func TestSilentServerAtBind(t *testing.T) {
	release := make(chan struct{})
	f := (&fake{bind: func(string, string) (int, string) { <-release; return 0, "" }}).start(t, nil)
	defer close(release)
	wantFailure(t, describe(f.source(t, func(o *Options) { o.IdleTimeout = 50 * time.Millisecond })), "retry",
		"silent", "binding")
}

func TestOtherDirectoryIsRefused(t *testing.T) {
	a := (&fake{search: paged(3, 3)}).start(t, nil)
	b := (&fake{head: [][]string{{"objectGUID", guid(9)}}}).start(t, nil)
	s := a.source(t, func(o *Options) { o.Servers = []string{a.url, b.url} })
	if _, err := people(s); err != nil {
		t.Fatal(err)
	}
	s.servers.named = s.servers.named[1:]
	a.hangUp()
	_, err := people(s)
	wantFailure(t, err, "give-up", "different directories")
}

func TestBindFailuresInWords(t *testing.T) {
	const ad = "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data %s, v1db1\x00"
	for code, want := range map[string]string{"525": "does not exist", "52e": "password is wrong", "530": "at this time",
		"531": "from this computer",
		"532": "has expired", "533": "disabled", "701": "account has expired", "773": "must be changed", "775": "locked out",
		"80c": "password is wrong"} {
		t.Run(code, func(t *testing.T) {
			f := (&fake{bind: func(_, password string) (int, string) { return 49, fmt.Sprintf(ad, code) + password }}).start(t,
				nil)
			s := f.source(t, func(o *Options) { o.Servers = []string{f.url, f.url} })
			err := describe(s)
			wantFailure(t, err, "give-up", want, "svc@corp.example.com", f.url, "data "+code)
			if strings.Contains(fmt.Sprintf("%+v %#v", err, err), "Geheim") {
				t.Errorf("the password is in %v", err)
			}
			if f.dials != 1 {
				t.Errorf("a refused password was tried %d times", f.dials)
			}
		})
	}
	for name, c := range map[string]struct {
		code  int
		class identity.Class
		says  string
	}{"encryption wanted": {8, "give-up", "start_tls"}, "bad name": {34, "give-up", "user@domain"},
		"busy": {51, "retry", "later"}, "other": {53, "give-up", "simple bind"}} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{bind: func(string, string) (int, string) { return c.code, "" }}).start(t, nil)
			wantFailure(t, describe(f.source(t)), c.class, c.says, f.url)
		})
	}
}

func TestPasswordThatCannotBeRead(t *testing.T) {
	f := (&fake{}).start(t, nil)
	wantFailure(t,
		describe(f.source(t, func(o *Options) {
			o.BindPassword = func() (string, error) { return "", errors.New("PW is not set") }
		})),
		"give-up", "PW is not set", "bind_password")
	wantFailure(t, describe(f.source(t, func(o *Options) { o.BindPassword = nil })), "give-up", "has no password")
}

func TestStartTLS(t *testing.T) {
	ca := newAuthority(t, "Our CA")
	config := ca.server(t, "127.0.0.1", time.Now().Add(time.Hour))
	for name, c := range map[string]struct {
		code  int
		extra string // plaintext after the answer, as an attacker would inject it
		fails string
	}{"granted": {}, "refused": {code: 52, fails: "refuses StartTLS"},
		"injected": {extra: "0\x0c\x02\x01\x01a\x07\n\x01\x00\x04\x00\x04\x00", fails: "TLS"}} {
		t.Run(name, func(t *testing.T) {
			f := &fake{root: adRoot(), head: [][]string{{"objectGUID", guidA}}}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan struct{})
			go func() {
				defer close(served)
				raw, err := l.Accept()
				if err != nil {
					return
				}
				defer raw.Close()
				p, err := ber.ReadPacket(raw)
				if err != nil || p.Children[1].Children[0].Data.String() != "1.3.6.1.4.1.1466.20037" {
					t.Errorf("the first message is not StartTLS: %v", err)
					return
				}
				w := &answers{raw, p.Children[0].Value.(int64)}
				w.result(24, c.code, "", nil)
				raw.Write([]byte(c.extra))
				f.serve(tls.Server(raw, config))
			}()
			s, err := New(Options{Name: "corp", Servers: []string{"ldap://" + l.Addr().String()}, StartTLS: true,
				CAFile:   ca.file,
				BindUser: "u", BindPassword: password("p"), DialTimeout: 2 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			err = describe(s)
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("got %v", err)
			}
			s.Close()
			l.Close()
			<-served
		})
	}
}
