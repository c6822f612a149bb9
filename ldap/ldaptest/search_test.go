package ldaptest

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// planted is a small tree for the filter tests.
func planted(t *testing.T) (*Server, *ldap.Conn) {
	t.Helper()
	s := start(t, 0, Options{})
	add := func(dn string, attrs map[string][]string) {
		t.Helper()
		if err := s.Add(dn, attrs); err != nil {
			t.Fatal(err)
		}
	}
	user := func(cn, mail, control, manager string) {
		a := map[string][]string{"objectClass": {"user"}, "sAMAccountName": {strings.ToLower(cn)}, "mail": {mail},
			"userAccountControl": {control}, "sn": {cn}}
		if manager != "" {
			a["manager"] = []string{manager}
		}
		add("CN="+cn+",OU=Staff,"+testBase, a)
	}
	add("OU=Staff,"+testBase, map[string][]string{"objectClass": {"organizationalUnit"}})
	user("Ana", "Ana.Silva@example.com", "512", "")
	user("Bo", "bo@example.com", "514", "CN=Ana,OU=Staff,"+testBase)
	user("Cy", "cy@example.com", "66048", "cn=ana,ou=staff,"+strings.ToLower(testBase))
	add("CN=Inner,OU=Staff,"+testBase,
		map[string][]string{"objectClass": {"group"}, "member": {"CN=Ana,OU=Staff," + testBase}})
	add("CN=Outer,OU=Staff,"+testBase,
		map[string][]string{"objectClass": {"group"},
			"member": {"CN=Inner,OU=Staff," + testBase, "CN=Bo,OU=Staff," + testBase}})
	return s, connect(t, s)
}

