package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// entry is one key of a configuration as it is in force.
type entry struct {
	field
	name      string // as in changes, directories by their names: "directory[corp].servers"
	directory string // the one whose it is
	text      string // without quotes; of a list one value a line, of a secret its reference
}

// entries are all keys, in the order of the file, with their defaults where it says nothing.
// A directory's own guards are "" where the general ones hold there.
func (c *Config) entries() (all []entry) {
	for _, s := range c.sections() {
		name, directory := s.name, ""
		if s.directory != nil {
			directory = s.directory.Name
			name = "directory[" + directory + "]"
		}
		for _, f := range s.list {
			all = append(all, entry{f, name + "." + f.key, directory, f.plain()})
		}
		if s.directory != nil {
			all = append(all, s.directory.ownEntries(name)...)
		}
	}
	return append(all, ruleEntries("mapping", "", c.Mapping)...)
}

// ownEntries are the mapping and the guards of a directory.
func (d *Directory) ownEntries(name string) []entry {
	all := ruleEntries(name+".mapping", d.Name, d.Mapping)
	general := Guards{}.With(d.Guards)
	for _, f := range general.fields() {
		e := entry{f, name + ".guards." + f.key, d.Name, ""}
		if _, own := d.Guards[f.key]; own {
			e.text = f.plain()
		}
		all = append(all, e)
	}
	return all
}

func ruleEntries(name, directory string, rules map[string]string) (all []entry) {
	for _, attribute := range slices.Sorted(maps.Keys(rules)) {
		rule := rules[attribute]
		all = append(all, entry{field{key: attribute, ptr: &rule}, name + "." + attribute, directory, rule})
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

// value is that of a Change.
func (f field) value() any { return reflect.ValueOf(f.ptr).Elem().Interface() }

// list says that it has several values, in their order.
func (f field) list() bool {
	_, list := f.ptr.(*[]string)
	return list
}

// typed is a text as the value of a Change. What is none of the key's type stays a text,
// which a file is refused for with the reason. Nothing is the default.
func (f field) typed(text string) any {
	if text == "" {
		return nil
	}
	switch f.ptr.(type) {
	case *[]string:
		return ListItems(text)
	case *Threshold:
		if t, err := ReadThreshold(text); err == nil {
			return t
		}
	case *float64:
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
	case *bool:
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	}
	return text
}

// SplitList takes the text of a list apart.
func SplitList(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// ListItems are the values of a list that was typed: a line each, also where it was
// written as the file has it, such as ["Sun 02:00", "Wed 03:00"].
func ListItems(text string) (items []string) {
	for _, line := range SplitList(text) {
		line = strings.TrimSpace(line)
		if inner, ok := strings.CutPrefix(line, "["); ok && strings.HasSuffix(inner, "]") {
			line = strings.TrimSuffix(inner, "]")
		}
		if !strings.HasPrefix(line, `"`) {
			items = append(items, line)
			continue
		}
		for part := range strings.SplitSeq(line, ",") {
			items = append(items, strings.Trim(strings.TrimSpace(part), `"`))
		}
	}
	return items
}

// Difference is one key that two configurations have otherwise. What does not stand in
// one of them, such as a directory that is new there, is "".
type Difference struct{ Key, Was, Is string }

// Differences are the keys in which two configurations differ, in the order of the file.
func Differences(was, is Config) []Difference { return differences(was.entries(), is.entries()) }

func differences(was, is []entry) (all []Difference) {
	old := map[string]string{}
	for _, e := range was {
		old[e.name] = e.text
	}
	for _, e := range is {
		if before, had := old[e.name]; !had && e.text != "" || before != e.text {
			all = append(all, Difference{e.name, before, e.text})
		}
		delete(old, e.name)
	}
	for _, e := range was {
		if before, gone := old[e.name]; gone && before != "" {
			all = append(all, Difference{e.name, before, ""})
		}
	}
	return all
}
