package ldaptest

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"dirbridge/sync/sample"
)

const testBase = "DC=corp,DC=example,DC=com"

// start serves a company of the given size; 0 for none.
func start(t testing.TB, people int, opts Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if people > 0 {
		if err := s.Load(sample.New(sample.Options{People: people})); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// dial connects without binding.
func dial(t testing.TB, s *Server) *ldap.Conn {
	t.Helper()
	c, err := ldap.DialURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// connect dials and binds.
func connect(t testing.TB, s *Server) *ldap.Conn {
	t.Helper()
	c := dial(t, s)
	if err := c.Bind(s.Credentials()); err != nil {
		t.Fatal(err)
	}
	return c
}

// find searches a subtree without paging.
func find(t testing.TB, c *ldap.Conn, base, filter string, attrs ...string) []*ldap.Entry {
	t.Helper()
	r, err := c.Search(request(base, filter, attrs...))
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	return r.Entries
}

func request(base, filter string, attrs ...string) *ldap.SearchRequest {
	return ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter, attrs, nil)
}

// code fails the test if the error is not this result.
func code(t *testing.T, err error, want uint16) {
	t.Helper()
	if !ldap.IsErrorWithCode(err, want) {
		t.Fatalf("got %v, want result %d", err, want)
	}
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("in vain: %s", what)
		}
	}
}

// handClock is a clock that the test moves.
type handClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestBind(t *testing.T) {
	s := start(t, 0, Options{BindUser: "svc-sync", BindPassword: "right"})
	for _, row := range []struct {
		user, password string
		want           uint16
	}{
		{"svc-sync@corp.example.com", "right", 0},
		{"SVC-Sync@Corp.Example.com", "right", 0},
		{`CORP\svc-sync`, "right", 0},
		{"cn=svc-sync, cn=users,dc=corp,dc=example,dc=com", "right", 0},
		{"svc-sync", "right", 49}, // a bare account name is refused
		{"svc-sync@corp.example.com", "Right", 49},
		{"nobody@corp.example.com", "right", 49},
	} {
		err := dial(t, s).Bind(row.user, row.password)
		if row.want == 0 && err != nil {
			t.Errorf("%s: %v", row.user, err)
		}
		if row.want != 0 && (!ldap.IsErrorWithCode(err, row.want) || !strings.Contains(err.Error(), "data 52e")) {
			t.Errorf("%s with %q: got %v, want %d", row.user, row.password, err, row.want)
		}
	}
	if s.Stats().Binds != 7 {
		t.Errorf("%d binds counted", s.Stats().Binds)
	}
}

func TestSearchBeforeBind(t *testing.T) {
	s := start(t, 0, Options{})
	c := dial(t, s)
	_, err := c.Search(request(testBase, "(objectClass=*)"))
	code(t, err, ldap.LDAPResultOperationsError)
	if err := c.UnauthenticatedBind(""); err != nil {
		t.Fatal(err)
	}
	_, err = c.Search(request(testBase, "(objectClass=*)"))
	code(t, err, ldap.LDAPResultOperationsError)
	if !strings.Contains(err.Error(), "000004DC") {
		t.Errorf("the text is %v", err)
	}
	if err := c.Bind(s.Credentials()); err != nil {
		t.Fatal(err)
	}
	who, err := c.WhoAmI(nil)
	if err != nil || who.AuthzID != `u:CORP\svc-dirbridge` {
		t.Errorf("who am I: %v, %v", who, err)
	}
}

func TestTLS(t *testing.T) {
	s := start(t, 20, Options{TLS: true, RequireTLS: true})
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
	trusted := &tls.Config{RootCAs: pool, ServerName: "dc1.corp.example.com"}

	plain := dial(t, s)
	code(t, plain.Bind(s.Credentials()), ldap.LDAPResultStrongAuthRequired)
	if err := plain.StartTLS(trusted); err != nil {
		t.Fatal(err)
	}
	if err := plain.Bind(s.Credentials()); err != nil {
		t.Errorf("after StartTLS: %v", err)
	}
	secure, err := ldap.DialURL(s.LDAPSURL(), ldap.DialWithTLSConfig(trusted))
	if err != nil {
		t.Fatal(err)
	}
	defer secure.Close()
	if err := secure.Bind(s.Credentials()); err != nil {
		t.Errorf("over LDAPS: %v", err)
	}
	r, err := secure.Search(request(testBase, "(objectClass=user)", "cn"))
	if err != nil || len(r.Referrals) != 3 || !strings.HasPrefix(r.Referrals[0], "ldaps://") {
		t.Errorf("references over LDAPS: %v, %v", r, err)
	}
	if _, err := ldap.DialURL(s.LDAPSURL(), ldap.DialWithTLSConfig(&tls.Config{RootCAs: x509.NewCertPool()})); err == nil {
		t.Error("a client that does not know the authority was satisfied")
	}
}

func TestRootDSE(t *testing.T) {
	s := start(t, 0, Options{TLS: true})
	c := dial(t, s)
	read := func(attrs ...string) *ldap.Entry {
		r, err := c.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", attrs, nil))
		if err != nil || len(r.Entries) != 1 {
			t.Fatalf("rootDSE: %v, %v", r, err)
		}
		return r.Entries[0]
	}
	all := read()
	for name, want := range map[string]string{"defaultNamingContext": testBase, "dnsHostName": "dc1.corp.example.com"} {
		if all.GetAttributeValue(name) != want {
			t.Errorf("%s is %q", name, all.GetAttributeValue(name))
		}
	}
	has := func(name, value string) bool {
		return strings.Contains(strings.Join(all.GetAttributeValues(name), " ")+" ", value+" ")
	}
	if !has("supportedCapabilities", capabilityAD) || !has("supportedControl", controlPaged) ||
		!has("supportedExtension", startTLSRequest) {
		t.Errorf("capabilities, controls or extensions are missing: %v", all.Attributes)
	}
	if one := read("HIGHESTCOMMITTEDUSN"); len(one.Attributes) != 1 || one.Attributes[0].Values[0] == "0" {
		t.Errorf("one attribute asked for: %v", one.Attributes)
	}
}

func TestCloseEndsHangingSearches(t *testing.T) {
	s := start(t, 50, Options{})
	s.Inject(Fault{Kind: Hang, After: 3})
	c := connect(t, s)
	ended := make(chan error, 1)
	go func() {
		_, err := c.Search(request(testBase, "(objectClass=user)", "cn"))
		ended <- err
	}()
	until(t, "three entries", func() bool { return s.Stats().Entries >= 3 })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the search ended well")
	}
}
