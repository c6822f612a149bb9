package ldaptest

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// asksFor lists the attributes that the DirSync tests request.
var asksFor = strings.Fields("objectClass name mail sn sAMAccountName userAccountControl member manager")

const incremental = ldap.DirSyncIncrementalValues

// syncOnce sends one request. The request is new each time, because go-ldap would reuse the cookie
// of an earlier one.
func syncOnce(c *ldap.Conn, req *ldap.SearchRequest, flags, maxBytes int64,
	cookie []byte) (entries []*ldap.Entry, more bool, next []byte, err error) {
	fresh := *req
	fresh.Controls = slices.Clone(req.Controls)
	r, err := c.DirSync(&fresh, flags, maxBytes, cookie)
	if err != nil {
		return nil, false, nil, err
	}
	k := ldap.FindControl(r.Controls, ldap.ControlTypeDirSync).(*ldap.ControlDirSync)
	return r.Entries, k.Flags != 0, k.Cookie, nil
}

// syncAll reads the changes since the cookie until there are no more.
func syncAll(t testing.TB, c *ldap.Conn, flags int64, cookie []byte, attrs ...string) ([]*ldap.Entry, []byte) {
	t.Helper()
	var all []*ldap.Entry
	for {
		entries, more, next, err := syncOnce(c, request(testBase, "(objectClass=*)", attrs...), flags, 0, cookie)
		if err != nil {
			t.Fatal(err)
		}
		all, cookie = append(all, entries...), next
		if !more {
			return all, cookie
		}
	}
}

// describe formats entries as lines: name, and attributes with values. It leaves out the domain, and
// attributes that come with every entry.
func describe(entries []*ldap.Entry) string {
	var lines []string
	for _, e := range entries {
		var parts []string
		for _, a := range e.Attributes {
			if a.Name != "objectGUID" && a.Name != "instanceType" && a.Name != "parentGUID" {
				parts = append(parts, a.Name+"="+strings.Join(a.Values, "|"))
			}
		}
		slices.Sort(parts)
		lines = append(lines, e.DN+": "+strings.Join(parts, " "))
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), ","+testBase, "")
}

