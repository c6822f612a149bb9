package ldap_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
)

// labPassword is the password of the service accounts of the Samba AD DC, and of Administrator.
const labPassword = "Passw0rd.Lab1"

// signIn signs in to a real server and reads its head, or returns the error.
func signIn(t *testing.T, d *lab.Directory, change func(*ldap.Options)) (ldap.SignIn, error) {
	t.Helper()
	o := ldap.Options{Name: "corp", Servers: []string{d.TLSURL}, CAFile: d.CA, ServerName: d.Hostname, SyncUsers: true}
	change(&o)
	s, err := ldap.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	in, err := s.SignIn(t.Context())
	for _, secret := range []string{labPassword, "Geheim"} {
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, secret) {
			t.Errorf("the password is in %s", text)
		}
	}
	return in, err
}

// saying checks that the failure contains all texts, in its message or its remedy.
func saying(t *testing.T, err error, words ...string) {
	t.Helper()
	var f *identity.Failure
	if !errors.As(err, &f) || f.Remedy == "" {
		t.Fatalf("got %v, want a failure with its remedy", err)
	}
	for _, w := range words {
		if text := err.Error() + " // " + f.Remedy; !strings.Contains(text, w) {
			t.Errorf("%s does not say %q", text, w)
		}
	}
}

func secretOf(p string) func() (string, error) { return func() (string, error) { return p, nil } }

