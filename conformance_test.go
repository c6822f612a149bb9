package main

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/ldap"
	ldapsandbox "dirbridge/ldap/sandbox"
	"dirbridge/sync"
	"dirbridge/sync/store"
	"dirbridge/sync/synctest"
	"dirbridge/sync/synctest/lab"
)

func TestStoreConformance(t *testing.T) {
	synctest.Store(t, func(t *testing.T, name string) sync.Store {
		s, err := store.Open(t.Context(), filepath.Join(name, "state.db"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

// sandboxRange is how many values of an attribute the embedded directory gives at
// once: Samba has no such limit.
const sandboxRange = 150

func TestSourceConformanceOnTheSandbox(t *testing.T) {
	const base, user, password = "dc=lab,dc=test", "cn=admin,dc=lab,dc=test", "secret"
	for kind, options := range map[string]ldapsandbox.Options{
		ldap.KindADDS: {Flavor: ldapsandbox.AD, MaxPageSize: 20, MaxValRange: sandboxRange},
		ldap.KindLDAP: {Flavor: ldapsandbox.OpenLDAP},
	} {
		t.Run(kind, func(t *testing.T) {
			options.BaseDN, options.BindUser, options.BindPassword = base, user, password
			s, err := ldapsandbox.Start(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			sourceConformance(t, lab.Editor(lab.Directory{Kind: kind, URL: s.URL(), Base: base, User: user, Password: password}))
		})
	}
}

func TestSourceConformanceOnSamba(t *testing.T) { sourceConformance(t, lab.Samba(t, lab.Empty)) }

func TestSourceConformanceOnOpenLDAP(t *testing.T) {
	d := lab.Slapd(t, lab.Empty)
	for name, assign := range map[string]bool{"objectGUID": true, "entryUUID": false} {
		t.Run(name, func(t *testing.T) {
			d.AssignGUID = assign
			sourceConformance(t, d)
		})
	}
}

// sourceConformance runs the suite on one server, each test in containers of its own.
func sourceConformance(t *testing.T, d *lab.Directory) {
	t.Cleanup(d.Close)
	synctest.Source(t, func(t *testing.T) synctest.SourceFixture {
		relay := lab.NewRelay(t, hostOf(t, d.URL))
		f := synctest.SourceFixture{
			Directory: d,
			Name:      "corp",
			Base:      d.Scratch(t),
			Outside:   d.Scratch(t),
			Large:     2*sandboxRange + 20,
			Cut:       relay.Cut,
		}
		source, err := ldap.New(ldap.Options{
			Name: f.Name, Servers: []string{"ldap://" + relay.Address}, BaseDNs: []string{f.Base},
			BindUser: d.User, BindPassword: func() (string, error) { return d.Password, nil },
			SyncUsers: true, SyncGroups: true, PageSize: 7,
			Attributes: []string{"mail", "displayName", "givenName", "telephoneNumber"},
		})
		if err != nil {
			t.Fatal(err)
		}
		f.Source = source
		return f
	})
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if u.Port() == "" {
		return u.Host + ":" + map[string]string{"ldap": "389", "ldaps": "636"}[strings.ToLower(u.Scheme)]
	}
	return u.Host
}