// mustDo fails the test if an edit fails.
func mustDo(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestDirSyncReportsChanges(t *testing.T) {
	const staff = ",OU=Staff," + testBase
	for _, row := range []struct {
		name  string
		flags int64
		edit  func(s *Server) []error
		want  string
	}{
		{"an attribute", 0, func(s *Server) []error {
			return []error{s.Modify("CN=Ana"+staff, map[string][]string{"mail": {"new@example.com"}, "title": {"Engineer"}})}
		}, "CN=Ana,OU=Staff: mail=new@example.com"},
		{"an attribute removed", 0, func(s *Server) []error {
			return []error{s.Modify("CN=Ana"+staff, map[string][]string{"mail": nil})}
		},
			"CN=Ana,OU=Staff: mail="},
		{"one not asked for", 0, func(s *Server) []error {
			return []error{s.Modify("CN=Ana"+staff, map[string][]string{"title": {"Engineer"}})}
		}, ""},
		{"the same value again", 0, func(s *Server) []error {
			return []error{s.Modify("CN=Ana"+staff, map[string][]string{"mail": {"Ana.Silva@example.com"}})}
		}, ""},
		{"disabled", 0, func(s *Server) []error {
			return []error{s.Modify("CN=Ana"+staff, map[string][]string{"userAccountControl": {"514"}})}
		}, "CN=Ana,OU=Staff: userAccountControl=514"},
		{"renamed", 0, func(s *Server) []error { return []error{s.Rename("CN=Ana"+staff, "CN=Ann", "")} },
			"CN=Ann,OU=Staff: name=Ann"},
		{"moved", 0, func(s *Server) []error { return []error{s.Move("CN=Ana"+staff, "CN=Users,"+testBase)} },
			"CN=Ana,CN=Users: name=Ana"},
		{"moved to where it is", 0, func(s *Server) []error {
			return []error{s.Move("CN=Ana"+staff, "OU=Staff,"+testBase)}
		}, ""},
		{"container renamed", 0, func(s *Server) []error { return []error{s.Rename("OU=Staff,"+testBase, "OU=Crew", "")} },
			"OU=Crew: name=Crew"},
		{"manager", 0, func(s *Server) []error {
			return []error{s.Modify("CN=Ana"+staff, map[string][]string{"manager": {"CN=Bo" + staff}})}
		}, "CN=Ana,OU=Staff: manager=CN=Bo,OU=Staff"},
		{"manager, in increments", incremental, func(s *Server) []error {
			return []error{s.Modify("CN=Bo"+staff, map[string][]string{"manager": {"CN=Cy" + staff}})}
		}, "CN=Bo,OU=Staff: manager;range=0-0=CN=Ana,OU=Staff manager;range=1-1=CN=Cy,OU=Staff"},
		{"manager gone", 0, func(s *Server) []error {
			return []error{s.Modify("CN=Bo"+staff, map[string][]string{"manager": nil})}
		},
			"CN=Bo,OU=Staff: manager="},
		{"manager renamed", 0, func(s *Server) []error { return []error{s.Rename("CN=Ana"+staff, "CN=Ann", "")} },
			"CN=Ann,OU=Staff: name=Ann"},
		{"member added", 0, func(s *Server) []error {
			return []error{s.AddValues("CN=Inner"+staff, "member", "CN=Bo"+staff)}
		},
			"CN=Inner,OU=Staff: member=CN=Ana,OU=Staff|CN=Bo,OU=Staff"},
		{"member added, in increments", incremental, func(s *Server) []error {
			return []error{s.AddValues("CN=Inner"+staff, "member", "CN=Bo"+staff)}
		}, "CN=Inner,OU=Staff: member;range=1-1=CN=Bo,OU=Staff"},
		{"member removed, in increments", incremental, func(s *Server) []error {
			return []error{s.DeleteValues("CN=Outer"+staff, "member", "CN=Bo"+staff)}
		}, "CN=Outer,OU=Staff: member;range=0-0=CN=Bo,OU=Staff"},
		{"member removed", 0, func(s *Server) []error {
			return []error{s.DeleteValues("CN=Outer"+staff, "member", "CN=Bo"+staff)}
		},
			"CN=Outer,OU=Staff: member=CN=Inner,OU=Staff"},
		{"last member removed", 0, func(s *Server) []error {
			return []error{s.Modify("CN=Inner"+staff, map[string][]string{"member": nil})}
		},
			"CN=Inner,OU=Staff: member="},
		{"came and went", incremental, func(s *Server) []error {
			return []error{s.AddValues("CN=Inner"+staff, "member", "CN=Bo"+staff),
				s.DeleteValues("CN=Inner"+staff, "member", "CN=Bo"+staff)}
		}, "CN=Inner,OU=Staff: member;range=0-0=CN=Bo,OU=Staff"},
		{"members in another order", 0, func(s *Server) []error {
			return []error{s.Modify("CN=Outer"+staff, map[string][]string{"member": {"CN=Bo" + staff, "CN=Inner" + staff}})}
		}, ""},
		{"added", 0, func(s *Server) []error {
			return []error{s.Add("CN=Di"+staff, map[string][]string{"objectClass": {"user"}, "mail": {"di@example.com"}})}
		}, "CN=Di,OU=Staff: mail=di@example.com name=Di objectClass=top|person|organizationalPerson|user " +
			"sAMAccountName=Di userAccountControl=512"},
		{"in the order of the changes", 0, func(s *Server) []error {
			return []error{s.Modify("CN=Cy"+staff, map[string][]string{"sn": {"1"}}),
				s.Modify("CN=Ana"+staff, map[string][]string{"sn": {"2"}}),
				s.Modify("CN=Cy"+staff, map[string][]string{"mail": {"3"}})}
		}, "CN=Ana,OU=Staff: sn=2\nCN=Cy,OU=Staff: mail=3 sn=1"},
		{"in another naming context", 0, func(s *Server) []error {
			return []error{s.Add("CN=X,CN=Configuration,"+testBase, map[string][]string{"objectClass": {"container"}})}
		}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, c := planted(t)
			s.Grant("", Rights{Replicate: true})
			_, cookie := syncAll(t, c, row.flags, nil, asksFor...)
			mustDo(t, row.edit(s)...)
			entries, cookie := syncAll(t, c, row.flags, cookie, asksFor...)
			if got := describe(entries); got != row.want {
				t.Errorf("told\n%s\nwant\n%s", got, row.want)
			}
			if entries, _ := syncAll(t, c, row.flags, cookie, asksFor...); len(entries) > 0 {
				t.Errorf("told again:\n%s", describe(entries))
			}
		})
	}
}

