package ldaptest

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// trust is a client's TLS configuration that trusts the server's authority.
func trust(t *testing.T, s *Server) *tls.Config {
	t.Helper()
	path, err := s.CAFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return &tls.Config{RootCAs: pool, ServerName: "dc1.corp.example.com"}
}

// addAccount adds a user with a password.
func addAccount(t *testing.T, s *Server, name, password string, attrs map[string][]string) string {
	t.Helper()
	dn := "CN=" + name + ",CN=Users," + s.BaseDN()
	all := map[string][]string{"objectClass": {"user"}, "sAMAccountName": {name},
		"userPrincipalName": {name + "@corp.example.com"}}
	for k, v := range attrs {
		all[k] = v
	}
	if err := s.Add(dn, all); err != nil {
		t.Fatal(err)
	}
	if err := s.SetPassword(dn, password); err != nil {
		t.Fatal(err)
	}
	return dn
}

func whoIs(t *testing.T, c *ldap.Conn) string {
	t.Helper()
	r, err := c.WhoAmI(nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.AuthzID
}

func TestMD4(t *testing.T) {
	for in, want := range map[string]string{ // RFC 1320 appendix A.5
		"":                              "31d6cfe0d16ae931b73c59d7e0c089c0",
		"a":                             "bde52cb31de33e46245e05fbdbd6fb24",
		"message digest":                "d9130a8164549fe818874806e1c7014b",
		strings.Repeat("1234567890", 8): "e33b4ddc9c38f2199c3e7b164fcc0536",
	} {
		if sum := md4([]byte(in)); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%q: %x", in, sum)
		}
	}
}

func TestNTLMBind(t *testing.T) {
	s := start(t, 0, Options{})
	addAccount(t, s, "Zoë", "Pässwort 1", nil)
	for _, row := range []struct{ user, password, want string }{
		{`CORP\svc-dirbridge`, "Passw0rd.Sandbox", `u:CORP\svc-dirbridge`},
		{`corp\SVC-dirbridge`, "Passw0rd.Sandbox", `u:CORP\svc-dirbridge`},
		{`svc-dirbridge@corp.example.com`, "Passw0rd.Sandbox", `u:CORP\svc-dirbridge`},
		{`Zoë`, "Pässwort 1", `u:CORP\Zoë`},
		{`CORP\svc-dirbridge`, "passw0rd.sandbox", ""},
		{`CORP\nobody`, "Passw0rd.Sandbox", ""},
		{`ELSE\svc-dirbridge`, "Passw0rd.Sandbox", ""},
	} {
		c := dial(t, s)
		err := c.NTLMBind("", row.user, row.password)
		if row.want == "" {
			code(t, err, ldap.LDAPResultInvalidCredentials)
			if !strings.Contains(err.Error(), "data 52e,") {
				t.Errorf("%s: %v", row.user, err)
			}
		} else if err != nil {
			t.Errorf("%s: %v", row.user, err)
		}
		if who := whoIs(t, c); who != row.want {
			t.Errorf("%s with %q is %q", row.user, row.password, who)
		}
	}
}