// Every bind method that Samba supports, and the error for those that it lacks.
func TestSignInToSamba(t *testing.T) {
	d := lab.Samba(t, lab.Empty) // its own: the test changes accounts and passwords, and how they expire
	t.Cleanup(d.Close)
	t.Setenv("KRB5CCNAME", "")
	t.Setenv("KRB5_CONFIG", d.KerberosConfig())
	plain := func(o *ldap.Options) { o.Servers = []string{d.URL} }
	kerberos := func(o *ldap.Options) { o.Bind = ldap.BindKerberos }
	byPassword := func(o *ldap.Options) {
		kerberos(o)
		o.BindUser, o.BindPassword = "svc-plain@corp.example.com", secretOf(labPassword)
	}
	keytab := d.Keytab(t, "svc-plain")
	tickets, kinit := d.TicketCache(t, "svc-plain", labPassword)
	const principal = "svc-plain@CORP.EXAMPLE.COM"
	all := func(fs ...func(*ldap.Options)) func(*ldap.Options) {
		return func(o *ldap.Options) {
			for _, f := range fs {
				f(o)
			}
		}
	}
	for name, c := range map[string]struct {
		change    func(*ldap.Options)
		account   string
		encrypted bool
	}{
		"simple, LDAPS": {func(o *ldap.Options) { o.BindUser, o.BindPassword = `CORP\svc-plain`, secretOf(labPassword) },
			`CORP\svc-plain`, true},
		"simple, StartTLS": {all(plain, func(o *ldap.Options) {
			o.StartTLS, o.BindUser, o.BindPassword = true, "svc-plain@corp.example.com", secretOf(labPassword)
		}), "svc-plain@corp.example.com", true},
		"Kerberos, keytab": {all(kerberos, func(o *ldap.Options) { o.Keytab = keytab }), principal, true},
		"Kerberos, keytab, plain": {all(plain, kerberos, func(o *ldap.Options) {
			o.Keytab, o.BindUser = keytab, "svc-plain@corp.example.com"
		}), principal, false},
		"Kerberos, keytab, StartTLS": {all(plain, kerberos, func(o *ldap.Options) { o.Keytab, o.StartTLS = keytab, true }),
			principal, true},
		"Kerberos, password":     {byPassword, principal, true},
		"Kerberos, NetBIOS name": {all(byPassword, func(o *ldap.Options) { o.BindUser = `CORP\svc-plain` }), principal, true},
		"Kerberos, ticket cache": {all(kerberos, func(o *ldap.Options) { o.CredentialCache = "FILE:" + tickets }),
			principal, true},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.HasSuffix(name, "ticket cache") && !kinit {
				t.Skip("left out: kinit (Debian package krb5-user) is not installed")
			}
			in, err := signIn(t, d, c.change)
			if err != nil {
				t.Fatal(err)
			}
			if in.Account != c.account || in.Encrypted != c.encrypted || len(in.Warnings) != 0 {
				t.Errorf("%+v", in)
			}
		})
	}
	t.Run("Kerberos, ticket cache of the environment", func(t *testing.T) {
		if !kinit {
			t.Skip("left out: kinit (Debian package krb5-user) is not installed")
		}
		t.Setenv("KRB5CCNAME", "FILE:"+tickets)
		if in, err := signIn(t, d, kerberos); err != nil || in.Account != principal {
			t.Errorf("%+v, %v", in, err)
		}
	})
	t.Run("Kerberos without krb5.conf", func(t *testing.T) {
		// The KDC is on the directory server, at the address in the URL.
		t.Setenv("KRB5_CONFIG", "/nonexistent")
		in, err := signIn(t, d, all(kerberos, func(o *ldap.Options) { o.Keytab, o.Resolver = keytab, noDNS{} }))
		if err != nil || in.Account != principal {
			t.Errorf("%+v, %v", in, err)
		}
	})
	for name, c := range map[string]struct {
		change func(*ldap.Options)
		says   []string
	}{
		"Kerberos, wrong password": {all(byPassword, func(o *ldap.Options) { o.BindPassword = secretOf("Geheim-17") }),
			[]string{"the password is wrong", "bind_password", "svc-plain"}},
		"Kerberos, wrong user": {all(byPassword, func(o *ldap.Options) { o.BindUser = "nobody@corp.example.com" }),
			[]string{"the user does not exist", "nobody"}},
		"Kerberos, wrong service": {all(kerberos, func(o *ldap.Options) {
			o.Keytab, o.ServicePrincipal = keytab, "ldap/dc9.corp.example.com"
		}), []string{"ldap/dc9.corp.example.com is not known", "setspn"}},
		"NTLM, LDAPS": {func(o *ldap.Options) {
			o.Bind, o.BindUser, o.BindPassword = ldap.BindNTLM, `CORP\svc-plain`, secretOf(labPassword)
		}, []string{"GSS-SPNEGO", "Samba", `"simple" over ldaps://`, `"kerberos"`}},
		"NTLM, plain": {all(plain, func(o *ldap.Options) {
			o.Bind, o.BindUser, o.BindPassword = ldap.BindNTLM, `CORP\svc-plain`, secretOf(labPassword)
		}), []string{"GSS-SPNEGO", "Samba"}},
		"EXTERNAL": {func(o *ldap.Options) {
			o.Bind = ldap.BindExternal
			o.ClientCert, o.ClientKey = d.ClientCertificate(t, "svc-plain")
		}, []string{"Samba", "has no sign-in by certificate", `"simple"`}},
		"another's name in the certificate": {func(o *ldap.Options) {
			o.ServerName = "dc9.corp.example.com"
			o.BindUser, o.BindPassword = `CORP\svc-plain`, secretOf(labPassword)
		}, []string{"another host", d.Hostname}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := signIn(t, d, c.change)
			saying(t, err, c.says...)
		})
	}
	t.Run("sub-codes", func(t *testing.T) { sambaSubCodes(t, d) })
	t.Run("a password that expires", func(t *testing.T) { sambaExpiry(t, d) })
}

// noDNS resolves no name.
type noDNS struct{}

func (noDNS) LookupSRV(context.Context, string, string, string) (string, []*net.SRV, error) {
	return "", nil, &net.DNSError{IsNotFound: true}
}

func (noDNS) LookupHost(_ context.Context, host string) ([]string, error) { return []string{host}, nil }

