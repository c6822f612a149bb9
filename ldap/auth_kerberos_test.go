package ldap

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/keytab"
)

// keytabOf is a keytab with a key of each principal.
func keytabOf(t testing.TB, principals ...string) []byte {
	t.Helper()
	kt := keytab.New()
	for _, p := range principals {
		user, realm, _ := strings.Cut(p, "@")
		if err := kt.AddEntry(user, realm, "Geheim-17", time.Unix(1700000000, 0), 1, 18); err != nil {
			t.Fatal(err)
		}
	}
	data, err := kt.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// cacheOf is a ticket cache of version 4 with a ticket-granting ticket valid until then. The ticket
// itself is not usable.
func cacheOf(user, realm string, until time.Time) []byte {
	b := &bytes.Buffer{}
	n := func(v any) { binary.Write(b, binary.BigEndian, v) }
	data := func(s string) { n(uint32(len(s))); b.WriteString(s) }
	principal := func(kind uint32, realm string, parts ...string) {
		n(kind)
		n(uint32(len(parts)))
		data(realm)
		for _, p := range parts {
			data(p)
		}
	}
	b.Write([]byte{5, 4, 0, 0})
	principal(1, realm, user)
	principal(1, realm, user)
	principal(2, realm, "krbtgt", realm)
	n(uint16(18))
	data(strings.Repeat("k", 32))
	for _, at := range []time.Time{until.Add(-10 * time.Hour), until.Add(-10 * time.Hour), until, until} {
		n(uint32(at.Unix()))
	}
	b.WriteByte(0)
	n(uint32(0)) // flags
	n(uint32(0)) // addresses
	n(uint32(0)) // authorization data
	data("ticket")
	data("")
	return b.Bytes()
}

// Unusable Kerberos credentials are reported before a ticket is requested.
func TestKerberosCredentials(t *testing.T) {
	now := time.Now()
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		write(t, path, data)
		return path
	}
	one := file("one.keytab", keytabOf(t, "svc-dirbridge@CORP.EXAMPLE.COM"))
	two := file("two.keytab", keytabOf(t, "svc-dirbridge@CORP.EXAMPLE.COM", "host/sync01@CORP.EXAMPLE.COM"))
	fresh := file("fresh", cacheOf("svc-dirbridge", "CORP.EXAMPLE.COM", now.Add(time.Hour)))
	stale := file("stale", cacheOf("svc-dirbridge", "CORP.EXAMPLE.COM", now.Add(-time.Hour)))
	short := file("short", keytabOf(t, "svc-dirbridge@CORP.EXAMPLE.COM")[:60])
	old := file("old", []byte{5, 2, 0, 0})
	garbage := file("garbage", []byte("\x05\x02\x00\x00\x00\x7fnonsense"))
	for name, c := range map[string]struct {
		o           Options
		environment string
		who         string
		says        []string
	}{
		"keytab of one": {o: Options{Keytab: one}, who: "svc-dirbridge@CORP.EXAMPLE.COM"},
		"keytab by name": {o: Options{Keytab: two, BindUser: "SVC-Dirbridge@corp.example.com"},
			who: "svc-dirbridge@CORP.EXAMPLE.COM"},
		"keytab by NetBIOS name": {o: Options{Keytab: two, BindUser: `CORP\svc-dirbridge`},
			who: "svc-dirbridge@CORP.EXAMPLE.COM"},
		"keytab by host": {o: Options{Keytab: two, BindUser: "host/sync01"}, who: "host/sync01@CORP.EXAMPLE.COM"},
		"keytab of several": {o: Options{Keytab: two},
			says: []string{"several", "host/sync01@CORP.EXAMPLE.COM", "bind_user"}},
		"keytab of others": {o: Options{Keytab: one, BindUser: "ana@CORP.EXAMPLE.COM"},
			says: []string{"no key of ana@CORP.EXAMPLE.COM", "svc-dirbridge@CORP.EXAMPLE.COM"}},
		"keytab of garbage": {o: Options{Keytab: garbage}, says: []string{garbage, "keytab"}},
		"keytab cut off":    {o: Options{Keytab: short}, says: []string{short, "is no keytab, or damaged"}},
		"cache of old":      {o: Options{CredentialCache: old}, says: []string{old, "version 2"}},
		"no keytab":         {o: Options{Keytab: filepath.Join(dir, "none")}, says: []string{"no such file", "ktpass"}},
		"cache":             {o: Options{CredentialCache: "FILE:" + fresh}, who: "svc-dirbridge@CORP.EXAMPLE.COM"},
		"cache of a user": {o: Options{CredentialCache: fresh, BindUser: "svc-dirbridge@CORP.EXAMPLE.COM"},
			who: "svc-dirbridge@CORP.EXAMPLE.COM"},
		"cache of another": {o: Options{CredentialCache: fresh, BindUser: "ana@CORP.EXAMPLE.COM"},
			says: []string{"is of svc-dirbridge@CORP.EXAMPLE.COM, not of ana"}},
		"cache that is over":     {o: Options{CredentialCache: stale}, says: []string{"has expired on", "kinit"}},
		"cache of garbage":       {o: Options{CredentialCache: garbage}, says: []string{"credential_cache", garbage}},
		"cache of environment":   {environment: fresh, who: "svc-dirbridge@CORP.EXAMPLE.COM"},
		"keyring of environment": {environment: "KCM:0", says: []string{"KRB5CCNAME", "KCM"}},
		"nothing":                {says: []string{"no keytab, ticket cache or password", "credential_cache"}},
		"password": {o: Options{BindUser: "svc@corp.example.com", BindPassword: password("Geheim-17")},
			who: "svc@CORP.EXAMPLE.COM"},
		"password, other realm": {o: Options{BindUser: "svc@mail.example.com", Realm: "CORP.EXAMPLE.COM",
			BindPassword: password("Geheim-17")}, who: "svc@CORP.EXAMPLE.COM"},
		"no password": {o: Options{BindUser: "svc@corp.example.com", BindPassword: password("")},
			says: []string{"svc@corp.example.com has no password"}},
		"password out of reach": {o: Options{BindUser: "svc@corp.example.com", BindPassword: func() (string, error) {
			return "", errors.New("no such variable")
		}},
			says: []string{"cannot be read", "no such variable"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KRB5CCNAME", c.environment)
			c.o.Name, c.o.Bind, c.o.Servers = "corp", BindKerberos, []string{"ldaps://dc1.corp.example.com"}
			s, err := New(c.o)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			k, err := s.kerberosCredential()
			if len(c.says) > 0 {
				wantFailure(t, err, "give-up", c.says...)
				if len(err.Error()) > 400 || !isText([]byte(err.Error())) {
					t.Errorf("the file is in the error: %q", err)
				}
				return
			}
			if err != nil || k.principal() != c.who {
				t.Errorf("%+v, %v", k, err)
			}
		})
	}
}

