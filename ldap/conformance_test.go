package ldap_test

import (
	"cmp"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/synctest"
)

var _ port.Source = (*ldap.Source)(nil)

// sandboxRange is how many values of an attribute the embedded directory returns at once; Samba has
// no such limit.
const sandboxRange = 150

func TestSourceConformanceOnTheSandbox(t *testing.T) {
	t.Parallel()
	for kind, options := range map[string]ldaptest.Options{
		ldap.KindADDS: {Flavor: ldaptest.AD, MaxPageSize: 20, MaxValRange: sandboxRange},
		ldap.KindLDAP: {Flavor: ldaptest.OpenLDAP},
	} {
		t.Run(kind, func(t *testing.T) {
			_, d := embeddedDirectory(t, options)
			synctest.Source(t, sourceOn(t, d, ""))
		})
	}
}

// The embedded directory reports changes in parts of three objects, with the account's rights.
func TestChangesConformanceOnTheSandbox(t *testing.T) {
	t.Parallel()
	none, all := ldaptest.Rights{}, ldaptest.Rights{Replicate: true, ReadDeleted: true}
	deleted, replicate := ldaptest.Rights{ReadDeleted: true}, ldaptest.Rights{Replicate: true}
	for name, c := range map[string]struct {
		way    identity.Way
		rights ldaptest.Rights
		bin    bool
		untold bool
	}{
		"DirSync with all rights":                 {way: identity.DirSync, rights: all, bin: true},
		"DirSync with the right to replicate":     {way: identity.DirSync, rights: replicate},
		"DirSync with the right to see deletions": {way: identity.DirSync, rights: deleted},
		"DirSync without rights":                  {way: identity.DirSync, rights: none, bin: true, untold: true},
		"uSNChanged with a recycle bin":           {way: identity.USN, rights: deleted, bin: true},
		"uSNChanged without a recycle bin":        {way: identity.USN, rights: all},
		"uSNChanged without rights":               {way: identity.USN, rights: none, untold: true},
	} {
		t.Run(name, func(t *testing.T) {
			s, d := embeddedDirectory(t, ldaptest.Options{Flavor: ldaptest.AD, MaxPageSize: 20, MaxValRange: sandboxRange,
				DirSyncEntries: 3, RecycleBin: c.bin, Rights: c.rights})
			fixture := sourceOn(t, d, c.way)
			synctest.Changes(t, func(t *testing.T) synctest.SourceFixture {
				f := fixture(t)
				f.Untold = c.untold
				f.Undelete = func(t testing.TB, guid, _ string) {
					if err := s.Undelete(guid); err != nil {
						t.Fatal(err)
					}
				}
				return f
			})
		})
	}
}

// embeddedDirectory starts the embedded directory.
func embeddedDirectory(t *testing.T, o ldaptest.Options) (*ldaptest.Server, *lab.Directory) {
	t.Helper()
	o.BaseDN, o.BindUser, o.BindPassword = "dc=lab,dc=test", "cn=admin,dc=lab,dc=test", cmp.Or(o.BindPassword, "secret")
	s, err := ldaptest.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	kind := ldap.KindADDS
	if o.Flavor == ldaptest.OpenLDAP {
		kind = ldap.KindLDAP
	}
	return s,
		lab.Editor(lab.Directory{Kind: kind, URL: s.URL(), Base: o.BaseDN, User: o.BindUser, Password: o.BindPassword})
}

func TestSourceConformanceOnSamba(t *testing.T) {
	t.Parallel()
	synctest.Source(t, sourceOn(t, servers.Samba(t), ""))
}

func TestChangesConformanceOnSamba(t *testing.T) {
	t.Parallel()
	// Its own: these ways report what other tests change in the domain, too.
	d := lab.Samba(t, lab.Empty)
	for _, way := range []identity.Way{identity.DirSync, identity.USN} {
		t.Run(string(way), func(t *testing.T) {
			fixture := sourceOn(t, d, way)
			synctest.Changes(t, func(t *testing.T) synctest.SourceFixture {
				f := fixture(t)
				f.Undelete = d.Undelete
				return f
			})
		})
	}
}

func TestSourceConformanceOnOpenLDAP(t *testing.T) {
	t.Parallel()
	d := servers.Slapd(t)
	for name, assign := range map[string]bool{"objectGUID": true, "entryUUID": false} {
		t.Run(name, func(t *testing.T) {
			d.AssignGUID = assign
			synctest.Source(t, sourceOn(t, d, ""))
		})
	}
}

