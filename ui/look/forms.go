package look

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Number writes n with thousands separators.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Count writes a number and its noun: "1 person", "2,301 people".
func Count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// Length writes a rounded duration: "12 s", "4 min", "6 days". It uses only one unit, so that a screen
// does not change while nothing happens.
func Length(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < time.Second && d > 0:
		return "<1 s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// Ago writes the age of t, to the minute; less than a minute is "just now".
func Ago(now, t time.Time) string {
	d := now.Sub(t)
	if d < time.Minute {
		return "just now"
	}
	if d < 2*time.Minute {
		return "1 min ago"
	}
	return Length(d) + " ago"
}

// Clock writes t in now's time zone, in the shortest form: the time for today, the weekday within
// six days, else the date.
func Clock(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	t = t.In(now.Location())
	switch {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return t.Format("15:04")
	case now.Sub(t) < 6*24*time.Hour && t.Sub(now) < 6*24*time.Hour:
		return t.Format("Mon 15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// Values writes the values of a field as text; no value is "(empty)".
func Values(v []string) string {
	switch len(v) {
	case 0:
		return "(empty)"
	case 1:
		if v[0] == "" {
			return `""`
		}
		return v[0]
	}
	return strings.Join(v, "; ")
}
