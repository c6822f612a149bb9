package disasters

import (
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/identity"
	"dirbridge/ui/e2e/site"
)

// endlessDisasters returns the disasters of a directory whose answers never end, or end in the
// wrong place.
func endlessDisasters() []disaster {
	return []disaster{
		{"listing goes round in circles", listingInCircles, false},
		{"pages without entries for ever", pagesWithoutEntries, false},
		{"listing grows for ever", listingGrows, true},
		{"members in parts without end", membersWithoutEnd, false},
		{"referral to where everybody is", referralToAll, false},
	}
}

// measuredDisasters measure the time or the memory of the process, so no other test runs beside
// them.
func measuredDisasters() []disaster {
	return []disaster{
		{"a byte every now and then", byteByByte, false},
		{"one attribute of 20 million values", valuesBeyondCount, true},
	}
}

// neverEnds plays a fault: plan and sync end with an error that has the words, and write nothing;
// without the fault everything is as before.
func (s *drill) neverEnds(t *testing.T, f ldaptest.Fault, words ...string) {
	t.Helper()
	s.ldap.Inject(f)
	s.stops(t, 1, append(words, "directory corp")...)
	s.recovers(t)
}

func listingInCircles(t *testing.T) {
	s := newDrill(t, drillOptions{people: 20, dir: ldaptest.Options{MaxPageSize: 6}})
	s.neverEnds(t, ldaptest.Fault{Kind: ldaptest.Circle}, "the same pages again and again",
		"does not behave like a directory")
}

func pagesWithoutEntries(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	s.neverEnds(t, ldaptest.Fault{Kind: ldaptest.StuckPage}, "page after page without an entry")
}

// listingGrows checks the limit that the directory itself implies: it cannot have more objects than
// it made changes.
func listingGrows(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	s.neverEnds(t, ldaptest.Fault{Kind: ldaptest.Invent}, "highestCommittedUSN")
}

func membersWithoutEnd(t *testing.T) {
	s := newDrill(t, drillOptions{people: 20, dir: ldaptest.Options{MaxValRange: 6}})
	s.neverEnds(t, ldaptest.Fault{Kind: ldaptest.EndlessRange}, "there is no end")
}

// byteByByte sends a byte before each idle deadline, so that an idle deadline alone would never
// pass.
func byteByByte(t *testing.T) {
	server, dir := site.EmbeddedDirectory(t, ldaptest.Options{})
	t.Cleanup(dir.Close)
	const idle = 300 * time.Millisecond
	src, err := ldap.New(ldap.Options{Name: "corp", Servers: []string{dir.URL}, BindUser: dir.User, SyncUsers: true,
		BindPassword: func() (string, error) { return dir.Password, nil }, IdleTimeout: idle})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if _, err := src.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Inject(ldaptest.Fault{Kind: ldaptest.Dribble, Delay: idle / 6, Times: 1000})
	began := time.Now()
	err = src.People(t.Context(), func(identity.Entry) error { return nil })
	if err == nil || identity.Remedy(err) == "" || !strings.Contains(err.Error(), "bytes of its answer after") {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
	server.ClearFaults()
	if err := src.People(t.Context(), func(identity.Entry) error { return nil }); err != nil {
		t.Error(err)
	}
}

// valuesBeyondCount checks that a person with too many values is a problem, at no cost to the
// others and without holding the values in memory.
func valuesBeyondCount(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	const most = 500 << 20 // the message itself has 60 MB, and both sides hold it as it grows
	peak := watchHeap(t)
	swell := ldaptest.Fault{Kind: ldaptest.Swell, Count: 20_000_000, Text: "telephoneNumber", After: 1, Times: 1}
	s.Unwritten(t, func() {
		s.ldap.Inject(swell)
		s.tells(t, 0, []string{"plan"})
		s.ldap.Inject(swell)
		var p site.Plan
		site.Parse(t, s.Run(t, "plan").Out, &p)
		pr, ok := p.Problem(t, s.dn("p2"), "telephoneNumber")
		if !ok || pr.Remedy == "" || !strings.Contains(pr.Message, "more than 100,000 values") {
			t.Errorf("the problems are %+v", p.Problems)
		}
	})
	if got := peak(); got > most {
		t.Errorf("%d MB of memory were in use", got>>20)
	}
	s.recovers(t)
}

// watchHeap returns a function that returns the maximum heap size since the call.
func watchHeap(t *testing.T) func() uint64 {
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		var most uint64
		for {
			select {
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			case <-done:
				peak <- most
				return
			}
		}
	}()
	return func() uint64 { close(done); return <-peak }
}

// referralToAll has a referral object point at a DN of the same server, with all people below it.
// The advice names the object itself, and following it literally removes no account.
func referralToAll(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	links := []string{"CN=link," + s.crew, `CN=Else\, where,` + s.crew}
	for _, link := range links {
		targets := []string{s.Dir.Base, s.crew, s.dn("p1"), ""}
		if link != links[0] && !long() {
			targets = targets[:1] // the advice has the name of the link, whatever its target
		}
		for _, to := range targets {
			s.must1(t, s.ldap.AddReferral(link, "ldap://other.example.com/"+to))
			s.stops(t, 1, "ldap://other.example.com/", "exclude_dns")
			advice := regexp.MustCompile(`add (.+) to exclude_dns`).FindStringSubmatch(s.Run(t, "plan").Err)
			if advice == nil || !strings.Contains(strings.ToLower(advice[1]), strings.ToLower(link)) {
				t.Fatalf("to %s: the advice is %q", to, advice)
			}
			s.Configure(t, site.Settings{More: "exclude_dns = [" + advice[1] + "]"})
			p := s.Settled(t)
			if len(p.Holds) > 0 {
				t.Errorf("to %s: the plan is held: %+v", to, p.Holds)
			}
			s.recovers(t)
			s.Configure(t, site.Settings{})
		}
		s.must1(t, s.ldap.AddReferral(link, ""))
	}
	s.recovers(t)
}