// OpenLDAP reports changes by RFC 4533, and deletions from its session log or by the remaining
// objects; without the overlay, by modifyTimestamp only.
func TestChangesConformanceOnOpenLDAP(t *testing.T) {
	t.Parallel()
	for _, c := range lab.SlapdSetups() {
		if c.Name == "log" && c.Assign {
			continue // the engine's tests read its deletions by objectGUID
		}
		t.Run(c.String(), func(t *testing.T) {
			synctest.Changes(t, func(t *testing.T) synctest.SourceFixture {
				d := servers.Slapd(t, "SLAPD_SYNC="+c.Name)
				if c.Way == identity.Timestamp {
					// This way reports again what changed in the same second, also for the test before.
					d = lab.SlapdWith(t, lab.Empty, "SLAPD_SYNC="+c.Name)
				}
				d.AssignGUID = c.Assign
				f := sourceOn(t, d, c.Way)(t)
				f.Untold = c.Way == identity.Timestamp
				return f
			})
		})
	}
}

// sourceOn makes fixtures on one server, each test with containers of its own. way is how changes
// are read.
func sourceOn(t *testing.T, d *lab.Directory, way identity.Way) func(*testing.T) synctest.SourceFixture {
	t.Cleanup(d.Close)
	return func(t *testing.T) synctest.SourceFixture {
		relay := lab.NewRelay(t, lab.Host(t, d.URL))
		f := synctest.SourceFixture{
			Directory: d,
			Name:      "corp",
			Base:      d.Scratch(t),
			Outside:   d.Scratch(t),
			Large:     2*sandboxRange + 20,
			Cut:       relay.Cut,
			Way:       way,
		}
		f.Reopen = func(t testing.TB) port.Source {
			s, err := ldap.New(ldap.Options{
				Name: f.Name, Servers: []string{"ldap://" + relay.Address}, BaseDNs: []string{f.Base},
				BindUser: d.User, BindPassword: func() (string, error) { return d.Password, nil },
				SyncUsers: true, SyncGroups: true, PageSize: 7, Changes: way,
				Attributes: []string{"mail", "displayName", "givenName", "telephoneNumber", "manager", "userAccountControl"},
			})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		f.Source = f.Reopen(t)
		return f
	}
}

// Over TLS a server is read if its certificate is trusted, and refused otherwise.
func TestSourceOverTLS(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(testing.TB, string) *lab.Directory{"Samba": lab.Samba,
		"OpenLDAP": lab.Slapd} {
		t.Run(name, func(t *testing.T) {
			d := start(t, lab.Company(200, 12))
			foreign := filepath.Join(t.TempDir(), "foreign.pem")
			certificate := httptest.NewTLSServer(nil)
			defer certificate.Close()
			if err := os.WriteFile(foreign,
				pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate().Raw}), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				name, url, ca, password string
				startTLS, fails         bool
			}{
				{"ldaps", d.TLSURL, d.CA, d.Password, false, false},
				{"StartTLS", d.URL, d.CA, d.Password, true, false},
				{"a foreign authority", d.TLSURL, foreign, d.Password, false, true},
				{"a foreign authority after StartTLS", d.URL, foreign, d.Password, true, true},
				{"a wrong password", d.TLSURL, d.CA, "Wr0ng.Passw0rd", false, true},
			} {
				t.Run(c.name, func(t *testing.T) {
					n, err := countPeople(t, ldap.Options{
						Servers: []string{c.url}, CAFile: c.ca, StartTLS: c.startTLS, BaseDNs: []string{"OU=Company," + d.Base},
						BindUser: d.User, BindPassword: func() (string, error) { return c.password, nil },
					})
					switch {
					case c.fails && (err == nil || identity.Remedy(err) == ""):
						t.Errorf("%d people, %v; remedy %q", n, err, identity.Remedy(err))
					case c.fails && strings.Contains(err.Error(), c.password):
						t.Errorf("the password is in the error: %v", err)
					case !c.fails && (n != 200 || err != nil):
						t.Errorf("%d people, %v", n, err)
					}
				})
			}
		})
	}
}

// A limit of the server that ends a listing is an error, not a shorter listing (P1).
func TestSourceUnderLimits(t *testing.T) {
	t.Parallel()
	d := lab.Slapd(t, lab.Company(200, 12)) // its own: it needs a whole company
	for user, whole := range map[string]bool{"reader": true, "limited": false, "unpaged": false} {
		n, err := countPeople(t, ldap.Options{
			Servers: []string{d.URL}, BaseDNs: []string{"OU=Company," + d.Base}, PageSize: 20,
			BindUser: "cn=" + user + "," + d.Base, BindPassword: func() (string, error) { return user, nil },
		})
		if err == nil && n != 200 || whole != (err == nil) {
			t.Errorf("as cn=%s it listed %d people of 200, %v", user, n, err)
		}
	}
}

func countPeople(t *testing.T, o ldap.Options) (n int, err error) {
	t.Helper()
	o.Name, o.SyncUsers = "corp", true
	source, err := ldap.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	err = source.People(t.Context(), func(identity.Entry) error { n++; return nil })
	return n, err
}