func TestExternalBind(t *testing.T) {
	s := start(t, 0, Options{TLS: true, ClientCertificates: true})
	addAccount(t, s, "ana", "x", nil)
	addAccount(t, s, "gone", "x", map[string][]string{"userAccountControl": {"514"}})
	addAccount(t, s, "bo", "x",
		map[string][]string{"altSecurityIdentities": {"X509:<I>CN=Directory Sandbox CA<S>CN=A robot"}})
	for _, row := range []struct {
		subject ClientSubject
		want    string
	}{
		{ClientSubject{CommonName: "whoever", UPN: "ana@corp.example.com"}, `u:CORP\ana`},
		{ClientSubject{CommonName: "ana"}, `u:CORP\ana`},
		{ClientSubject{CommonName: "A robot"}, `u:CORP\bo`},
		{ClientSubject{CommonName: "svc-dirbridge"}, `u:CORP\svc-dirbridge`},
		{ClientSubject{CommonName: "gone"}, ""},
		{ClientSubject{CommonName: "ana", UPN: "nobody@corp.example.com"}, ""},
	} {
		cert, key, err := s.IssueCertificate(row.subject)
		if err != nil {
			t.Fatal(err)
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		config := trust(t, s)
		config.Certificates = []tls.Certificate{pair}

		plain := dial(t, s)
		if err := plain.StartTLS(config); err != nil {
			t.Fatal(err)
		}
		if who := whoIs(t, plain); who != "" {
			t.Errorf("%v: StartTLS alone bound %s", row.subject, who)
		}
		err = plain.ExternalBind()
		if row.want == "" {
			code(t, err, ldap.LDAPResultInvalidCredentials)
		} else if err != nil {
			t.Errorf("%v: %v", row.subject, err)
		}
		if who := whoIs(t, plain); who != row.want {
			t.Errorf("%v after EXTERNAL is %q", row.subject, who)
		}

		secure, err := ldap.DialURL(s.LDAPSURL(), ldap.DialWithTLSConfig(config))
		if err != nil {
			t.Fatal(err)
		}
		if who := whoIs(t, secure); who != row.want {
			t.Errorf("%v over LDAPS is %q", row.subject, who)
		}
		code(t, secure.ExternalBind(), ldap.LDAPResultAuthMethodNotSupported)
		_ = secure.Close()
	}
}

func TestExternalWithoutCertificate(t *testing.T) {
	s := start(t, 0, Options{TLS: true, ClientCertificates: true})
	secure, err := ldap.DialURL(s.LDAPSURL(), ldap.DialWithTLSConfig(trust(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	defer secure.Close()
	code(t, secure.ExternalBind(), ldap.LDAPResultInvalidCredentials)
	other := start(t, 0, Options{TLS: true})
	cert, key, err := other.IssueCertificate(ClientSubject{CommonName: "svc-dirbridge"})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	config := trust(t, s)
	config.Certificates = []tls.Certificate{pair}
	plain := dial(t, s)
	if err := plain.StartTLS(config); err == nil && plain.ExternalBind() == nil {
		t.Error("a stranger's certificate bound")
	}
}

// TestLoginRestrictions checks the reasons of refused logins, and that only a login with the right
// password learns them.
func TestLoginRestrictions(t *testing.T) {
	clock := &handClock{now: time.Date(2026, 3, 4, 10, 30, 0, 0, time.UTC)} // a Wednesday
	s := start(t, 0, Options{Clock: clock.Now})
	if err := s.Modify(testBase, map[string][]string{"maxPwdAge": {"-864000000000"}}); err != nil { // one day
		t.Fatal(err)
	}
	past, ahead := decimal(fileTime(clock.now.Add(-time.Hour))), decimal(fileTime(clock.now.Add(time.Hour)))
	old := decimal(fileTime(clock.now.Add(-25 * time.Hour)))
	wednesdayAt10 := make([]byte, 21)
	wednesdayAt10[(3*24+10)/8] = 1 << ((3*24 + 10) % 8)
	for name, row := range map[string]struct {
		attrs        map[string][]string
		right, wrong string
	}{
		"plain":     {nil, "", "52e"},
		"disabled":  {map[string][]string{"userAccountControl": {"514"}}, "533", "52e"},
		"expired":   {map[string][]string{"accountExpires": {past}}, "701", "52e"},
		"expires":   {map[string][]string{"accountExpires": {ahead}}, "", "52e"},
		"forever":   {map[string][]string{"accountExpires": {"9223372036854775807"}}, "", "52e"},
		"must":      {map[string][]string{"pwdLastSet": {"0"}}, "773", "52e"},
		"stale":     {map[string][]string{"pwdLastSet": {old}}, "532", "52e"},
		"lasting":   {map[string][]string{"pwdLastSet": {old}, "userAccountControl": {"66048"}}, "", "52e"},
		"locked":    {map[string][]string{"lockoutTime": {decimal(fileTime(clock.now.Add(-time.Minute)))}}, "775", "775"},
		"released":  {map[string][]string{"lockoutTime": {past}}, "", "52e"}, // after 30 minutes
		"unlocked":  {map[string][]string{"lockoutTime": {"0"}}, "", "52e"},
		"night":     {map[string][]string{"logonHours": {strings.Repeat("\x00", 21)}}, "530", "52e"},
		"day":       {map[string][]string{"logonHours": {string(wednesdayAt10)}}, "", "52e"},
		"elsewhere": {map[string][]string{"userWorkstations": {"PC1,PC2"}}, "531", "52e"},
		"at the DC": {map[string][]string{"userWorkstations": {"PC1,dc1"}}, "", "52e"},
		"many ways": {map[string][]string{"userAccountControl": {"514"}, "accountExpires": {past}, "pwdLastSet": {"0"}},
			"533", "52e"},
		"expiry 1st": {map[string][]string{"accountExpires": {past}, "pwdLastSet": {"0"}}, "701", "52e"},
	} {
		dn := addAccount(t, s, name, "right", nil)
		if row.attrs != nil {
			if err := s.Modify(dn, row.attrs); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		for password, want := range map[string]string{"right": row.right, "wrong": row.wrong} {
			err := dial(t, s).Bind(name+"@corp.example.com", password)
			switch {
			case want == "" && err != nil:
				t.Errorf("%s, %s: %v", name, password, err)
			case want != "" && (err == nil || !strings.Contains(err.Error(),
				"80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data "+want+", v1db1")):
				t.Errorf("%s, %s: got %v, want data %s", name, password, err, want)
			}
		}
	}
}

func TestLockout(t *testing.T) {
	clock := &handClock{now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}
	s := start(t, 0, Options{Clock: clock.Now})
	if err := s.Modify(testBase, map[string][]string{"lockoutThreshold": {"3"}}); err != nil {
		t.Fatal(err)
	}
	dn := addAccount(t, s, "ana", "right", nil)
	try := func(password, want string) {
		t.Helper()
		err := dial(t, s).Bind(dn, password)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), "data "+want+",")) {
			t.Errorf("%s: got %v, want %q", password, err, want)
		}
	}
	try("wrong", "52e")
	try("wrong", "52e")
	try("right", "") // resets the count
	for range 3 {
		try("wrong", "52e")
	}
	try("right", "775")
	clock.advance(31 * time.Minute)
	try("right", "")
	s.ForceBind("ANA", "532")
	try("right", "532")
	try("wrong", "532")
	s.ForceBind("ana", "")
	try("right", "")
	s.ForceBind("", "530")
	try("right", "530")
}

func TestBindPolicies(t *testing.T) {
	signing := start(t, 0, Options{TLS: true, RequireSigning: true})
	user, password := signing.Credentials()
	for what, bind := range map[string]func(c *ldap.Conn) error{
		"simple": func(c *ldap.Conn) error { return c.Bind(user, password) },
		"NTLM":   func(c *ldap.Conn) error { return c.NTLMBind("", user, password) },
	} {
		plain := dial(t, signing)
		err := bind(plain)
		code(t, err, ldap.LDAPResultStrongAuthRequired)
		if !strings.Contains(err.Error(),
			"The server requires binds to turn on integrity checking if SSL\\TLS are not already active on the connection") {
			t.Errorf("%s: %v", what, err)
		}
		if err := plain.StartTLS(trust(t, signing)); err != nil {
			t.Fatal(err)
		}
		if err := bind(plain); err != nil {
			t.Errorf("%s after StartTLS: %v", what, err)
		}
	}
	c := dial(t, start(t, 0, Options{DisableSimpleBind: true}))
	code(t, c.Bind(user, password), ldap.LDAPResultAuthMethodNotSupported)
	if err := c.NTLMBind("", user, password); err != nil {
		t.Errorf("NTLM where simple binds are off: %v", err)
	}
	err := dial(t, start(t, 0, Options{ReportUnknownNames: true})).Bind("nobody@corp.example.com", password)
	if err == nil || !strings.Contains(err.Error(), "data 525,") {
		t.Errorf("a name of no entry: %v", err)
	}
}

// TestChannelBinding binds by NTLM without a token, with a wrong one and with the right one.
func TestChannelBinding(t *testing.T) {
	s := start(t, 0, Options{TLS: true, RequireChannelBinding: true})
	user, password := s.Credentials()
	user, _, _ = strings.Cut(user, "@")
	for what, row := range map[string]struct {
		token []byte
		mic   bool
		right bool
	}{
		"none": {nil, false, false}, "wrong": {make([]byte, 16), false, false}, "right": {s.channelBinding(), false, true},
		"right with MIC": {s.channelBinding(), true, true},
	} {
		c := dial(t, s)
		if err := c.StartTLS(trust(t, s)); err != nil {
			t.Fatal(err)
		}
		_, err := c.NTLMChallengeBind(&ldap.NTLMBindRequest{Username: user, Password: password,
			Negotiator: &ntlmClient{domain: "CORP", password: password, binding: row.token, mic: row.mic}})
		if row.right && err != nil || !row.right && (err == nil || !strings.Contains(err.Error(), "data 80090346,")) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := dial(t, s).NTLMBind("", `CORP\`+user, password); err != nil {
		t.Errorf("without TLS there is nothing to bind to: %v", err)
	}
	c := dial(t, s)
	_, err := c.NTLMChallengeBind(&ldap.NTLMBindRequest{Username: user, Password: password,
		Negotiator: &ntlmClient{domain: "CORP", password: password, mic: true, corruptMIC: true}})
	code(t, err, ldap.LDAPResultInvalidCredentials)
}

// ntlmClient is the client's side of NTLM, after MS-NLMP, for what go-ldap's own lacks.
type ntlmClient struct {
	domain, password string
	binding          []byte
	mic, corruptMIC  bool
	negotiate        []byte
}

func (n *ntlmClient) Negotiate(string, string) ([]byte, error) {
	n.negotiate = binary.LittleEndian.AppendUint32(append([]byte(ntlmSignature), 1, 0, 0, 0), ntlmUnicode|ntlmNTLM)
	n.negotiate = append(n.negotiate, make([]byte, 16)...)
	return n.negotiate, nil
}

func (n *ntlmClient) ChallengeResponse(challenge []byte, user, _ string) ([]byte, error) {
	blob := append([]byte{1, 1, 0, 0, 0, 0, 0, 0}, make([]byte, 20)...)
	if n.mic {
		blob = appendPair(blob, avFlags, []byte{avHasMIC, 0, 0, 0})
	}
	if n.binding != nil {
		blob = appendPair(blob, avChannelBindings, n.binding)
	}
	blob = appendPair(blob, avEnd, nil)
	key := ntlmKey(n.password, user, n.domain)
	proof := keyedMD5(key, challenge[24:32], blob)
	m := authenticate(n.domain, user, "", append(append([]byte{}, proof...), blob...))
	if n.mic {
		copy(m[micAt:], keyedMD5(keyedMD5(key, proof), n.negotiate, challenge, m))
	}
	if n.corruptMIC {
		m[micAt] ^= 1
	}
	return m, nil
}

// authenticate encodes an AUTHENTICATE_MESSAGE with room for a MIC.
func authenticate(domain, user, workstation string, response []byte) []byte {
	m := append([]byte(ntlmSignature), 3, 0, 0, 0)
	parts := [][]byte{nil, response, utf16Bytes(domain), utf16Bytes(user), utf16Bytes(workstation), nil}
	at := micAt + 16
	var payload []byte
	for _, p := range parts {
		m = appendField(m, len(p), at+len(payload))
		payload = append(payload, p...)
	}
	m = binary.LittleEndian.AppendUint32(m, ntlmUnicode|ntlmNTLM)
	return append(append(m, make([]byte, 8+16)...), payload...)
}

func TestUnsupportedSASLMechanisms(t *testing.T) {
	s := start(t, 0, Options{SASLMechanisms: []string{"GSSAPI", "GSS-SPNEGO"}})
	for mechanism, want := range map[string]uint16{"GSSAPI": 49, "GSS-SPNEGO": 49, "PLAIN": 7} {
		c := &conn{server: s, wire: discardConn{}}
		_, r := c.authenticate(
			bindRequest{version: 3, method: bindSASL, secret: appendText(appendText(nil, 0x04, mechanism), 0x04, "token")})
		if r == nil || r.code != int64(want) {
			t.Errorf("%s: %v", mechanism, r)
		}
	}
	root, err := connect(t,
		s).Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", nil, nil))
	if err != nil || strings.Join(root.Entries[0].GetAttributeValues("supportedSASLMechanisms"),
		" ") != "GSSAPI GSS-SPNEGO" {
		t.Errorf("mechanisms: %v, %v", root, err)
	}
}

// FuzzNTLM sends messages of a client to the server: it must not panic, and only the right password
// may bind.
func FuzzNTLM(f *testing.F) {
	client := &ntlmClient{domain: "CORP", password: "p"}
	hello, _ := client.Negotiate("", "")
	answer, _ := client.ChallengeResponse(make([]byte, 32), "u", "")
	f.Add(hello, answer)
	f.Add(hello[:16], authenticate("CORP", "u", "PC", make([]byte, 24)))
	s := silentConn(f).server
	f.Fuzz(func(t *testing.T, hello, answer []byte) {
		c := &conn{server: s, wire: discardConn{}}
		_, _ = c.authenticate(bindRequest{version: 3, method: sicilyNegotiate, secret: hello})
		if who, r := c.authenticate(bindRequest{version: 3, method: sicilyResponse, secret: answer}); who != "" || r == nil ||
			r.code == 0 {
			t.Fatalf("bound %q: %v", who, r)
		}
		if a, err := parseAuthenticate(answer); err == nil {
			x := ntlmExchange{}
			x.proves(a, "p")
			a.pair(avChannelBindings)
		}
	})
}

func FuzzClientCertificateNames(f *testing.F) {
	f.Add(alternativeNames(ClientSubject{UPN: "ana@corp.example.com", Mail: "ana@example.com"}))
	f.Fuzz(func(t *testing.T, value []byte) {
		cert := &x509.Certificate{Extensions: []pkix.Extension{{Id: oidAlternativeName(), Value: value}}}
		if upn := upnOf(cert); len(upn) > len(value) {
			t.Fatalf("%q from %x", upn, value)
		}
	})
}
