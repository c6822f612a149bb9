package service_test

import (
	"testing"
	"time"

	_ "time/tzdata" // Berlin, on machines without time zones

	"dirbridge/sync/service"
)

func berlin(t testing.TB) *time.Location {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func at(t testing.TB, text string) time.Time {
	v, err := time.Parse("2006-01-02 15:04:05Z07:00", text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestFullTimes: weekly times follow the local clock, once in any week, whatever the clock does.
func TestFullTimes(t *testing.T) {
	sun := func(h, m int) []service.Weekly { return []service.Weekly{{Day: time.Sunday, Hour: h, Minute: m}} }
	daily := []service.Weekly{{Daily: true, Hour: 2, Minute: 30}}
	for _, c := range []struct {
		name  string
		full  []service.Weekly
		after string
		want  []string // in order
	}{
		{"never", nil, "2026-01-01 00:00:00+01:00", nil},
		{"each week", sun(2, 0), "2026-01-01 00:00:00+01:00",
			[]string{"2026-01-04 02:00:00+01:00", "2026-01-11 02:00:00+01:00"}},
		{"not the moment itself", sun(2, 0), "2026-01-04 02:00:00+01:00", []string{"2026-01-11 02:00:00+01:00"}},
		{"a second before", sun(2, 0), "2026-01-04 01:59:59+01:00", []string{"2026-01-04 02:00:00+01:00"}},
		{"across the year", sun(23, 59), "2025-12-28 23:59:00+01:00", []string{"2026-01-04 23:59:00+01:00"}},
		{"the hour that is left out", sun(2, 30), "2026-03-22 12:00:00+01:00",
			[]string{"2026-03-29 03:00:00+02:00", "2026-04-05 02:30:00+02:00"}},
		{"just before that hour", sun(1, 59), "2026-03-28 12:00:00+01:00", []string{"2026-03-29 01:59:00+01:00"}},
		{"at the jump", sun(2, 0), "2026-03-28 12:00:00+01:00", []string{"2026-03-29 03:00:00+02:00"}},
		{"just after that hour", sun(3, 0), "2026-03-28 12:00:00+01:00",
			[]string{"2026-03-29 03:00:00+02:00", "2026-04-05 03:00:00+02:00"}},
		{"the hour that comes twice", sun(2, 30), "2026-10-24 12:00:00+02:00",
			[]string{"2026-10-25 02:30:00+02:00", "2026-11-01 02:30:00+01:00"}},
		{"between the two", sun(2, 30), "2026-10-25 02:30:00+02:00", []string{"2026-11-01 02:30:00+01:00"}},
		{"the end of that hour", sun(3, 0), "2026-10-24 12:00:00+02:00", []string{"2026-10-25 03:00:00+01:00"}},
		{"every day, in spring", daily, "2026-03-28 02:30:00+01:00",
			[]string{"2026-03-29 03:00:00+02:00", "2026-03-30 02:30:00+02:00"}},
		{"every day, in autumn", daily, "2026-10-24 02:30:00+02:00",
			[]string{"2026-10-25 02:30:00+02:00", "2026-10-26 02:30:00+01:00"}},
		{"several", append(sun(2, 0), service.Weekly{Day: time.Wednesday, Hour: 12}), "2026-01-01 00:00:00+01:00",
			[]string{"2026-01-04 02:00:00+01:00", "2026-01-07 12:00:00+01:00", "2026-01-11 02:00:00+01:00"}},
		{"two that the jump makes one", append(sun(2, 0), sun(2, 30)...), "2026-03-28 12:00:00+01:00",
			[]string{"2026-03-29 03:00:00+02:00", "2026-04-05 02:00:00+02:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := service.Schedule{Full: c.full, Location: berlin(t)}
			now := at(t, c.after)
			for _, want := range c.want {
				next := s.NextFull(now)
				if !next.Equal(at(t, want)) {
					t.Fatalf("after %s comes %s, not %s", now, next, want)
				}
				if last := s.LastFull(next); !last.Equal(next) {
					t.Errorf("the last one at %s is %s", next, last)
				}
				if last := s.LastFull(next.Add(-time.Second)); last.After(now) || now.Sub(last) > 8*24*time.Hour {
					t.Errorf("the last one before %s is %s", next, last)
				}
				now = next
			}
			if len(c.want) == 0 && (!s.NextFull(now).IsZero() || !s.LastFull(now).IsZero()) {
				t.Errorf("next %s, last %s", s.NextFull(now), s.LastFull(now))
			}
		})
	}
}

// TestOncePerDay walks through years of clock changes, by an hour, by half an hour, and by a day
// that was skipped.
func TestOncePerDay(t *testing.T) {
	for zone, year := range map[string]int{"Europe/Berlin": 2026, "America/New_York": 2026, "Australia/Lord_Howe": 2026,
		"Pacific/Apia": 2011, "America/Sao_Paulo": 2018, "UTC": 2026} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for minute := range 24 * 60 / 15 {
			w := service.Weekly{Daily: true, Hour: minute / 4, Minute: minute % 4 * 15}
			s := service.Schedule{Full: []service.Weekly{w}, Location: loc}
			days := map[string]int{}
			end := time.Date(year+1, 1, 1, 0, 0, 0, 0, loc)
			for now := s.NextFull(time.Date(year, 1, 1, 0, 0, 0, 0, loc).Add(-time.Second)); now.Before(
				end); now = s.NextFull(now) {
				days[now.Format(time.DateOnly)]++
				if got := now.Format("15:04"); got != w.String()[len("daily "):] && !jumped(now) {
					t.Fatalf("%s, %s: at %s", zone, w, now)
				}
			}
			for day := time.Date(year, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() == year; day = day.AddDate(0, 0, 1) {
				skipped := zone == "Pacific/Apia" && day.Format(time.DateOnly) == "2011-12-30"
				// The run of the skipped day is at midnight of the next, which has its own.
				after := zone == "Pacific/Apia" && day.Format(time.DateOnly) == "2011-12-31"
				if n := days[day.Format(time.DateOnly)]; n != 1 && !skipped && !(after && n == 2) {
					t.Fatalf("%s, %s: %d times on %s", zone, w, n, day.Format(time.DateOnly))
				}
			}
		}
	}
}

// jumped reports whether the clock was put forward to show this.
func jumped(now time.Time) bool {
	_, before := now.Add(-time.Second).Zone()
	_, after := now.Zone()
	return after > before
}

func TestIncrementalTimes(t *testing.T) {
	const min = time.Minute
	noon := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name       string
		every, now time.Duration // now and last since noon
		last       time.Duration
		want       time.Duration
	}{
		{"the interval after the start of the last", 10 * min, 2 * min, 0, 10 * min},
		{"a moment that is now is not next", 10 * min, 10 * min, 0, 20 * min},
		{"what fell due during a run is not made up", 10 * min, 34 * min, 0, 40 * min},
		{"the clock was put back", 10 * min, 0, 90 * min, 10 * min},
		{"long ago", 10 * min, 1000*60*min + 3*min, 0, 1000*60*min + 10*min},
	} {
		s := service.Schedule{Every: c.every}
		if got := s.NextIncremental(noon.Add(c.now), noon.Add(c.last)); !got.Equal(noon.Add(c.want)) {
			t.Errorf("%s: %s after noon, not %s", c.name, got.Sub(noon), c.want)
		}
	}
	if got := (service.Schedule{}).NextIncremental(noon, noon); !got.IsZero() {
		t.Errorf("never is %s", got)
	}
	if got := (service.Schedule{Every: min}).NextIncremental(noon, time.Time{}); !got.Equal(noon.Add(min)) {
		t.Errorf("without a last run: %s", got)
	}
}

func TestWords(t *testing.T) {
	for want, s := range map[string]service.Schedule{
		"nothing":               {},
		"incremental every 10m": {Every: 10 * time.Minute},
		"incremental every 1h30m; full Sun 02:00, daily 23:05": {Every: 90 * time.Minute,
			Full: []service.Weekly{{Hour: 2}, {Daily: true, Hour: 23, Minute: 5}}},
		"incremental every 2h": {Every: 2 * time.Hour},
		"incremental every 5s": {Every: 5 * time.Second},
	} {
		if got := s.String(); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