func TestDirSyncReportsDeletions(t *testing.T) {
	const staff = ",OU=Staff," + testBase
	attrs := append(slices.Clone(asksFor), "lastKnownParent", "isDeleted")
	for _, bin := range []bool{false, true} {
		s := start(t, 0, Options{RecycleBin: bin, Rights: Rights{Replicate: true}})
		c := connect(t, s)
		mustDo(t, s.Add("OU=Staff,"+testBase, map[string][]string{"objectClass": {"organizationalUnit"}}),
			s.Add("CN=Ana"+staff, map[string][]string{"objectClass": {"user"}, "mail": {"ana@example.com"}, "sn": {"Silva"}}),
			s.Add("CN=All"+staff, map[string][]string{"objectClass": {"group"}, "member": {"CN=Ana" + staff}}))
		ana, _ := s.Lookup("CN=Ana" + staff)
		_, cookie := syncAll(t, c, incremental, nil, attrs...)
		mustDo(t, s.Delete("CN=Ana"+staff))
		entries, _ := syncAll(t, c, incremental, cookie, attrs...)
		want := `CN=Ana\0ADEL:` + ana.GUID +
			",CN=Deleted Objects: isDeleted=TRUE lastKnownParent=OU=Staff mail= name=Ana\nDEL:" + ana.GUID + " sn="
		if bin {
			want = strings.Replace(strings.Replace(want, " mail=", "", 1), " sn=", "", 1)
		}
		if got := describe(entries); got != want {
			t.Errorf("bin %v: told\n%s\nwant\n%s", bin, got, want)
		}
		container, _ := s.Lookup("OU=Staff," + testBase)
		if p := entries[0].GetRawAttributeValue("parentGUID"); len(p) != 16 || guid(p).String() == container.GUID {
			t.Errorf("the tombstone's parent is %x", p)
		}
		if entries, _, _, err := syncOnce(c, request(testBase, "(&(objectCategory=person)(isDeleted=TRUE))", attrs...),
			0, 0, cookie); err != nil || len(entries) > 0 {
			t.Errorf("objectCategory is not left to a tombstone: %v, %v", entries, err)
		}
		if entries, _, _, err := syncOnce(c, request(testBase, "(objectClass=user)", "mail"), 0, 0, cookie); err != nil ||
			len(entries) != 1 || entries[0].GetAttributeValue("isDeleted") != "TRUE" {
			t.Errorf("isDeleted comes unasked: %v, %v", entries, err)
		}
		// OBJECT_SECURITY shows what the account may read.
		secured, _, _, err := syncOnce(c, request(testBase, "(objectClass=*)", attrs...),
			ldap.DirSyncObjectSecurity, 0, cookie)
		if err != nil || len(secured) > 0 {
			t.Errorf("a deletion shown without the right: %v, %v", secured, err)
		}
		s.Grant("", Rights{ReadDeleted: true})
		secured, _, _, err = syncOnce(c, request(testBase, "(objectClass=*)", attrs...),
			ldap.DirSyncObjectSecurity, 0, cookie)
		if err != nil || len(secured) != 1 {
			t.Errorf("a deletion not shown with the right: %v, %v", secured, err)
		}
	}
}

