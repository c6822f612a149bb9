package ldap_test

import (
	"strings"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/sandbox"
	"dirbridge/sync"
	"dirbridge/sync/synctest"
	"dirbridge/sync/synctest/lab"
)

var _ sync.Source = (*ldap.Source)(nil)

// conform runs the suite of sources against one server. Each test has containers
// of its own there.
func conform(t *testing.T, d *lab.Directory, large int) {
	t.Cleanup(d.Close)
	synctest.Source(t, func(t *testing.T) synctest.SourceFixture {
		relay := lab.NewRelay(t, strings.TrimPrefix(d.URL, "ldap://"))
		f := synctest.SourceFixture{Directory: d, Name: "lab", Base: d.Scratch(t), Outside: d.Scratch(t), Large: large, Cut: relay.Cut}
		source, err := ldap.New(ldap.Options{
			Name: f.Name, Servers: []string{"ldap://" + relay.Address},
			BindUser: d.User, BindPassword: func() (string, error) { return d.Password, nil },
			BaseDNs: []string{f.Base}, SyncUsers: true, SyncGroups: true, PageSize: 10,
			Attributes: []string{"mail", "displayName", "givenName", "telephoneNumber"},
		})
		if err != nil {
			t.Fatal(err)
		}
		f.Source = source
		return f
	})
}

func TestConformsOnSandbox(t *testing.T) {
	for _, flavor := range []struct {
		flavor sandbox.Flavor
		kind   string
		ranges int
	}{{sandbox.AD, "ad-ds", 100}, {sandbox.OpenLDAP, "ldap", 0}} {
		t.Run(string(flavor.flavor), func(t *testing.T) {
			s, err := sandbox.Start(t.Context(), sandbox.Options{Flavor: flavor.flavor, MaxValRange: flavor.ranges})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			user, password := s.Credentials()
			conform(t, lab.Editor(lab.Directory{Kind: flavor.kind, Server: "sandbox", URL: s.URL(), Base: s.BaseDN(), User: user, Password: password}), 250)
		})
	}
}

func TestConformsOnSamba(t *testing.T) { conform(t, lab.Samba(t, lab.Empty), 300) }

func TestConformsOnOpenLDAP(t *testing.T) { conform(t, lab.Slapd(t, lab.Empty), 300) }
