package ldap

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/identity"
)

// In a directory without back links, references are found from the other end.
func TestReferrersWithoutBackLinks(t *testing.T) {
	s := dc(t, ldaptest.Options{Flavor: ldaptest.OpenLDAP})
	person := func(name, manager string) string {
		dn := "CN=" + name + ",OU=Staff," + s.BaseDN()
		attrs := map[string][]string{"objectClass": {"inetOrgPerson"}, "sn": {name}}
		if manager != "" {
			attrs["manager"] = []string{manager}
		}
		must(t, s.Add(dn, attrs))
		return dn
	}
	boss := person(`Silva (Boss) *`, "")
	report := person("Report", boss)
	team := "CN=Team,OU=Staff," + s.BaseDN()
	must(t, s.Add(team, map[string][]string{"objectClass": {"groupOfNames"}, "member": {boss, report}}))
	anchor := func(dn string) identity.Anchor {
		e, ok := s.Lookup(dn)
		if !ok {
			t.Fatal(dn)
		}
		return identity.NewAnchor("corp", e.GUID)
	}
	source := follower(t, nil, s)
	var got []identity.Edge
	must(t, source.Referrers(context.Background(), []string{boss, boss, "CN=Nobody," + s.BaseDN()},
		func(e identity.Edge) error { got = append(got, e); return nil }))
	want := []identity.Edge{{Kind: identity.Manager, From: anchor(report), To: identity.Ref{DN: boss}},
		{Kind: identity.Membership, From: anchor(team), To: identity.Ref{DN: boss}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	var members []string
	must(t,
		source.EdgesOf(context.Background(),
			[]identity.Anchor{anchor(team), anchor(team), anchor(boss), "other:" + guidAText},
			func(e identity.Edge) error { members = append(members, e.To.DN); return nil }))
	if !slices.Equal(members, []string{boss, report}) {
		t.Errorf("members %q", members)
	}
}

// ListUnder respects the base DNs and exclusions, above or below dn. A DN that no longer exists has
// no people below it.
func TestListUnderKeepsToScope(t *testing.T) {
	s := dc(t, ldaptest.Options{})
	base := s.BaseDN()
	for _, ou := range []string{"OU=Inner,OU=Staff,", "OU=Out,OU=Staff,", "OU=Apart,"} {
		must(t, s.Add(ou+base, map[string][]string{"objectClass": {"organizationalUnit"}}))
	}
	for dn, name := range map[string]string{"OU=Staff," + base: "one", "OU=Inner,OU=Staff," + base: "two",
		"OU=Out,OU=Staff," + base: "three", "OU=Apart," + base: "four"} {
		must(t, s.Add("CN="+name+","+dn, map[string][]string{"objectClass": {"user"}, "sAMAccountName": {name}}))
	}
	source := follower(t, func(o *Options) {
		o.BaseDNs, o.ExcludeDNs = []string{"OU=Staff," + base}, []string{"OU=Out,OU=Staff," + base}
	}, s)
	for dn, want := range map[string][]string{
		base:                               {"CN=one", "CN=two"},
		"ou=staff," + base:                 {"CN=one", "CN=two"},
		"OU=Inner,OU=Staff," + base:        {"CN=two"},
		"cn=two,ou=inner,ou=staff," + base: {"CN=two"},
		"OU=Out,OU=Staff," + base:          nil,
		"OU=Apart," + base:                 nil,
		"OU=Gone,OU=Staff," + base:         nil,
		"DC=elsewhere,DC=com":              nil,
	} {
		var got []string
		must(t,
			source.ListUnder(context.Background(), identity.User, dn, func(e identity.Entry) error {
				got = append(got, e.RDN)
				return nil
			}))
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("below %s are %q, want %q", dn, got, want)
		}
	}
	if err := source.ListUnder(context.Background(), identity.User, "not a DN", func(identity.Entry) error {
		return nil
	}); err == nil {
		t.Error("nothing is below what is no DN")
	}
}

// Objects that are read by GUID have their creation time; listings do not request it.
func TestGetReturnsCreationTimes(t *testing.T) {
	for _, flavor := range []ldaptest.Flavor{ldaptest.AD, ldaptest.OpenLDAP} {
		t.Run(string(flavor), func(t *testing.T) {
			t.Parallel()
			s := dc(t, ldaptest.Options{Flavor: flavor})
			dn := "CN=Ana,OU=Staff," + s.BaseDN()
			before := time.Now().Add(-2 * time.Second)
			must(t,
				s.Add(dn,
					map[string][]string{
						"objectClass": {map[ldaptest.Flavor]string{ldaptest.AD: "user", ldaptest.OpenLDAP: "inetOrgPerson"}[flavor]},
						"sn":          {"Silva"}}))
			e, _ := s.Lookup(dn)
			source := follower(t, nil, s)
			var made time.Time
			must(t, source.Get(t.Context(), identity.User, []identity.Anchor{identity.NewAnchor("corp", e.GUID)},
				func(e identity.Entry, _ bool) error {
					made = e.Created
					return nil
				}))
			if made.Before(before) || made.After(time.Now()) {
				t.Errorf("it was made %s", made)
			}
			listed := 0
			must(t, source.People(t.Context(), func(e identity.Entry) error {
				if listed++; !e.Created.IsZero() {
					t.Errorf("%s was asked when it was made", e.DN)
				}
				return nil
			}))
			if listed == 0 {
				t.Error("nothing is listed")
			}
		})
	}
}
