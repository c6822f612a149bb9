package ldaptest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// base reads one entry with base scope.
func base(t *testing.T, c *ldap.Conn, dn string, attrs ...string) *ldap.Entry {
	t.Helper()
	r, err := c.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", attrs, nil))
	if err != nil || len(r.Entries) != 1 {
		t.Fatalf("%s: %v, %v", dn, r, err)
	}
	return r.Entries[0]
}

func TestPasswordExpiry(t *testing.T) {
	clock := &handClock{now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}
	s := start(t, 0, Options{Clock: clock.Now, ServiceAccount: true})
	c := connect(t, s)
	dn := "CN=svc-dirbridge,CN=Users," + testBase
	read := func() string {
		return base(t, c, dn, "msDS-UserPasswordExpiryTimeComputed").GetAttributeValue("msDS-UserPasswordExpiryTimeComputed")
	}
	if want := decimal(fileTime(clock.now.AddDate(0, 0, 42))); read() != want {
		t.Errorf("expires at %s, want %s: 42 days from now", read(), want)
	}
	if e := base(t, c, dn); e.GetAttributeValue("msDS-UserPasswordExpiryTimeComputed") != "" {
		t.Error("a constructed attribute came without being asked for")
	}
	if age := base(t, c, testBase, "maxPwdAge").GetAttributeValue("maxPwdAge"); age != "-36288000000000" {
		t.Errorf("maxPwdAge is %s", age)
	}
	user, password := s.Credentials()
	clock.advance(42*24*time.Hour - time.Second)
	if err := dial(t, s).Bind(user, password); err != nil {
		t.Errorf("a second before: %v", err)
	}
	clock.advance(time.Second)
	if err := dial(t, s).Bind(user, password); err == nil || !strings.Contains(err.Error(), "data 532,") {
		t.Errorf("at the end of 42 days: %v", err)
	}
	if bits := base(t, c, dn, "msDS-User-Account-Control-Computed").GetAttributeValue(
		"msDS-User-Account-Control-Computed"); bits != "8388608" {
		t.Errorf("computed control is %s", bits)
	}
	for attr, row := range map[string][2]string{
		"userAccountControl": {"66048", "9223372036854775807"}, "pwdLastSet": {"0", "0"},
	} {
		if err := s.Modify(dn, map[string][]string{"userAccountControl": {"512"}, attr: {row[0]}}); err != nil {
			t.Fatal(err)
		}
		if read() != row[1] {
			t.Errorf("%s=%s: %s, want %s", attr, row[0], read(), row[1])
		}
	}
}

func TestTokenGroups(t *testing.T) {
	s, c := planted(t)
	ana := "CN=Ana,OU=Staff," + testBase
	list := "CN=List,OU=Staff," + testBase
	if err := s.Add(list, map[string][]string{"objectClass": {"group"}, "groupType": {"2"}, "member": {ana}}); err != nil {
		t.Fatal(err)
	}
	// A cycle: Inner is in Outer, and Outer in Inner.
	if err := s.AddValues("CN=Inner,OU=Staff,"+testBase, "member", "CN=Outer,OU=Staff,"+testBase); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range []string{"CN=Inner,OU=Staff,", "CN=Outer,OU=Staff,", "CN=Domain Users,CN=Users,"} {
		e, _ := s.Lookup(name + testBase)
		want = append(want, e.SID)
	}
	var got []string
	for _, v := range base(t, c, ana, "tokenGroups").GetRawAttributeValues("tokenGroups") {
		got = append(got, sidText(string(v)))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("token groups %v, want %v: no distribution lists, but the primary group", got, want)
	}
	_, err := c.Search(request(testBase, "(objectClass=user)", "cn", "tokenGroups"))
	code(t, err, ldap.LDAPResultOperationsError)
	if !strings.Contains(err.Error(), "00002120") {
		t.Errorf("a subtree asked for token groups: %v", err)
	}
	if got := find(t, c, testBase, "(memberOf:1.2.840.113556.1.4.1941:=CN=Inner,OU=Staff,"+testBase+")",
		"cn"); len(got) != 4 {
		t.Errorf("a cycle has %d members, want Ana, Bo, Inner and Outer", len(got))
	}
	domainUsers := "CN=Domain Users,CN=Users," + testBase
	if got := find(t, c, testBase, "(memberOf="+domainUsers+")", "cn"); len(got) != 0 {
		t.Errorf("the primary group lists %d", len(got))
	}
	if got := find(t, c, "OU=Staff,"+testBase, "(primaryGroupID=513)", "cn"); len(got) != 3 {
		t.Errorf("%d have the primary group", len(got))
	}
}

func TestAmbiguousNames(t *testing.T) {
	s, c := planted(t)
	for cn, attrs := range map[string]map[string][]string{
		"Jürgen Müller": {"givenName": {"Jürgen"}, "sn": {"Müller"}, "mail": {"jm@example.com"},
			"sAMAccountName": {"jmueller"}},
		"Strauß": {"sn": {"Strauß"}, "displayName": {"Anabel Strauß"}, "sAMAccountName": {"strauss"}},
	} {
		attrs["objectClass"] = []string{"user"}
		if err := s.Add("CN="+cn+",OU=Staff,"+testBase, attrs); err != nil {
			t.Fatal(err)
		}
	}
	for filter, want := range map[string]string{
		"(anr=ana)":                      "Ana Strauß",
		"(anr==ana)":                     "Ana",
		"(anr=jur mul)":                  "Jürgen Müller",
		"(anr=mül jur)":                  "Jürgen Müller",
		"(anr=jm@*)":                     "Jürgen Müller",
		"(anr=zz)":                       "",
		"(anr=)":                         "",
		"(sn=muller)":                    "Jürgen Müller",
		"(sn=MÜLLER)":                    "Jürgen Müller",
		"(sn=strauss)":                   "Strauß",
		"(cn=jurgen*)":                   "Jürgen Müller",
		"(sn=*ülle*)":                    "Jürgen Müller",
		"(sn=mullar)":                    "",
		"(&(anr=ana)(objectClass=user))": "Ana Strauß",
		"(tokenGroups=*)":                "", // constructed: undefined
		"(!(msDS-UserPasswordExpiryTimeComputed=0))": "",
	} {
		var got []string
		for _, e := range find(t, c, "OU=Staff,"+testBase, filter, "cn") {
			got = append(got, e.GetAttributeValue("cn"))
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s finds %v, want %q", filter, got, want)
		}
	}
}
