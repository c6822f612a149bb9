package service

import (
	"fmt"
	"strings"
	"time"
)

// Schedule says when runs are due. It is pure; the zero Schedule is never due.
type Schedule struct {
	Every time.Duration // from the start of one run to the next incremental one; 0 is never
	Full  []Weekly
	// Location is the time zone of Full; nil is the machine's.
	Location *time.Location
}

// Weekly is a time of every week, or of every day, by the local clock. On a day on which the clock
// skips it, it is the time of the skip; on a day with two of it, it is the first. So it occurs once
// in any week.
type Weekly struct {
	Daily        bool
	Day          time.Weekday
	Hour, Minute int
}

func (w Weekly) String() string {
	day := "daily"
	if !w.Daily {
		day = w.Day.String()[:3]
	}
	return fmt.Sprintf("%s %02d:%02d", day, w.Hour, w.Minute)
}

// String is the schedule in words.
func (s Schedule) String() string {
	var parts []string
	incremental, full := s.Text()
	if incremental != "" {
		parts = append(parts, "incremental "+incremental)
	}
	if full != "" {
		parts = append(parts, "full "+full)
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

// Text says when incremental and full runs start: "every 10m", "Sun 02:00, daily 12:00". "" is
// never.
func (s Schedule) Text() (incremental, full string) {
	if s.Every > 0 {
		every := s.Every.String() // 1h30m0s
		for _, zero := range []string{"m0s", "h0m"} {
			if strings.HasSuffix(every, zero) {
				every = every[:len(every)-len("0s")]
			}
		}
		incremental = "every " + every
	}
	var times []string
	for _, w := range s.Full {
		times = append(times, w.String())
	}
	return incremental, strings.Join(times, ", ")
}

// NextFull is the first time after t at which a full run is due, or zero.
func (s Schedule) NextFull(t time.Time) (next time.Time) {
	s.around(t, 0, 8, func(at time.Time) {
		if at.After(t) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	})
	return next
}

// LastFull is the last time, t included, at which a full run was due, or zero.
func (s Schedule) LastFull(t time.Time) (last time.Time) {
	s.around(t, -8, 0, func(at time.Time) {
		if !at.After(t) && at.After(last) {
			last = at
		}
	})
	return last
}

// around passes to fn the times on the days from..to, counted from that of t, and on the day before
// and after: a time that a day skips may be on the next.
func (s Schedule) around(t time.Time, from, to int, fn func(time.Time)) {
	loc := s.Location
	if loc == nil {
		loc = time.Local
	}
	y, m, d := t.In(loc).Date()
	for _, w := range s.Full {
		for i := from - 1; i <= to+1; i++ {
			wall := time.Date(y, m, d+i, w.Hour, w.Minute, 0, 0, time.UTC)
			if w.Daily || wall.Weekday() == w.Day {
				fn(moment(wall, loc))
			}
		}
	}
}

// moment is when the clock of loc shows what wall shows in UTC. time.Date does not define its
// result if there are two such moments, or none.
func moment(wall time.Time, loc *time.Location) time.Time {
	const day = 24 * time.Hour // more than any time zone differs from UTC
	_, before := wall.Add(-day).In(loc).Zone()
	_, after := wall.Add(day).In(loc).Zone()
	first, second := wall.Add(-time.Duration(before)*time.Second), wall.Add(-time.Duration(after)*time.Second)
	shows := func(at time.Time) bool {
		_, offset := at.In(loc).Zone()
		return at.Add(time.Duration(offset) * time.Second).Equal(wall)
	}
	switch {
	case shows(first): // before the clock is put back: the earlier of two
		return first.In(loc)
	case shows(second):
		return second.In(loc)
	}
	jump, _ := first.In(loc).ZoneBounds()
	return jump
}

// NextIncremental is when an incremental run is due, if the last run of any kind that reads the
// directory began at last (zero: none did): on the grid of Every that begins there, at the first
// time after now. A time that passes during a run is not made up: that run, or the next, does the
// same. Zero means never.
func (s Schedule) NextIncremental(now, last time.Time) time.Time {
	switch {
	case s.Every <= 0:
		return time.Time{}
	case last.IsZero() || last.After(now): // the clock was put back since
		return now.Add(s.Every)
	}
	return last.Add((now.Sub(last)/s.Every + 1) * s.Every)
}