// records is a DNS with these key distribution centres.
type records []*net.SRV

func (r records) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if service != "kerberos" || proto != "tcp" || name != "corp.example.com" || len(r) == 0 {
		return "", nil, &net.DNSError{Name: name, IsNotFound: true}
	}
	return "", r, nil
}

func (records) LookupHost(_ context.Context, host string) ([]string, error) {
	return []string{host}, nil
}

// The realm and its KDCs come from krb5.conf, else from DNS, else the directory server is the KDC.
func TestKerberosConfiguration(t *testing.T) {
	dns := records{{Target: "dc2.corp.example.com.", Port: 88}, {Target: "dc3.corp.example.com.", Port: 1088}}
	const realms = "[realms]\n CORP.EXAMPLE.COM = {\n  kdc = kdc.corp.example.com:88\n }\n"
	for name, c := range map[string]struct {
		text  string
		dns   records
		realm string // of the credential
		want  string // the resulting realm
		kdcs  []string
		says  []string
	}{
		"file": {text: realms, dns: dns, realm: "CORP.EXAMPLE.COM", want: "CORP.EXAMPLE.COM",
			kdcs: []string{"kdc.corp.example.com:88"}},
		"default realm": {text: "[libdefaults]\n default_realm = CORP.EXAMPLE.COM\n" + realms,
			want: "CORP.EXAMPLE.COM", kdcs: []string{"kdc.corp.example.com:88"}},
		"realm that it does not know": {text: "[libdefaults]\n default_realm = ATHENA.MIT.EDU\n", dns: dns,
			realm: "CORP.EXAMPLE.COM", want: "CORP.EXAMPLE.COM",
			kdcs: []string{"dc2.corp.example.com:88", "dc3.corp.example.com:1088"}},
		"directives that nobody knows": {
			text:  "includedir /etc/krb5.conf.d/\n[libdefaults]\n spake_preauth_groups = edwards25519\n" + realms,
			realm: "CORP.EXAMPLE.COM", want: "CORP.EXAMPLE.COM", kdcs: []string{"kdc.corp.example.com:88"}},
		"DNS": {dns: dns, realm: "CORP.EXAMPLE.COM", want: "CORP.EXAMPLE.COM",
			kdcs: []string{"dc2.corp.example.com:88", "dc3.corp.example.com:1088"}},
		"neither":  {realm: "CORP.EXAMPLE.COM", want: "CORP.EXAMPLE.COM", kdcs: []string{"dc1.corp.example.com:88"}},
		"no realm": {says: []string{"realm", "user@REALM"}},
		"nonsense": {text: "[libdefaults]\n ticket_lifetime\n", realm: "CORP.EXAMPLE.COM",
			says: []string{"kerberos_config", "krb5.conf"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "krb5.conf")
			write(t, path, []byte(c.text))
			s, err := New(Options{Name: "corp", Bind: BindKerberos, Keytab: "unread", KerberosConfig: path, Resolver: c.dns,
				Servers: []string{"ldaps://dc1.corp.example.com"}})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			k := &kerberosCredential{user: "svc", realm: c.realm}
			config, err := s.kerberosConfig(t.Context(), k, "dc1.corp.example.com")
			if len(c.says) > 0 {
				wantFailure(t, err, "give-up", c.says...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			n, kdcs, err := config.GetKDCs(k.realm, true)
			var got []string
			for _, kdc := range kdcs {
				got = append(got, kdc)
			}
			slices.Sort(got)
			if err != nil || n != len(c.kdcs) || !slices.Equal(got, c.kdcs) || k.realm != c.want {
				t.Errorf("realm %q, KDCs %q, %v", k.realm, got, err)
			}
		})
	}
	t.Run("a file that is named and not there", func(t *testing.T) {
		s := &Source{opt: Options{KerberosConfig: filepath.Join(t.TempDir(), "none")}}
		_, err := s.kerberosConfig(t.Context(), &kerberosCredential{realm: "X"}, "dc1")
		wantFailure(t, err, "give-up", "kerberos_config", "no such file")
	})
}

// The environment names the file, which need not exist.
func TestKerberosConfigurationFiles(t *testing.T) {
	t.Setenv("KRB5_CONFIG", "/a/krb5.conf:/b/krb5.conf")
	if got := (&Options{}).kerberosConfigFiles(); !slices.Equal(got,
		[]string{"/a/krb5.conf", "/b/krb5.conf", "/etc/krb5.conf"}) {
		t.Errorf("%q", got)
	}
	if got := (&Options{KerberosConfig: "/c"}).kerberosConfigFiles(); !slices.Equal(got, []string{"/c"}) {
		t.Errorf("%q", got)
	}
}

func TestServicePrincipal(t *testing.T) {
	u, err := url.Parse("ldaps://dc1.corp.example.com.:636")
	if err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]Options{
		"ldap/dc1.corp.example.com": {},
		"ldap/dc2.corp.example.com": {ServerName: "dc2.corp.example.com"},
		"ldap/dc3":                  {ServerName: "dc2.corp.example.com", ServicePrincipal: "ldap/dc3"},
	} {
		if got := o.servicePrincipal(u); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// kdc answers every request with a Kerberos error (RFC 4120 section 5.9.1).
func kdc(t *testing.T, code byte) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	field := func(tag byte, content ...byte) []byte { return append([]byte{tag, byte(len(content))}, content...) }
	text := func(tag byte, s string) []byte { return field(tag, field(0x1b, []byte(s)...)...) }
	name := field(0xaa,
		field(0x30,
			slices.Concat(field(0xa0, 2, 1, 2),
				field(0xa1,
					field(0x30, slices.Concat(field(0x1b, []byte("krbtgt")...), field(0x1b, []byte("X")...))...)...))...)...)
	body := slices.Concat(field(0xa0, 2, 1, 5), field(0xa1, 2, 1, 30),
		field(0xa4, field(0x18, []byte("20261122120000Z")...)...), field(0xa5, 2, 1, 0),
		field(0xa6, 2, 1, code), text(0xa9, "X"), name)
	answer := field(0x7e, field(0x30, body...)...)
	answer = append([]byte{0, 0, 0, byte(len(answer))}, answer...)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			var size [4]byte
			if _, err := io.ReadFull(c, size[:]); err == nil {
				io.CopyN(io.Discard, c, int64(binary.BigEndian.Uint32(size[:])))
				c.Write(answer)
			}
			c.Close()
		}
	}()
	return l.Addr().String()
}

