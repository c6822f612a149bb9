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

// entry is one key of a configuration with its effective value.
type entry struct {
	field
	name      string // as in changes, with directory names: "directory[corp].servers"
	directory string // the directory that it belongs to
	text      string // without quotes; a list has one value per line, a secret is its reference
}

// entries returns all keys, in the order of the file, with the defaults of keys that it omits. A
// directory's own guard is "" if the general one applies.
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

// ownEntries returns the mapping and the guards of a directory.
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

// plain returns the value without TOML syntax.
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
		return DurationText(*p)
	case *Secret:
		return p.Reference()
	case *Threshold:
		return p.String()
	}
	panic(fmt.Sprintf("config: no text for %T", f.ptr))
}

// value returns the value as a Change has it.
func (f field) value() any { return reflect.ValueOf(f.ptr).Elem().Interface() }

// list reports whether the key has several values, in order.
func (f field) list() bool {
	_, list := f.ptr.(*[]string)
	return list
}

// typed returns a text as the value of a Change. A text that does not fit the key's type stays a
// text, so that the file is refused with the reason. An empty text is the default.
func (f field) typed(text string) any {
	if text == "" {
		return nil
	}
	switch f.ptr.(type) {
	case *[]string:
		return ListItems(text)
	case *Threshold:
		if t, err := readThreshold(text); err == nil {
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

// SplitList splits the text of a list.
func SplitList(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// ListItems returns the values of a typed list: one per line, or written as in the file, such as
// ["Sun 02:00", "Wed 03:00"].
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

// Difference is one key that differs between two configurations. A value that one of them lacks,
// such as a directory that is new there, is "".
type Difference struct{ Key, Was, Is string }

// Differences returns the keys in which two configurations differ, in the order of the file.
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
