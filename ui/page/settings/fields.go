package settings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dirbridge/config"
	"dirbridge/ui/view"
	"dirbridge/ui/wizard"
)

// editing is a setting as fields of a form, and the value that they make.
type editing struct {
	fields func() []wizard.Field // they may depend on each other's values
	value  func() string
	first  string // the field that has the focus first; "" is the first one
	more   func() // adds fields; nil if there are no more
	// another is the label of the button for more.
	another string
}

// editingOf returns the fields for a setting with a value, by its kind.
func editingOf(s config.Setting, value string) *editing {
	make := map[config.Kind]func(config.Setting, string) *editing{
		config.Yes: ticked, config.Number: number, config.Duration: duration, config.Limit: limit,
		config.Choice: one(wizard.Choice), config.Set: one(wizard.Ticks), config.List: list,
		config.Times: times, config.Reference: one(wizard.Secret), config.Path: one(wizard.File),
		config.Text: one(wizard.Text),
	}
	return make[s.Kind](s, value)
}

// bound binds a field to a text.
func bound(f wizard.Field, text *string) wizard.Field {
	f.Get, f.Set = func() string { return *text }, func(v string) { *text = v }
	return f
}

// one edits the value as it is.
func one(kind wizard.Kind) func(config.Setting, string) *editing {
	return func(s config.Setting, value string) *editing {
		f := wizard.Field{ID: "value", Label: s.Label, Kind: kind, Empty: view.Unset(s)}
		for _, c := range s.Choices {
			f.Options = append(f.Options, wizard.Option{Value: c, Label: c})
		}
		return &editing{
			fields: func() []wizard.Field { return []wizard.Field{bound(f, &value)} },
			value:  func() string { return strings.TrimSpace(value) },
		}
	}
}

func ticked(s config.Setting, value string) *editing {
	if value != "true" {
		value = ""
	}
	f := wizard.Field{ID: "value", Label: s.Label, Kind: wizard.Ticks,
		Options: []wizard.Option{{Value: "true", Label: "Yes"}}}
	return &editing{
		fields: func() []wizard.Field { return []wizard.Field{bound(f, &value)} },
		value:  func() string { return strconv.FormatBool(value == "true") },
	}
}

// list has one value per line.
func list(s config.Setting, value string) *editing {
	e := one(wizard.Lines)(s, value)
	whole := e.value
	e.value = func() string {
		var values []string
		for _, line := range config.ListItems(whole()) {
			if line != "" {
				values = append(values, line)
			}
		}
		return listed(values)
	}
	return e
}

func number(s config.Setting, value string) *editing {
	f := wizard.Field{ID: "value", Label: s.Label, Empty: view.Unset(s), Check: wrongNumber}
	return &editing{
		fields: func() []wizard.Field { return []wizard.Field{bound(f, &value)} },
		value:  func() string { return strings.TrimSpace(value) },
	}
}

func wrongNumber(text string) string {
	if n, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err != nil || n < 0 {
		return "Type a number, such as 5."
	}
	return ""
}

// duration is a number and a unit.
func duration(_ config.Setting, value string) *editing {
	d, _ := time.ParseDuration(value)
	count, unit := view.Units(d)
	if d == 0 {
		unit = "minutes"
	}
	amount := wizard.Field{ID: "number", Label: "Number", Check: wrongNumber}
	units := wizard.Field{ID: "unit", Label: "Unit", Kind: wizard.Choice}
	for _, u := range view.DurationUnits() {
		units.Options = append(units.Options, wizard.Option{Value: u.Name, Label: u.Name})
	}
	return &editing{
		fields: func() []wizard.Field { return []wizard.Field{bound(amount, &count), bound(units, &unit)} },
		value: func() string {
			n, _ := strconv.ParseFloat(strings.TrimSpace(count), 64)
			for _, u := range view.DurationUnits() {
				if u.Name == unit {
					return config.DurationText(time.Duration(n * float64(u.Is)))
				}
			}
			return ""
		},
	}
}