func TestFilters(t *testing.T) {
	s, c := planted(t)
	ana, _ := s.Lookup("CN=Ana,OU=Staff," + testBase)
	raw, _ := parseGUID(ana.GUID)
	binary := ""
	for _, b := range raw {
		binary += `\` + string("0123456789abcdef"[b>>4]) + string("0123456789abcdef"[b&15])
	}
	for filter, want := range map[string]string{
		"(mail=ana.silva@EXAMPLE.com)":      "Ana",
		"(MAIL=*silva*)":                    "Ana",
		"(mail=a*na.s*com)":                 "Ana",
		"(mail=bo*bo)":                      "",
		"(&(objectClass=user)(!(mail=b*)))": "Ana Cy",
		"(|(cn=Ana)(cn=Cy)(cn=Nobody))":     "Ana Cy",
		"(objectCategory=person)":           "Ana Bo Cy",
		"(objectCategory=CN=Group,CN=Schema,CN=Configuration," + testBase + ")":  "Inner Outer",
		"(userAccountControl:1.2.840.113556.1.4.803:=2)":                         "Bo",
		"(!(userAccountControl:1.2.840.113556.1.4.803:=2))":                      "Ana Cy Inner Outer Staff",
		"(userAccountControl:1.2.840.113556.1.4.804:=65538)":                     "Bo Cy",
		"(userAccountControl>=514)":                                              "Bo Cy",
		"(userAccountControl<=512)":                                              "Ana",
		"(sn>=Bo)":                                                               "Bo Cy",
		"(manager=*)":                                                            "Bo Cy",
		"(manager=cn=ANA,ou=staff," + testBase + ")":                             "Bo Cy",
		"(directReports=CN=Cy,OU=Staff," + testBase + ")":                        "Ana",
		"(member=CN=Ana,OU=Staff," + testBase + ")":                              "Inner",
		"(memberOf=CN=Outer,OU=Staff," + testBase + ")":                          "Bo Inner",
		"(memberOf:1.2.840.113556.1.4.1941:=CN=Outer,OU=Staff," + testBase + ")": "Ana Bo Inner",
		"(member:1.2.840.113556.1.4.1941:=CN=Ana,OU=Staff," + testBase + ")":     "Inner Outer",
		"(objectGUID=" + binary + ")":                                            "Ana",
		"(objectSid=" + ana.SID + ")":                                            "Ana",
		"(distinguishedName=cn=ana,OU=Staff," + testBase + ")":                   "Ana",
		"(sn~=ana)":                        "Ana",
		"(sAMAccountName=BO)":              "Bo",
		"(noSuchAttribute=x)":              "",
		"(!(noSuchAttribute=x))":           "", // undefined, not true
		"(|(noSuchAttribute=x)(cn=Bo))":    "Bo",
		"(userAccountControl=many)":        "",
		"(whenCreated>=20000101000000.0Z)": "Ana Bo Cy Inner Outer Staff",
		"(whenCreated<=20000101000000.0Z)": "",
		"(&)":                              "Ana Bo Cy Inner Outer Staff",
		"(cn:=bo)":                         "Bo",
		"(isCriticalSystemObject=TRUE)":    "",
		"(&(objectClass=group)(!(isCriticalSystemObject=TRUE)))":                      "Inner Outer",
		"(&(objectCategory=person)(|(sAMAccountName=bo)(objectGUID=" + binary + ")))": "Ana Bo",
	} {
		var got []string
		for _, e := range find(t, c, "OU=Staff,"+testBase, filter, "name") {
			got = append(got, e.GetAttributeValue("name"))
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", filter, got, want)
		}
	}
}

func TestComputersAreUsersByClass(t *testing.T) {
	s := start(t, 0, Options{})
	c := connect(t, s)
	if got := find(t, c, testBase, "(objectClass=user)", "cn"); len(got) != 1 || got[0].GetAttributeValue("cn") != "DC1" {
		t.Errorf("by class: %v", got)
	}
	if got := find(t, c, testBase, "(&(objectCategory=person)(objectClass=user))", "cn"); len(got) != 0 {
		t.Errorf("by category: %v", got)
	}
	for _, e := range find(t, c, testBase, "(objectClass=group)", "isCriticalSystemObject") {
		if e.GetAttributeValue("isCriticalSystemObject") != "TRUE" {
			t.Errorf("%s is not critical", e.DN)
		}
	}
}

func TestScopesAndBases(t *testing.T) {
	s, c := planted(t)
	ana, _ := s.Lookup("CN=Ana,OU=Staff," + testBase)
	raw, _ := parseGUID(ana.GUID)
	hex := ""
	for _, b := range raw {
		hex += string("0123456789abcdef"[b>>4]) + string("0123456789abcdef"[b&15])
	}
	search := func(base string, scope int) (*ldap.SearchResult, error) {
		return c.Search(ldap.NewSearchRequest(base, scope, 0, 0, 0, false, "(objectClass=*)",
			[]string{"cn", "objectGUID"}, nil))
	}
	for _, row := range []struct {
		base  string
		scope int
		want  int
	}{
		{"OU=Staff," + testBase, ldap.ScopeBaseObject, 1},
		{"OU=Staff," + testBase, ldap.ScopeSingleLevel, 5},
		{"OU=Staff," + testBase, ldap.ScopeWholeSubtree, 6},
		{"ou=STAFF, " + strings.ToLower(testBase), ldap.ScopeBaseObject, 1},
		{testBase, ldap.ScopeBaseObject, 1},
		{"<GUID=" + ana.GUID + ">", ldap.ScopeBaseObject, 1},
		{"<GUID=" + hex + ">", ldap.ScopeWholeSubtree, 1},
		{"<SID=" + ana.SID + ">", ldap.ScopeBaseObject, 1},
		{"CN=Configuration," + testBase, ldap.ScopeBaseObject, 1},
	} {
		r, err := search(row.base, row.scope)
		if err != nil || len(r.Entries) != row.want {
			t.Errorf("%s scope %d: %v, %v", row.base, row.scope, r, err)
			continue
		}
		if len(r.Entries[0].GetRawAttributeValue("objectGUID")) != 16 {
			t.Errorf("%s has no objectGUID", row.base)
		}
	}
	_, err := search("OU=Nowhere,OU=Staff,"+testBase, ldap.ScopeBaseObject)
	code(t, err, ldap.LDAPResultNoSuchObject)
	if !strings.EqualFold(err.(*ldap.Error).MatchedDN, "OU=Staff,"+testBase) {
		t.Errorf("matched %q", err.(*ldap.Error).MatchedDN)
	}
	_, err = search("OU=X,DC=other,DC=example,DC=net", ldap.ScopeBaseObject)
	code(t, err, ldap.LDAPResultReferral)
	_, err = search("nonsense", ldap.ScopeBaseObject)
	code(t, err, ldap.LDAPResultInvalidDNSyntax)
	_, err = search("", ldap.ScopeWholeSubtree)
	code(t, err, ldap.LDAPResultNoSuchObject)
}

func TestReferences(t *testing.T) {
	_, c := planted(t)
	for _, row := range []struct {
		name     string
		base     string
		scope    int
		controls []ldap.Control
		want     int
	}{
		{"domain, subtree", testBase, ldap.ScopeWholeSubtree, nil, 3},
		{"domain, one level", testBase, ldap.ScopeSingleLevel, nil, 3},
		{"domain, base", testBase, ldap.ScopeBaseObject, nil, 0},
		{"domain scope", testBase, ldap.ScopeWholeSubtree,
			[]ldap.Control{&ldap.ControlString{ControlType: controlDomainScope}}, 0},
		{"an OU", "OU=Staff," + testBase, ldap.ScopeWholeSubtree, nil, 0},
	} {
		r, err := c.Search(ldap.NewSearchRequest(row.base, row.scope, 0, 0, 0, false, "(cn=Ana)", []string{"cn"},
			row.controls))
		if err != nil || len(r.Referrals) != row.want {
			t.Errorf("%s: %v, %v", row.name, r, err)
		}
		if row.scope == ldap.ScopeSingleLevel && !strings.HasSuffix(r.Referrals[0], "??base") {
			t.Errorf("%s: %v", row.name, r.Referrals)
		}
	}
}

func TestAttributeSelection(t *testing.T) {
	_, c := planted(t)
	names := func(typesOnly bool, attrs ...string) string {
		r, err := c.Search(ldap.NewSearchRequest("CN=Ana,OU=Staff,"+testBase, 0, 0, 0, 0, typesOnly, "(objectClass=*)",
			attrs, nil))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range r.Entries[0].Attributes {
			if typesOnly && len(a.Values) > 0 {
				t.Errorf("%s has values", a.Name)
			}
			got = append(got, a.Name)
		}
		slices.Sort(got)
		return strings.Join(got, " ")
	}
	for _, row := range []struct {
		attrs string
		types bool
		want  string
	}{
		{"1.1", false, ""},
		{"MAIL samaccountname nosuch", false, "mail sAMAccountName"},
		{"mail objectSid", true, "mail objectSid"},
		{"canonicalName parentGUID", false, "canonicalName parentGUID"},
	} {
		if got := names(row.types, strings.Fields(row.attrs)...); got != row.want {
			t.Errorf("%s: got %s", row.attrs, got)
		}
	}
	all := names(false)
	for _, want := range []string{"cn", "distinguishedName", "directReports", "instanceType", "mail", "memberOf", "name",
		"objectCategory", "objectClass", "objectGUID", "objectSid", "uSNChanged", "whenChanged", "whenCreated"} {
		if !slices.Contains(strings.Fields(all), want) {
			t.Errorf("%s is not returned by default", want)
		}
	}
	if strings.Contains(all, "canonicalName") {
		t.Error("canonicalName came unasked")
	}
	if star := names(false, "*"); star != all {
		t.Errorf("* returns %s", star)
	}
}

func TestExtendedDN(t *testing.T) {
	s, c := planted(t)
	ana, _ := s.Lookup("CN=Ana,OU=Staff," + testBase)
	for value, want := range map[string]string{
		"":                                     "<GUID=", // no value means the hexadecimal form
		"\x30\x03\x02\x01\x00":                 "<GUID=",
		"\x30\x03\x02\x01\x01":                 "<GUID=" + ana.GUID + ">;<SID=" + ana.SID + ">;CN=Ana,",
		"\x30\x84\x00\x00\x00\x03\x02\x01\x01": "<GUID=" + ana.GUID + ">;",
	} {
		r := request(testBase, "(cn=Inner)", "member")
		r.Controls = []ldap.Control{&ldap.ControlString{ControlType: controlExtendedDN, ControlValue: value}}
		res, err := c.Search(r)
		if err != nil || len(res.Entries) != 1 {
			t.Fatalf("%q: %v, %v", value, res, err)
		}
		member := res.Entries[0].GetAttributeValue("member")
		if !strings.HasPrefix(member, want) || !strings.HasPrefix(res.Entries[0].DN, "<GUID=") {
			t.Errorf("%q: member %s of %s", value, member, res.Entries[0].DN)
		}
		if hex := strings.Contains(member, "-"); len(value) < 5 && hex && !strings.Contains(member, "<SID=0105") {
			t.Errorf("%q: not the hex form: %s", value, member)
		}
	}
}

func TestUnknownControls(t *testing.T) {
	_, c := planted(t)
	r := request(testBase, "(cn=Ana)", "cn")
	r.Controls = []ldap.Control{&ldap.ControlString{ControlType: "1.2.3.4", Criticality: true}}
	_, err := c.Search(r)
	code(t, err, ldap.LDAPResultUnavailableCriticalExtension)
	r.Controls = []ldap.Control{&ldap.ControlString{ControlType: "1.2.3.4"}}
	if res, err := c.Search(r); err != nil || len(res.Entries) != 1 {
		t.Errorf("not critical: %v, %v", res, err)
	}
}
