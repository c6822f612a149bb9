package ldap

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dirbridge/sync/identity"
)

// clock is a clock that the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func usedServer(t *testing.T, s *Source) string {
	t.Helper()
	d, err := s.Describe(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return d.Server
}

// A server that fails is set aside, longer each time, and used again afterwards.
func TestServersAreSetAsideAndTakenBack(t *testing.T) {
	hours := newClock()
	busy := true
	var mu sync.Mutex
	first := (&fake{bind: func(string, string) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		if busy {
			return 51, "too many sessions"
		}
		return 0, ""
	}}).start(t, nil)
	second := (&fake{}).start(t, nil)
	s := first.source(t, func(o *Options) { o.Servers, o.Clock = []string{first.url, second.url}, hours.now })
	for _, aside := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute,
		10 * time.Minute, 10 * time.Minute} {
		dials := first.connections()
		if got := usedServer(t, s); got != second.url {
			t.Fatalf("used %s", got)
		}
		st := s.Servers()
		if !st[0].Preferred || st[1].Preferred || !st[0].SetAsideUntil.Equal(hours.now().Add(aside)) ||
			!strings.Contains(st[0].Reason, "too many sessions") ||
			!st[1].SetAsideUntil.IsZero() || !st[1].LastUsed.Equal(hours.now()) {
			t.Fatalf("after a failure, set aside for %s: %+v", aside, st)
		}
		hours.pass(aside - time.Second)
		if got := usedServer(t, s); got != second.url || first.connections() != dials+1 {
			t.Fatalf("used %s, the first was dialled %d times more", got, first.connections()-dials)
		}
		hours.pass(time.Second)
	}
	mu.Lock()
	busy = false
	mu.Unlock()
	if got := usedServer(t, s); got != first.url {
		t.Errorf("the first server is well again, used %s", got)
	}
	if st := s.Servers(); st[0].Reason != "" || !st[0].SetAsideUntil.IsZero() {
		t.Errorf("%+v", st)
	}
}

// Servers that were set aside are tried if no other answers, and the error names each.
func TestAllServersDown(t *testing.T) {
	a, b := (&fake{}).start(t, nil), (&fake{}).start(t, nil)
	hours := newClock()
	code := 52
	var mu sync.Mutex
	down := func(string, string) (int, string) { mu.Lock(); defer mu.Unlock(); return code, "going down" }
	a.bind, b.bind = down, down
	s := a.source(t, func(o *Options) { o.Servers, o.Clock = []string{a.url, b.url}, hours.now })
	for range 2 {
		wantFailure(t, describe(s), "retry", a.url, b.url, "going down")
	}
	mu.Lock()
	code = 0
	mu.Unlock()
	usedServer(t, s)
}

func TestIdleSessions(t *testing.T) {
	for idle, dials := range map[time.Duration]int{14 * time.Minute: 1, 15 * time.Minute: 2} {
		hours := newClock()
		f := (&fake{}).start(t, nil)
		s := f.source(t, func(o *Options) { o.Clock = hours.now })
		usedServer(t, s)
		hours.pass(idle)
		usedServer(t, s)
		if f.connections() != dials {
			t.Errorf("idle for %s: dialled %d times, want %d", idle, f.connections(), dials)
		}
	}
}

func withRoot(more ...[]string) [][]string { return append(adRoot(), more...) }

func TestRolesOfServers(t *testing.T) {
	service := "CN=NTDS Settings,CN=DC3,CN=Configuration," + fakeContext
	own := func(value string) func(w *answers, r search) {
		return func(w *answers, r search) {
			if r.base == service && r.scope == 0 {
				w.entry(service, []string{"msDS-isRODC", value})
			}
			w.page("")
		}
	}
	rodc := adRoot()
	rodc[3] = append(rodc[3], capabilityRODC)
	for name, c := range map[string]struct {
		f     *fake
		class identity.Class
		says  []string
		note  string
	}{
		"writable": {
			f: &fake{root: withRoot([]string{"isSynchronized", "TRUE"}, []string{"dsServiceName", service}),
				search: own("FALSE")}},
		"read-only by capability": {f: &fake{root: rodc}, note: "read-only"},
		"read-only by its object": {f: &fake{root: withRoot([]string{"dsServiceName", service}), search: own("TRUE")},
			note: "read-only"},
		"not synchronized": {f: &fake{root: withRoot([]string{"isSynchronized", "FALSE"})}, class: "retry",
			says: []string{"not synchronized", "replicated"}},
		"global catalogue": {f: &fake{catalogue: true}, class: "give-up",
			says: []string{"global catalogue", "636"}},
		"ready for a catalogue only": {f: &fake{root: withRoot([]string{"isGlobalCatalogReady", "TRUE"})}},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.f.start(t, nil).source(t)
			d, err := s.Describe(context.Background())
			if c.class != "" {
				wantFailure(t, err, c.class, append(c.says, c.f.url)...)
				if st := s.Servers(); st[0].SetAsideUntil.IsZero() {
					t.Error("it was not set aside")
				}
				return
			}
			if err != nil || (d.Note == "") != (c.note == "") || !strings.Contains(d.Note, c.note) {
				t.Fatalf("%+v, %v", d, err)
			}
			if st := s.Servers(); st[0].ReadOnly != (c.note != "") {
				t.Errorf("%+v", st)
			}
		})
	}
}

