package ldap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dirbridge/sync/identity"
)

// person sends the n-th person.
func person(w *answers, n int) {
	w.entry(fmt.Sprintf("CN=P%d,OU=Staff,%s", n, fakeContext), []string{"objectGUID", guid(n)},
		[]string{"MAIL", fmt.Sprintf("p%d@example.com", n)})
}

// paged answers total people, size a page.
func paged(total, size int) func(w *answers, r search) {
	return func(w *answers, r search) {
		from, _ := strconv.Atoi(r.cookie)
		to := min(from+size, total)
		for n := from; n < to; n++ {
			person(w, n)
		}
		if to == total {
			w.page("")
		} else {
			w.page(strconv.Itoa(to))
		}
	}
}

func people(s *Source) (mails []string, err error) {
	err = s.People(context.Background(), func(e identity.Entry) error {
		mails = append(mails, e.Attrs.First("mail"))
		return nil
	})
	return mails, err
}

func TestPagesAreReadToTheLast(t *testing.T) {
	f := (&fake{search: paged(1234, 100)}).start(t, nil)
	mails, err := people(f.source(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(mails) != 1234 {
		t.Fatalf("read %d people of 1234", len(mails))
	}
	for n, mail := range mails {
		if want := fmt.Sprintf("p%d@example.com", n); mail != want {
			t.Fatalf("person %d has mail %s, want %s", n, mail, want)
		}
	}
}

// P1: an answer that is not proven complete is an error, of the right class and with a remedy.
func TestUnprovenListingIsAnError(t *testing.T) {
	first := func(next func(w *answers)) func(w *answers, r search) {
		return func(w *answers, r search) {
			if r.cookie == "" {
				person(w, 1)
				person(w, 2)
				w.page("2")
				return
			}
			next(w)
		}
	}
	for name, c := range map[string]struct {
		search func(w *answers, r search)
		class  identity.Class
		says   string
	}{
		"size limit":         {first(func(w *answers) { person(w, 3); w.done(4, "") }), "give-up", "after 3 entries"},
		"time limit":         {first(func(w *answers) { w.done(3, "") }), "retry", "after 2 entries"},
		"admin limit":        {first(func(w *answers) { w.done(11, "") }), "give-up", "not whole"},
		"busy":               {first(func(w *answers) { w.done(51, "try later") }), "retry", "try later"},
		"no such base":       {first(func(w *answers) { w.done(32, "") }), "give-up", "32"},
		"gone between pages": {first(func(w *answers) { w.Close() }), "retry", "after 2 entries"},
		"gone in mid-page":   {first(func(w *answers) { person(w, 3); w.Close() }), "retry", "after 3 entries"},
		"gone in mid-entry": {first(func(w *answers) { w.Write([]byte{0x30, 0x50, 2, 1}); w.Close() }), "retry",
			"after 2 entries"},
		"no paging in answer": {first(func(w *answers) { person(w, 3); w.done(0, "") }), "give-up",
			"unproven after 3 entries"},
		"entry of another": {first(func(w *answers) { w.id += 7; person(w, 3); w.id -= 7; w.page("") }), "retry",
			"not open"},
		"malformed entry": {first(func(w *answers) {
			w.Write([]byte{0x30, 7, 2, 1, byte(w.id), 0x64, 2, 4, 9})
			w.page("")
		}), "retry", "cut short"},
		"not LDAP": {first(func(w *answers) { w.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }), "retry",
			"not LDAP"},
		"indefinite length": {first(func(w *answers) { w.Write([]byte{0x30, 0x80, 2, 1, 1}) }), "retry", "not LDAP"},
		"message beyond limit": {first(func(w *answers) { w.Write([]byte{0x30, 0x84, 0x10, 0, 0, 0}) }), "give-up",
			"the limit is 67108864"},
		"notice of disconnection": {first(func(w *answers) {
			w.id = 0
			w.result(24, 52, "shutting down", nil)
			w.Close()
		}), "retry", "shutting down"},
		"whole search referred": {func(w *answers, r search) {
			w.result(5, 10, "", []string{"ldap://other.example.com/DC=corp,DC=example,DC=com"})
		}, "give-up", "ldap://other.example.com/DC=corp"},
		"reference into scope": {func(w *answers, r search) {
			if strings.HasPrefix(r.base, "CN=Partitions") {
				w.done(32, "")
				return
			}
			person(w, 1)
			w.reference("ldap://far.example.com/OU=Far%20Away," + fakeContext + "??sub")
			w.page("")
		}, "give-up", "ldap://far.example.com/OU=Far%20Away"},
		"reference without a DN": {func(w *answers, r search) { w.reference("ldap://far.example.com"); w.page("") },
			"give-up", "ldap://far.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{search: c.search}).start(t, nil)
			_, err := people(f.source(t))
			var failure *identity.Failure
			if !errors.As(err, &failure) {
				t.Fatalf("got %v, want a failure", err)
			}
			if failure.Class != c.class || failure.Side != identity.InDirectory || failure.Remedy == "" {
				t.Errorf("class %q, side %q, remedy %q; want class %q and a remedy", failure.Class, failure.Side,
					failure.Remedy, c.class)
			}
			if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), f.url) &&
				!strings.Contains(err.Error(), "refers") {
				t.Errorf("%q does not say %q and where", err, c.says)
			}
		})
	}
}

