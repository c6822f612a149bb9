package mapping

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

const guid = "6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11"

func entry(pairs ...string) identity.Entry {
	e := identity.Entry{
		Anchor: identity.NewAnchor("corp", guid), Kind: identity.User, DN: "CN=b,OU=Employees,DC=c,DC=com",
		Attrs: identity.Attrs{"mail": {"ana@example.com"}, "objectGUID": {guid}},
	}
	for i := 0; i < len(pairs); i += 2 {
		e.Attrs[pairs[i]] = append(e.Attrs[pairs[i]], pairs[i+1])
	}
	return e
}

func without(e identity.Entry, attr string) identity.Entry {
	e.Attrs = e.Attrs.Clone()
	delete(e.Attrs, attr)
	return e
}

func mustNew(t testing.TB, rules map[string]string) *Mapper {
	t.Helper()
	m, err := New(schema.Webex(), rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPersonByTheDefaultTable(t *testing.T) {
	e := entry("displayName", "Ana Silva", "givenName", "Ana", "sn", "Silva", "streetAddress", "1 Main St\r\n2nd floor",
		"telephoneNumber", "+1 555 0100", "manager", "CN=Bo Li,DC=c,DC=com", "userAccountControl", "512",
		"msRTCSIP-PrimaryUserAddress", "SIP:ana@example.com", "title", "  Engineer ", "l", "   ", "sAMAccountName", "asilva")
	got := mustNew(t, nil).Person(e)
	want := identity.Person{
		Anchor: e.Anchor, DN: e.DN, Key: "ana@example.com", Active: true,
		Attrs: identity.Attrs{
			"uid": {"ana@example.com"}, "displayName": {"Ana Silva"}, "givenName": {"Ana"}, "sn": {"Silva"},
			"street": {"1 Main St\r\n2nd floor"}, "telephoneNumber": {"+1 555 0100"}, "manager": {"CN=Bo Li,DC=c,DC=com"},
			"sipAddresses;type=enterprise": {"ana@example.com"}, "title": {"Engineer"}, "onPremObjectGUID": {guid},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestStateFollowsUserAccountControl(t *testing.T) {
	tests := []struct {
		value  string
		active bool
	}{
		{"512", true}, {"514", false}, {"546", false}, {"66048", true}, {"66050", false}, {"-2147483646", false},
		{"TRUE", false}, {"false", true}, {"", true},
	}
	m := mustNew(t, nil)
	for _, tt := range tests {
		e := entry()
		if tt.value != "" {
			e = entry("userAccountControl", tt.value)
		}
		p := m.Person(e)
		if p.Active != tt.active || len(p.Problems) > 0 {
			t.Errorf("%q: active %v, problems %v", tt.value, p.Active, p.Problems)
		}
		if _, ok := p.Attrs[schema.State]; ok {
			t.Error("the state is a value of its own")
		}
	}
	if p := m.Person(entry("userAccountControl", "on")); len(p.Problems) != 1 {
		t.Errorf("a state that is no number gives %v", p.Problems)
	}
	un := mustNew(t, map[string]string{schema.State: ""})
	if un.ManagesState() || slices.Contains(un.Attributes(), "userAccountControl") ||
		!un.Person(entry("userAccountControl", "514")).Active {
		t.Error("the state is managed although it is unmapped")
	}
}

func TestRequestedAttributes(t *testing.T) {
	m := mustNew(t, map[string]string{"displayName": "givenname sn", "jabberID": "MAIL", "l": "", "c": ""})
	got := m.Attributes()
	seen := map[string]bool{}
	for _, a := range got {
		if seen[strings.ToLower(a)] {
			t.Errorf("%s is asked for twice", a)
		}
		seen[strings.ToLower(a)] = true
	}
	for _, a := range []string{"objectguid", "mail", "useraccountcontrol", "givenname", "sn"} {
		if !seen[a] {
			t.Errorf("%s is not asked for: %v", a, got)
		}
	}
	if seen["l"] || seen["c"] || seen["displayname"] {
		t.Errorf("attributes without a rule are asked for: %v", got)
	}
	// One spelling is requested, and both rules find it.
	e := entry("givenname", "Ana", "sn", "Silva")
	e.Attrs["MAIL"] = e.Attrs["mail"]
	delete(e.Attrs, "mail")
	p := m.Person(e)
	if p.Key != "ana@example.com" || p.Attrs.First("jabberID") != "ana@example.com" ||
		p.Attrs.First("displayName") != "Ana Silva" || p.Attrs.First("givenName") != "Ana" {
		t.Errorf("rules that differ in letter case read %+v", p)
	}
}

func TestManaged(t *testing.T) {
	m := mustNew(t, map[string]string{"title": ""})
	if got := m.Managed(); slices.Contains(got, "title") || slices.Contains(got, schema.State) ||
		slices.Contains(got, "locale") ||
		!slices.Contains(got, "uid") || !slices.Contains(got, "onPremObjectGUID") || !slices.Contains(got, "manager") {
		t.Errorf("managed: %v", got)
	}
	if !m.ManagesState() {
		t.Error("the state is not managed")
	}
	m, err := New(schema.SCIM(), map[string]string{"buildingName": "physicalDeliveryOfficeName"},
		func(a string) bool { return a != "sipAddresses;type=enterprise" && a != "uid" })
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"buildingName", "physicalDeliveryOfficeName", "sipAddresses;type=enterprise"}; !slices.Equal(
		m.Dropped(), want) {
		t.Errorf("dropped %v, want %v", m.Dropped(), want)
	}
	p := m.Person(entry("physicalDeliveryOfficeName", "HQ", "msRTCSIP-PrimaryUserAddress", "not an address"))
	if len(p.Problems) > 0 || p.Attrs["buildingName"] != nil || p.Key == "" {
		t.Errorf("what the cloud has no place for is mapped: %+v", p)
	}
}

func TestJoinedAttributes(t *testing.T) {
	m := mustNew(t, map[string]string{"displayName": "sn  givenName"})
	for _, tt := range []struct{ given, sn, want string }{
		{"Ana", "Silva", "Silva Ana"}, {"", "Silva", "Silva"}, {"Ana", "", "Ana"}, {" Ana ", "  ", "Ana"},
	} {
		p := m.Person(entry("givenName", tt.given, "sn", tt.sn))
		if got := p.Attrs.First("displayName"); got != tt.want {
			t.Errorf("%q and %q join to %q, want %q", tt.given, tt.sn, got, tt.want)
		}
	}
	if p := m.Person(entry()); p.Attrs["displayName"] != nil {
		t.Errorf("nothing joins to %q", p.Attrs["displayName"])
	}
}

func TestRefusedRules(t *testing.T) {
	tests := []struct{ attr, rule, want string }{
		{"displayName", `"a" + sn`, "expressions are not supported yet"},
		{"displayName", "lower(mail)", "expressions are not supported yet"},
		{"displayName", "2.5.4.35", "is not the name of a directory attribute"},
		{"uid", "", "required"},
		{"uid", "  ", "required"},
		{"onPremObjectGUID", "", "required"},
		{"onPremObjectGUID", "mail", "immutable key"},
		{"manager", "manager sn", "one directory attribute"},
		{schema.State, "a b", "one directory attribute"},
		{"title", "unicodePwd", "password"},
		{"title", "sn USERPASSWORD;binary", "password"},
		{"title", "dBCSPwd", "password"},
		{"title", "ms-Mcs-AdmPwd", "password"},
		{"title", "msLAPS-EncryptedPasswordHistory", "password"},
		{"Title", "title", "did you mean title?"},
		{"sipAddresses", "mail", "did you mean sipAddresses;type=enterprise?"},
		{"shoeSize", "mail", "no such cloud attribute"},
		{"extensionAttribute1", "info", "employeeType has the same place in the cloud"},
	}
	for _, tt := range tests {
		_, err := New(schema.Webex(), map[string]string{tt.attr: tt.rule}, nil)
		var re *RuleError
		if !errors.As(err, &re) || re.Attribute != tt.attr || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s = %q: %v, want %q", tt.attr, tt.rule, err, tt.want)
		}
	}
	_, err := New(schema.Webex(), map[string]string{"title": "a+b", "uid": ""}, nil)
	if err == nil || !strings.Contains(err.Error(), "title") || !strings.Contains(err.Error(), "uid") {
		t.Errorf("not all rules are reported at once: %v", err)
	}
}

func TestSeveralValues(t *testing.T) {
	m := mustNew(t, nil)
	a := m.Person(entry("ou", "Sales", "ou", "Engineering", "ou", " ", "employeeType", "b", "employeeType", "a",
		"employeeType", "b"))
	b := m.Person(entry("ou", " ", "ou", "Engineering", "ou", "Sales", "employeeType", "a", "employeeType", "b"))
	if d := cmp.Diff(a, b); d != "" {
		t.Errorf("the server's order matters: %s", d)
	}
	if got := a.Attrs["ou"]; !slices.Equal(got, []string{"Engineering"}) || len(a.Problems) > 0 {
		t.Errorf("a single attribute has %q, problems %v", got, a.Problems)
	}
	if got := a.Attrs["employeeType"]; !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("an attribute of several values has %q", got)
	}
	scim, err := New(schema.SCIM(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := scim.Person(entry("employeeType", "b", "employeeType", "a")).Attrs["employeeType"]; !slices.Equal(got,
		[]string{"a"}) {
		t.Errorf("userType has %q", got)
	}
}

func TestGroup(t *testing.T) {
	m := mustNew(t, nil)
	e := identity.Entry{Anchor: identity.NewAnchor("corp", guid), Kind: identity.Group, DN: "CN=Sales,DC=c",
		Attrs: identity.Attrs{"cn": {"Sales "}}}
	want := identity.Person{Anchor: e.Anchor, DN: e.DN, Key: "Sales", Active: true,
		Attrs: identity.Attrs{"displayName": {"Sales"}, "onPremObjectGUID": {guid}}}
	if d := cmp.Diff(want, m.Group(e)); d != "" {
		t.Error(d)
	}
	e.Attrs = nil
	if p := m.Group(e); len(p.Problems) != 1 || p.Problems[0].Attribute != "cn" {
		t.Errorf("a group without a name gives %v", p.Problems)
	}
}

func TestFieldsAgreeWithPerson(t *testing.T) {
	m := mustNew(t, nil)
	e := without(entry("telephoneNumber", "+", "title", "Boss", "userAccountControl", "514"), "mail")
	p := m.Person(e)
	var problems []identity.Problem
	attrs := identity.Attrs{}
	for _, f := range m.Fields(e) {
		if f.Problem != nil {
			problems = append(problems, *f.Problem)
		}
		if len(f.Values) > 0 && f.Attribute.Name != schema.State {
			attrs[f.Attribute.Name] = f.Values
		}
		if f.Attribute.Name == schema.State && f.Values[0] != "true" {
			t.Errorf("a disabled account shows %q", f.Values)
		}
	}
	if d := cmp.Diff(p.Problems, problems); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(p.Attrs, attrs); d != "" {
		t.Error(d)
	}
}

func TestDigestDoesNotDependOnOrder(t *testing.T) {
	base := mustNew(t, nil).Digest()
	if got := mustNew(t, map[string]string{"displayName": "displayName", "title": " title "}).Digest(); got != base {
		t.Error("writing the default out changes the digest")
	}
	reversed := schema.Webex()
	slices.Reverse(reversed.Users)
	m, err := New(reversed, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if m.Digest() != base {
		t.Error("the catalogue's order changes the digest")
	}
	seen := map[string]string{base: "default"}
	for _, rules := range []map[string]string{{"displayName": "givenName sn"}, {"displayName": "sn givenName"},
		{"title": ""}, {schema.State: ""}, {"uid": "userPrincipalName"}} {
		d := mustNew(t, rules).Digest()
		if seen[d] != "" {
			t.Errorf("%v has the digest of %s", rules, seen[d])
		}
		seen[d] = "another"
	}
}
