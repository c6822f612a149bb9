package ldap

import (
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"

	"dirbridge/sync/identity"
)

// A search that goes round in circles is detected, whatever comes before the circle and however
// long it is. A search that starts over once, or always uses the same cookie, is accepted.
func TestPageWatch(t *testing.T) {
	walk := func(page func(n int) uint64, most int) (pages int) {
		var w pageWatch
		for n := range most {
			if w.page(1, page(n), []byte("same"), []byte("same")) != nil {
				return n
			}
		}
		return most
	}
	for _, before := range []int{0, 1, 7, 100} {
		for _, circle := range []int{1, 2, 3, 64, 1000} {
			at := walk(func(n int) uint64 {
				if n > before {
					n = before + (n-before)%circle
				}
				return uint64(n) + 1
			}, 1<<20)
			if at > 8*(before+circle+4) {
				t.Errorf("a circle of %d after %d is found after %d pages", circle, before, at)
			}
		}
	}
	if at := walk(func(n int) uint64 { return uint64(n) + 1 }, 1<<16); at != 1<<16 {
		t.Errorf("a straight search ends after %d pages", at)
	}
	for _, again := range []int{1, 2, 3, 500, 4096} {
		if at := walk(func(n int) uint64 {
			if n >= again {
				n -= again
			}
			return uint64(n) + 1
		}, 1<<16); at != 1<<16 {
			t.Errorf("a search that begins again after %d pages ends after %d", again, at)
		}
	}
	var w pageWatch
	for n := range maxEmptyPages {
		if err := w.page(0, 0, []byte{byte(n), byte(n >> 8)}, []byte{byte(n + 1), byte((n + 1) >> 8)}); err != nil {
			t.Fatalf("after %d empty pages: %v", n, err)
		}
	}
	if w.page(0, 0, []byte("a"), []byte("b")) == nil {
		t.Error("empty pages have no end")
	}
}

// Messages for the library are small and limited in number: they cost it many times their size.
func TestRepliesAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w *answers)
		words  string
	}{
		"a large result": {func(w *answers) { w.done(0, strings.Repeat("x", maxReply)) }, "message of"},
		"references for ever": {func(w *answers) { refer(w, maxReplies+1, "ldap://other/DC=elsewhere") },
			"references and the like"},
		"entries beyond belief": {func(w *answers) {
			w.entry("CN=A," + fakeContext)
			w.entry("CN=B," + fakeContext)
			w.entry("CN=C," + fakeContext)
			w.page("")
		}, "more than 2 entries"},
	} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{search: func(w *answers, _ search) { c.answer(w) }}).start(t, nil)
			s := f.source(t, func(o *Options) { o.MaxEntries = 2; o.IdleTimeout = 10 * time.Second })
			wantFailure(t, s.People(t.Context(), func(identity.Entry) error { return nil }), identity.GiveUp, c.words)
		})
	}
}

func refer(w *answers, n int, url string) {
	for range n {
		op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 19, nil, "")
		op.AppendChild(octets(url))
		w.send(op)
	}
	w.page("")
}

// An answer may be slow for a while, and must keep a minimum speed after that.
func TestPace(t *testing.T) {
	p := pace{idle: time.Minute}
	for range slowAfter - 1 {
		if err := p.received(1, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if p.received(1, time.Minute) == nil {
		t.Error("a byte a minute has no end")
	}
	p.start()
	for i := range maxWaits {
		if err := p.received(minBytes, time.Minute); (err != nil) != (i+1+slowAfter > maxWaits) {
			t.Fatalf("after %d minutes: %v", i+1+slowAfter, err)
		}
		if i%5 == 0 {
			p.start()
		}
		if p.total > maxWaits*p.idle {
			return
		}
	}
}
