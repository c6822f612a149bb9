package servers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
	"dirbridge/ui/e2e/site"
)

// TestUnusableDirectories checks that each connection problem with the directory is reported with
// its remedy.
func TestUnusableDirectories(t *testing.T) {
	t.Parallel()
	d := servers.Samba(t)
	base := d.Scratch(t)
	d.AddPerson(t, base, "Ana", map[string][]string{"mail": {"ana@example.com"}})
	s := site.New(t, d, site.EmbeddedCloud(t), site.Settings{})
	host := lab.Host(t, d.TLSURL)
	for _, tt := range []struct {
		name     string
		settings site.Settings
		code     int
		words    []string
	}{
		{"wrong password", site.Settings{Password: "not the password"}, 1, []string{d.User, "password"}},
		{"wrong user", site.Settings{User: "nobody@corp.example.com"}, 1, []string{"nobody@corp.example.com"}},
		{"unknown host", site.Settings{Server: "ldaps://dc1.nowhere.invalid"}, 1,
			[]string{"dc1.nowhere.invalid", "Check the"}},
		{"nobody listens", site.Settings{Server: "ldap://127.0.0.1:1"}, 1, []string{"ldap://127.0.0.1:1", "refused",
			"Check that the directory server runs"}},
		{"foreign authority", site.Settings{Server: d.TLSURL, CA: foreignCA(t)}, 1,
			[]string{d.TLSURL, "lab root", "ca_file"}},
		{"no authority", site.Settings{Server: d.TLSURL}, 1, []string{d.TLSURL, "ca_file"}},
		{"certificate for another host", site.Settings{Server: "ldaps://" + lab.NewRelayOn(t, "127.9.9.9", host).Address,
			CA: d.CA}, 1,
			[]string{"127.9.9.9", "another host", d.Hostname}},
		{"TLS on the plain port", site.Settings{Server: "ldaps://" + lab.Host(t, d.URL), CA: d.CA}, 1,
			[]string{lab.Host(t, d.URL)}},
		{"plaintext beyond loopback", site.Settings{Server: "ldap://dc1.corp.example.com"}, 78,
			[]string{"dirbridge.toml:6: directory[0].servers[0]", "allow_plaintext"}},
		{"a base DN that is not there", site.Settings{Base: []string{"OU=Nowhere," + d.Base}}, 1,
			[]string{"OU=Nowhere", "base_dns"}},
		{"a filter that is none", site.Settings{Filter: "(mail=*"}, 78, []string{"user_filter", "LDAP filter"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.Configure(t, tt.settings)
			s.Refuses(t, tt.code, tt.words...)
		})
	}
	t.Run("the right authority and name", func(t *testing.T) {
		s.Configure(t, site.Settings{Server: d.TLSURL, CA: d.CA, Base: []string{base}})
		if p, _ := s.Plan(t, 2); p.Counts.Users.Add != 1 {
			t.Errorf("%+v", p.Counts)
		}
	})
	var failed bool
	for _, e := range s.Events(t, 0) {
		failed = failed || e.Code == "run-failed" && e.Remedy != "" && strings.Contains(e.Message, d.User)
	}
	if !failed {
		t.Error("no event tells of the refused password")
	}
}

// foreignCA returns the certificate of an authority that signed nothing here.
func foreignCA(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "somebody else"},
		NotAfter: time.Now().Add(time.Hour),
		IsCA:     true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestHalfAListing checks P1 and P2: an incomplete listing does not count. No account counts as
// gone because a server disappeared in the middle of a page, or has limits.
func TestHalfAListing(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(testing.TB, string) *lab.Directory{"samba": lab.Samba, "slapd": lab.Slapd} {
		t.Run(name, func(t *testing.T) {
			d := start(t, lab.Company(1000, 40))
			t.Cleanup(d.Close)
			s := site.New(t, d, site.EmbeddedCloud(t), site.Settings{})
			s.Sync(t)
			for _, bytes := range []int64{1, 20_000, 100_000, 300_000} {
				relay := lab.NewRelay(t, lab.Host(t, d.URL))
				relay.CutAfter(bytes)
				s.Configure(t, site.Settings{Server: "ldap://" + relay.Address})
				s.Refuses(t, 1, relay.Address, "Check")
				if !relay.IsCut() {
					t.Errorf("nothing was cut after %d bytes", bytes)
				}
			}
			if d.Kind == "ldap" {
				for _, who := range []string{"limited", "unpaged"} {
					s.Configure(t, site.Settings{User: "cn=" + who + "," + d.Base, Password: who})
					s.Unwritten(t, func() {
						got := s.Must(t, 1, "sync", "--full")
						if !strings.Contains(got.Err, "limit") {
							t.Errorf("%s: %s", who, got.Err)
						}
					})
				}
			}
			s.Configure(t, site.Settings{})
			s.Settled(t)
		})
	}
}

