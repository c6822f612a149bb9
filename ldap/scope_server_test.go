package ldap_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/identity"
)

// planted is an embedded directory with these objects, and a source for it.
func planted(t *testing.T, o ldaptest.Options, objects map[string]map[string][]string,
	change func(*ldap.Options)) *ldap.Source {
	t.Helper()
	s, err := ldaptest.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var dns []string
	for dn := range objects {
		dns = append(dns, dn)
	}
	// Members must exist before their groups: groups have the later names.
	slices.Sort(dns)
	for _, dn := range dns {
		if err := s.Add(dn, objects[dn]); err != nil {
			t.Fatalf("%s: %v", dn, err)
		}
	}
	user, password := s.Credentials()
	opt := ldap.Options{Name: "corp", Servers: []string{s.URL()}, BindUser: user,
		BindPassword: func() (string, error) { return password, nil },
		SyncUsers:    true, SyncGroups: true, Attributes: []string{"mail"}}
	change(&opt)
	source, err := ldap.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { source.Close() })
	return source
}

// names returns the names of the entries of a listing, in order.
func names(t *testing.T, list func(func(identity.Entry) error) error) string {
	t.Helper()
	var out []string
	if err := list(func(e identity.Entry) error {
		_, name, _ := strings.Cut(e.RDN, "=")
		out = append(out, name)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// On AD LDS people are users, inetOrgPersons and proxies of users elsewhere, in a domain or not.
// With several partitions, one must be configured.
func TestLightweightDirectory(t *testing.T) {
	const first, second = "O=One,C=US", "O=Two,C=US"
	class := func(c string) map[string][]string { return map[string][]string{"objectClass": {c}} }
	objects := map[string]map[string][]string{
		"CN=Ana," + second: class("user"), "CN=Bo," + second: class("inetOrgPerson"),
		"CN=Cy," + second: class("userProxy"), "CN=Di," + second: class("userProxyFull"),
		"CN=Supplier," + second: class("contact"),
		"CN=Elsewhere," + first: class("user"),
		"CN=Inner," + second:    {"objectClass": {"group"}, "member": {"CN=Bo," + second}},
		"CN=Outer," + second:    {"objectClass": {"group"}, "member": {"CN=Inner," + second, "CN=Cy," + second}},
	}
	options := ldaptest.Options{Flavor: ldaptest.ADLDS, BaseDN: first, Partitions: []string{second}}
	var partition string
	s := planted(t, options, objects, func(o *ldap.Options) { o.BaseDNs = []string{"O=Three"} })
	all, err := s.Partitions(t.Context())
	if err != nil || fmt.Sprint(all) != fmt.Sprint([]string{first, second}) {
		t.Fatalf("%q, %v", all, err)
	}
	partition = all[1]
	for memberOf, want := range map[string]string{"": "Ana Bo Cy Di", "CN=Outer," + second: "Bo Cy"} {
		s := planted(t, options, objects, func(o *ldap.Options) {
			if o.Partition = partition; memberOf != "" {
				o.MemberOf = []string{memberOf}
			}
		})
		d, err := s.Describe(t.Context())
		if err != nil || d.Kind != ldap.KindADLDS || d.BaseDN != second {
			t.Fatalf("%+v, %v", d, err)
		}
		if got := names(t, func(fn func(identity.Entry) error) error { return s.People(t.Context(), fn) }); got != want {
			t.Errorf("in %q: %s", memberOf, got)
		}
		if got := names(t, func(fn func(identity.Entry) error) error {
			return s.ListContacts(t.Context(), identity.Contact, fn)
		}); got != "Supplier" {
			t.Errorf("contacts: %s", got)
		}
	}
	s = planted(t, options, objects, func(o *ldap.Options) {
		o.Partition, o.MemberOf = second, []string{"CN=Readers,CN=Roles," + first}
	})
	err = s.People(t.Context(), func(identity.Entry) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "another naming context") {
		t.Errorf("%v", err)
	}
}

// Exchange marks rooms; otherwise they are users like people.
func TestRoomsAreNotPeople(t *testing.T) {
	const base = "DC=corp,DC=example,DC=com"
	s := planted(t, ldaptest.Options{BaseDN: base}, map[string]map[string][]string{
		"CN=Ana," + base:      {"objectClass": {"user"}, "mail": {"ana@example.com"}},
		"CN=Aquarium," + base: {"objectClass": {"user"}, "msExchResourceMetaData": {"ResourceType:Room"}},
		"CN=Beamer," + base:   {"objectClass": {"user"}, "msExchResourceMetaData": {"ResourceType:Equipment"}},
		"CN=Supplier," + base: {"objectClass": {"contact"}, "mail": {"x@example.net"}},
		"CN=Other," + base:    {"objectClass": {"contact"}},
	}, func(o *ldap.Options) { o.ContactFilter, o.BaseDNs = "mail=*", []string{base} })
	for kind, want := range map[identity.Kind]string{identity.Room: "Aquarium", identity.Contact: "Supplier"} {
		if got := names(t, func(fn func(identity.Entry) error) error {
			return s.ListContacts(t.Context(), kind, fn)
		}); got != want {
			t.Errorf("%s: %s", kind, got)
		}
	}
	if got := names(t, func(fn func(identity.Entry) error) error {
		return s.People(t.Context(), fn)
	}); got != "Ana Beamer" {
		t.Errorf("people: %s", got)
	}
	if err := s.ListContacts(t.Context(), identity.User, func(identity.Entry) error { return nil }); err == nil {
		t.Error("people are listed as others")
	}
}
