package ldaptest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

func TestAddReadDelete(t *testing.T) {
	s := start(t, 0, Options{})
	c := connect(t, s)
	dn := `CN=Silva\, Ana \"Mac\" \#1,CN=Users,` + testBase
	add := ldap.NewAddRequest(dn, nil)
	add.Attribute("objectClass", []string{"top", "user"})
	add.Attribute("mail", []string{"ana+x@example.com"})
	add.Attribute("description", []string{strings.Repeat("long ", 200_000)}) // 1 MB
	if err := c.Add(add); err != nil {
		t.Fatal(err)
	}
	e := find(t, c, testBase, "(mail=ana+x@example.com)")[0]
	for name, want := range map[string]string{"cn": `Silva, Ana "Mac" #1`, "userAccountControl": "512",
		"instanceType":   "4",
		"objectCategory": "CN=Person,CN=Schema,CN=Configuration," + testBase} {
		if e.GetAttributeValue(name) != want {
			t.Errorf("%s is %q", name, e.GetAttributeValue(name))
		}
	}
	if parsed, err := ldap.ParseDN(e.DN); err != nil || parsed.RDNs[0].Attributes[0].Value != `Silva, Ana "Mac" #1` {
		t.Errorf("another client reads the DN %s as %v, %v", e.DN, parsed, err)
	}
	if len(e.GetAttributeValue("description")) != 1_000_000 {
		t.Error("the long value was cut")
	}
	code(t, c.Add(add), ldap.LDAPResultEntryAlreadyExists)
	if err := c.Del(ldap.NewDelRequest(e.DN, nil)); err != nil {
		t.Fatal(err)
	}
	code(t, c.Del(ldap.NewDelRequest(e.DN, nil)), ldap.LDAPResultNoSuchObject)
}

func TestRefusedAdds(t *testing.T) {
	s, c := planted(t)
	_ = s
	for _, row := range []struct {
		name, dn string
		attrs    map[string][]string
		want     uint16
	}{
		{"no class", "CN=X,OU=Staff," + testBase, map[string][]string{"mail": {"x"}}, ldap.LDAPResultObjectClassViolation},
		{"no parent", "CN=X,OU=Nowhere," + testBase, map[string][]string{"objectClass": {"user"}},
			ldap.LDAPResultNoSuchObject},
		{"no such attribute", "CN=X,OU=Staff," + testBase, map[string][]string{"objectClass": {"user"}, "shoeSize": {"9"}},
			ldap.LDAPResultNoSuchAttribute},
		{"two values", "CN=X,OU=Staff," + testBase, map[string][]string{"objectClass": {"user"}, "mail": {"a", "b"}},
			ldap.LDAPResultConstraintViolation},
		{"the server's own", "CN=X,OU=Staff," + testBase, map[string][]string{"objectClass": {"user"}, "uSNChanged": {"5"}},
			ldap.LDAPResultConstraintViolation},
		{"not a number", "CN=X,OU=Staff," + testBase,
			map[string][]string{"objectClass": {"user"}, "userAccountControl": {"many"}}, ldap.LDAPResultInvalidAttributeSyntax},
		{"account taken", "CN=X,OU=Staff," + testBase,
			map[string][]string{"objectClass": {"user"}, "sAMAccountName": {"ANA"}}, ldap.LDAPResultEntryAlreadyExists},
		{"wrong RDN", "OU=X,OU=Staff," + testBase, map[string][]string{"objectClass": {"user"}},
			ldap.LDAPResultNamingViolation},
		{"unknown member", "CN=X,OU=Staff," + testBase,
			map[string][]string{"objectClass": {"group"}, "member": {"CN=Nobody," + testBase}}, ldap.LDAPResultNoSuchObject},
	} {
		add := ldap.NewAddRequest(row.dn, nil)
		for name, v := range row.attrs {
			add.Attribute(name, v)
		}
		if err := c.Add(add); !ldap.IsErrorWithCode(err, row.want) {
			t.Errorf("%s: got %v, want %d", row.name, err, row.want)
		}
	}
	if got := find(t, c, testBase, "(cn=X)"); len(got) != 0 {
		t.Errorf("a refused entry stayed: %v", got)
	}
}

func TestModify(t *testing.T) {
	s, c := planted(t)
	dn := "CN=Ana,OU=Staff," + testBase
	usn := func() string { e, _ := s.Lookup(dn); return e.Attrs["uSNChanged"][0] }
	before := usn()
	m := ldap.NewModifyRequest(dn, nil)
	m.Replace("title", []string{"Engineer"})
	m.Add("otherTelephone", []string{"1", "2"})
	m.Delete("mail", nil)
	if err := c.Modify(m); err != nil {
		t.Fatal(err)
	}
	e, _ := s.Lookup(dn)
	if e.Attrs["title"][0] != "Engineer" || len(e.Attrs["otherTelephone"]) != 2 || e.Attrs["mail"] != nil {
		t.Errorf("after: %v", e.Attrs)
	}
	after := usn()
	if after == before {
		t.Error("uSNChanged stayed")
	}
	same := ldap.NewModifyRequest(dn, nil)
	same.Replace("title", []string{"Engineer"})
	if err := c.Modify(same); err != nil || usn() != after {
		t.Errorf("the same value again: %v, uSNChanged %s then %s", err, after, usn())
	}
	half := ldap.NewModifyRequest(dn, nil)
	half.Replace("title", []string{"Baker"})
	half.Delete("mail", []string{"gone@example.com"})
	code(t, c.Modify(half), ldap.LDAPResultNoSuchAttribute)
	if e, _ := s.Lookup(dn); e.Attrs["title"][0] != "Engineer" {
		t.Error("a refused modify was done by half")
	}
	taken := ldap.NewModifyRequest(dn, nil)
	taken.Replace("sAMAccountName", []string{"bo"})
	code(t, c.Modify(taken), ldap.LDAPResultEntryAlreadyExists)
	rdn := ldap.NewModifyRequest(dn, nil)
	rdn.Replace("cn", []string{"Eva"})
	code(t, c.Modify(rdn), ldap.LDAPResultNotAllowedOnRDN)
}