// limit is a number, a percentage, both, or off. One that is inherited may be so again.
func limit(s config.Setting, value string) *editing {
	mode, count, percent := "number", "20", "5"
	number, share, both := strings.Cut(value, " and ")
	switch {
	case value == "":
		mode = "inherit"
	case value == "off":
		mode = "off"
	case both:
		mode, count, percent = "both", number, strings.TrimSuffix(share, "%")
	case strings.HasSuffix(value, "%"):
		mode, percent = "percent", strings.TrimSuffix(value, "%")
	default:
		count = value
	}
	kinds := wizard.Field{ID: "mode", Label: "Hold above", Kind: wizard.Choice, Options: []wizard.Option{
		{Value: "number", Label: "number"}, {Value: "percent", Label: "percent"}, {Value: "both", Label: "both"},
		{Value: "off", Label: "off"}}}
	if s.Unset != "" {
		kinds.Options = append(kinds.Options, wizard.Option{Value: "inherit", Label: s.Unset})
	}
	counts := wizard.Field{ID: "number", Label: "Number", Check: wrongCount}
	shares := wizard.Field{ID: "percent", Label: "Percent", Check: wrongPercent}
	e := &editing{fields: func() []wizard.Field {
		all := []wizard.Field{bound(kinds, &mode)}
		if mode == "number" || mode == "both" {
			all = append(all, bound(counts, &count))
		}
		if mode == "percent" || mode == "both" {
			all = append(all, bound(shares, &percent))
		}
		return all
	}, value: func() string {
		n, p := strings.TrimSpace(count), strings.TrimSpace(percent)+"%"
		return map[string]string{"number": n, "percent": p, "both": n + " and " + p, "off": "off"}[mode]
	}}
	if all := e.fields(); len(all) > 1 {
		e.first = all[1].ID
	}
	return e
}

func wrongCount(text string) string {
	if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32); err != nil || n < 0 {
		return "Type a whole number, such as 20."
	}
	return ""
}

func wrongPercent(text string) string {
	if n, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err != nil || n <= 0 || n > 100 {
		return "Type a percentage above 0 and up to 100, such as 5."
	}
	return ""
}

// times are ticks for the days, and a time, for each time of the day.
func times(_ config.Setting, value string) *editing {
	type group struct{ days, clock string }
	var groups []*group
	for _, w := range view.Weekly(value) {
		groups = append(groups, &group{listed(dayNames(w.Days)), w.Clock})
	}
	e := &editing{another: "Another time"}
	e.more = func() { groups = append(groups, &group{clock: "02:00"}) }
	if len(groups) == 0 {
		e.more()
	}
	days := wizard.Field{Kind: wizard.Ticks}
	for _, name := range dayNames(view.Weekdays()) {
		days.Options = append(days.Options, wizard.Option{Value: name, Label: name})
	}
	clock := wizard.Field{Check: wrongClock}
	e.fields = func() (all []wizard.Field) {
		for i, g := range groups {
			suffix := ""
			if i > 0 {
				suffix = fmt.Sprint(" ", i+1)
			}
			days.ID, days.Label = fmt.Sprint("days", i), "Days"+suffix
			clock.ID, clock.Label = fmt.Sprint("time", i), "Time"+suffix
			all = append(all, bound(days, &g.days), bound(clock, &g.clock))
		}
		return all
	}
	e.value = func() string {
		var values []string
		for _, g := range groups {
			w := view.Week{Clock: strings.TrimSpace(g.clock)}
			for _, d := range view.Weekdays() {
				if slices.Contains(config.SplitList(g.days), d.String()[:3]) {
					w.Days = append(w.Days, d)
				}
			}
			values = append(values, w.Values()...)
		}
		return listed(values)
	}
	return e
}

func dayNames(days []time.Weekday) (names []string) {
	for _, d := range days {
		names = append(names, d.String()[:3])
	}
	return names
}

func wrongClock(text string) string {
	text = strings.TrimSpace(text)
	if at, err := time.Parse("15:04", text); err != nil || at.Format("15:04") != text {
		return "Type a time of the day with two digits each, such as 02:00."
	}
	return ""
}
