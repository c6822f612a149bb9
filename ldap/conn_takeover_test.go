package ldap_test

import (
	"testing"
	"time"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/identity"
)

// A takeover by another server is recorded, even if the first server answers again afterwards; and
// sessions to two servers do not alternate.
func TestServerChangesAreCounted(t *testing.T) {
	first, second := replica(t), replica(t)
	user, password := first.Credentials()
	now := time.Now()
	s, err := ldap.New(ldap.Options{Name: "corp", Servers: []string{first.URL(), second.URL()},
		BindUser: user, BindPassword: func() (string, error) { return password, nil }, Clock: func() time.Time { return now },
		BaseDNs:   []string{"OU=Staff," + first.BaseDN()},
		SyncUsers: true, Attributes: []string{"mail"}, PageSize: 25, RestartPause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	describe := func() identity.Directory {
		t.Helper()
		d, err := s.Describe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	people := func() {
		t.Helper()
		n := 0
		if err := s.People(t.Context(), func(identity.Entry) error { n++; return nil }); err != nil || n != 300 {
			t.Fatalf("%d people, %v", n, err)
		}
	}
	before := describe()
	people()
	if d := describe(); d.ServerChanges != before.ServerChanges || d.Server != before.Server {
		t.Fatalf("%+v, before %+v", d, before)
	}
	first.Inject(ldaptest.Fault{Kind: ldaptest.Drop, After: 60})
	people()
	now = now.Add(time.Hour)
	after := describe()
	if after.Server != before.Server || after.ServerChanges == before.ServerChanges {
		t.Fatalf("%+v, before %+v", after, before)
	}
	for range 3 {
		people()
	}
	if d := describe(); d.ServerChanges != after.ServerChanges {
		t.Fatalf("%d turns, %d after the first server was back", d.ServerChanges, after.ServerChanges)
	}
}
