package ldap

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"
	"sync/atomic"
	"time"

	"dirbridge/sync/identity"
)

// Every listing ends: a server that answers without end, by malice or by a bug, causes an error
// within bounded time, memory and disk.
const (
	// maxEntries bounds one search if the server does not announce how many entries it has.
	maxEntries = 20_000_000
	// spareEntries is how many entries beyond the announced number are accepted: the server takes
	// changes while it is read.
	spareEntries = 100_000
	// maxEmptyPages bounds consecutive pages without an entry.
	maxEmptyPages = 1000
	// maxSamePages bounds how often one page may repeat. Servers start over now and then.
	maxSamePages = 3

	// maxReply bounds a message that the library decodes, at a hundred times its size in memory:
	// results, references and the like. Entries bypass the library.
	maxReply = 256 << 10
	// maxReplies bounds the number of such messages in one answer.
	maxReplies = 20_000

	// maxValues bounds the values of one attribute in one message. References to members are
	// bounded by the size of the message only.
	maxValues  = 100_000
	maxMembers = 2_000_000

	// minBytes must arrive in each allowed time of silence, after the first slowAfter of them. An
	// answer may take slowAfter such times at any speed, and a search maxWaits.
	minBytes  = 64 << 10
	slowAfter = 10
	maxWaits  = 360
)

// endlessError is the error of a server that answers without end.
type endlessError struct{ text string }

func (e *endlessError) Error() string { return e.text }

// pageCount counts the entries of a page, as the reader of the connection sees them.
type pageCount struct {
	entries atomic.Int64
	hash    atomic.Uint64 // hash of its entries, in their order
}

// add counts an entry by the hash of its content.
func (t *pageCount) add(content uint64) {
	t.entries.Add(1)
	t.hash.Store(bits.RotateLeft64(t.hash.Load(), 1) ^ content)
}

// take returns the counts and resets them.
func (t *pageCount) take() (entries int64, print uint64) { return t.entries.Swap(0), t.hash.Swap(0) }

// pageWatch detects paged searches that go round in circles, in constant memory: it keeps the hash
// of one page, and replaces it each time the number of pages has doubled (R. P. Brent, 1980).
type pageWatch struct {
	pages, keptAt int64
	kept          uint64
	same, empty   int
}

// page returns nil if the search may continue after this page. asked is the cookie in the request
// of the page, next the one in its answer.
func (w *pageWatch) page(entries int64, print uint64, asked, next []byte) error {
	w.pages++
	if entries == 0 {
		// Some servers always use the same cookie. If an empty page leads back to its own cookie,
		// however, the next answer cannot differ.
		if w.empty++; w.empty > maxEmptyPages || len(asked) > 0 && bytes.Equal(asked, next) {
			return &endlessError{"the server sends page after page without an entry"}
		}
		return nil
	}
	w.empty = 0
	if w.pages > 1 && print == w.kept {
		if w.same++; w.same > maxSamePages {
			return &endlessError{"the server sends the same pages again and again"}
		}
	}
	if w.pages >= 2*w.keptAt {
		w.kept, w.keptAt = print, w.pages
	}
	return nil
}

// mostEntries returns the limit of entries of one search, and the reason for it.
func (c *session) mostEntries() (int64, string) {
	most, why := int64(c.source.opt.MaxEntries), "more than are believed"
	if c.dir != nil && c.dir.objects > 0 && c.dir.objects+spareEntries < most {
		most, why = c.dir.objects+spareEntries, "where it has made "+fmt.Sprint(c.dir.objects)+
			" changes in all its life (highestCommittedUSN)"
	}
	return most, why
}

// tooMany is the error of a search with more entries than the server can have.
func (c *session) tooMany(what string, most int64, why string) error {
	c.close()
	return giveUp("Look at what answers at this address: it does not behave like a directory. Read from another server.",
		"%s at %s: the server sends more than %d entries, %s", what, c.server, most, why)
}

// mostValues is the limit of values of an attribute in one message.
func mostValues(name []byte) int {
	base, _, _ := bytes.Cut(name, []byte(";"))
	for _, of := range []string{"member", "uniqueMember", "memberOf"} {
		if len(base) == len(of) && bytes.EqualFold(base, []byte(of)) {
			return maxMembers
		}
	}
	return maxValues
}

// oversizedFailure is the error of an entry with too many values.
func (c *session) oversizedFailure(what string, e *rawEntry) error {
	c.close()
	dn := identity.DisplayDN(plainPart(string(e.dn)))
	return giveUp("Correct the object in the directory, or leave it out: add "+tomlString(dn)+" to exclude_dns.",
		"%s at %s: %s has more values of %s than are taken", what, c.server, dn, e.oversized)
}

// pace measures how fast an answer arrives. Only time spent waiting for the connection counts.
type pace struct {
	idle          time.Duration
	answer, total time.Duration // time waited
	bytes         int64         // of the answer
	replies       int           // messages of it that went to the library
}

// start starts the measurement of another answer.
func (p *pace) start() { p.answer, p.bytes, p.replies = 0, 0, 0 }

// received records n bytes that arrived after a wait.
func (p *pace) received(n int, waited time.Duration) error {
	p.answer += waited
	p.total += waited
	p.bytes += int64(n)
	switch times := int64(p.answer / max(p.idle, 1)); {
	case times >= slowAfter && p.bytes < times*minBytes:
		return &slowError{p.bytes, p.answer}
	case p.total > maxWaits*p.idle:
		return &slowError{p.bytes, p.total}
	}
	return nil
}

// replied records a message that goes to the library.
func (p *pace) replied() error {
	if p.replies++; p.replies > maxReplies {
		return &endlessError{fmt.Sprintf("the server sends more than %d references and the like in one answer", maxReplies)}
	}
	return nil
}

// slowError is the error of a server that answers too slowly to finish.
type slowError struct {
	bytes  int64
	waited time.Duration
}

func (e *slowError) Error() string {
	return fmt.Sprintf("the server has sent %d bytes of its answer after %s", e.bytes, e.waited.Round(time.Second))
}

// guarded runs the library's decoder for a server's answer and turns its panics on malformed
// controls into errors.
func guarded(decode func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &unprovenError{fmt.Sprintf("an answer that cannot be decoded (%v)", p)}
		}
	}()
	return decode()
}

func isEndless(err error) bool {
	_, ok := errors.AsType[*endlessError](err)
	return ok
}