// The KDC's answer is explained in words; the directory server gets no bind.
func TestTicketFailures(t *testing.T) {
	for code, c := range map[byte]struct {
		says []string
	}{
		6:  {[]string{"the user does not exist", "set realm"}},
		7:  {[]string{"the service ldap/dc1.corp.example.com is not known", "setspn"}},
		14: {[]string{"no kind of encryption", "AES"}},
		18: {[]string{"disabled, locked out or expired", "Enable or unlock"}},
		23: {[]string{"expired, or must be changed", "new password"}},
		37: {[]string{"clock", "five minutes"}},
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			f := (&fake{}).start(t, nil)
			path := filepath.Join(t.TempDir(), "krb5.conf")
			write(t, path, []byte("[realms]\n CORP.EXAMPLE.COM = {\n  kdc = "+kdc(t, code)+"\n }\n"))
			err := describe(f.source(t, func(o *Options) {
				o.Bind, o.KerberosConfig, o.ServicePrincipal = BindKerberos, path, "ldap/dc1.corp.example.com"
			}))
			wantFailure(t, err, "give-up", append(c.says, "svc of realm CORP.EXAMPLE.COM")...)
			secretless(t, err)
		})
	}
	t.Run("no server listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		f := (&fake{}).start(t, nil)
		path := filepath.Join(t.TempDir(), "krb5.conf")
		write(t, path, []byte("[realms]\n CORP.EXAMPLE.COM = {\n  kdc = "+l.Addr().String()+"\n }\n"))
		err = describe(f.source(t, func(o *Options) {
			o.Bind, o.KerberosConfig, o.ServicePrincipal = BindKerberos, path, "ldap/dc1.corp.example.com"
		}))
		wantFailure(t, err, "retry", "CORP.EXAMPLE.COM", "does not answer", "port 88")
	})
}

// A damaged file causes an error, never a panic.
func FuzzKerberosFiles(f *testing.F) {
	f.Add(keytabOf(f, "svc@CORP.EXAMPLE.COM"))
	f.Add(cacheOf("svc", "CORP.EXAMPLE.COM", time.Unix(1800000000, 0)))
	f.Add([]byte("\x05\x02\x00\x00\x00\x7f"))
	f.Add([]byte("\x05\x04\xff\xff"))
	f.Add([]byte("[realms]\n X = {\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if kt, err := parseKeytab(data); err == nil && len(principals(kt)) == 0 {
			t.Error("a keytab without a user")
		}
		if c, err := parseCache(data); err == nil && c == nil {
			t.Error("a cache that is none")
		}
		if c, err := parseKerberosConfig(string(data)); err == nil && c == nil {
			t.Error("a configuration that is none")
		}
	})
}
