package ldap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"dirbridge/sync/identity"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dirbridge/ldap/ldaptest"
)

const sandboxPassword = "Passw0rd.Sandbox"

// controller is an embedded directory with its bind account as an object.
func controller(t *testing.T, o ldaptest.Options) *ldaptest.Server {
	t.Helper()
	o.TLS, o.ServiceAccount = true, o.Flavor != ldaptest.OpenLDAP
	s, err := ldaptest.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// signs makes a source of the embedded directory, over LDAPS unless changed.
func signs(t *testing.T, s *ldaptest.Server, change ...func(*Options)) *Source {
	t.Helper()
	ca, err := s.CAFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Name: "corp", Servers: []string{s.LDAPSURL()}, CAFile: ca, BindUser: `CORP\svc-dirbridge`,
		BindPassword: password(sandboxPassword), SyncUsers: true}
	for _, c := range change {
		c(&o)
	}
	source, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { source.Close() })
	return source
}

func plain(s *ldaptest.Server) func(*Options) {
	return func(o *Options) { o.Servers = []string{s.URL()} }
}

func startTLSOn(s *ldaptest.Server) func(*Options) {
	return func(o *Options) { o.Servers, o.StartTLS = []string{s.URL()}, true }
}

func way(bind string) func(*Options) { return func(o *Options) { o.Bind = bind } }

// showing signs in with a certificate from the embedded directory's own authority.
func showing(t *testing.T, s *ldaptest.Server, name string) func(*Options) {
	t.Helper()
	cert, key, err := s.IssueCertificate(ldaptest.ClientSubject{CommonName: name})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, certFile, cert)
	write(t, keyFile, key)
	return func(o *Options) {
		o.Bind, o.BindUser, o.BindPassword, o.ClientCert, o.ClientKey = BindExternal, "", nil, certFile, keyFile
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Each bind method signs in and reads.
func TestEveryBindMethodReads(t *testing.T) {
	s := controller(t, ldaptest.Options{ClientCertificates: true})
	open := controller(t, ldaptest.Options{Flavor: ldaptest.OpenLDAP, ClientCertificates: true})
	for name, c := range map[string]struct {
		server    *ldaptest.Server
		change    []func(*Options)
		account   string
		way       string
		encrypted bool
	}{
		"simple":             {s, nil, `CORP\svc-dirbridge`, "simple", true},
		"simple without TLS": {s, []func(*Options){plain(s)}, `CORP\svc-dirbridge`, "simple", false},
		"NTLM":               {s, []func(*Options){way(BindNTLM)}, `CORP\svc-dirbridge`, "ntlm", true},
		"NTLM by StartTLS": {s, []func(*Options){way(BindNTLM), startTLSOn(s)}, `CORP\svc-dirbridge`,
			"ntlm", true},
		"NTLM on loopback": {s, []func(*Options){way(BindNTLM), plain(s)}, `CORP\svc-dirbridge`, "ntlm", false},
		"NTLM with a principal name": {s,
			[]func(*Options){way(BindNTLM), func(o *Options) { o.BindUser = "svc-dirbridge@corp.example.com" }},
			"svc-dirbridge@corp.example.com", "ntlm", true},
		"NTLM with the domain apart": {s,
			[]func(*Options){way(BindNTLM), func(o *Options) { o.BindUser, o.BindDomain = "svc-dirbridge", "CORP" }},
			"svc-dirbridge", "ntlm", true},
		"NTLM, the domain overruled": {s,
			[]func(*Options){way(BindNTLM), func(o *Options) {
				o.BindUser, o.BindDomain = "svc-dirbridge@else.example.com", "CORP"
			}}, "svc-dirbridge@else.example.com", "ntlm", true},
		"EXTERNAL by LDAPS": {s, []func(*Options){showing(t, s, "svc-dirbridge")}, "CN=svc-dirbridge",
			"external", true},
		"EXTERNAL by StartTLS": {s, []func(*Options){showing(t, s, "svc-dirbridge"), startTLSOn(s)},
			"CN=svc-dirbridge", "external", true},
		"EXTERNAL by LDAPS, OpenLDAP": {open, []func(*Options){showing(t, open, "svc-dirbridge")}, "CN=svc-dirbridge",
			"external", true},
		"EXTERNAL by StartTLS, OpenLDAP": {open, []func(*Options){showing(t, open, "svc-dirbridge"), startTLSOn(open)},
			"CN=svc-dirbridge", "external", true},
		"simple with a client certificate": {s, []func(*Options){showing(t, s, "svc-dirbridge"), func(o *Options) {
			o.Bind, o.BindUser, o.BindPassword = "", `CORP\svc-dirbridge`, password(sandboxPassword)
		}}, `CORP\svc-dirbridge`, "simple", true},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := signs(t, c.server, c.change...).SignIn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if in.Account != c.account || in.Way != c.way || in.Encrypted != c.encrypted || len(in.Warnings) != 0 {
				t.Errorf("%+v", in)
			}
		})
	}
}

