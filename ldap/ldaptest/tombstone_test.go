package ldaptest

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// showing searches with a control that shows deleted objects.
func showing(t testing.TB, c *ldap.Conn, oid, base, filter string, attrs ...string) []*ldap.Entry {
	t.Helper()
	req := request(base, filter, attrs...)
	req.Controls = []ldap.Control{ldap.NewControlString(oid, true, "")}
	r, err := c.Search(req)
	if err != nil {
		t.Fatal(err)
	}
	return r.Entries
}

// names lists the attributes with values.
func names(e *ldap.Entry) (list []string) {
	for _, a := range e.Attributes {
		if len(a.Values) > 0 {
			list = append(list, a.Name)
		}
	}
	slices.Sort(list)
	return list
}

func TestTombstoneKeepsFewAttributes(t *testing.T) {
	s, c := planted(t)
	bo, _ := s.Lookup("CN=Bo,OU=Staff," + testBase)
	mustDo(t, s.Delete(bo.DN))
	if got := find(t, c, testBase, "(sAMAccountName=bo)"); len(got) != 0 {
		t.Errorf("the deleted one is found: %v", got[0].DN)
	}
	if _, ok := s.Lookup("<GUID=" + bo.GUID + ">"); ok {
		t.Error("the deleted one is found by GUID")
	}
	// Without the right, the container is visible without attributes, and there is no error.
	got := showing(t, c, controlShowDeleted, testBase, "(isDeleted=TRUE)")
	if len(got) != 1 || got[0].DN != "CN=Deleted Objects,"+testBase || len(got[0].Attributes) != 0 {
		t.Errorf("without the right: %+v", got)
	}
	s.Grant("", Rights{ReadDeleted: true})
	if got := showing(t, c, controlShowDeleted, testBase, "(isDeleted=TRUE)"); len(got) != 2 {
		t.Errorf("with the right: %d entries", len(got))
	}
	got = showing(t, c, controlShowDeleted, testBase, "(sAMAccountName=bo)")
	if len(got) != 1 {
		t.Fatalf("the tombstone is not found: %v", got)
	}
	want := strings.Fields(
		"cn distinguishedName instanceType isDeleted lastKnownParent name objectClass objectGUID objectSid sAMAccountName " +
			"uSNChanged uSNCreated userAccountControl whenChanged whenCreated")
	if !slices.Equal(names(got[0]), want) {
		t.Errorf("kept %v\nwant %v", names(got[0]), want)
	}
	if e := got[0]; e.GetAttributeValue("name") != "Bo\nDEL:"+bo.GUID ||
		e.DN != `CN=Bo\0ADEL:`+bo.GUID+",CN=Deleted Objects,"+testBase ||
		e.GetAttributeValue("lastKnownParent") != "OU=Staff,"+testBase {
		t.Errorf("%s, name %q, last parent %s", e.DN, e.GetAttributeValue("name"), e.GetAttributeValue("lastKnownParent"))
	}
	outer, _ := s.Lookup("CN=Outer,OU=Staff," + testBase)
	if slices.Contains(outer.Attrs["member"], bo.DN) || len(outer.Attrs["member"]) != 1 {
		t.Errorf("members left: %v", outer.Attrs["member"])
	}
	// The account's name is free again.
	mustDo(t, s.Add(bo.DN, map[string][]string{"objectClass": {"user"}, "sAMAccountName": {"bo"}}))
	if err := s.Undelete(bo.GUID); ResultCode(err) != ldap.LDAPResultEntryAlreadyExists {
		t.Errorf("undeleted over another: %v", err)
	}
}

