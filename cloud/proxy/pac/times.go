package pac

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// clock takes a last argument "GMT" off, and returns the time in the zone that it means.
func (h helpers) clock(args []string) (time.Time, []string) {
	if n := len(args); n > 0 && strings.EqualFold(args[n-1], "GMT") {
		return h.now().UTC(), args[:n-1]
	}
	return h.now().Local(), args
}

// within reports whether v is in the range, which may go round its end, such as FRI to MON.
func within(v, from, to int) bool {
	if from <= to {
		return from <= v && v <= to
	}
	return v >= from || v <= to
}

func index(names []string, s string) int {
	return slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, s) })
}

// weekdayRange takes one or two days.
func (h helpers) weekdayRange(args []string) bool {
	now, args := h.clock(args)
	days := []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
	if len(args) < 1 || len(args) > 2 {
		return false
	}
	from, to := index(days, args[0]), index(days, args[len(args)-1])
	return from >= 0 && to >= 0 && within(int(now.Weekday()), from, to)
}

// timeRange takes an hour; two hours; hours and minutes; or hours, minutes and seconds. As in browsers, the
// last hour or minute that is named counts whole.
func (h helpers) timeRange(args []string) bool {
	now, args := h.clock(args)
	var n []int
	for _, a := range args {
		v, err := strconv.Atoi(strings.TrimSpace(a))
		if err != nil {
			return false
		}
		n = append(n, v)
	}
	seconds := now.Hour()*3600 + now.Minute()*60 + now.Second()
	switch len(n) {
	case 1:
		return now.Hour() == n[0]
	case 2:
		return within(now.Hour(), n[0], n[1])
	case 4:
		return within(seconds, n[0]*3600+n[1]*60, n[2]*3600+n[3]*60+59)
	case 6:
		return within(seconds, n[0]*3600+n[1]*60+n[2], n[3]*3600+n[4]*60+n[5])
	}
	return false
}

// dateRange takes a day, a month or a year, two of them, or two dates of two or three parts.
func (h helpers) dateRange(args []string) bool {
	now, args := h.clock(args)
	if len(args) == 0 || len(args) == 5 || len(args) > 6 {
		return false
	}
	half := len(args) / 2
	if len(args) == 1 || len(args) == 3 { // one date
		from, ok := dateOf(args)
		return ok && from == today(now, args)
	}
	from, ok := dateOf(args[:half])
	to, same := dateOf(args[half:])
	if !ok || !same {
		return false
	}
	return within(today(now, args[:half]), from, to)
}

// dateOf returns the parts of a date as one number that sorts by year, month and day.
func dateOf(args []string) (n int, ok bool) {
	for _, a := range args {
		weight, value := part(a)
		if weight == 0 {
			return 0, false
		}
		n += weight * value
	}
	return n, true
}

// today returns the number of the present day in the same parts.
func today(now time.Time, args []string) (n int) {
	for _, a := range args {
		switch weight, _ := part(a); weight {
		case 1:
			n += now.Day()
		case 100:
			n += 100 * int(now.Month())
		case 10000:
			n += 10000 * now.Year()
		}
	}
	return n
}

// part reads a day (1 to 31), a month (JAN) or a year, and returns its weight in a date.
func part(s string) (weight, value int) {
	months := []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	if m := index(months, s); m >= 0 {
		return 100, m + 1
	}
	v, err := strconv.Atoi(strings.TrimSpace(s))
	switch {
	case err != nil || v < 1:
		return 0, 0
	case v <= 31:
		return 1, v
	}
	return 10000, v
}