// A read-only domain controller is used only if no writable one answers.
func TestWritableControllersArePreferred(t *testing.T) {
	rodc := adRoot()
	rodc[3] = append(rodc[3], capabilityRODC)
	branch, main := (&fake{root: rodc}).start(t, nil), (&fake{}).start(t, nil)
	port := func(f *fake) uint16 {
		n, _ := strconv.Atoi(f.url[strings.LastIndexByte(f.url, ':')+1:])
		return uint16(n)
	}
	dns := &names{hosts: map[string]string{"rodc.corp.example.com": "127.0.0.1", "dc1.corp.example.com": "127.0.0.1"},
		srv: map[string][]net.SRV{
			inBerlin:   {record("rodc.corp.example.com.", 0, 0, port(branch))},
			everywhere: {record("dc1.corp.example.com.", 0, 0, port(main))}}}
	hours := newClock()
	var mu sync.Mutex
	code := 0
	main.bind = func(string, string) (int, string) { mu.Lock(); defer mu.Unlock(); return code, "" }
	s := main.source(t, func(o *Options) {
		o.Servers, o.Domain, o.Site, o.Resolver, o.AllowPlaintext, o.Clock = nil, "corp.example.com", "Berlin", dns.start(t),
			true, hours.now
	})
	if got := usedServer(t, s); !strings.Contains(got, "dc1") {
		t.Errorf("used %s", got)
	}
	mu.Lock()
	code = 51
	mu.Unlock()
	main.hangUp()
	if got := usedServer(t, s); !strings.Contains(got, "rodc") {
		t.Errorf("the writable one is away, used %s", got)
	}
	mu.Lock()
	code = 0
	mu.Unlock()
	hours.pass(asideMost)
	if got := usedServer(t, s); !strings.Contains(got, "dc1") {
		t.Errorf("the writable one is back, used %s", got)
	}
	if asked := strings.Join(dns.questions(), " "); strings.Count(asked, inBerlin) != 1 {
		t.Errorf("DNS was asked %q", asked)
	}
}

// Configured servers come before those of the domain, also after a failure.
func TestNamedServersComeFirst(t *testing.T) {
	named, found := (&fake{}).start(t, nil), (&fake{}).start(t, nil)
	port, _ := strconv.Atoi(found.url[strings.LastIndexByte(found.url, ':')+1:])
	dns := &names{hosts: map[string]string{"dc1.corp.example.com": "127.0.0.1"},
		srv: map[string][]net.SRV{everywhere: {record("dc1.corp.example.com.", 0, 0, uint16(port))}}}
	hours := newClock()
	var mu sync.Mutex
	code := 0
	named.bind = func(string, string) (int, string) { mu.Lock(); defer mu.Unlock(); return code, "" }
	s := named.source(t, func(o *Options) {
		o.Domain, o.Resolver, o.AllowPlaintext, o.Clock = "corp.example.com", dns.start(t), true, hours.now
	})
	if got := usedServer(t, s); got != named.url || len(dns.questions()) != 0 {
		t.Errorf("used %s, and asked DNS for %q", got, dns.questions())
	}
	mu.Lock()
	code = 51
	mu.Unlock()
	named.hangUp()
	if got := usedServer(t, s); !strings.Contains(got, "dc1.corp") {
		t.Errorf("used %s", got)
	}
	mu.Lock()
	code = 0
	mu.Unlock()
	hours.pass(asideFirst)
	if got := usedServer(t, s); got != named.url {
		t.Errorf("used %s", got)
	}
}

// Every server refuses a wrong password, so it is tried once.
func TestRefusedPasswordEndsTheSearch(t *testing.T) {
	a := (&fake{bind: func(string, string) (int, string) { return 49, "data 52e" }}).start(t, nil)
	b := (&fake{}).start(t, nil)
	err := describe(a.source(t, func(o *Options) { o.Servers = []string{a.url, b.url} }))
	if _, ok := errors.AsType[*identity.Failure](err); !ok || b.connections() != 0 {
		t.Errorf("got %v, the second was dialled %d times", err, b.connections())
	}
}
