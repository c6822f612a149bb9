package cloud

import (
	"fmt"
	"time"

	"dirbridge/sync/record"
)

// Bounds on a listing.
const (
	mostResources   = 10_000_000 // that any may give, whatever it announces
	mostUnannounced = 3_000_000  // where it never says how many there are, as with cursors it may
	mostEmptyPages  = 1000       // one after the other, each of which says that another follows
)

const brokenPaging = "The cloud's paging does not work. Ask its support, or read through another address."

// bound ends a listing that does not end by itself: one that gives far more than it
// announced at first, or that takes hours for what others give in minutes.
type bound struct {
	clock Clock
	begun time.Time
	most  int // -1 until the first page announced how many there are
	first int
	empty int // pages in a row
	loose int // the most until then
}

func (l *listing) newBound() *bound {
	clock := l.t.client.limit.clock
	return &bound{clock: clock, begun: clock.Now(), most: -1, loose: l.t.unannounced}
}

// announced notes how many there are said to be. The first word counts: accounts that are
// made meanwhile are few.
func (b *bound) announced(total int) {
	if b.most < 0 && total >= 0 {
		b.first, b.most = total, min(2*total+10_000, mostResources)
	}
}

// check says whether the listing may go on after so many.
func (b *bound) check(given int) error {
	most := b.most
	if most < 0 {
		most = b.loose
	}
	if given > most {
		said := ", and it never said how many there are"
		if b.most >= 0 {
			said = fmt.Sprintf(" of %d that it announced", b.first)
		}
		return fail(record.GiveUp, brokenPaging, fmt.Errorf("the list does not end: %d came%s", given, said))
	}
	patience := time.Hour + time.Duration(most)*20*time.Millisecond
	if given%1000 == 1 && b.clock.Now().Sub(b.begun) > patience {
		return fail(record.Retry, "The cloud answers too slowly to be read. Try again later; if it stays, ask its support.",
			fmt.Errorf("the list does not end: %d came within %s", given, patience.Round(time.Minute)))
	}
	return nil
}

// page checks a page that says that another follows. One without a resource may come, where
// the cloud leaves out what the token may not see; not for ever, nor with the cursor that
// led to it.
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
	return fail(record.GiveUp, brokenPaging, fmt.Errorf("the list does not end: %s", why))
}

// again is the error of a page that brings nothing new.
func (b *bound) again(start, total int) error {
	of := ""
	if total >= 0 {
		of = fmt.Sprintf(" of %d", total)
	}
	return fail(record.GiveUp, brokenPaging, fmt.Errorf("the same page again, at number %d%s", start, of))
}
