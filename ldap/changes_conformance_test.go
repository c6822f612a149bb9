package ldap_test

import (
	"strings"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/sandbox"
	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/synctest"
	"dirbridge/sync/synctest/lab"
)

// conformChanges runs the suite of changes against one server. change completes the
// fixture of each test, and the options of its source.
func conformChanges(t *testing.T, d *lab.Directory, change func(*synctest.SourceFixture, *ldap.Options)) {
	t.Cleanup(d.Close)
	synctest.Changes(t, func(t *testing.T) synctest.SourceFixture {
		relay := lab.NewRelay(t, strings.TrimPrefix(d.URL, "ldap://"))
		f := synctest.SourceFixture{Directory: d, Name: "lab", Base: d.Scratch(t), Outside: d.Scratch(t), Large: 300, Cut: relay.Cut}
		options := ldap.Options{
			Name: f.Name, Servers: []string{"ldap://" + relay.Address},
			BindUser: d.User, BindPassword: func() (string, error) { return d.Password, nil },
			BaseDNs: []string{f.Base}, SyncUsers: true, SyncGroups: true, PageSize: 10,
			Attributes: []string{"mail", "displayName", "givenName", "telephoneNumber", "manager", "userAccountControl"},
		}
		change(&f, &options)
		f.Reopen = func(t testing.TB) sync.Source {
			source, err := ldap.New(options)
			if err != nil {
				t.Fatal(err)
			}
			return source
		}
		f.Source = f.Reopen(t)
		return f
	})
}

func TestTellsChangesOnSandbox(t *testing.T) {
	replicate, read := sandbox.Rights{Replicate: true}, sandbox.Rights{ReadDeleted: true}
	for _, c := range []struct {
		name   string
		way    identity.Way // asked for; "" leaves it to the source
		want   identity.Way
		server sandbox.Options
		untold bool
	}{
		{"DirSync with the right to replicate", "", identity.DirSync, sandbox.Options{Rights: replicate}, false},
		{"DirSync with the account's own rights", "", identity.DirSync, sandbox.Options{Rights: read}, false},
		{"DirSync without any right", "", identity.DirSync, sandbox.Options{}, true},
		{"DirSync in parts", "", identity.DirSync, sandbox.Options{Rights: replicate, DirSyncEntries: 2}, false},
		{"DirSync with a recycle bin", "", identity.DirSync, sandbox.Options{Rights: replicate, RecycleBin: true}, false},
		{"uSNChanged", identity.USN, identity.USN, sandbox.Options{Rights: read}, false},
		{"uSNChanged without any right", identity.USN, identity.USN, sandbox.Options{}, true},
		{"uSNChanged with a recycle bin", identity.USN, identity.USN, sandbox.Options{Rights: read, RecycleBin: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.server.MaxValRange = 100
			s, err := sandbox.Start(t.Context(), c.server)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			user, password := s.Credentials()
			d := lab.Editor(lab.Directory{Kind: "ad-ds", Server: "sandbox", URL: s.URL(), Base: s.BaseDN(), User: user, Password: password})
			conformChanges(t, d, func(f *synctest.SourceFixture, o *ldap.Options) {
				o.Changes, f.Way, f.Untold = c.way, c.want, c.untold
				f.Undelete = func(t testing.TB, guid, _ string) {
					if err := s.Undelete(guid); err != nil {
						t.Fatal(err)
					}
				}
			})
		})
	}
}

func TestTellsChangesOnSamba(t *testing.T) {
	d := lab.Samba(t, lab.Empty)
	for _, way := range []identity.Way{identity.DirSync, identity.USN} {
		t.Run(string(way), func(t *testing.T) {
			conformChanges(t, d, func(f *synctest.SourceFixture, o *ldap.Options) {
				o.Changes, f.Way = way, way
			})
		})
	}
}