// If a server requires more protection for a bind method, the error says so and names a method that
// works.
func TestRequiredProtectionIsNamed(t *testing.T) {
	simple := controller(t, ldaptest.Options{RequireTLS: true})
	signing := controller(t, ldaptest.Options{RequireSigning: true})
	binding := controller(t, ldaptest.Options{RequireChannelBinding: true})
	neither := controller(t, ldaptest.Options{DisableSimpleBind: true})
	open := controller(t, ldaptest.Options{Flavor: ldaptest.OpenLDAP})
	for name, c := range map[string]struct {
		server *ldaptest.Server
		change []func(*Options)
		says   []string // none: it works
	}{
		"a password in the clear": {simple, []func(*Options){plain(simple)},
			[]string{"encrypted connections only", "ldaps://, or start_tls", "result 8"}},
		"simple where signing is due": {signing, []func(*Options){plain(signing)},
			[]string{"encrypted connections only", "ldaps://, or start_tls"}},
		"NTLM where signing is due": {signing, []func(*Options){plain(signing), way(BindNTLM)},
			[]string{"demands signing", "ldaps://, or start_tls", `bind = "ntlm" can stay`}},
		"what was told, then": {signing, []func(*Options){way(BindNTLM)}, nil},
		"NTLM without the binding": {binding, []func(*Options){way(BindNTLM)},
			[]string{"channel binding", `bind = "simple" over ldaps://`, `"external"`, "80090346"}},
		"what was told here, then": {binding, nil, nil},
		"no simple binds":          {neither, nil, []string{"simple binds", "result 7"}},
		"NTLM to OpenLDAP":         {open, []func(*Options){way(BindNTLM)}, []string{"ntlm", `bind = "simple"`}},
	} {
		t.Run(name, func(t *testing.T) {
			err := describe(signs(t, c.server, c.change...))
			if len(c.says) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantFailure(t, err, "give-up", c.says...)
			secretless(t, err)
		})
	}
}

// The exact texts of servers that the embedded directory does not imitate.
func TestRequiredProtectionInServerTexts(t *testing.T) {
	for name, c := range map[string]struct {
		way       string
		encrypted bool
		code      uint16
		said      string
		says      []string
	}{
		"Samba, a password in the clear": {BindSimple, false, 8, "BindSimple: Transport encryption required.",
			[]string{"encrypted connections only", "Use ldaps://, or start_tls = true."}},
		"Samba, allow_sasl_over_tls": {BindKerberos, false, 8, "SASL:[GSSAPI]: not allowed if TLS is used.",
			[]string{"demands signing", "Use ldaps://, or start_tls = true", "can stay"}},
		"Samba, strong auth": {BindKerberos, false, 8, "SASL:[GSSAPI]: Sign or Seal are required.",
			[]string{"signing or sealing", `bind = "simple" over ldaps://`}},
		"Samba, strong auth within TLS": {BindKerberos, true, 8, "SASL:[GSSAPI]: Sign or Seal are required.",
			[]string{"signing or sealing", `bind = "simple" over ldaps://`}},
		"Windows, integrity": {BindKerberos, false, 8,
			"00002028: LdapErr: DSID-0C090259, comment: The server requires binds to turn on integrity checking if SSL\\TLS " +
				"are not already active on the connection, data 0, v1db1",
			[]string{"demands signing", "Use ldaps://, or start_tls = true", "can stay"}},
		"Windows, channel binding": {BindKerberos, true, 49,
			"80090346: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data 80090346, v4563",
			[]string{"channel binding", `bind = "simple" over ldaps://`, `"external"`}},
		"OpenLDAP, a password in the clear": {BindSimple, false, 13, "confidentiality required",
			[]string{"encrypted connections only", "Use ldaps://, or start_tls = true."}},
		"no password even so": {BindSimple, true, 8, "stronger authentication required",
			[]string{"no password, even over", `"kerberos"`}},
		"an ordinary refusal": {BindKerberos, true, 49,
			"80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Source{opt: Options{Bind: c.way, BindUser: "svc@CORP"}}
			session := &session{server: "ldap://dc1", frames: &frames{}}
			if c.encrypted {
				session.frames.Conn = tls.Client(nil, &tls.Config{})
			}
			err := s.demanded(session, c.code, c.said)
			if c.says == nil {
				if err != nil {
					t.Errorf("recognised as a demand: %v", err)
				}
				return
			}
			wantFailure(t, err, "give-up", append(c.says, "ldap://dc1", "svc@CORP", c.said)...)
		})
	}
}

