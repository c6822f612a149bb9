package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Value is one key of the file as it is in force.
type Value struct {
	Key     string // as in changes, directories by their names: "directory[corp].servers"
	Text    string // without quotes; of a list one value a line, of a secret its reference
	Doc     string // what it is, in a few words
	Choices []string
	List    bool
}

// Values are all keys of the file, in its order, with their defaults where the file says
// nothing. A directory's own guards are "" where the general ones hold there.
func (c Config) Values() []Value {
	var all []Value
	for _, s := range c.sections() {
		name := s.name
		for i, d := range c.Directories {
			if own := fmt.Sprintf("directory[%d]", i); s.name == own {
				name = "directory[" + d.Name + "]"
			}
		}
		for _, f := range s.list {
			_, list := f.ptr.(*[]string)
			all = append(all, Value{Key: name + "." + f.key, Text: f.plain(), Doc: f.doc, Choices: f.choices(), List: list})
		}
		if s.head == "[[directory]]" {
			all = append(all, ownValues(name, s)...)
		}
	}
	for _, attribute := range slices.Sorted(maps.Keys(c.Mapping)) {
		all = append(all, Value{Key: "mapping." + attribute, Text: c.Mapping[attribute]})
	}
	return all
}

// ownValues are the mapping and the guards of a directory.
func ownValues(name string, s section) (all []Value) {
	for _, attribute := range slices.Sorted(maps.Keys(s.rules)) {
		all = append(all, Value{Key: name + ".mapping." + attribute, Text: s.rules[attribute]})
	}
	var general Guards
	for _, f := range general.fields() {
		text := ""
		if t, ok := s.guards[f.key]; ok {
			text = t.String()
		}
		all = append(all, Value{Key: name + ".guards." + f.key, Text: text, Doc: f.doc})
	}
	return all
}

// plain is the value without the signs of TOML.
func (f field) plain() string {
	switch p := f.ptr.(type) {
	case *string:
		return *p
	case *bool:
		return strconv.FormatBool(*p)
	case *float64:
		return strconv.FormatFloat(*p, 'f', -1, 64)
	case *[]string:
		return strings.Join(*p, "\n")
	case *time.Duration:
		return durationText(*p)
	case *Secret:
		return p.Reference()
	case *Threshold:
		return p.String()
	}
	panic(fmt.Sprintf("config: no text for %T", f.ptr))
}

// ReadThreshold reads a threshold as people type it, without the quotes of the file.
func ReadThreshold(s string) (Threshold, error) {
	if n, err := strconv.ParseInt(s, 10, 32); err == nil && n >= 0 {
		return Threshold{Count: int(n)}, nil
	}
	return ParseThreshold(s)
}

// Difference is one key that two configurations have otherwise. What does not stand in
// one of them, such as a directory that is new there, is "".
type Difference struct{ Key, Was, Is string }

// Differences are the keys in which two configurations differ, in the order of the file.
func Differences(was, is Config) (all []Difference) {
	old := map[string]string{}
	for _, v := range was.Values() {
		old[v.Key] = v.Text
	}
	for _, v := range is.Values() {
		if before, had := old[v.Key]; !had && v.Text != "" || before != v.Text {
			all = append(all, Difference{v.Key, before, v.Text})
		}
		delete(old, v.Key)
	}
	for _, v := range was.Values() {
		if before, gone := old[v.Key]; gone && before != "" {
			all = append(all, Difference{v.Key, before, ""})
		}
	}
	return all
}
