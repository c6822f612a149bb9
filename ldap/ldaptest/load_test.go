package ldaptest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"dirbridge/sync/sample"
)

// The server sends the whole company.
func TestLoadedCompany(t *testing.T) {
	company := sample.New(sample.Options{People: 400})
	s := start(t, 0, Options{SystemAccounts: true})
	if err := s.Load(company); err != nil {
		t.Fatal(err)
	}
	c := connect(t, s)
	byGUID := map[string]*ldap.Entry{}
	for _, e := range find(t, c, testBase, people) {
		byGUID[guid(e.GetRawAttributeValue("objectGUID")).String()] = e
	}
	if len(byGUID) != 400+3 { // Administrator, Guest and krbtgt
		t.Fatalf("%d people", len(byGUID))
	}
	for _, p := range company.People() {
		e := byGUID[p.GUID.String()]
		if e == nil {
			t.Fatalf("%s is not there", p.Display)
		}
		control := "512"
		if p.Disabled {
			control = "514"
		}
		manager := ""
		if p.Manager >= 0 {
			manager = byGUID[company.Person(p.Manager).GUID.String()].DN
		}
		for name, want := range map[string]string{"mail": p.Mail, "displayName": p.Display, "sn": p.Surname, "title": p.Title,
			"telephoneNumber": p.Phone, "manager": manager, "userAccountControl": control, "cn": p.CN, "sAMAccountName": p.SAM} {
			if got := e.GetAttributeValue(name); got != want {
				t.Errorf("%s of %s is %q, want %q", name, p.Display, got, want)
			}
		}
		if sid := sidText(string(e.GetRawAttributeValue("objectSid"))); sid != p.SID {
			t.Errorf("SID of %s is %s, want %s", p.Display, sid, p.SID)
		}
	}
	for _, g := range company.Groups() {
		e := find(t, c, testBase, "(&(objectClass=group)(cn="+ldap.EscapeFilter(g.Name)+"))", "member")[0]
		if got := len(e.GetAttributeValues("member")); got != len(g.Members)+len(g.Nested) {
			t.Errorf("%s has %d members", g.Name, got)
		}
	}
	// The domain adopted the company's SID, and so did its groups.
	admins, ok := s.Lookup("<SID=" + company.DomainSID() + "-512>")
	if !ok || admins.Attrs["cn"][0] != "Domain Admins" {
		t.Errorf("Domain Admins: %v", admins)
	}
	if users := find(t, c, "OU=Engineering,OU=Staff,"+testBase, people, "cn"); len(users) < 40 {
		t.Errorf("%d engineers", len(users))
	}
}

func TestOpenLDAPFlavor(t *testing.T) {
	s := start(t, 300, Options{Flavor: OpenLDAP, BaseDN: "dc=example,dc=org", BindUser: "cn=reader,dc=example,dc=org",
		BindPassword: "x"})
	c := dial(t, s)
	code(t, c.Bind("cn=reader,dc=example,dc=org", "y"), ldap.LDAPResultInvalidCredentials)
	if err := c.Bind("cn=Reader, dc=example, dc=org", "x"); err != nil {
		t.Fatal(err)
	}
	all := find(t, c, "dc=example,dc=org", "(objectClass=inetOrgPerson)", "*", "+")
	if len(all) != 300 {
		t.Fatalf("%d people", len(all))
	}
	e := all[0]
	if !strings.HasPrefix(e.DN, "uid=") || len(e.GetAttributeValue("entryUUID")) != 36 ||
		e.GetAttributeValue("cn") == "" || e.GetAttributeValue("uid") == "" {
		t.Errorf("a person is %s: %v", e.DN, e.Attributes)
	}
	for _, a := range e.Attributes {
		if slices.Contains([]string{"objectGUID", "sAMAccountName", "memberOf", "distinguishedName", "uSNChanged",
			"objectCategory"}, a.Name) {
			t.Errorf("%s is not OpenLDAP's", a.Name)
		}
	}
	if got := find(t, c, "dc=example,dc=org", "(entryUUID="+e.GetAttributeValue("entryUUID")+")", "1.1"); len(got) != 1 ||
		got[0].DN != e.DN {
		t.Errorf("by entryUUID: %v", got)
	}
	if got := find(t, c, "dc=example,dc=org", "(&(objectClass=groupOfNames)(member="+e.DN+"))", "1.1"); len(got) == 0 {
		t.Error("no group has the first person")
	}
}

func ExampleStart() {
	s, err := Start(context.Background(), Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	if err := s.Load(sample.New(sample.Options{People: 100})); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(s.People()), "people below", s.BaseDN())
	// Output: 100 people below DC=corp,DC=example,DC=com
}
