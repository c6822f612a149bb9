package cloud

import (
	"fmt"
	"time"

	"dirbridge/sync/identity"
)

// Bounds on a listing.
const (
	mostResources   = 10_000_000 // resources in any listing, whatever it announces
	mostUnannounced = 3_000_000  // resources in a listing that announces no total, as is possible with cursors
	mostEmptyPages  = 1000       // consecutive empty pages that announce another page
)

const brokenPaging = "The cloud's paging does not work. Ask its support, or read through another address."

// bound ends an endless listing: one with far more resources than announced, or one that takes
// hours instead of minutes.
type bound struct {
	clock      Clock
	started    time.Time
	most       int // -1 until the first page announces the total
	first      int
	empty      int // pages in a row
	limitUntil int // the maximum until then
}

func (l *listing) newBound() *bound {
	clock := l.t.client.limit.clock
	return &bound{clock: clock, started: clock.Now(), most: -1, limitUntil: l.t.unannounced}
}

// announced records the announced total. The first one counts: few accounts are created meanwhile.
func (b *bound) announced(total int) {
	if b.most < 0 && total >= 0 {
		b.first, b.most = total, min(2*total+10_000, mostResources)
	}
}

// check reports whether the listing may continue after this many resources.
func (b *bound) check(given int) error {
	most := b.most
	if most < 0 {
		most = b.limitUntil
	}
	if given > most {
		said := ", and it never said how many there are"
		if b.most >= 0 {
			said = fmt.Sprintf(" of %d that it announced", b.first)
		}
		return fail(identity.GiveUp, brokenPaging, fmt.Errorf("the list does not end: %d came%s", given, said))
	}
	patience := time.Hour + time.Duration(most)*20*time.Millisecond
	if given%1000 == 1 && b.clock.Now().Sub(b.started) > patience {
		return fail(identity.Retry, "The cloud answers too slowly to be read. Try again later; if it stays, ask its support.",
			fmt.Errorf("the list does not end: %d came within %s", given, patience.Round(time.Minute)))
	}
	return nil
}

// page checks a page that announces another one. It may be empty, because the cloud omits what the
// token may not see; but not without limit, nor with the cursor of its own request.
func (b *bound) page(rows int, sent, next string) error {
	if b.empty++; rows > 0 {
		b.empty = 0
	}
	why := ""
	switch {
	case rows == 0 && next == sent:
		why = "a page without an entry leads to itself"
	case b.empty > mostEmptyPages:
		why = fmt.Sprintf("%d pages came one after the other without an entry", b.empty)
	default:
		return nil
	}
	return fail(identity.GiveUp, brokenPaging, fmt.Errorf("the list does not end: %s", why))
}

// again is the error of a page without new resources.
func (b *bound) again(start, total int) error {
	of := ""
	if total >= 0 {
		of = fmt.Sprintf(" of %d", total)
	}
	return fail(identity.GiveUp, brokenPaging, fmt.Errorf("the same page again, at number %d%s", start, of))
}
