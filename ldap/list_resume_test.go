package ldap

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dirbridge/sync/identity"
)

func TestYieldedRemembersAcrossReadings(t *testing.T) {
	var g yielded
	want := map[uint64]bool{}
	lot := rand.New(rand.NewPCG(1, 2))
	for reading := range 4 {
		for range 20_000 {
			key := lot.Uint64()
			if g.before(key) != want[key] {
				t.Fatalf("reading %d: %x", reading, key)
			}
			g.add(key)
			want[key] = true
		}
		if g.before(g.current[0][0]) {
			t.Fatal("what this reading gave counts as given before")
		}
		g.nextReading()
		for key := range want {
			if !g.before(key) {
				t.Fatalf("reading %d: %x is forgotten", reading, key)
			}
		}
	}
}

// breaking answers with total people in pages, and calls instead after the given number of them in
// one listing.
func breaking(total, size, after int, instead func(w *answers)) func(w *answers, r search) {
	return func(w *answers, r search) {
		from, _ := strconv.Atoi(r.cookie)
		for n := from; n < min(from+size, total); n++ {
			if n == after {
				instead(w)
				return
			}
			person(w, total-n)
		}
		if from+size >= total {
			w.page("")
		} else {
			w.page(strconv.Itoa(from + size))
		}
	}
}

// hangUp is a server that goes away.
func hangUp(w *answers) { w.Close() }

// A listing that breaks off is completed by another server, which answers in another order, with
// each person once.
func TestListingIsFinishedOnAnotherServer(t *testing.T) {
	for name, instead := range map[string]func(w *answers){
		"gone":           hangUp,
		"silent":         func(w *answers) { io.Copy(io.Discard, w) }, // until the client goes
		"busy":           func(w *answers) { w.done(51, "") },
		"unavailable":    func(w *answers) { w.done(52, "") },
		"half an entry":  func(w *answers) { w.Write([]byte{0x30, 0x50, 2, 1}); w.Close() },
		"not LDAP":       func(w *answers) { w.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) },
		"a notice of it": func(w *answers) { w.id = 0; w.result(24, 52, "shutting down", nil); w.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			for _, after := range []int{0, 1, 100, 150, 499} {
				first := (&fake{search: breaking(500, 100, after, instead)}).start(t, nil)
				second := (&fake{search: paged(501, 70)}).start(t, nil)
				s := first.source(t, func(o *Options) {
					o.Servers = []string{first.url, second.url}
					if name == "silent" {
						o.IdleTimeout = 400 * time.Millisecond
					}
				})
				mails, err := people(s)
				if err != nil {
					t.Fatalf("after %d: %v", after, err)
				}
				slices.Sort(mails)
				if distinct := slices.Compact(slices.Clone(mails)); len(mails) != 501 || len(distinct) != 501 {
					t.Errorf("after %d: %d people, of whom %d are distinct; want 501", after, len(mails), len(distinct))
				}
				st := s.Servers()
				if st[0].SetAsideUntil.IsZero() || st[0].Reason == "" || !st[1].SetAsideUntil.IsZero() {
					t.Errorf("after %d: %+v", after, st)
				}
				for _, r := range second.seen() {
					if n, _ := strconv.Atoi(r.cookie); r.paged && n%70 != 0 {
						t.Errorf("the cookie %q of one server was given to another", r.cookie)
					}
				}
			}
		})
	}
}

// The same server is used again if it comes back. The number of attempts is bounded, and the last
// failure is reported.
func TestRestartsAreBounded(t *testing.T) {
	var mu sync.Mutex
	breaks := 0
	f := (&fake{}).start(t, nil)
	f.search = func(w *answers, r search) {
		mu.Lock()
		broken := breaks > 0 && r.cookie != ""
		if broken {
			breaks--
		}
		mu.Unlock()
		if broken {
			w.Close()
			return
		}
		paged(30, 10)(w, r)
	}
	for n, want := range map[int]bool{0: true, 1: true, maxRestarts: true, maxRestarts + 1: false} {
		mu.Lock()
		breaks = n
		mu.Unlock()
		mails, err := people(f.source(t))
		if want && (err != nil || len(mails) != 30) {
			t.Errorf("broken %d times: %d people, %v", n, len(mails), err)
		}
		if !want {
			wantFailure(t, err, "retry", "after 10 entries", f.url)
		}
	}
}

