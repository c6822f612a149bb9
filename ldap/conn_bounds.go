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

// Every listing ends: a server that answers without end, out of malice or a fault of its
// own, makes an error in bounded time, memory and disk.
const (
	// maxEntries bounds one search where the server does not say how much it holds.
	maxEntries = 20_000_000
	// spareEntries is how many more than the server announced are believed: it goes on
	// taking changes while it is read.
	spareEntries = 100_000
	// maxEmptyPages bounds pages without an entry, one after the other.
	maxEmptyPages = 1000
	// maxSamePages is how often one page may come again. Servers start over now and then.
	maxSamePages = 3

	// maxReply bounds a message that the library decodes, which costs it a hundred times
	// the size: results, references and the like. Entries do not pass through it.
	maxReply = 256 << 10
	// maxReplies bounds how many of them come in one answer.
	maxReplies = 20_000

	// maxValues bounds the values of one attribute in one message; references to members
	// are as many as a message holds.
	maxValues  = 100_000
	maxMembers = 2_000_000

	// minBytes must come in each time of silence that is allowed, once slowAfter such
	// times went by; an answer may take slowAfter at any pace, a search maxWaits at any.
	minBytes  = 64 << 10
	slowAfter = 10
	maxWaits  = 360
)

// endless is the error of a server that answers without end.
type endless struct{ text string }

func (e *endless) Error() string { return e.text }

// tally is what a page held, as the reader of the connection saw it.
type tally struct {
	entries atomic.Int64
	print   atomic.Uint64 // of its entries, in their order
}

// add counts an entry by its content.
func (t *tally) add(content uint64) {
	t.entries.Add(1)
	t.print.Store(bits.RotateLeft64(t.print.Load(), 1) ^ content)
}

// take returns what was counted, and starts the count again.
func (t *tally) take() (entries int64, print uint64) { return t.entries.Swap(0), t.print.Swap(0) }

// pageWatch finds paged searches that go round in circles, in constant memory: it keeps
// the print of one page, and takes a later one instead each time the pages have doubled
// (R. P. Brent, 1980).
type pageWatch struct {
	pages, keptAt int64
	kept          uint64
	same, empty   int
}

// page is nil where the search may go on after this page. asked is the cookie that it was
// asked for by, next the one it came with.
func (w *pageWatch) page(entries int64, print uint64, asked, next []byte) error {
	w.pages++
	if entries == 0 {
		// Some servers use one cookie all the time. Asked once more by it they cannot
		// answer anything else, though, where they had nothing.
		if w.empty++; w.empty > maxEmptyPages || len(asked) > 0 && bytes.Equal(asked, next) {
			return &endless{"the server sends page after page without an entry"}
		}
		return nil
	}
	w.empty = 0
	if w.pages > 1 && print == w.kept {
		if w.same++; w.same > maxSamePages {
			return &endless{"the server sends the same pages again and again"}
		}
	}
	if w.pages >= 2*w.keptAt {
		w.kept, w.keptAt = print, w.pages
	}
	return nil
}

// mostEntries is how many entries a search of the server may have at most, and why.
func (c *session) mostEntries() (int64, string) {
	most, why := int64(c.source.opt.MaxEntries), "more than are believed"
	if c.dir != nil && c.dir.objects > 0 && c.dir.objects+spareEntries < most {
		most, why = c.dir.objects+spareEntries, "where it has made "+fmt.Sprint(c.dir.objects)+" changes in all its life (highestCommittedUSN)"
	}
	return most, why
}

// tooMany is the error of a search with more entries than the server can have.
func (c *session) tooMany(what string, most int64, why string) error {
	c.close()
	return giveUp("Look at what answers at this address: it does not behave like a directory. Read from another server.",
		"%s at %s: the server sends more than %d entries, %s", what, c.server, most, why)
}

// mostValues is how many values of an attribute one message may hold.
func mostValues(name []byte) int {
	base, _, _ := bytes.Cut(name, []byte(";"))
	for _, of := range []string{"member", "uniqueMember", "memberOf"} {
		if len(base) == len(of) && bytes.EqualFold(base, []byte(of)) {
			return maxMembers
		}
	}
	return maxValues
}

// crowded is the failure of an entry with more values than are taken.
func (c *session) crowded(what string, e *rawEntry) error {
	c.close()
	dn := identity.DisplayDN(plainPart(string(e.dn)))
	return giveUp("Correct the object in the directory, or leave it out: add "+tomlString(dn)+" to exclude_dns.",
		"%s at %s: %s has more values of %s than are taken", what, c.server, dn, e.crowded)
}

// pace watches how fast an answer comes. Only the time in which the connection was
// waited for counts.
type pace struct {
	idle          time.Duration
	answer, total time.Duration // waited for
	bytes         int64         // of the answer
	replies       int           // of it, that went to the library
}

// ask begins another answer.
func (p *pace) ask() { p.answer, p.bytes, p.replies = 0, 0, 0 }

// came takes in what came after a time of waiting.
func (p *pace) came(n int, waited time.Duration) error {
	p.answer += waited
	p.total += waited
	p.bytes += int64(n)
	switch times := int64(p.answer / max(p.idle, 1)); {
	case times >= slowAfter && p.bytes < times*minBytes:
		return &slow{p.bytes, p.answer}
	case p.total > maxWaits*p.idle:
		return &slow{p.bytes, p.total}
	}
	return nil
}

// reply takes in a message that goes to the library.
func (p *pace) reply() error {
	if p.replies++; p.replies > maxReplies {
		return &endless{fmt.Sprintf("the server sends more than %d references and the like in one answer", maxReplies)}
	}
	return nil
}

// slow is the error of a server that answers too slowly to come to an end.
type slow struct {
	bytes  int64
	waited time.Duration
}

func (e *slow) Error() string {
	return fmt.Sprintf("the server has sent %d bytes of its answer after %s", e.bytes, e.waited.Round(time.Second))
}

// guarded runs what decodes a server's answer by the library, which panics where some of
// its controls are not what they should be.
func guarded(decode func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &unproven{fmt.Sprintf("an answer that cannot be decoded (%v)", p)}
		}
	}()
	return decode()
}

func isEndless(err error) bool {
	_, ok := errors.AsType[*endless](err)
	return ok
}