func TestMembers(t *testing.T) {
	s, c := planted(t)
	inner, ana, bo := "CN=Inner,OU=Staff,"+testBase, "CN=Ana,OU=Staff,"+testBase, "CN=Bo,OU=Staff,"+testBase
	members := func() []string { e, _ := s.Lookup(inner); return e.Attrs["member"] }
	add := ldap.NewModifyRequest(inner, nil)
	add.Add("member", []string{bo})
	if err := c.Modify(add); err != nil || !slices.Equal(members(), []string{ana, bo}) {
		t.Fatalf("added: %v, %v", members(), err)
	}
	code(t, c.Modify(add), ldap.LDAPResultEntryAlreadyExists)
	add.Controls = []ldap.Control{&ldap.ControlString{ControlType: controlPermissive}}
	if err := c.Modify(add); err != nil {
		t.Errorf("permissive: %v", err)
	}
	back := ldap.NewModifyRequest(ana, nil)
	back.Replace("memberOf", nil)
	code(t, c.Modify(back), ldap.LDAPResultConstraintViolation)
	if err := s.DeleteValues(inner, "member", ana); err != nil || !slices.Equal(members(), []string{bo}) {
		t.Errorf("removed: %v, %v", members(), err)
	}
	if err := s.Delete(bo); err != nil || len(members()) != 0 {
		t.Errorf("a deleted member stays: %v, %v", members(), err)
	}
	if err := s.AddValues(inner, "member", bo); ResultCode(err) != noSuchObject || !errors.As(err, new(*refusal)) {
		t.Errorf("a member that is gone: %v", err)
	}
}

func TestMovesIncludeTheSubtree(t *testing.T) {
	s, c := planted(t)
	before, _ := s.Lookup("CN=Ana,OU=Staff," + testBase)
	if err := s.Add("OU=New,"+testBase, map[string][]string{"objectClass": {"organizationalUnit"}}); err != nil {
		t.Fatal(err)
	}
	// The container is renamed and moved at once; everything below moves along.
	if err := c.ModifyDN(ldap.NewModifyDNRequest("OU=Staff,"+testBase, "OU=Crew, all", true,
		"OU=New,"+testBase)); !ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidDNSyntax) {
		t.Errorf("an unescaped comma: %v", err)
	}
	move := ldap.NewModifyDNRequest("OU=Staff,"+testBase, `OU=Crew\, all`, true, "OU=New,"+testBase)
	if err := c.ModifyDN(move); err != nil {
		t.Fatal(err)
	}
	crew := `OU=Crew\, all,OU=New,` + testBase
	after, ok := s.Lookup("<GUID=" + before.GUID + ">")
	if !ok || after.DN != "CN=Ana,"+crew {
		t.Fatalf("Ana is at %s", after.DN)
	}
	outer := find(t, c, crew, "(cn=Outer)", "member")[0]
	if !slices.Contains(outer.GetAttributeValues("member"), "CN=Bo,"+crew) {
		t.Errorf("members are %v", outer.GetAttributeValues("member"))
	}
	bo := find(t, c, crew, "(cn=Bo)", "manager", "memberOf")[0]
	if bo.GetAttributeValue("manager") != "CN=Ana,"+crew || bo.GetAttributeValue("memberOf") != "CN=Outer,"+crew {
		t.Errorf("Bo's links are %v", bo.Attributes)
	}
	if err := s.Move("CN=Ana,"+crew, "CN=Users,"+testBase); err != nil {
		t.Fatal(err)
	}
	if bo := find(t, c, crew, "(cn=Bo)", "manager")[0]; bo.GetAttributeValue("manager") != "CN=Ana,CN=Users,"+testBase {
		t.Errorf("the manager did not follow: %v", bo.Attributes)
	}
	if err := s.Rename("CN=Ana,CN=Users,"+testBase, "CN=ANA", ""); err != nil {
		t.Errorf("a change of letter case: %v", err)
	}
	code(t, c.ModifyDN(ldap.NewModifyDNRequest("OU=New,"+testBase, "OU=New", true, crew)),
		ldap.LDAPResultUnwillingToPerform)
	code(t, c.Del(ldap.NewDelRequest("OU=New,"+testBase, nil)), ldap.LDAPResultNotAllowedOnNonLeaf)
	tree := []ldap.Control{&ldap.ControlString{ControlType: controlTreeDelete}}
	if err := c.Del(ldap.NewDelRequest("OU=New,"+testBase, tree)); err != nil {
		t.Errorf("tree delete: %v", err)
	}
	if left := find(t, c, testBase, people, "cn"); len(left) != 1 {
		t.Errorf("%d people are left", len(left))
	}
}

func TestCompare(t *testing.T) {
	_, c := planted(t)
	dn := "CN=Ana,OU=Staff," + testBase
	for _, row := range []struct {
		attr, value string
		want        bool
	}{{"mail", "ANA.silva@example.com", true}, {"mail", "x", false}, {"memberOf", "cn=inner,ou=staff," + testBase, true}} {
		if got, err := c.Compare(dn, row.attr, row.value); err != nil || got != row.want {
			t.Errorf("%s=%s: %v, %v", row.attr, row.value, got, err)
		}
	}
}
