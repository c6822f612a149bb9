package cloud

import (
	"fmt"
	"time"

	"dirbridge/sync/record"
)

// mostResources is the most that any listing may give, whatever it announces.
const mostResources = 10_000_000

// bound ends a listing that does not end by itself: one that gives far more than it
// announced at first, or that takes hours for what others give in minutes.
type bound struct {
	clock Clock
	begun time.Time
	most  int // -1 until the first page announced how many there are
	first int
}

func (l *listing) newBound() *bound {
	clock := l.t.client.pace.clock
	return &bound{clock: clock, begun: clock.Now(), most: -1}
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
		most = mostResources
	}
	if given > most {
		said := ""
		if b.most >= 0 {
			said = fmt.Sprintf(" of %d that it announced", b.first)
		}
		return fail(record.GiveUp, "The cloud's paging does not work. Ask its support, or read through another address.",
			fmt.Errorf("the list does not end: %d came%s", given, said))
	}
	patience := time.Hour + time.Duration(most)*20*time.Millisecond
	if given%1000 == 1 && b.clock.Now().Sub(b.begun) > patience {
		return fail(record.Retry, "The cloud answers too slowly to be read. Try again later; if it stays, ask its support.",
			fmt.Errorf("the list does not end: %d came within %s", given, patience.Round(time.Minute)))
	}
	return nil
}
