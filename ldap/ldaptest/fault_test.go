package ldaptest

import (
	"errors"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// cutOff means an end without an answer.
const cutOff = 0xffff

func TestFaultsThatEndASearch(t *testing.T) {
	s := start(t, 100, Options{})
	for _, row := range []struct {
		name  string
		fault Fault
		want  uint16
		got   int // entries before the fault
	}{
		{"dropped", Fault{Kind: Drop, After: 20}, cutOff, 20},
		{"dropped at once", Fault{Kind: Drop}, cutOff, 0},
		{"cut", Fault{Kind: Truncate, After: 20}, cutOff, 20},
		{"time limit", Fault{Kind: Answer, After: 20, Code: 3}, ldap.LDAPResultTimeLimitExceeded, 20},
		{"size limit", Fault{Kind: Answer, After: 99, Code: 4}, ldap.LDAPResultSizeLimitExceeded, 99},
		{"admin limit", Fault{Kind: Answer, After: 1, Code: 11}, ldap.LDAPResultAdminLimitExceeded, 1},
		{"busy after the last entry", Fault{Kind: Answer, After: 100, Code: 51}, ldap.LDAPResultBusy, 100},
	} {
		c := connect(t, s)
		s.Inject(row.fault)
		res, err := c.Search(request(testBase, people, "cn"))
		if _, answered := errors.AsType[*ldap.Error](err); err == nil || answered == (row.want == cutOff) ||
			answered && !ldap.IsErrorWithCode(err, row.want) {
			t.Errorf("%s: got %v", row.name, err)
		}
		if res != nil && len(res.Entries) != row.got {
			t.Errorf("%s: %d entries before it", row.name, len(res.Entries))
		}
		if got := find(t, connect(t, s), testBase, people, "cn"); len(got) != 100 {
			t.Errorf("%s: it struck twice", row.name)
		}
	}
}

func TestFaultStrikesOnALaterPage(t *testing.T) {
	s := start(t, 100, Options{})
	c := connect(t, s)
	s.Inject(Fault{Kind: Answer, After: 60, Code: 51, Text: "try later"})
	_, cookie, err := onePage(c, 40, nil, people)
	if err != nil {
		t.Fatal(err)
	}
	res, _, err := onePage(c, 40, cookie, people)
	code(t, err, ldap.LDAPResultBusy)
	if len(res.Entries) != 20 || !errors.As(err, new(*ldap.Error)) {
		t.Errorf("%d entries of the second page", len(res.Entries))
	}
	_, cookie, err = onePage(c, 40, nil, people)
	if err != nil {
		t.Fatal(err)
	}
	s.Inject(Fault{Kind: RefuseCookie})
	_, _, err = onePage(c, 40, cookie, people)
	code(t, err, ldap.LDAPResultUnavailableCriticalExtension)
	if _, _, err = onePage(c, 40, cookie, people); err != nil {
		t.Errorf("the cookie stays good: %v", err)
	}
}

func TestHangContinuesAfterClear(t *testing.T) {
	s := start(t, 100, Options{})
	c := connect(t, s)
	s.Inject(Fault{Kind: Hang, After: 30})
	got := make(chan int, 1)
	go func() {
		res, err := c.Search(request(testBase, people, "cn"))
		if err != nil {
			t.Error(err)
		}
		got <- len(res.Entries)
	}()
	until(t, "thirty entries", func() bool { return s.Stats().Entries == 30 })
	s.ClearFaults()
	if n := <-got; n != 100 {
		t.Errorf("%d entries", n)
	}
}

func TestReferAndLatency(t *testing.T) {
	s := start(t, 50, Options{})
	c := connect(t, s)
	s.Inject(Fault{Kind: Refer, URL: "ldap://child.corp.example.com/DC=child," + testBase})
	r := request("OU=Staff,"+testBase, people, "cn")
	for range 2 { // the fault stays
		res, err := c.Search(r)
		if err != nil || len(res.Referrals) != 1 {
			t.Fatalf("refer: %v, %v", res, err)
		}
	}
	s.ClearFaults()
	s.Inject(Fault{Kind: Latency, Delay: 30 * time.Millisecond})
	began := time.Now()
	if _, err := c.Search(r); err != nil || time.Since(began) < 30*time.Millisecond {
		t.Errorf("latency: %v after %v", err, time.Since(began))
	}
}

func TestStatsCountMessages(t *testing.T) {
	s := start(t, 100, Options{})
	c := connect(t, s)
	var cookie []byte
	for {
		var err error
		if _, cookie, err = onePage(c, 30, cookie, people); err != nil {
			t.Fatal(err)
		}
		if len(cookie) == 0 {
			break
		}
	}
	got := s.Stats()
	if got.Connections != 1 || got.Binds != 1 || got.Searches != 4 || got.Pages != 3 || got.Entries != 100 ||
		got.References != 3 || got.Requests != 5 || got.Bytes < 5000 {
		t.Errorf("%+v", got)
	}
}

func TestFaultsThatPretendCompleteness(t *testing.T) {
	s := start(t, 100, Options{MaxPageSize: 30})
	all := func() int {
		t.Helper()
		res, err := connect(t, s).SearchWithPaging(request(testBase, people, "cn"), 30)
		if err != nil {
			t.Fatal(err)
		}
		return len(res.Entries)
	}
	s.Inject(Fault{Kind: Blind, After: 40})
	if n := all(); n != 40 {
		t.Errorf("blind: %d entries", n)
	}
	s.ClearFaults()
	s.Inject(Fault{Kind: Repeat, After: 40})
	if n := all(); n != 140 {
		t.Errorf("repeated: %d entries", n)
	}
	if n := all(); n != 100 {
		t.Errorf("it struck twice: %d entries", n)
	}
}