func TestSilenceEndsAListing(t *testing.T) {
	release := make(chan struct{})
	f := (&fake{search: func(w *answers, r search) { person(w, 1); <-release }}).start(t, nil)
	defer close(release)
	_, err := people(f.source(t, func(o *Options) { o.IdleTimeout = 50 * time.Millisecond }))
	if err == nil || !strings.Contains(err.Error(), "silent for 50ms") ||
		!strings.Contains(err.Error(), "after 1 entries") {
		t.Fatalf("got %v", err)
	}
}

// A consumer that takes longer than the idle timeout is not a silent server.
func TestSlowConsumerIsNotSilence(t *testing.T) {
	f := (&fake{search: paged(3000, 1000)}).start(t, nil)
	s := f.source(t, func(o *Options) { o.IdleTimeout = 400 * time.Millisecond })
	n := 0
	err := s.People(context.Background(), func(identity.Entry) error {
		if n++; n == 1 {
			waited := time.NewTimer(600 * time.Millisecond)
			<-waited.C
		}
		return nil
	})
	if err != nil || n != 3000 {
		t.Fatalf("%d people, %v", n, err)
	}
}

func TestUnpagedServerIsReadCompletely(t *testing.T) {
	f := &fake{root: [][]string{{"namingContexts", fakeContext}, {"vendorName", "Acme"}},
		head: [][]string{{"entryUUID", guidAText}},
		search: func(w *answers, r search) {
			if r.paged {
				t.Error("asked for pages, which the server does not offer")
			}
			for n := range 50 {
				person(w, n)
			}
			w.done(0, "")
		}}
	s := f.start(t, nil).source(t)
	mails, err := people(s)
	if err != nil || len(mails) != 50 {
		t.Fatalf("%d people, %v", len(mails), err)
	}
	d, err := s.Describe(context.Background())
	if err != nil || d.Kind != "ldap" || d.Product != "Acme" || d.Identity != strings.ToLower(fakeContext) {
		t.Fatalf("%+v, %v", d, err)
	}
}

// References to other naming contexts are ignored, whether the server itself lists the partition or
// only the forest's cross-references do.
func TestReferencesToOtherPartitionsAreIgnored(t *testing.T) {
	f := (&fake{search: func(w *answers, r search) {
		if r.base == "CN=Partitions,CN=Configuration,"+fakeContext {
			w.entry("CN=EMEA,"+r.base, []string{"nCName", "DC=emea," + fakeContext})
			w.page("")
			return
		}
		person(w, 1)
		for _, dn := range []string{"CN=Configuration,", "DC=DomainDnsZones,", "DC=emea,", "OU=Excluded,"} {
			w.reference("ldap://corp.example.com/" + dn + fakeContext)
		}
		w.page("")
	}}).start(t, nil)
	s := f.source(t, func(o *Options) { o.ExcludeDNs = []string{"ou=excluded, " + fakeContext} })
	mails, err := people(s)
	if err != nil || len(mails) != 1 {
		t.Fatalf("%d people, %v", len(mails), err)
	}
}