// Every sub-code has a meaning and a remedy, for simple bind and for NTLM.
func TestSubCodes(t *testing.T) {
	s := controller(t, ldaptest.Options{ReportUnknownNames: true})
	for code, want := range map[string][]string{
		"525": {"does not exist", "Check bind_user."},
		"52e": {"user name or the password is wrong", "bind_password"},
		"530": {"at this time", "logon hours"},
		"531": {"from this computer", "from here"},
		"532": {"password has expired", "new password"},
		"533": {"disabled", "Enable the account"},
		"701": {"account has expired", "expiry date"},
		"773": {"must be changed", "must change at next logon"},
		"775": {"locked out", "Unlock"},
	} {
		for _, bind := range []string{BindSimple, BindNTLM} {
			t.Run(code+" "+bind, func(t *testing.T) {
				s.ForceBind("svc-dirbridge", code)
				defer s.ForceBind("svc-dirbridge", "")
				before := s.Stats().Binds
				err := describe(signs(t, s, way(bind), func(o *Options) { o.Servers = append(o.Servers, s.URL()) }))
				wantFailure(t, err, "give-up", append(want, "data "+code, `CORP\svc-dirbridge`)...)
				secretless(t, err)
				if n := s.Stats().Binds - before; n > 2 {
					t.Errorf("%d requests to bind; a refused password was tried on the next server", n)
				}
			})
		}
	}
}

