package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dirbridge/config"
	"dirbridge/ui/look"
)

// Setting returns the value of a setting in plain words: 7 days, Sun 02:00. Of a secret it shows only
// where it is kept: any other text may be the secret itself.
func Setting(s config.Setting, value string) string {
	switch {
	case value == "":
		return Unset(s)
	case s.Secret && !isReference(value):
		return "not shown"
	}
	switch s.Kind {
	case config.Yes:
		return yesOrNo(value)
	case config.Number:
		if value == "0" && s.Zero != "" {
			return s.Zero
		}
	case config.Duration:
		return duration(s, value)
	case config.Times:
		var all []string
		for _, w := range Weekly(value) {
			all = append(all, w.String())
		}
		return strings.Join(all, "; ")
	}
	return strings.Join(config.SplitList(value), "; ")
}

func isReference(value string) bool {
	begins := func(scheme string) bool { return strings.HasPrefix(value, scheme) }
	return slices.ContainsFunc(config.SecretSchemes(), begins)
}

// SettingLine names a setting with its section and its value.
func SettingLine(s config.Setting, value string) string {
	return s.Section + ", " + Labelled(s) + ": " + Setting(s, value)
}

// SettingMeans describes a setting: what it is, what no value means, and when a change takes effect.
func SettingMeans(s config.Setting) (lines []string) {
	if s.Doc != "" {
		lines = append(lines, s.Doc)
	}
	if s.Unset != "" {
		lines = append(lines, "Empty: "+s.Unset+".")
	}
	switch {
	case s.Secret:
		lines = append(lines, "Never the secret itself: it stays where this says.")
	case s.Read != config.AtOnce:
		lines = append(lines, "Takes effect after restarting the service.")
	}
	return lines
}

func duration(s config.Setting, value string) string {
	d, err := time.ParseDuration(value)
	switch {
	case err != nil:
		return value
	case d == 0 && s.Zero != "":
		return s.Zero
	}
	number, unit := Units(d)
	if number == "1" {
		unit = strings.TrimSuffix(unit, "s")
	}
	return number + " " + unit
}

// Unit is a unit of durations.
type Unit struct {
	Name string
	Is   time.Duration
}

// DurationUnits returns the units in which durations are edited, the smallest first.
func DurationUnits() []Unit {
	return []Unit{{"seconds", time.Second}, {"minutes", time.Minute}, {"hours", time.Hour}, {"days", 24 * time.Hour}}
}

// Units returns a duration as a number of its largest unit that leaves no rest.
func Units(d time.Duration) (number, unit string) {
	units := DurationUnits()
	for _, u := range slices.Backward(units) {
		if d != 0 && d%u.Is == 0 {
			return strconv.FormatInt(int64(d/u.Is), 10), u.Name
		}
	}
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64), units[0].Name
}

// Week is the days on which something starts at one time of the day.
type Week struct {
	Days  []time.Weekday // Monday first
	Clock string
}

// Weekdays returns the days of a week, Monday first.
func Weekdays() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday,
		time.Sunday}
}

// Weekly returns the times of a schedule, one for each time of the day.
func Weekly(value string) (all []Week) {
	for _, text := range config.SplitList(value) {
		t, err := config.ParseTime(text)
		if err != nil {
			continue
		}
		clock := fmt.Sprintf("%02d:%02d", t.Hour, t.Minute)
		i := slices.IndexFunc(all, func(w Week) bool { return w.Clock == clock })
		if i < 0 {
			i, all = len(all), append(all, Week{Clock: clock})
		}
		for _, day := range Weekdays() {
			if (t.Daily || t.Day == day) && !slices.Contains(all[i].Days, day) {
				all[i].Days = append(all[i].Days, day)
			}
		}
	}
	for i := range all {
		slices.SortFunc(all[i].Days, func(a, b time.Weekday) int {
			return slices.Index(Weekdays(), a) - slices.Index(Weekdays(), b)
		})
	}
	return all
}

func (w Week) String() string {
	if len(w.Days) == 7 {
		return "daily " + w.Clock
	}
	var names []string
	for _, d := range w.Days {
		names = append(names, d.String()[:3])
	}
	return strings.Join(names, ", ") + " " + w.Clock
}

// Values returns the entries of the schedule in the configuration.
func (w Week) Values() (all []string) {
	if len(w.Days) == 7 {
		return []string{"daily " + w.Clock}
	}
	for _, d := range w.Days {
		all = append(all, d.String()[:3]+" "+w.Clock)
	}
	return all
}

// Unset returns what applies while a setting has no value.
func Unset(s config.Setting) string {
	switch {
	case s.Unset != "":
		return s.Unset
	case s.Kind == config.Times:
		return "not scheduled"
	}
	return "not set"
}

// Ordered says how many values a list has.
func Ordered(s config.Setting, value string) string {
	n := int64(len(config.SplitList(value)))
	if strings.HasSuffix(s.Key, ".servers") {
		return look.Number(n) + ", in order of preference"
	}
	return look.Count(n, "value", "values")
}