func TestCancelIsAnError(t *testing.T) {
	f := (&fake{search: paged(5000, 100)}).start(t, nil)
	s := f.source(t)
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	err := s.People(ctx, func(identity.Entry) error {
		if n++; n == 150 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v after %d", err, n)
	}
	if mails, err := people(s); err != nil || len(mails) != 5000 {
		t.Fatalf("the next listing: %d people, %v", len(mails), err)
	}
}

// A cancellation after the last entry must not make the listing look complete.
func TestCancelAtTheEndIsAnError(t *testing.T) {
	f := (&fake{search: paged(10, 100)}).start(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	err := f.source(t).People(ctx, func(identity.Entry) error {
		if n++; n == 10 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestCallbackErrorEndsTheListing(t *testing.T) {
	f := (&fake{search: paged(5000, 100)}).start(t, nil)
	full := errors.New("disk full")
	n := 0
	err := f.source(t).People(context.Background(), func(identity.Entry) error {
		if n++; n == 7 {
			return full
		}
		return nil
	})
	if err != full || n != 7 {
		t.Fatalf("got %v after %d calls", err, n)
	}
}

func TestRequestsWithinACallback(t *testing.T) {
	f := (&fake{search: paged(20, 5)}).start(t, nil)
	s := f.source(t)
	n := 0
	if err := s.People(context.Background(), func(e identity.Entry) error {
		if n++; n == 3 {
			return s.Get(context.Background(), identity.User, []identity.Anchor{e.Anchor},
				func(identity.Entry, bool) error { return nil })
		}
		return nil
	}); err != nil || n != 20 {
		t.Fatalf("%d people, %v", n, err)
	}
}

func TestBrokenConnectionIsReplaced(t *testing.T) {
	f := (&fake{search: paged(20, 5)}).start(t, nil)
	s := f.source(t)
	for range 3 {
		if mails, err := people(s); err != nil || len(mails) != 20 {
			t.Fatalf("%d people, %v", len(mails), err)
		}
		f.hangUp()
	}
	if f.dials != 3 {
		t.Errorf("dialled %d times, want 3", f.dials)
	}
}

func TestSessionsAreReused(t *testing.T) {
	f := (&fake{search: paged(20, 5)}).start(t, nil)
	s := f.source(t)
	for range 3 {
		if _, err := people(s); err != nil {
			t.Fatal(err)
		}
	}
	if f.dials != 1 {
		t.Errorf("dialled %d times, want 1", f.dials)
	}
}

func TestClose(t *testing.T) {
	f := (&fake{search: paged(20, 5)}).start(t, nil)
	s := f.source(t)
	if _, err := people(s); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := people(s); !errors.Is(err, errClosed) {
		t.Fatalf("got %v after Close", err)
	}
}

func TestCloseEndsRunningRequests(t *testing.T) {
	f := (&fake{search: paged(50000, 100)}).start(t, nil)
	s := f.source(t)
	n := 0
	err := s.People(context.Background(), func(identity.Entry) error {
		if n++; n == 10 {
			s.Close()
		}
		return nil
	})
	if err == nil {
		t.Fatalf("the listing ended well after %d of 50000 people", n)
	}
}

func TestDisabledKindsAreEmptyWithoutASearch(t *testing.T) {
	f := (&fake{}).start(t, nil)
	s := f.source(t, func(o *Options) { o.SyncUsers, o.SyncGroups = false, false })
	ctx := context.Background()
	if err := errors.Join(s.People(ctx, nil), s.Groups(ctx, nil), s.Edges(ctx, nil)); err != nil {
		t.Fatal(err)
	}
	if f.dials != 0 {
		t.Error("the directory was dialled")
	}
}

func TestBaseDNsDoNotOverlap(t *testing.T) {
	f := (&fake{}).start(t, nil)
	s := f.source(t, func(o *Options) {
		o.BaseDNs = []string{"OU=Staff, " + fakeContext, "ou=berlin,ou=staff," + fakeContext, "OU=Other," + fakeContext,
			"ou=OTHER," + fakeContext}
	})
	if _, err := people(s); err != nil {
		t.Fatal(err)
	}
	var bases []string
	for _, r := range f.seen() {
		if r.scope == 2 {
			bases = append(bases, r.base)
		}
	}
	if want := []string{"OU=Staff," + fakeContext, "OU=Other," + fakeContext}; !slices.Equal(bases, want) {
		t.Errorf("searched %q, want %q", bases, want)
	}
}