// The state of the account determines the sub-code and its message.
func TestAccountStateInBindFailure(t *testing.T) {
	s := controller(t, ldaptest.Options{ReportUnknownNames: true})
	for name, c := range map[string]struct {
		attrs    map[string][]string
		password string
		says     string
	}{
		"disabled":  {map[string][]string{"userAccountControl": {"514"}}, "right", "disabled"},
		"expired":   {map[string][]string{"accountExpires": {"129000000000000000"}}, "right", "account has expired"},
		"must":      {map[string][]string{"pwdLastSet": {"0"}}, "right", "must be changed"},
		"hours":     {map[string][]string{"logonHours": {string(make([]byte, 21))}}, "right", "at this time"},
		"elsewhere": {map[string][]string{"userWorkstations": {"PC-17"}}, "right", "from this computer"},
		"wrong":     {nil, "wrong", "user name or the password is wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			dn := "CN=" + name + ",CN=Users," + s.BaseDN()
			if err := s.Add(dn, map[string][]string{"objectClass": {"user"}, "sAMAccountName": {name}}); err != nil {
				t.Fatal(err)
			}
			if err := s.SetPassword(dn, "right"); err != nil {
				t.Fatal(err)
			}
			if err := s.Modify(dn, c.attrs); err != nil {
				t.Fatal(err)
			}
			for _, bind := range []string{BindSimple, BindNTLM} {
				err := describe(signs(t, s, way(bind), func(o *Options) {
					o.BindUser, o.BindPassword = `CORP\`+name, password(c.password)
				}))
				wantFailure(t, err, "give-up", c.says)
			}
		})
	}
	err := describe(signs(t, s, func(o *Options) { o.BindUser = `CORP\nobody` }))
	wantFailure(t, err, "give-up", "does not exist")
}

// A refused certificate and a refused password have different errors.
func TestRefusedCertificates(t *testing.T) {
	s := controller(t, ldaptest.Options{ClientCertificates: true})
	deaf := controller(t, ldaptest.Options{})
	foreign := foreignCertificate(t, time.Now().Add(time.Hour))
	for name, c := range map[string]struct {
		server *ldaptest.Server
		change []func(*Options)
		says   []string
	}{
		"of no user": {s, []func(*Options){showing(t, s, "nobody")}, []string{"CN=nobody", "map its subject"}},
		"of no user, StartTLS": {s, []func(*Options){showing(t, s, "nobody"), startTLSOn(s)},
			[]string{"CN=nobody", "map its subject"}},
		"not asked for": {deaf, []func(*Options){showing(t, deaf, "svc-dirbridge")},
			[]string{"CN=svc-dirbridge", "ask for client certificates"}},
		"not asked for StartTLS": {deaf, []func(*Options){showing(t, deaf, "svc-dirbridge"), startTLSOn(deaf)},
			[]string{"CN=svc-dirbridge", "ask for client certificates"}},
		"of a foreign authority": {s, []func(*Options){showing(t, s, "x"), foreign},
			[]string{"refuses the client certificate", "an authority that the server trusts"}},
		"expired": {s, []func(*Options){showing(t, s, "x"), foreignCertificate(t, time.Now().Add(-time.Minute))},
			[]string{"client_cert", "valid from", "CN=svc-dirbridge"}},
		"no file": {s, []func(*Options){showing(t, s, "x"), func(o *Options) { o.ClientCert += ".missing" }},
			[]string{"client_cert", "no such file"}},
		"no key": {s, []func(*Options){showing(t, s, "x"), func(o *Options) { o.ClientKey = "" }},
			[]string{"client_cert", "private key"}},
		"another's key": {s,
			[]func(*Options){showing(t, s, "x"), func(o *Options) {
				key := o.ClientKey
				showing(t, s, "y")(o)
				o.ClientKey = key
			}}, []string{"client_key", "does not match"}},
	} {
		t.Run(name, func(t *testing.T) {
			wantFailure(t, describe(signs(t, c.server, c.change...)), "give-up", c.says...)
		})
	}
}

// A server that requires a client certificate reports that after the handshake.
func TestRequiredClientCertificate(t *testing.T) {
	ca := newAuthority(t, "Our CA")
	for version, number := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		t.Run(version, func(t *testing.T) {
			config := ca.server(t, "127.0.0.1", time.Now().Add(time.Hour))
			config.ClientAuth, config.MaxVersion = tls.RequireAnyClientCert, number
			f := (&fake{}).start(t, config)
			err := describe(f.source(t, func(o *Options) { o.CAFile = ca.file }))
			wantFailure(t, err, "give-up", "client certificate", "client_cert")
		})
	}
}

func foreignCertificate(t *testing.T, until time.Time) func(*Options) {
	t.Helper()
	der, key := certificate(t,
		&x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "svc-dirbridge"},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}},
		newAuthority(t, "Foreign CA"))
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "both.pem")
	write(t, path,
		slices.Concat(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
			pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})))
	return func(o *Options) { o.ClientCert, o.ClientKey = path, "" }
}

// secretless checks that the error contains no password of a test, however it is printed.
func secretless(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{sandboxPassword, "Geheim"} {
		if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret) {
			t.Errorf("the password is in %v", err)
		}
	}
}

// A server with NTLM in GSS-SPNEGO only closes the connection.
func TestNTLMConnectionClosedByServer(t *testing.T) {
	for name, c := range map[string]struct {
		vendor string
		class  identity.Class
	}{"Samba": {"Samba Team (https://www.samba.org)", "give-up"}, "another": {"", "retry"}} {
		t.Run(name, func(t *testing.T) {
			f := &fake{root: append(adRoot(), []string{"vendorName", c.vendor})}
			f.bind = func(string, string) (int, string) { f.hangUp(); return 0, "" }
			f.start(t, nil)
			err := describe(f.source(t, func(o *Options) { o.Bind = BindNTLM }))
			wantFailure(t, err, c.class, "GSS-SPNEGO", "simple", "kerberos", "ldaps://")
			secretless(t, err)
		})
	}
}

// Contradictory options are refused before connecting.
func TestBindOptions(t *testing.T) {
	for name, c := range map[string]struct {
		o    Options
		says []string // none: fine
	}{
		"unknown way":       {Options{Bind: "digest"}, []string{`"digest"`, "simple, ntlm, kerberos or external"}},
		"keytab for simple": {Options{Keytab: "/x"}, []string{"keytab", `bind = "kerberos"`}},
		"cache for ntlm": {Options{Bind: BindNTLM, BindUser: `C\u`, BindPassword: password("p"),
			CredentialCache: "/x"}, []string{"credential_cache"}},
		"realm for external":    {Options{Bind: BindExternal, ClientCert: "/c", Realm: "X"}, []string{"realm"}},
		"domain for simple":     {Options{BindDomain: "CORP"}, []string{"bind_domain", `bind = "ntlm"`}},
		"domain for kerberos":   {Options{Bind: BindKerberos, BindDomain: "CORP", Keytab: "/x"}, []string{"bind_domain"}},
		"ntlm without user":     {Options{Bind: BindNTLM, BindPassword: password("p")}, []string{"user and a password"}},
		"ntlm without password": {Options{Bind: BindNTLM, BindUser: `C\u`}, []string{"user and a password"}},
		"ntlm with a DN": {Options{Bind: BindNTLM, BindUser: "CN=svc,DC=corp", BindPassword: password("p")},
			[]string{"distinguished name", `DOMAIN\user`}},
		"ntlm without domain": {Options{Bind: BindNTLM, BindUser: "svc", BindPassword: password("p")},
			[]string{"the domain of svc", "bind_domain"}},
		"ntlm without name": {Options{Bind: BindNTLM, BindUser: `CORP\`, BindPassword: password("p")},
			[]string{"names no user"}},
		"ntlm": {Options{Bind: BindNTLM, BindUser: `CORP\svc`, BindPassword: password("p")}, nil},
		"kerberos by both": {Options{Bind: BindKerberos, Keytab: "/k", CredentialCache: "/c"},
			[]string{"keytab and credential_cache"}},
		"kerberos with a DN": {Options{Bind: BindKerberos, BindUser: "CN=svc,DC=corp", Keytab: "/k"},
			[]string{"distinguished name", "user@REALM"}},
		"kerberos without user": {Options{Bind: BindKerberos, BindPassword: password("p")}, []string{"needs a user"}},
		"kernel keyring": {Options{Bind: BindKerberos, CredentialCache: "KEYRING:persistent:0"},
			[]string{"KEYRING", "kinit -c FILE:"}},
		"cache by its kind": {Options{Bind: BindKerberos, CredentialCache: "FILE:/tmp/krb5cc_0"}, nil},
		"service without host": {Options{Bind: BindKerberos, Keytab: "/k", ServicePrincipal: "dc1"},
			[]string{"service_principal", "ldap/dc1.corp.example.com"}},
		"server by address": {Options{Bind: BindKerberos, Keytab: "/k", Servers: []string{"ldaps://10.0.0.1"}},
			[]string{"ldaps://10.0.0.1", "DNS name"}},
		"address with name": {Options{Bind: BindKerberos, Keytab: "/k", Servers: []string{"ldaps://10.0.0.1"},
			ServerName: "dc1.corp.example.com"}, nil},
		"address with principal": {Options{Bind: BindKerberos, Keytab: "/k", Servers: []string{"ldaps://10.0.0.1"},
			ServicePrincipal: "ldap/dc1"}, nil},
		"external without cert": {Options{Bind: BindExternal}, []string{"client certificate", "client_cert"}},
		"external with user":    {Options{Bind: BindExternal, ClientCert: "/c", BindUser: "svc"}, []string{"bind_user"}},
		"external without TLS": {Options{Bind: BindExternal, ClientCert: "/c", Servers: []string{"ldap://127.0.0.1"}},
			[]string{"encrypted connection", "start_tls"}},
		"external by StartTLS": {Options{Bind: BindExternal, ClientCert: "/c", Servers: []string{"ldap://127.0.0.1"},
			StartTLS: true}, nil},
		"key without cert": {Options{ClientKey: "/k"}, []string{"client_key", "client_cert"}},
		"ntlm in the clear": {Options{Bind: BindNTLM, BindUser: `C\u`, BindPassword: password("p"),
			Servers: []string{"ldap://dc1.corp.example.com"}}, []string{"unencrypted", "allow_plaintext"}},
		"kerberos in the clear": {Options{Bind: BindKerberos, Keytab: "/k", Servers: []string{"ldap://dc1.corp.example.com"}},
			[]string{"unencrypted", "allow_plaintext"}},
		"ntlm in the clear, allowed": {Options{Bind: BindNTLM, BindUser: `C\u`, BindPassword: password("p"),
			Servers:        []string{"ldap://dc1.corp.example.com"},
			AllowPlaintext: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Name = "corp"
			if c.o.Servers == nil {
				c.o.Servers = []string{"ldaps://dc1.corp.example.com"}
			}
			s, err := New(c.o)
			if len(c.says) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				s.Close()
				return
			}
			wantFailure(t, err, "give-up", c.says...)
		})
	}
}

func TestAnonymous(t *testing.T) {
	f := (&fake{}).start(t, nil)
	in, err := f.source(t, func(o *Options) { o.BindUser = "" }).SignIn(context.Background())
	if err != nil || in.Way != "anonymous" || in.Account != "" || in.Encrypted {
		t.Errorf("%+v, %v", in, err)
	}
}
