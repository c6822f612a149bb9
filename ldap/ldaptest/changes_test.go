package ldaptest

import (
	"strconv"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// TestUSNGrowsForChangedObjectsOnly lists for each edit the objects whose uSNChanged grows, and checks that no
// other does.
func TestUSNGrowsForChangedObjectsOnly(t *testing.T) {
	const staff = ",OU=Staff," + testBase
	for _, row := range []struct {
		name string
		edit func(s *Server) []error
		want []string // by cn or ou, after the edit
	}{
		{"an attribute", func(s *Server) []error {
			return []error{s.Modify("CN=Ana"+staff, map[string][]string{"title": {"x"}})}
		}, []string{"Ana"}},
		{"the same value", func(s *Server) []error {
			return []error{s.Modify("CN=Ana"+staff, map[string][]string{"sn": {"Ana"}})}
		}, nil},
		{"a refused edit", func(s *Server) []error {
			_ = s.Modify("CN=Ana"+staff, map[string][]string{"sn": {"x"}, "userAccountControl": {"x"}})
			return nil
		}, nil},
		{"a member", func(s *Server) []error { return []error{s.AddValues("CN=Inner"+staff, "member", "CN=Bo"+staff)} },
			[]string{"Inner"}},
		{"a manager", func(s *Server) []error {
			return []error{s.Modify("CN=Cy"+staff, map[string][]string{"manager": {"CN=Bo" + staff}})}
		}, []string{"Cy"}},
		{"a container's name", func(s *Server) []error { return []error{s.Rename("OU=Staff,"+testBase, "OU=Crew", "")} },
			[]string{"Crew"}},
		{"a container's place", func(s *Server) []error {
			return []error{s.Move("OU=Staff,"+testBase, "CN=Users,"+testBase)}
		}, []string{"Staff"}},
		{"a manager's name", func(s *Server) []error { return []error{s.Rename("CN=Ana"+staff, "CN=Ann", "")} },
			[]string{"Ann"}},
		{"a deletion", func(s *Server) []error { return []error{s.Delete("CN=Ana" + staff)} }, nil},
	} {
		s, c := planted(t)
		before := s.USN()
		mustDo(t, row.edit(s)...)
		var got []string
		for _, e := range find(t, c, testBase, "(uSNChanged>="+strconv.FormatInt(before+1, 10)+")", "name") {
			got = append(got, e.GetAttributeValue("name"))
		}
		if len(got) != len(row.want) || len(got) > 0 && got[0] != row.want[0] {
			t.Errorf("%s: grew of %v, want %v", row.name, got, row.want)
		}
		bumped := s.USN() - before
		if want := int64(len(row.want)); bumped != want && row.name != "a deletion" {
			t.Errorf("%s: the highest grew by %d", row.name, bumped)
		}
	}
}

func TestWhenChanged(t *testing.T) {
	clock := &handClock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	s := start(t, 0, Options{Clock: clock.Now})
	dn := "CN=Ana,CN=Users," + testBase
	mustDo(t, s.Add(dn, map[string][]string{"objectClass": {"user"}}))
	clock.advance(time.Hour)
	mustDo(t, s.Modify(dn, map[string][]string{"mail": {"ana@example.com"}}))
	clock.advance(time.Hour)
	mustDo(t, s.Modify(dn, map[string][]string{"mail": {"ana@example.com"}}))
	e, _ := s.Lookup(dn)
	if e.Attrs["whenCreated"][0] != "20260102030405.0Z" || e.Attrs["whenChanged"][0] != "20260102040405.0Z" {
		t.Errorf("created %v, changed %v", e.Attrs["whenCreated"], e.Attrs["whenChanged"])
	}
}

func TestServiceNamesTheInvocation(t *testing.T) {
	s := start(t, 0, Options{})
	c := connect(t, s)
	root := root(t, c)
	if got := root.GetAttributeValue("highestCommittedUSN"); got != strconv.FormatInt(s.USN(), 10) {
		t.Errorf("highestCommittedUSN is %s, not %d", got, s.USN())
	}
	r, err := c.Search(ldap.NewSearchRequest(root.GetAttributeValue("dsServiceName"), ldap.ScopeBaseObject, 0, 0,
		0, false, "(objectClass=*)", []string{"invocationId"}, nil))
	mustDo(t, err)
	if id := r.Entries[0].GetRawAttributeValue("invocationId"); len(id) != 16 || guid(id).String() != s.Invocation() {
		t.Errorf("invocationId is %x, not %s", id, s.Invocation())
	}
}

func root(t testing.TB, c *ldap.Conn) *ldap.Entry {
	t.Helper()
	r, err := c.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", nil, nil))
	mustDo(t, err)
	return r.Entries[0]
}

// TestLogIsKeptSmall changes one entry many times: the log must not grow.
func TestLogIsKeptSmall(t *testing.T) {
	s := start(t, 0, Options{})
	dn := "CN=Ana,CN=Users," + testBase
	mustDo(t, s.Add(dn, map[string][]string{"objectClass": {"user"}}))
	for i := range 10_000 {
		mustDo(t, s.Modify(dn, map[string][]string{"title": {strconv.Itoa(i)}}))
	}
	if n := len(s.dir.log); n > 2000 {
		t.Errorf("%d lines of log for %d entries", n, len(s.dir.byGUID))
	}
}
