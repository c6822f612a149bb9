package wizard

import (
	"slices"
	"strings"
)

// Kind is what a field takes.
type Kind int

// The kinds of fields. All have a text for a value: that of Ticks is one line for each tick.
const (
	Text   Kind = iota
	Secret      // a text that is never shown, unless it is a reference to a secret
	File        // a path
	Choice      // one of Options
	Ticks       // any of Options
	Lines       // a text of several lines
)

// Option is one answer of a Choice or Ticks.
type Option struct{ Value, Label string }

// Field is one question. Get and Set read and write its value at its place, so a list of fields is
// only valid until an answer changes which are asked.
type Field struct {
	ID, Label string
	Help      string
	Kind      Kind
	Options   []Option
	Empty     string // what an empty value means; "" if a value is needed
	Get       func() string
	Set       func(string)
	// Check returns what is wrong with a value that is not empty, or "". nil accepts every value.
	Check func(string) string
}

// Wrong returns what is wrong with the current value, or "".
func (f Field) Wrong() string { return f.Refuse(f.Get()) }

// Refuse returns why the field cannot take a value, or "".
func (f Field) Refuse(value string) string {
	switch {
	case value == "" && f.Empty == "" && f.Kind != Choice && f.Kind != Ticks:
		return f.Label + " is missing."
	case value != "" && f.Check != nil:
		return f.Check(value)
	}
	return ""
}

// Incomplete returns the first field with a wrong value, or "" as what is wrong.
func Incomplete(fields []Field) (id, wrong string) {
	for _, f := range fields {
		if wrong := f.Wrong(); wrong != "" {
			return f.ID, wrong
		}
	}
	return "", ""
}

// at binds a field to a text.
func (f Field) at(place *string) Field {
	f.Get, f.Set = func() string { return *place }, func(v string) { *place = v }
	return f
}

// asked returns the fields that are asked.
func asked(all ...[]Field) []Field { return slices.Concat(all...) }

// when returns the fields if a condition holds.
func when(holds bool, fields ...Field) []Field {
	if !holds {
		return nil
	}
	return fields
}

// noBlanks is the check of names and addresses.
func noBlanks(text string) string {
	if strings.ContainsAny(strings.TrimSpace(text), " \t") {
		return "Remove the spaces."
	}
	return ""
}
