package wizard

import (
	"strconv"
	"strings"
	"time"

	"dirbridge/config"
)

// Values are settings by their keys, as a front end edits them.
type Values map[string]string

// text binds a field to a setting.
func (v Values) text(f Field, key string) Field {
	f.Get, f.Set = func() string { return v[key] }, func(text string) { v[key] = text }
	return f
}

// PolicyFields returns the questions of the fourth step.
func PolicyFields(v Values) []Field {
	missing, unmatched := v["policy.on_missing"], v["policy.on_unmatched"]
	return asked([]Field{
		v.text(Field{ID: "missing", Label: "Removed people", Kind: Choice,
			Help:    "What happens to the account of a person who left the directory or the selection.",
			Options: []Option{{"deactivate", "Deactivate, delete later"}, {"delete", "Delete"}, {"keep", "Keep"}}},
			"policy.on_missing"),
		v.text(Field{ID: "unmatched", Label: "Unmatched", Kind: Choice, Help: UnmatchedHelp,
			Options: []Option{{"report", "Leave and report"}, {"deactivate", "Deactivate"}, {"remove", "Mirror: remove"}}},
			"policy.on_unmatched")},
		when(missing == "deactivate" || unmatched == "remove", daysField(v)),
		[]Field{v.text(Field{ID: "threshold", Label: "Hold above", Check: checkThreshold,
			Help: "More removals than this hold a run until an administrator confirms: 20, 5%, 20 and 5%, or off."},
			"policy.delete_threshold")})
}

// daysField asks for the grace period: a number of days, or a length such as 36h.
func daysField(v Values) Field {
	const key = "policy.purge_after"
	return Field{ID: "days", Label: "Delete in days", Check: checkDays,
		Help: "Days that an account stays deactivated before it is deleted. Coming back earlier restores everything.",
		Get: func() string {
			d, err := time.ParseDuration(v[key])
			if err != nil || d%(24*time.Hour) != 0 {
				return v[key]
			}
			return strconv.Itoa(int(d / (24 * time.Hour)))
		},
		Set: func(text string) {
			if n, err := strconv.Atoi(text); err == nil {
				text = strconv.Itoa(n*24) + "h"
			}
			v[key] = text
		}}
}

func checkDays(text string) string {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n <= 3650 {
		return ""
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return ""
	}
	return "Enter a number of days, for example 7."
}

func checkThreshold(text string) string {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return ""
	}
	if _, err := config.ParseThreshold(text); err != nil {
		return "Enter a number, a percentage such as 5%, both such as 20 and 5%, or off."
	}
	return ""
}

// ScheduleFields returns the questions of the last step.
func ScheduleFields(v Values, account *string) []Field {
	days, _ := Full(v[full])
	return asked([]Field{minutesField(v), daysOfWeek(v)}, when(len(days) > 0, fullTime(v)),
		[]Field{Field{ID: "account", Label: "Service account", Check: noBlanks,
			Help: "The account of this machine that runs the service. It needs access to the files below."}.at(account)})
}

func minutesField(v Values) Field {
	const key = "schedule.incremental_every"
	return Field{ID: "every", Label: "Every (minutes)",
		Help:  "Minutes from one incremental run to the next. 0 turns it off.",
		Check: checkMinutes,
		Get: func() string {
			d, err := time.ParseDuration(v[key])
			if err != nil || d%time.Minute != 0 {
				return v[key]
			}
			return strconv.Itoa(int(d / time.Minute))
		},
		Set: func(text string) {
			if n, err := strconv.Atoi(text); err == nil {
				text = strconv.Itoa(n) + "m"
			}
			v[key] = text
		}}
}

func checkMinutes(text string) string {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n <= 1_000_000 {
		return ""
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return ""
	}
	return "Enter a number of minutes, for example 10."
}

// full is schedule.full as days and one time of day.
const full = "schedule.full"

// Full returns the days and the time of day of the full runs; the time of the first holds for all.
func Full(text string) (days []string, at string) {
	at = "02:00"
	for i, line := range config.SplitList(text) {
		day, clock, _ := strings.Cut(line, " ")
		if i == 0 {
			at = clock
		}
		for _, d := range week() {
			if strings.EqualFold(day, "daily") || len(day) >= 3 && strings.EqualFold(day[:3], d) {
				days = append(days, d)
			}
		}
	}
	return days, at
}

// fullText is the reverse of Full.
func fullText(days []string, at string) string {
	if len(days) == 7 {
		return "daily " + at
	}
	for i, d := range days {
		days[i] = d + " " + at
	}
	return strings.Join(days, "\n")
}

func daysOfWeek(v Values) Field {
	f := Field{ID: "days", Label: "Full sync on", Kind: Ticks,
		Help: "The days of a full synchronization. None: only by hand.",
		Get: func() string {
			days, _ := Full(v[full])
			return strings.Join(days, "\n")
		},
		Set: func(text string) {
			_, at := Full(v[full])
			v[full] = fullText(config.SplitList(text), at)
		}}
	for _, d := range week() {
		f.Options = append(f.Options, Option{d, d})
	}
	return f
}

func week() []string { return []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"} }

func fullTime(v Values) Field {
	return Field{ID: "at", Label: "Full sync at", Help: "The time of day, by the clock of this machine.", Check: checkTime,
		Get: func() string {
			_, at := Full(v[full])
			return at
		},
		Set: func(text string) {
			days, _ := Full(v[full])
			v[full] = fullText(days, text)
		}}
}

func checkTime(text string) string {
	if _, err := config.ParseTime("daily " + text); err != nil {
		return "Enter a time such as 02:00."
	}
	return ""
}