// Samba's answer for an account that may not sign in names the state of the account.
func sambaSubCodes(t *testing.T, d *lab.Directory) {
	dn := d.One(t, "(sAMAccountName=svc-plain)")
	never := strconv.FormatUint(1<<63-1, 10)
	for _, c := range []struct {
		code, attribute, value, back string
		simple, kerberos             string
	}{
		{"533", "userAccountControl", "514", "512", "disabled", "disabled"},
		{"701", "accountExpires", "129000000000000000", never, "account has expired", "extend its expiry date"},
		{"773", "pwdLastSet", "0", "-1", "must be changed", "must be changed"},
		{"530", "logonHours", string(make([]byte, 21)), "", "at this time", "logon hours"},
	} {
		t.Run(c.code, func(t *testing.T) {
			d.Set(t, dn, c.attribute, c.value)
			defer func() {
				if c.back == "" {
					d.Set(t, dn, c.attribute)
				} else {
					d.Set(t, dn, c.attribute, c.back)
				}
			}()
			account := func(o *ldap.Options) {
				o.BindUser, o.BindPassword = "svc-plain@corp.example.com", secretOf(labPassword)
			}
			_, err := signIn(t, d, account)
			saying(t, err, "data "+c.code, c.simple)
			_, err = signIn(t, d, func(o *ldap.Options) { account(o); o.Bind = ldap.BindKerberos })
			saying(t, err, c.kerberos)
		})
	}
	for _, user := range []string{"svc-plain", "nobody"} {
		_, err := signIn(t, d, func(o *ldap.Options) {
			o.BindUser, o.BindPassword = user+"@corp.example.com", secretOf("Geheim-17")
		})
		saying(t, err, "data 52e", "user name or the password is wrong")
	}
}

func sambaExpiry(t *testing.T, d *lab.Directory) {
	d.Set(t, d.Base, "maxPwdAge", strconv.FormatInt(-int64(9*24*time.Hour/100), 10))
	defer d.Set(t, d.Base, "maxPwdAge", "-9223372036854775808")
	for _, user := range []string{"svc-plain@corp.example.com", `CORP\svc-plain`, d.One(t, "(sAMAccountName=svc-plain)")} {
		in, err := signIn(t, d, func(o *ldap.Options) { o.BindUser, o.BindPassword = user, secretOf(labPassword) })
		if err != nil {
			t.Fatal(err)
		}
		if len(in.Warnings) != 1 || !strings.Contains(in.Warnings[0], "the password of "+user+" expires on ") {
			t.Errorf("%+v", in)
		}
	}
}

// Samba's setting "ldap server require strong auth" causes an error in the words of that setting,
// with a method that works.
func TestSambaDemands(t *testing.T) {
	const tls, sign = "Use ldaps://, or start_tls = true", `Use bind = "simple" over ldaps://`
	for _, c := range []struct {
		setting                                     string
		simple, simpleTLS, kerberos, kerberosTLS    string // the remedy; "" signs in
		simpleSaid, kerberosSaid, kerberosSaidByTLS string
	}{
		{setting: "allow_sasl_over_tls", simple: tls, kerberos: tls, simpleSaid: "BindSimple: Transport encryption required.",
			kerberosSaid: "SASL:[GSSAPI]: not allowed if TLS is used."},
		{setting: "yes", simple: tls, kerberos: sign, kerberosTLS: sign,
			simpleSaid:        "BindSimple: Transport encryption required.",
			kerberosSaid:      "SASL:[GSSAPI]: Sign or Seal are required.",
			kerberosSaidByTLS: "SASL:[GSSAPI]: Sign or Seal are required."},
	} {
		t.Run(c.setting, func(t *testing.T) {
			t.Setenv("AD_STRONG", c.setting)
			d := lab.Samba(t, lab.Empty) // its own: no other test uses this setting
			t.Cleanup(d.Close)
			for name, row := range map[string]struct{ bind, url, remedy, said string }{
				"simple":              {ldap.BindSimple, d.URL, c.simple, c.simpleSaid},
				"simple within TLS":   {ldap.BindSimple, d.TLSURL, c.simpleTLS, ""},
				"Kerberos":            {ldap.BindKerberos, d.URL, c.kerberos, c.kerberosSaid},
				"Kerberos within TLS": {ldap.BindKerberos, d.TLSURL, c.kerberosTLS, c.kerberosSaidByTLS},
			} {
				t.Run(name, func(t *testing.T) {
					_, err := signIn(t, d, func(o *ldap.Options) {
						o.Bind, o.Servers = row.bind, []string{row.url}
						o.BindUser, o.BindPassword = "svc-plain@corp.example.com", secretOf(labPassword)
						if row.bind == ldap.BindKerberos {
							o.KerberosConfig = d.KerberosConfig()
						}
					})
					if row.remedy == "" {
						if err != nil {
							t.Error(err)
						}
						return
					}
					saying(t, err, row.remedy, row.said)
				})
			}
		})
	}
}