// Failures that another attempt cannot repair are not retried.
func TestNoRestart(t *testing.T) {
	stop := errors.New("disk full")
	for name, c := range map[string]struct {
		instead func(w *answers)
		fn      func(cancel func()) error
		is      error
	}{
		"size limit":       {instead: func(w *answers) { w.done(4, "") }},
		"time limit":       {instead: func(w *answers) { w.done(3, "") }},
		"no such object":   {instead: func(w *answers) { w.done(32, "") }},
		"the caller's own": {instead: hangUp, fn: func(func()) error { return stop }, is: stop},
		"the caller's kind": {instead: hangUp, fn: func(func()) error {
			return interrupt(retry("Wait.", "busy: %w", stop))
		}, is: stop},
		"cancelled": {instead: hangUp, fn: func(cancel func()) error { cancel(); return nil }, is: context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{search: breaking(50, 10, 25, c.instead)}).start(t, nil)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := f.source(t).People(ctx, func(identity.Entry) error {
				if c.fn != nil {
					return c.fn(cancel)
				}
				return nil
			})
			if err == nil || c.is != nil && !errors.Is(err, c.is) || f.connections() != 1 {
				t.Errorf("dialled %d times, %v", f.connections(), err)
			}
		})
	}
}

// A restart completes a group that was half read, and repeats no member.
func TestMembershipsAreCompleted(t *testing.T) {
	members := func(n, from, to int) []string {
		values := []string{"member"}
		for m := from; m < to; m++ {
			values = append(values, fmt.Sprintf("<GUID=%08d-0000-0000-0000-%012d>;CN=M%d,OU=Staff,%s", n, m, m, fakeContext))
		}
		return values
	}
	groups := func(order []int, breakAt int) func(w *answers, r search) {
		return func(w *answers, r search) {
			for i, n := range order {
				if i == breakAt {
					w.Close()
					return
				}
				w.entry(fmt.Sprintf("CN=G%d,%s", n, fakeContext), []string{"objectGUID", guid(n)}, []string{"uSNChanged", "7"},
					members(n, 0, 40))
			}
			w.page("")
		}
	}
	first := (&fake{search: groups([]int{0, 1, 2, 3, 4}, 3)}).start(t, nil)
	second := (&fake{search: groups([]int{4, 2, 0, 3, 1}, -1)}).start(t, nil)
	s := first.source(t, func(o *Options) { o.Servers = []string{first.url, second.url} })
	seen, twice := map[identity.Edge]bool{}, 0
	if err := s.Edges(t.Context(), func(e identity.Edge) error {
		if seen[e] {
			twice++
		}
		seen[e] = true
		return nil
	}); err != nil || len(seen) != 200 || twice != 0 {
		t.Errorf("%d memberships, %d of them twice, %v", len(seen), twice, err)
	}
}

// Edges that differ in any part have different hashes.
func TestEdgeHashesDiffer(t *testing.T) {
	h := maphash.Hash{}
	prints := map[uint64]identity.Edge{}
	for _, e := range []identity.Edge{{Kind: "member", From: "a:1", To: identity.Ref{Anchor: "a:2"}},
		{Kind: "manager", From: "a:1", To: identity.Ref{Anchor: "a:2"}},
		{Kind: "member", From: "a:1", To: identity.Ref{DN: "a:2", SID: "S-1"}},
		{Kind: "member", From: "a:1", To: identity.Ref{DN: "CN=x", SID: "S-1"}},
		{Kind: "member", From: "a:1", To: identity.Ref{DN: "CN=x", SID: "S-2"}},
		{Kind: "member", From: "a:12", To: identity.Ref{Anchor: "a:2"}}} {
		h.Reset()
		edgeID(&h, e)
		if other, ok := prints[h.Sum64()]; ok {
			t.Errorf("%+v and %+v are one", e, other)
		}
		prints[h.Sum64()] = e
	}
}

// If all servers fail in the middle, the error names each, and what broke.
func TestAllServersFailDuringAListing(t *testing.T) {
	second := (&fake{search: paged(50, 10)}).start(t, nil)
	var first *fake
	first = (&fake{search: breaking(50, 10, 25, func(w *answers) {
		first.refuse()
		second.refuse()
		w.Close()
	})}).start(t, nil)
	_, err := people(first.source(t, func(o *Options) { o.Servers = []string{first.url, second.url} }))
	wantFailure(t, err, "retry", "after 25 entries", first.url, second.url)
	if strings.Count(err.Error(), second.url) != 1 {
		t.Errorf("said over and over: %v", err)
	}
}