func TestDirSyncRefusals(t *testing.T) {
	s, c := planted(t)
	control := func(flags int64, cookie string) *ldap.ControlDirSync {
		return ldap.NewRequestControlDirSync(flags, 0, []byte(cookie))
	}
	uncritical := control(1, "")
	uncritical.Criticality = false
	for _, row := range []struct {
		name     string
		base     string
		controls []ldap.Control
		rights   Rights
		want     uint16
	}{
		{"without the right", testBase, []ldap.Control{control(0, "")}, Rights{}, ldap.LDAPResultInsufficientAccessRights},
		{"by object security", testBase, []ldap.Control{control(1, "")}, Rights{}, 0},
		{"with the right", testBase, []ldap.Control{control(0, "")}, Rights{Replicate: true}, 0},
		{"a container", "OU=Staff," + testBase, []ldap.Control{control(0, "")}, Rights{Replicate: true},
			ldap.LDAPResultInsufficientAccessRights},
		{"a container, by object security", "OU=Staff," + testBase, []ldap.Control{control(1, "")}, Rights{},
			ldap.LDAPResultUnwillingToPerform},
		{"another naming context", "CN=Configuration," + testBase, []ldap.Control{control(1, "")}, Rights{}, 0},
		{"no such base", "OU=Nowhere," + testBase, []ldap.Control{control(1, "")}, Rights{}, ldap.LDAPResultNoSuchObject},
		{"not critical", testBase, []ldap.Control{uncritical}, Rights{}, ldap.LDAPResultOperationsError},
		{"with paging", testBase, []ldap.Control{control(1, ""), ldap.NewControlPaging(5)}, Rights{},
			ldap.LDAPResultOperationsError},
		{"garbage", testBase, []ldap.Control{control(1, "MSDS and more")}, Rights{},
			ldap.LDAPResultUnavailableCriticalExtension},
	} {
		s.Grant("", row.rights)
		req := request(row.base, "(objectClass=*)")
		req.Controls = row.controls
		_, err := c.Search(req)
		if row.want == 0 && err != nil || row.want != 0 && !ldap.IsErrorWithCode(err, row.want) {
			t.Errorf("%s: got %v, want %d", row.name, err, row.want)
		}
	}
}

func TestDirSyncInParts(t *testing.T) {
	s := start(t, 25, Options{DirSyncEntries: 7, Rights: Rights{Replicate: true}})
	c := connect(t, s)
	req := request(testBase, "(objectClass=user)", "mail", "sAMAccountName")
	all := map[string]bool{}
	var cookie []byte
	answers := 0
	for more := true; more; answers++ {
		var entries []*ldap.Entry
		var err error
		if entries, more, cookie, err = syncOnce(c, req, 0, 0, cookie); err != nil {
			t.Fatal(err)
		}
		if more && len(entries) != 7 {
			t.Fatalf("%d entries in a part", len(entries))
		}
		for _, e := range entries {
			all[e.DN] = true
		}
	}
	if len(all) != 25+1 || answers != 4 { // and the domain controller
		t.Errorf("%d entries in %d answers", len(all), answers)
	}
	entries, more, _, err := syncOnce(c, req, 0, 1, nil)
	if err != nil || len(entries) != 1 || !more {
		t.Errorf("one byte let %d entries pass, more %v, %v", len(entries), more, err)
	}
}