// OpenLDAP signs in with a client certificate, whose subject it maps to an entry, and announces an
// expiring password.
func TestSignInToOpenLDAP(t *testing.T) {
	d := lab.Slapd(t, lab.Empty) // its own: the test changes how passwords expire
	t.Cleanup(d.Close)
	for name, change := range map[string]func(*ldap.Options){
		"LDAPS":    func(*ldap.Options) {},
		"StartTLS": func(o *ldap.Options) { o.Servers, o.StartTLS = []string{d.URL}, true },
	} {
		t.Run("EXTERNAL, "+name, func(t *testing.T) {
			in, err := signIn(t, d, func(o *ldap.Options) {
				o.Bind = ldap.BindExternal
				o.ClientCert, o.ClientKey = d.ClientCertificate(t, "reader")
				change(o)
			})
			if err != nil || in.Account != "CN=reader,OU=clients,O=lab" || !in.Encrypted {
				t.Errorf("%+v, %v", in, err)
			}
		})
	}
	t.Run("a certificate of another user", func(t *testing.T) {
		_, err := signIn(t, d, func(o *ldap.Options) {
			o.Bind = ldap.BindExternal
			o.ClientCert, o.ClientKey = foreignClient(t)
		})
		saying(t, err, "client certificate", "trust")
	})
	for name, change := range map[string]func(*ldap.Options){
		"NTLM":  func(o *ldap.Options) { o.Bind, o.BindUser = ldap.BindNTLM, `LAB\reader` },
		"wrong": func(o *ldap.Options) { o.BindUser = "cn=reader," + d.Base },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := signIn(t, d, func(o *ldap.Options) { o.BindPassword = secretOf("Geheim-17"); change(o) })
			saying(t, err, d.TLSURL, "bind")
		})
	}
	t.Run("a password that expires", func(t *testing.T) { openLDAPExpiry(t, d) })
}

func openLDAPExpiry(t *testing.T, d *lab.Directory) {
	// Five days; it warns when fewer seconds are left than the second number.
	dn := d.AddAccount(t, "svc", labPassword,
		map[string][]string{"pwdMaxAge": {"432000"}, "pwdExpireWarning": {"432001"}, "pwdMustChange": {"TRUE"}})
	account := func(o *ldap.Options) { o.BindUser, o.BindPassword = dn, secretOf(labPassword) }
	in, err := signIn(t, d, account)
	if err != nil || len(in.Warnings) != 1 || !strings.Contains(in.Warnings[0], "the password of "+dn+" expires on ") {
		t.Errorf("%+v, %v", in, err)
	}
	if left := time.Until(in.PasswordExpires); left < 4*24*time.Hour || left > 5*24*time.Hour {
		t.Errorf("expires in %s", left)
	}
	d.Set(t, dn, "pwdReset", "TRUE")
	_, err = signIn(t, d, account)
	saying(t, err, "must be changed", "pwdReset")
}

// foreignClient is a certificate that no authority of the lab signed.
func foreignClient(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(3),
		Subject:  pkix.Name{Organization: []string{"lab"}, OrganizationalUnit: []string{"clients"}, CommonName: "reader"},
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "both.pem")
	both := slices.Concat(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
	if err := os.WriteFile(path, both, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, ""
}
