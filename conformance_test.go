package main

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"dirbridge/cloud"
	cloudsandbox "dirbridge/cloud/sandbox"
	"dirbridge/ldap"
	ldapsandbox "dirbridge/ldap/sandbox"
	"dirbridge/sync"
	"dirbridge/sync/schema"
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

func TestTargetConformanceOnTheSandbox(t *testing.T) {
	for name, o := range map[string]cloudsandbox.Options{
		schema.KindWebex: {PageSize: 40},
		schema.KindSCIM:  {PageSize: 40, MembersInListing: true, BulkStatus: cloudsandbox.StatusObject},
		"without bulk":   {PageSize: 40, MembersInListing: true, WithoutBulk: true},
		"plain answers":  {PageSize: 40, MembersInListing: true, QuietPatch: true, BulkBodies: true},
	} {
		kind := schema.KindSCIM
		if name == schema.KindWebex {
			kind = name
		}
		t.Run(name, func(t *testing.T) {
			synctest.Target(t, func(t *testing.T) synctest.TargetFixture {
				s, err := cloudsandbox.Start(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := s.Close(); err != nil {
						t.Error(err)
					}
				})
				f := targetFixture(t, kind, s.URL(), s.Token())
				f.Throttle = func(n int) {
					s.Inject(cloudsandbox.Fault{Effect: cloudsandbox.Refuse, Writes: true, Times: n, Status: 429, RetryAfter: time.Second})
				}
				return f
			})
		})
	}
}

func TestTargetConformanceOnSCIMMY(t *testing.T) {
	s := lab.Scimmy(t, "MAX_RESULTS=40")
	synctest.Target(t, func(t *testing.T) synctest.TargetFixture {
		s.Reset(t)
		f := targetFixture(t, schema.KindSCIM, s.URL, s.Token)
		f.NoQuotes = true
		return f
	})
}

// targetFixture is a target that reaches the cloud through a relay.
func targetFixture(t *testing.T, kind, base, token string) synctest.TargetFixture {
	t.Helper()
	relay := lab.NewRelay(t, hostOf(t, base))
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = relay.Address
	catalogue, _ := schema.Of(kind)
	var managed []string
	for _, a := range catalogue.Users {
		managed = append(managed, a.Name)
	}
	target, err := cloud.New(cloud.Options{
		Kind: kind, BaseURL: u.String(), Token: func() (string, error) { return token, nil },
		Catalogue: catalogue, Managed: managed, Settling: -1, Clock: &hasty{}, HTTP: &http.Transport{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return synctest.TargetFixture{Target: target, Cut: relay.Cut}
}

// hasty is a clock on which waiting takes no time.
type hasty struct{ ahead atomic.Int64 }

func (c *hasty) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *hasty) Sleep(ctx context.Context, d time.Duration) error {
	c.ahead.Add(int64(d))
	return ctx.Err()
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if u.Port() == "" {
		return u.Host + ":" + map[string]string{"ldap": "389", "ldaps": "636", "http": "80"}[u.Scheme]
	}
	return u.Host
}