func TestDirSyncAncestorsFirst(t *testing.T) {
	s, c := planted(t)
	s.Grant("", Rights{Replicate: true})
	_, cookie := syncAll(t, c, 0, nil, "name")
	mustDo(t, s.Rename("CN=Ana,OU=Staff,"+testBase, "CN=Ann", ""), s.Rename("OU=Staff,"+testBase, "OU=Crew", ""))
	plain, _ := syncAll(t, c, 0, cookie, "name")
	ordered, _ := syncAll(t, c, ldap.DirSyncAncestorsFirstOrder, cookie, "name")
	if got := describe(plain); got != "CN=Ann,OU=Crew: name=Ann\nOU=Crew: name=Crew" {
		t.Errorf("in the order of change:\n%s", got)
	}
	if got := describe(ordered); got != "OU=Crew: name=Crew\nCN=Ann,OU=Crew: name=Ann" {
		t.Errorf("ancestors first:\n%s", got)
	}
}

func TestDirSyncFaults(t *testing.T) {
	s := start(t, 25, Options{DirSyncEntries: 10, Rights: Rights{Replicate: true}})
	c := connect(t, s)
	req := request(testBase, "(objectClass=user)", "mail")
	_, _, cookie, err := syncOnce(c, req, 0, 0, nil)
	mustDo(t, err)
	for _, kind := range []FaultKind{Drop, Truncate} {
		s.Inject(Fault{Kind: kind, After: 3})
		if _, _, _, err := syncOnce(c, req, 0, 0, cookie); err == nil {
			t.Fatalf("%s: %v", kind, err)
		}
		c = connect(t, s)
		if entries, _, _, err := syncOnce(c, req, 0, 0, cookie); err != nil || len(entries) != 10 {
			t.Fatalf("after %s the same cookie gives %d entries, %v", kind, len(entries), err)
		}
	}
	s.Inject(Fault{Kind: RefuseCookie})
	_, _, _, err = syncOnce(c, req, 0, 0, cookie)
	code(t, err, ldap.LDAPResultUnavailableCriticalExtension)
	if _, _, _, err = syncOnce(c, req, 0, 0, cookie); err != nil {
		t.Fatalf("refused twice: %v", err)
	}
	s.ExpireCookies()
	for range 2 {
		_, _, _, err = syncOnce(c, req, 0, 0, cookie)
		code(t, err, ldap.LDAPResultUnavailableCriticalExtension)
	}
	_, _, cookie, err = syncOnce(c, req, 0, 0, nil)
	mustDo(t, err)
	if _, _, _, err = syncOnce(c, req, 0, 0, cookie); err != nil {
		t.Errorf("a new cookie is refused: %v", err)
	}
}

// TestDirSyncBySecurity moves an entry out of sight: no change reports it.
func TestDirSyncBySecurity(t *testing.T) {
	s, c := planted(t)
	const secret = "OU=Secret," + testBase
	mustDo(t, s.Add(secret, map[string][]string{"objectClass": {"organizationalUnit"}}), s.Hide(secret))
	entries, cookie := syncAll(t, c, ldap.DirSyncObjectSecurity, nil, asksFor...)
	if got := describe(entries); strings.Contains(got, "Secret") || !strings.Contains(got, "CN=Bo,") {
		t.Errorf("told\n%s", got)
	}
	mustDo(t, s.Move("CN=Bo,OU=Staff,"+testBase, secret),
		s.Modify("CN=Cy,OU=Staff,"+testBase, map[string][]string{"sn": {"x"}}))
	secured, _ := syncAll(t, c, ldap.DirSyncObjectSecurity, cookie, asksFor...)
	if got := describe(secured); got != "CN=Cy,OU=Staff: sn=x" {
		t.Errorf("told\n%s", got)
	}
	if got := find(t, c, testBase, "(sAMAccountName=bo)"); len(got) != 0 {
		t.Errorf("the hidden one is found: %s", got[0].DN)
	}
	s.Grant("", Rights{Replicate: true})
	all, _ := syncAll(t, c, 0, cookie, asksFor...)
	if got := describe(all); got != "CN=Bo,OU=Secret: name=Bo\nCN=Cy,OU=Staff: sn=x" {
		t.Errorf("who may replicate is told\n%s", got)
	}
}