func TestUndelete(t *testing.T) {
	for _, bin := range []bool{false, true} {
		s := start(t, 0, Options{RecycleBin: bin, Rights: Rights{ReadDeleted: true}})
		c := connect(t, s)
		const staff = ",OU=Staff," + testBase
		mustDo(t, s.Add("OU=Staff,"+testBase, map[string][]string{"objectClass": {"organizationalUnit"}}),
			s.Add("CN=Bo"+staff, map[string][]string{"objectClass": {"user"}}),
			s.Add("CN=Ana"+staff,
				map[string][]string{"objectClass": {"user"}, "mail": {"ana@example.com"}, "manager": {"CN=Bo" + staff}}),
			s.Add("CN=All"+staff, map[string][]string{"objectClass": {"group"}, "member": {"CN=Ana" + staff}}))
		ana, _ := s.Lookup("CN=Ana" + staff)
		all, _ := s.Lookup("CN=All" + staff)
		mustDo(t, s.DeleteTree("OU=Staff,"+testBase))
		if got := s.Deleted(); len(got) != 4 {
			t.Fatalf("bin %v: %d deleted", bin, len(got))
		}
		gone := showing(t, c, controlShowDeleted, testBase, "(sAMAccountName=ana)", "msDS-LastKnownRDN", "isRecycled",
			"mail")[0]
		if bin != (gone.GetAttributeValue("msDS-LastKnownRDN") == "Ana") ||
			bin != (gone.GetAttributeValue("mail") != "") || gone.GetAttributeValue("isRecycled") != "" {
			t.Errorf("bin %v: deleted as %v", bin, names(gone))
		}
		if err := s.Undelete(ana.GUID); ResultCode(err) != ldap.LDAPResultNoSuchObject {
			t.Errorf("undeleted below what is deleted: %v", err)
		}
		for _, e := range s.Deleted() {
			if e.Attrs["objectClass"][1] == "organizationalUnit" {
				mustDo(t, s.Undelete(e.GUID))
			}
		}
		// By LDAP, with the group before its member and the manager last.
		back := func(id, dn string, controls ...ldap.Control) error {
			m := ldap.NewModifyRequest("<GUID="+id+">", controls)
			m.Delete("isDeleted", nil)
			m.Replace("distinguishedName", []string{dn})
			return c.Modify(m)
		}
		code(t, back(all.GUID, "CN=All"+staff), ldap.LDAPResultNoSuchObject)
		show := ldap.NewControlString(controlShowDeleted, true, "")
		mustDo(t, back(all.GUID, "CN=All"+staff, show), back(ana.GUID, "CN=Ann"+staff, show))
		bo := showing(t, c, controlShowDeleted, testBase, "(sAMAccountName=bo)", "objectGUID")[0].GetRawAttributeValue(
			"objectGUID")
		mustDo(t, s.Undelete(guid(bo).String()))
		e, ok := s.Lookup("CN=Ann" + staff)
		if !ok || e.GUID != ana.GUID || e.SID != ana.SID || e.Attrs["isDeleted"] != nil ||
			e.Attrs["lastKnownParent"] != nil || e.Attrs["objectCategory"] == nil {
			t.Fatalf("bin %v: came back as %+v", bin, e)
		}
		if got := e.Attrs["mail"] != nil && e.Attrs["memberOf"] != nil && e.Attrs["manager"] != nil; got != bin {
			t.Errorf("bin %v: came back with %v", bin, e.Attrs)
		}
		if _, ok := s.Account("Ana"); !ok {
			t.Error("the account is not found by its name")
		}
	}
}

func TestRecycleAndPurge(t *testing.T) {
	s := start(t, 0, Options{RecycleBin: true, Rights: Rights{ReadDeleted: true}})
	c := connect(t, s)
	mustDo(t,
		s.Add("CN=Ana,CN=Users,"+testBase, map[string][]string{"objectClass": {"user"}, "mail": {"ana@example.com"}}))
	ana, _ := s.Lookup("CN=Ana,CN=Users," + testBase)
	mustDo(t, s.Delete(ana.DN), s.Recycle(ana.GUID))
	if got := showing(t, c, controlShowDeleted, testBase, "(sAMAccountName=ana)"); len(got) != 0 {
		t.Errorf("recycled, and shown as deleted: %v", got[0])
	}
	got := showing(t, c, controlShowRecycled, testBase, "(sAMAccountName=ana)")
	if len(got) != 1 || got[0].GetAttributeValue("isRecycled") != "TRUE" || got[0].GetAttributeValue("mail") != "" {
		t.Fatalf("recycled as %v", got)
	}
	if err := s.Undelete(ana.GUID); ResultCode(err) != ldap.LDAPResultUnwillingToPerform {
		t.Errorf("undeleted what was recycled: %v", err)
	}
	before := s.USN()
	mustDo(t, s.Purge(ana.GUID))
	if got := showing(t, c, controlShowRecycled, testBase, "(sAMAccountName=ana)"); len(got) != 0 || s.USN() != before {
		t.Errorf("purged, and found: %v; USN %d after %d", got, s.USN(), before)
	}
}

func TestLongNamesAreCutWhenDeleted(t *testing.T) {
	s := start(t, 0, Options{})
	mustDo(t, s.Add("CN="+strings.Repeat("ü", 100)+",CN=Users,"+testBase, map[string][]string{"objectClass": {"contact"}}))
	mustDo(t, s.Delete("CN="+strings.Repeat("ü", 100)+",CN=Users,"+testBase))
	e := s.Deleted()[0]
	if want := strings.Repeat("ü", 75) + "\nDEL:" + e.GUID; e.Attrs["name"][0] != want {
		t.Errorf("became %q", e.Attrs["name"][0])
	}
	mustDo(t, s.Undelete(e.GUID))
	if _, ok := s.Lookup("CN=" + strings.Repeat("ü", 100) + ",CN=Users," + testBase); !ok {
		t.Error("came back under another name")
	}
}

func TestDeletedObjectsByItsWellKnownName(t *testing.T) {
	_, c := planted(t)
	const name = "<WKGUID=18E2EA80684F11D2B9AA00C04F79F805," + testBase + ">"
	if got := showing(t, c, controlShowDeleted, name, "(objectClass=*)"); len(got) != 1 ||
		got[0].DN != "CN=Deleted Objects,"+testBase {
		t.Errorf("found %v", got)
	}
	_, err := c.Search(request(name, "(objectClass=*)"))
	code(t, err, ldap.LDAPResultNoSuchObject)
}
