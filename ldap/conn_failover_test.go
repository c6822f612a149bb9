package ldap_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
)

// replica is an embedded directory with the same contents for each call.
func replica(t *testing.T) *ldaptest.Server {
	t.Helper()
	s, err := ldaptest.Start(t.Context(), ldaptest.Options{MaxValRange: 40})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	for _, ou := range []string{"Staff", "Teams"} {
		must(s.AddWithGUID("OU="+ou+","+s.BaseDN(), fmt.Sprintf("00000000-0000-0000-0001-%012d", len(ou)*10+int(ou[0])),
			map[string][]string{"objectClass": {"organizationalUnit"}}))
	}
	var everybody []string
	for n := range 300 {
		dn := fmt.Sprintf("CN=Person %03d,OU=Staff,%s", n, s.BaseDN())
		must(s.AddWithGUID(dn, fmt.Sprintf("00000000-0000-0000-0002-%012d", n),
			map[string][]string{"objectClass": {"user"}, "mail": {fmt.Sprintf("p%d@example.com", n)}}))
		everybody = append(everybody, dn)
	}
	for n := range 60 {
		dn := fmt.Sprintf("CN=Team %02d,OU=Teams,%s", n, s.BaseDN())
		must(s.AddWithGUID(dn, fmt.Sprintf("00000000-0000-0000-0003-%012d", n),
			map[string][]string{"objectClass": {"group"}}))
		must(s.AddValues(dn, "member", everybody[n:n+100]...))
	}
	return s
}

// A listing that is cut off in the middle of a page is completed from another server, with each
// object once.
func TestListingsAreFinishedFromAReplica(t *testing.T) {
	first, second := replica(t), replica(t)
	user, password := first.Credentials()
	for name, c := range map[string]struct {
		list func(context.Context, *ldap.Source, func(string)) error
		want int
		cuts []int64
	}{
		"people": {func(ctx context.Context, s *ldap.Source, seen func(string)) error {
			return s.People(ctx, func(e identity.Entry) error { seen(string(e.Anchor)); return nil })
		}, 300, []int64{6_000, 12_000, 20_000, 30_000}},
		"groups": {func(ctx context.Context, s *ldap.Source, seen func(string)) error {
			return s.Groups(ctx, func(e identity.Entry) error { seen(string(e.Anchor)); return nil })
		}, 60, []int64{4_000, 5_000, 7_000}},
		"memberships": {func(ctx context.Context, s *ldap.Source, seen func(string)) error {
			return s.Edges(ctx, func(e identity.Edge) error { seen(fmt.Sprint(e.From, e.To.Anchor)); return nil })
		}, 6000, []int64{9_000, 50_000, 100_000, 200_000}},
	} {
		restarts := 0
		for _, bytes := range c.cuts {
			t.Run(fmt.Sprintf("%s after %d bytes", name, bytes), func(t *testing.T) {
				relay := lab.NewRelay(t, strings.TrimPrefix(first.URL(), "ldap://"))
				relay.CutAfter(bytes)
				s, err := ldap.New(ldap.Options{Name: "corp", Servers: []string{"ldap://" + relay.Address, second.URL()},
					BindUser: user, BindPassword: func() (string, error) { return password, nil },
					BaseDNs:   []string{"OU=Staff," + first.BaseDN(), "OU=Teams," + first.BaseDN()},
					SyncUsers: true, SyncGroups: true, Attributes: []string{"mail"}, PageSize: 25, RestartPause: time.Millisecond})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				before := second.Stats().Entries
				seen, twice := map[string]bool{}, 0
				err = c.list(t.Context(), s, func(id string) {
					if seen[id] {
						twice++
					}
					seen[id] = true
				})
				if err != nil || len(seen) != c.want || twice != 0 || !relay.IsCut() {
					t.Errorf("%d of %d, %d of them twice, cut off %v: %v", len(seen), c.want, twice, relay.IsCut(), err)
				}
				if second.Stats().Entries > before {
					restarts++
				}
				if st := s.Servers(); st[0].SetAsideUntil.IsZero() || st[0].Reason == "" {
					t.Errorf("the server that was cut off is not set aside: %+v", st)
				}
			})
		}
		if restarts != len(c.cuts) {
			t.Errorf("%s: the second server helped %d times", name, restarts)
		}
	}
}
