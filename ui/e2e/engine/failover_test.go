package engine

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
	"dirbridge/ui/e2e/site"
)

// TestFailoverBetweenDomainControllers uses two domain controllers: whatever one of them does in
// the middle of a run, the other completes it.
func TestFailoverBetweenDomainControllers(t *testing.T) {
	t.Parallel()
	// Its own: it counts on 200 people, and cuts off the first.
	first, second := lab.SambaPair(t, lab.Company(200, 12))
	t.Cleanup(first.Close)
	t.Cleanup(second.Close)

	t.Run("cut off in mid-read", func(t *testing.T) { cutInMidRead(t, first, second) })
	t.Run("changes from either", func(t *testing.T) { followsEither(t, first, second) })
	t.Run("found by DNS", func(t *testing.T) { foundByDNS(t, first, second) })
	t.Run("wrong name", func(t *testing.T) { wrongName(t, first) })
	t.Run("global catalogue", func(t *testing.T) { refusesCatalogue(t, first) })
}

// cutInMidRead plans from a directory whose first server disappears at several moments. The plan
// equals the one from the second server alone.
func cutInMidRead(t *testing.T, first, second *lab.Directory) {
	base := site.Settings{Filter: "(mail=u*)"}
	cloud := site.EmbeddedCloud(t)
	whole, _ := site.New(t, second, cloud, base).Plan(t, 2)
	if whole.Counts.Users.Add != 200 {
		t.Fatalf("the second server alone: %+v", whole.Counts)
	}
	for _, bytes := range []int64{20_000, 60_000, 100_000} {
		relay := lab.NewRelay(t, strings.TrimPrefix(first.URL, "ldap://"))
		relay.CutAfter(bytes)
		s := site.New(t, first, cloud, site.Settings{Filter: base.Filter, Server: "ldap://" + relay.Address})
		text, err := os.ReadFile(s.Config)
		if err != nil {
			t.Fatal(err)
		}
		both := strings.Replace(string(text), relay.Address+`"]`, relay.Address+`", "`+second.URL+`"]`, 1)
		if err := os.WriteFile(s.Config, []byte(both), 0o600); err != nil {
			t.Fatal(err)
		}
		p, _ := s.Plan(t, 2)
		if !relay.IsCut() {
			t.Errorf("%d bytes: the first server was not cut off", bytes)
		}
		if !p.Complete || p.Counts != whole.Counts || len(p.Problems) != len(whole.Problems) {
			t.Errorf("cut after %d bytes: %+v, want %+v", bytes, p.Counts, whole.Counts)
		}
		if bytes == 100_000 {
			s.Sync(t)
			s.Settled(t)
		}
	}
}

// directoryNames is a resolver that knows the domain's controllers.
type directoryNames map[string]string // host to address

func (n directoryNames) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	// Found only if the domain controller itself reported the site, over UDP.
	if name != "Default-First-Site-Name._sites.dc._msdcs.corp.example.com." && name != "dc._msdcs.corp.example.com." {
		return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	var records []*net.SRV
	for host := range n {
		r := &net.SRV{Target: host + ".", Port: 389, Weight: 100}
		if name[0] == 'D' && strings.HasPrefix(host, "dc1.") {
			r.Priority = 5
		}
		records = append(records, r)
	}
	return name, records, nil
}

func (n directoryNames) LookupHost(_ context.Context, host string) ([]string, error) {
	if ip, ok := n[host]; ok {
		return []string{ip}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func byDomain(t *testing.T, d *lab.Directory, names directoryNames) *ldap.Source {
	t.Helper()
	s, err := ldap.New(ldap.Options{Name: "corp", Domain: "corp.example.com", Resolver: names, BindUser: d.User,
		BindPassword: func() (string, error) { return d.Password, nil }, CAFile: d.CA,
		SyncUsers: true, SyncGroups: true, UserFilter: "(mail=u*)", Attributes: []string{"mail"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func host(t *testing.T, d *lab.Directory) string {
	t.Helper()
	u, err := url.Parse(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Hostname()
}

// foundByDNS reads over LDAPS from controllers that only DNS names; a controller itself reports the
// site, which prefers the second one.
func foundByDNS(t *testing.T, first, second *lab.Directory) {
	s := byDomain(t, first, directoryNames{"dc1.corp.example.com": host(t, first),
		"dc2.corp.example.com": host(t, second)})
	n := 0
	if err := s.People(t.Context(), func(identity.Entry) error { n++; return nil }); err != nil || n != 200 {
		t.Errorf("%d people, %v", n, err)
	}
	var urls []string
	for _, st := range s.Servers() {
		urls = append(urls, st.URL)
	}
	d, err := s.Describe(t.Context())
	if want := []string{"ldaps://dc2.corp.example.com", "ldaps://dc1.corp.example.com"}; err != nil ||
		!slices.Equal(urls, want) || d.Server != want[0] || d.Note != "" {
		t.Errorf("servers %q, of which %q is used (%s), %v; want %q", urls, d.Server, d.Note, err, want)
	}
}

// wrongName connects to the first controller by a name that its certificate does not cover.
func wrongName(t *testing.T, first *lab.Directory) {
	s := byDomain(t, first, directoryNames{"dc3.corp.example.com": host(t, first)})
	_, err := s.Describe(t.Context())
	f, ok := errors.AsType[*identity.Failure](err)
	if !ok || f.Remedy == "" || !strings.Contains(err.Error(), "for another host (dc1.corp.example.com") {
		t.Errorf("got %v", err)
	}
}

// refusesCatalogue checks that the global catalogue is recognized, behind another port, too.
func refusesCatalogue(t *testing.T, first *lab.Directory) {
	catalogue := net.JoinHostPort(host(t, first), "3268")
	for _, at := range []string{catalogue, lab.NewRelay(t, catalogue).Address} {
		s, err := ldap.New(ldap.Options{Name: "corp", Servers: []string{"ldap://" + at}, BindUser: first.User,
			BindPassword: func() (string, error) { return first.Password, nil }, SyncUsers: true})
		if err != nil {
			t.Fatal(err)
		}
		err = s.People(t.Context(), func(identity.Entry) error { return nil })
		s.Close()
		if f, ok := errors.AsType[*identity.Failure](err); !ok || !strings.Contains(err.Error(), "global catalogue") ||
			!strings.Contains(f.Remedy, "636") {
			t.Errorf("%s: got %v", at, err)
		}
	}
}
