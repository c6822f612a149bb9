package ldap_test

import (
	"strings"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/synctest"
	"dirbridge/sync/synctest/lab"
)

var _ port.Source = (*ldap.Source)(nil)

// fixtures makes fixtures on one server, each with its own containers. way is how changes are read.
func fixtures(t *testing.T, d *lab.Directory, large int, way identity.Way) func(*testing.T) synctest.SourceFixture {
	t.Cleanup(d.Close)
	return func(t *testing.T) synctest.SourceFixture {
		relay := lab.NewRelay(t, strings.TrimPrefix(d.URL, "ldap://"))
		f := synctest.SourceFixture{Directory: d, Name: "lab", Base: d.Scratch(t), Outside: d.Scratch(t), Large: large,
			Cut: relay.Cut, Way: way}
		source, err := ldap.New(ldap.Options{
			Name: f.Name, Servers: []string{"ldap://" + relay.Address},
			BindUser: d.User, BindPassword: func() (string, error) { return d.Password, nil },
			BaseDNs: []string{f.Base}, SyncUsers: true, SyncGroups: true, PageSize: 10, Changes: way,
			Attributes: []string{"mail", "displayName", "givenName", "telephoneNumber", "manager", "userAccountControl"},
		})
		if err != nil {
			t.Fatal(err)
		}
		f.Source = source
		return f
	}
}

func startEmbedded(t *testing.T, o ldaptest.Options, kind string) *lab.Directory {
	t.Helper()
	s, err := ldaptest.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	user, password := s.Credentials()
	return lab.Editor(lab.Directory{Kind: kind, Server: "sandbox", URL: s.URL(), Base: s.BaseDN(), User: user,
		Password: password})
}

func TestConformsOnSandbox(t *testing.T) {
	for _, c := range []struct {
		flavor ldaptest.Flavor
		kind   string
		ranges int
	}{{ldaptest.AD, "ad-ds", 100}, {ldaptest.OpenLDAP, "ldap", 0}} {
		t.Run(string(c.flavor), func(t *testing.T) {
			synctest.Source(t,
				fixtures(t, startEmbedded(t, ldaptest.Options{Flavor: c.flavor, MaxValRange: c.ranges}, c.kind), 250, ""))
		})
	}
}

// The changes of one object arrive in several parts if the server limits its answers.
func TestChangesConformOnSandbox(t *testing.T) {
	for _, way := range []identity.Way{identity.DirSync, identity.USN} {
		t.Run(string(way), func(t *testing.T) {
			d := startEmbedded(t,
				ldaptest.Options{DirSyncEntries: 1, MaxValRange: 100, Rights: ldaptest.Rights{ReadDeleted: true}}, "ad-ds")
			synctest.Changes(t, fixtures(t, d, 250, way))
		})
	}
}

func TestConformsOnSamba(t *testing.T) {
	synctest.Source(t, fixtures(t, lab.Samba(t, lab.Empty), 300, ""))
}

func TestConformsOnOpenLDAP(t *testing.T) {
	synctest.Source(t, fixtures(t, lab.Slapd(t, lab.Empty), 300, ""))
}
