package ldaptest

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"dirbridge/sync/sample"
)

// dialBound connects to a URL of the server and binds.
func dialBound(t *testing.T, s *Server, url string) *ldap.Conn {
	t.Helper()
	c, err := ldap.DialURL(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Bind(s.Credentials()); err != nil {
		t.Fatal(err)
	}
	return c
}

func commonNames(entries []*ldap.Entry) string {
	var list []string
	for _, e := range entries {
		list = append(list, e.GetAttributeValue("cn"))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestGlobalCatalog(t *testing.T) {
	const child = "DC=child," + testBase
	s := start(t, 0, Options{GlobalCatalog: true, Partitions: []string{child}})
	for dn, attrs := range map[string]map[string][]string{
		"CN=Ana,CN=Users," + testBase: {"mail": {"ana@example.com"}, "department": {"Research"}},
		"CN=Kim," + child:             {"mail": {"kim@example.com"}, "department": {"Research"}},
	} {
		attrs["objectClass"] = []string{"user"}
		if err := s.Add(dn, attrs); err != nil {
			t.Fatal(err)
		}
	}
	plain, global := connect(t, s), dialBound(t, s, s.GCURL())
	if got := commonNames(find(t, global, "", "(&(objectClass=user)(mail=*))", "cn")); got != "Ana Kim" {
		t.Errorf("the catalogue finds %q", got)
	}
	e := find(t, global, "", "(cn=Ana)")[0]
	if e.GetAttributeValue("mail") == "" || e.GetAttributeValue("department") != "" ||
		e.GetAttributeValue("distinguishedName") == "" {
		t.Errorf("the catalogue holds %v", e.Attributes)
	}
	if got := find(t, global, testBase, "(department=Research)", "cn"); len(got) != 0 {
		t.Errorf("the catalogue looks at what it does not hold: %s", commonNames(got))
	}
	r, err := global.Search(request(testBase, "(cn=Kim)", "cn"))
	if err != nil || len(r.Referrals) != 0 {
		t.Errorf("the catalogue refers: %v, %v", r, err)
	}
	change := ldap.NewModifyRequest("CN=Ana,CN=Users,"+testBase, nil)
	change.Replace("title", []string{"x"})
	code(t, global.Modify(change), ldap.LDAPResultReferral)

	if got := commonNames(find(t, plain, testBase, "(&(objectClass=user)(mail=*))", "cn")); got != "Ana" {
		t.Errorf("the domain controller finds %q", got)
	}
	_, err = plain.Search(request(child, "(objectClass=*)"))
	code(t, err, ldap.LDAPResultReferral)
	_, err = plain.Search(request("", "(objectClass=*)"))
	code(t, err, ldap.LDAPResultNoSuchObject)
	for _, c := range []*ldap.Conn{plain, global} {
		root := base(t, c, "")
		if root.GetAttributeValue("isGlobalCatalogReady") != "TRUE" ||
			slices.Contains(root.GetAttributeValues("namingContexts"), child) {
			t.Errorf("rootDSE: %v", root.Attributes)
		}
	}
	if err := plain.Modify(change); err != nil {
		t.Error(err)
	}
}

func TestReadOnlyController(t *testing.T) {
	for _, readOnly := range []bool{false, true} {
		s := start(t, 0, Options{ReadOnly: readOnly})
		c := connect(t, s)
		root := base(t, c, "")
		if slices.Contains(root.GetAttributeValues("supportedCapabilities"), capabilityRODC) != readOnly {
			t.Errorf("capabilities: %v", root.GetAttributeValues("supportedCapabilities"))
		}
		for _, dn := range []string{root.GetAttributeValue("dsServiceName"), root.GetAttributeValue("serverName"),
			"CN=DC1,OU=Domain Controllers," + testBase} {
			if got := base(t, c, dn, "msDS-isRODC").GetAttributeValue("msDS-isRODC"); got != truthText(readOnly) {
				t.Errorf("%s: msDS-isRODC is %q", dn, got)
			}
		}
		change := ldap.NewModifyRequest("CN=Users,"+testBase, nil)
		change.Replace("description", []string{"x"})
		err := c.Modify(change)
		if readOnly {
			code(t, err, ldap.LDAPResultReferral)
		} else if err != nil {
			t.Error(err)
		}
	}
}

func TestADLDS(t *testing.T) {
	const app, other = "CN=App,DC=corp,DC=example,DC=com", "O=Acme,C=US"
	s := start(t, 0, Options{Flavor: ADLDS, BaseDN: app, Partitions: []string{other}, ServiceAccount: true})
	c := connect(t, s)
	root := base(t, c, "")
	config := root.GetAttributeValue("configurationNamingContext")
	if !strings.HasPrefix(config, "CN=Configuration,CN={") ||
		root.GetAttributeValue("schemaNamingContext") != "CN=Schema,"+config {
		t.Errorf("configuration at %s", config)
	}
	if want := []string{app, other, config, "CN=Schema," + config}; !slices.Equal(
		root.GetAttributeValues("namingContexts"), want) {
		t.Errorf("naming contexts %v", root.GetAttributeValues("namingContexts"))
	}
	for _, name := range []string{"defaultNamingContext", "rootDomainNamingContext", "domainFunctionality"} {
		if v := root.GetAttributeValue(name); v != "" {
			t.Errorf("%s is %s", name, v)
		}
	}
	if caps := root.GetAttributeValues("supportedCapabilities"); !slices.Contains(caps, capabilityLDS) ||
		slices.Contains(caps, capabilityAD) {
		t.Errorf("capabilities %v", caps)
	}
	if who := whoIs(t, c); who != "dn:CN=svc-dirbridge,CN=Roles,"+app {
		t.Errorf("bound as %s", who)
	}
	for cn, attrs := range map[string]map[string][]string{
		"Ana": {"objectClass": {"user"}, "userPrincipalName": {"ana"}},
		"Bo":  {"objectClass": {"user"}, "msDS-UserAccountDisabled": {"TRUE"}, "userPrincipalName": {"bo@acme"}},
		"Cy":  {"objectClass": {"userProxyFull"}, "mail": {"cy@example.com"}, "sn": {"Cy"}},
		"Di":  {"objectClass": {"userProxy"}},
		"Ed":  {"objectClass": {"inetOrgPerson"}},
	} {
		if err := s.Add("CN="+cn+","+other, attrs); err != nil {
			t.Fatal(err)
		}
		if err := s.SetPassword("CN="+cn+","+other, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	for filter, want := range map[string]string{
		"(objectClass=user)":                                  "Ana Bo Ed",
		"(objectCategory=person)":                             "Ana Bo Ed",
		"(objectClass=userProxy)":                             "Di",
		"(objectClass=userProxyFull)":                         "Cy",
		"(msDS-UserAccountDisabled=TRUE)":                     "Bo",
		"(userAccountControl:1.2.840.113556.1.4.803:=2)":      "",
		"(&(mail=*)(!(msDS-UserAccountDisabled=TRUE)))":       "Cy",
		"(&(objectClass=user)(sAMAccountName=*))":             "",
		"(objectCategory=CN=Person,CN=Schema," + config + ")": "Ana Bo Ed",
	} {
		if got := commonNames(find(t, c, other, filter, "cn")); got != want {
			t.Errorf("%s finds %q, want %q", filter, got, want)
		}
	}
	for name, want := range map[string]string{"ana": "", "CN=Ana," + other: "", "bo@acme": "533", "CN=Di," + other: "",
		"nobody": "52e"} {
		err := dial(t, s).Bind(name, "secret")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), "data "+want+",")) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	if err := s.Load(sample.New(sample.Options{People: 200})); err != nil {
		t.Fatal(err)
	}
	if got := find(t, c, app, "(&(objectClass=user)(msDS-UserAccountDisabled=TRUE))", "cn"); len(got) == 0 ||
		len(got) > 100 {
		t.Errorf("%d of 200 people are disabled", len(got))
	}
}

func TestSchema(t *testing.T) {
	s := start(t, 0, Options{})
	c := connect(t, s)
	root := base(t, c, "")
	schema := root.GetAttributeValue("schemaNamingContext")
	for name, want := range map[string]string{ // attributeSyntax, oMSyntax, isSingleValued, systemFlags
		"givenName":                           "2.5.5.12 64 TRUE 16",
		"proxyAddresses":                      "2.5.5.12 64 FALSE 16",
		"member":                              "2.5.5.1 127 FALSE 16",
		"memberOf":                            "2.5.5.1 127 FALSE 17",
		"accountExpires":                      "2.5.5.16 65 TRUE 16",
		"userAccountControl":                  "2.5.5.9 2 TRUE 16",
		"sIDHistory":                          "2.5.5.17 4 FALSE 16",
		"thumbnailPhoto":                      "2.5.5.10 4 TRUE 16",
		"isDeleted":                           "2.5.5.8 1 TRUE 16",
		"whenCreated":                         "2.5.5.11 24 TRUE 16",
		"objectClass":                         "2.5.5.2 6 FALSE 16",
		"tokenGroups":                         "2.5.5.17 4 FALSE 20",
		"msExchResourceMetaData":              "2.5.5.12 64 FALSE 16",
		"msDS-UserPasswordExpiryTimeComputed": "2.5.5.16 65 TRUE 20",
	} {
		got := find(t, c, schema, "(&(objectClass=attributeSchema)(lDAPDisplayName="+name+"))", "attributeSyntax", "oMSyntax",
			"isSingleValued", "systemFlags")
		if len(got) != 1 {
			t.Fatalf("%s is described %d times", name, len(got))
		}
		e := got[0]
		if line := strings.Join([]string{e.GetAttributeValue("attributeSyntax"), e.GetAttributeValue("oMSyntax"),
			e.GetAttributeValue("isSingleValued"), e.GetAttributeValue("systemFlags")}, " "); line != want {
			t.Errorf("%s is %s, want %s", name, line, want)
		}
	}
	if got := find(t, c, schema, "(&(objectClass=classSchema)(lDAPDisplayName=userProxy))", "subClassOf"); len(got) != 1 {
		t.Errorf("userProxy is described %d times", len(got))
	}
	if got := base(t, c, "CN=Given-Name,"+schema).GetAttributeValue("attributeID"); got != "2.5.4.42" {
		t.Errorf("givenName is %s", got)
	}
	sub := root.GetAttributeValue("subschemaSubentry")
	if e := base(t, c, sub); len(e.GetAttributeValues("attributeTypes")) != 0 {
		t.Error("attribute types came without being asked for")
	}
	types := base(t, c, sub, "attributeTypes").GetAttributeValues("attributeTypes")
	for _, want := range []string{
		"( 2.5.4.42 NAME 'givenName' SYNTAX '1.3.6.1.4.1.1466.115.121.1.15' SINGLE-VALUE )",
		"( 2.5.4.31 NAME 'member' SYNTAX '1.3.6.1.4.1.1466.115.121.1.12' )",
	} {
		if !slices.Contains(types, want) {
			t.Errorf("no %s", want)
		}
	}
	open := connect(t, start(t, 0, Options{Flavor: OpenLDAP, BindUser: "cn=admin," + testBase}))
	root = base(t, open, "", "subschemaSubentry", "namingContexts")
	types = base(t, open, root.GetAttributeValue("subschemaSubentry"), "attributeTypes").GetAttributeValues(
		"attributeTypes")
	if !slices.Contains(types, "( 2.5.4.4 NAME 'sn' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )") {
		t.Errorf("OpenLDAP's schema: %d types", len(types))
	}
	if got := root.GetAttributeValues("namingContexts"); len(got) != 1 {
		t.Errorf("OpenLDAP's naming contexts: %v", got)
	}
}
