package ldaptest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

const people = "(&(objectCategory=person)(objectClass=user))"

// onePage requests one page.
func onePage(c *ldap.Conn, size uint32, cookie []byte, filter string) (*ldap.SearchResult, []byte, error) {
	control := ldap.NewControlPaging(size)
	control.SetCookie(cookie)
	r := request(testBase, filter, "cn")
	r.Controls = []ldap.Control{control}
	res, err := c.Search(r)
	if err != nil {
		return res, nil, err
	}
	return res, ldap.FindControl(res.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging).Cookie, nil
}

func TestPaging(t *testing.T) {
	s := start(t, 2500, Options{})
	c := connect(t, s)
	for _, row := range []struct {
		size  uint32
		pages string
	}{
		{1000, "1000 1000 500"},
		{5000, "1000 1000 500"}, // MaxPageSize reduces the page
		{1250, "1000 1000 500"},
		{500, "500 500 500 500 500"}, // the last page has the empty cookie
	} {
		seen := map[string]bool{}
		var sizes []string
		var cookie []byte
		for {
			res, next, err := onePage(c, row.size, cookie, people)
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, fmt.Sprint(len(res.Entries)))
			for _, e := range res.Entries {
				seen[e.DN] = true
			}
			if cookie = next; len(cookie) == 0 {
				break
			}
			if len(res.Referrals) > 0 {
				t.Error("references before the last page")
			}
		}
		if strings.Join(sizes, " ") != row.pages || len(seen) != 2500 {
			t.Errorf("size %d: pages of %v, %d people", row.size, sizes, len(seen))
		}
	}
}

func TestUnpagedStopsAtMaxPageSize(t *testing.T) {
	s := start(t, 1200, Options{})
	c := connect(t, s)
	res, err := c.Search(request(testBase, people, "cn"))
	code(t, err, ldap.LDAPResultSizeLimitExceeded)
	if len(res.Entries) != 1000 {
		t.Errorf("%d entries came", len(res.Entries))
	}
	free := connect(t, start(t, 1200, Options{MaxPageSize: -1}))
	if got := find(t, free, testBase, people, "cn"); len(got) != 1200 {
		t.Errorf("%d entries without a limit", len(got))
	}
}

func TestSizeLimits(t *testing.T) {
	s := start(t, 200, Options{SizeLimit: 150})
	c := connect(t, s)
	r := request(testBase, people, "cn")
	r.SizeLimit = 7
	res, err := c.Search(r)
	code(t, err, ldap.LDAPResultSizeLimitExceeded)
	if len(res.Entries) != 7 {
		t.Errorf("%d entries under the client's limit", len(res.Entries))
	}
	res, cookie, err := onePage(c, 100, nil, people)
	if err != nil || len(res.Entries) != 100 {
		t.Fatalf("first page: %v, %v", res, err)
	}
	_, _, err = onePage(c, 100, cookie, people)
	code(t, err, ldap.LDAPResultSizeLimitExceeded) // the limit counts all pages together
	r = request(testBase, "(cn=DC1)", "cn")
	r.SizeLimit = 1
	if res, err := c.Search(r); err != nil || len(res.Entries) != 1 {
		t.Errorf("exactly the limit: %v, %v", res, err)
	}
}

func TestTimeLimit(t *testing.T) {
	clock := &handClock{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	s := start(t, 100, Options{Clock: clock.Now})
	c := connect(t, s)
	s.Inject(Fault{Kind: Hang, After: 5})
	r := request(testBase, people, "cn")
	r.TimeLimit = 10
	ended := make(chan error, 1)
	go func() {
		_, err := c.Search(r)
		ended <- err
	}()
	until(t, "five entries", func() bool { return s.Stats().Entries == 5 })
	clock.advance(11 * time.Second)
	s.ClearFaults()
	code(t, <-ended, ldap.LDAPResultTimeLimitExceeded)
}

func TestCookies(t *testing.T) {
	s := start(t, 100, Options{})
	c := connect(t, s)
	_, cookie, err := onePage(c, 10, nil, people)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = onePage(c, 10, cookie, "(objectClass=group)")
	code(t, err, ldap.LDAPResultUnavailableCriticalExtension) // of another search
	if _, _, err = onePage(c, 10, cookie, people); err != nil {
		t.Fatal(err)
	}
	_, _, err = onePage(c, 10, cookie, people)
	code(t, err, ldap.LDAPResultUnavailableCriticalExtension) // a second time
	_, cookie, err = onePage(c, 10, nil, people)
	if err != nil {
		t.Fatal(err)
	}
	res, next, err := onePage(c, 0, cookie, people)
	if err != nil || len(res.Entries) != 0 || len(next) != 0 {
		t.Errorf("giving up: %v, %v", res, err)
	}
	_, _, err = onePage(connect(t, s), 10, cookie, people)
	code(t, err, ldap.LDAPResultUnavailableCriticalExtension) // on another connection
}

func TestEditsBetweenPages(t *testing.T) {
	s := start(t, 100, Options{})
	c := connect(t, s)
	res, cookie, err := onePage(c, 50, nil, people)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range res.Entries {
		seen[e.DN] = true
	}
	gone := ""
	for _, p := range s.People() {
		if !seen[p.DN] {
			gone = p.DN
			break
		}
	}
	if err := s.Delete(gone); err != nil {
		t.Fatal(err)
	}
	res, _, err = onePage(c, 50, cookie, people)
	if err != nil || len(res.Entries) != 49 {
		t.Errorf("after a delete: %d entries, %v", len(res.Entries), err)
	}
}

func TestValueRanges(t *testing.T) {
	s := start(t, 3502, Options{}) // All Staff has 3,500 members
	c := connect(t, s)
	for _, row := range []struct {
		ask, label string
		values     int
	}{
		{"member", "member;range=0-1499", 1500},
		{"member;range=0-*", "member;range=0-1499", 1500},
		{"member;range=1500-*", "member;range=1500-2999", 1500},
		{"member;range=3000-*", "member;range=3000-*", 500},
		{"member;range=0-99", "member;range=0-99", 100},
		{"member;range=3400-9999", "member;range=3400-*", 100},
	} {
		e := find(t, c, testBase, "(cn=All Staff)", row.ask)[0]
		got := map[string]int{}
		for _, a := range e.Attributes {
			got[a.Name] = len(a.Values)
		}
		if got[row.label] != row.values {
			t.Errorf("%s: got %v", row.ask, got)
		}
		if n, bare := got["member"]; n != 0 || bare != (row.ask == "member") {
			t.Errorf("%s: the bare attribute has %d values", row.ask, n)
		}
	}
	small := find(t, c, testBase, "(cn=Remote Access)", "member")[0]
	if len(small.Attributes) != 1 || small.Attributes[0].Name != "member" {
		t.Errorf("a small group came as %v", small.Attributes)
	}
}