// TestOddPeople checks unusual people in Active Directory: valid ones are synchronized, the others
// are problems that name record, field, side and remedy.
func TestOddPeople(t *testing.T) {
	t.Parallel()
	d := servers.Samba(t)
	base := d.AddContainer(t, d.Base, `Sales, "North" + Süd <1>; #2`)
	add := func(name, mail string, attrs map[string][]string) string {
		all := map[string][]string{"displayName": {name}}
		if mail != "" {
			all["mail"] = []string{mail}
		}
		for k, v := range attrs {
			all[k] = v
		}
		return d.AddPerson(t, base, name, all)
	}
	good := map[string]string{} // DN by e-mail address
	for _, p := range [][2]string{
		{`O'Brien, Seán "Jack" \ Jr.`, "sean.o'brien@example.com"}, {"#Hash = 1 + 1", "plus+tag@example.com"}, {" Ünïcödé 名前 ", "名前@example.com"},
		{`<angle>; semi`, "jürgen@exämple.com"}, {"Upper", "UPPER.Case@Example.COM"},
	} {
		good[p[1]] = add(p[0], p[1], nil)
	}
	large := strings.Repeat("x", 1<<20)
	bad := map[string]struct{ attribute, words string }{}
	bad[add("No mail", "", nil)] = struct{ attribute, words string }{"mail", "missing"}
	bad[add("Twin One", "twin@example.com", nil)] = struct{ attribute, words string }{"mail", "twin@example.com"}
	bad[add("Twin Two", "Twin@Example.com", nil)] = struct{ attribute, words string }{"mail", "another"}
	bad[add("Two at signs", "a@b@example.com", nil)] = struct{ attribute, words string }{"mail", "a@b@example.com"}
	bad[add("Large", "large@example.com", map[string][]string{"profilePath": {large}})] = struct {
		attribute,
		words string
	}{"profilePath", "longer"}
	bad[add("No number", "phone@example.com", map[string][]string{"telephoneNumber": {"call me"}})] = struct {
		attribute,
		words string
	}{"telephoneNumber", "number"}

	s := site.New(t, d, site.EmbeddedCloud(t), site.Settings{Base: []string{base},
		Mapping: "buildingName = \"profilePath\""})
	p, _ := s.Plan(t, 2)
	if p.Counts.Users.Add != int64(len(good)) || p.Counts.Users.Problem != int64(len(p.Problems)) {
		t.Errorf("%+v", p.Counts.Users)
	}
	for dn, want := range bad {
		pr, ok := p.Problem(t, dn, want.attribute)
		if !ok || !strings.Contains(pr.Message, want.words) || pr.Remedy == "" || pr.Side != identity.InDirectory ||
			!strings.Contains(pr.Message, pr.DN) {
			t.Errorf("%s: %.300s, want one about %s (%s)", dn, pr.Message, want.attribute, want.words)
		}
		if len(pr.Message) > 4000 {
			t.Errorf("a message of %d bytes", len(pr.Message))
		}
	}
	if len(p.Problems) != len(bad) {
		t.Errorf("%d problems of %d people", len(p.Problems), len(bad))
	}
	s.Sync(t)
	s.Settled(t)
	people, _ := found(t, s.Cloud)
	for mail, dn := range good {
		if got := people[d.GUID(t, dn)]; got.UserName != mail || !got.Active || got.Display == "" {
			t.Errorf("%s: %+v", dn, got)
		}
	}
	if len(people) != len(good) {
		t.Errorf("%d accounts", len(people))
	}

	t.Run("who becomes a problem is left alone", func(t *testing.T) {
		dn := good["plus+tag@example.com"]
		s.Unwritten(t, func() {
			d.Set(t, dn, "mail")
			if p := s.Settled(t); len(p.Problems) != len(bad)+1 {
				t.Errorf("%d problems", len(p.Problems))
			}
			d.Set(t, dn, "mail", "sean.o'brien@example.com") // another person's
			s.Sync(t)
			if p := s.Settled(t); len(p.Problems) != len(bad)+2 {
				t.Errorf("%d problems", len(p.Problems))
			}
		})
		d.Set(t, dn, "mail", "plus+tag@example.com")
		s.Settled(t)
	})
	t.Run("the guide's filter of disabled people", func(t *testing.T) {
		dn := good["UPPER.Case@Example.COM"]
		changed := s.Settings
		changed.Filter = "(!(userAccountControl:1.2.840.113556.1.4.803:=2))"
		s.Configure(t, changed)
		s.Settled(t)
		d.Disable(t, dn)
		d.Disable(t, add("Never seen", "never@example.com", nil))
		p, file := s.Plan(t, 2)
		lines := s.Changes(t, file)
		if p.Counts.Writes() != 1 || len(lines) != 1 || lines[0].Action != "deactivate" ||
			lines[0].Anchor != "corp:"+d.GUID(t, dn) || !strings.Contains(lines[0].Reason, "scope") {
			t.Errorf("%+v %+v", p.Counts, lines)
		}
		s.Sync(t)
		s.Settled(t)
		d.Enable(t, dn)
		p, _ = s.Plan(t, 2)
		if p.Counts.Users.Reactivate != 1 || p.Counts.Writes() != 1 {
			t.Errorf("%+v", p.Counts)
		}
		s.Sync(t)
		s.Settled(t)
	})
}
