package config

import (
	"errors"
	"strings"
	"time"
)

// Time is a local time of the week at which a full run starts.
type Time struct {
	Daily        bool // every day; otherwise on Day
	Day          time.Weekday
	Hour, Minute int
}

// ParseTime parses "Sun 02:00" or "daily 02:00". Days are in English, with three letters or in
// full.
func ParseTime(s string) (Time, error) {
	err := errors.New(`must be a day and a time, such as "Sun 02:00" or "daily 02:00"`)
	day, clock, ok := strings.Cut(s, " ")
	if !ok {
		return Time{}, err
	}
	at, bad := time.Parse("15:04", clock)
	if bad != nil || len(clock) != len("15:04") {
		return Time{}, err
	}
	t := Time{Hour: at.Hour(), Minute: at.Minute()}
	if strings.EqualFold(day, "daily") {
		t.Daily = true
		return t, nil
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := d.String(); strings.EqualFold(day, name) || strings.EqualFold(day, name[:3]) {
			t.Day = d
			return t, nil
		}
	}
	return Time{}, err
}

// Times returns the parsed entries of Full. Load has made sure that each can be parsed.
func (s Schedule) Times() []Time {
	times := make([]Time, 0, len(s.Full))
	for _, text := range s.Full {
		if t, err := ParseTime(text); err == nil {
			times = append(times, t)
		}
	}
	return times
}

// DurationText returns the shortest form that reads back the same: 168h, not 168h0m0s.
func DurationText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
