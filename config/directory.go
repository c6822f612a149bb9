package config

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
)

// Label is the directory's name for display.
func (d Directory) Label() string {
	if d.Domain != "" {
		return d.Domain
	}
	return d.Name
}

// Rules returns the effective mapping of the directory: the general rules, overridden by its own.
func (d Directory) Rules(general map[string]string) map[string]string {
	if len(d.Mapping) == 0 {
		return general
	}
	rules := maps.Clone(general)
	maps.Copy(rules, d.Mapping)
	return rules
}

// Scope returns a text of everything that decides which objects of the directory are in scope and
// which mapping rules it overrides. Plans pin it, so its form must stay the same across versions.
// The server that is used does not count, so that a plan made on one machine can be applied on
// another (TestScopeIsTheSameOnEveryMachine).
func (d Directory) Scope() string {
	counts := map[any]bool{&d.Mapping: true}
	for _, f := range d.fields() {
		counts[f.ptr] = f.scope
	}
	var parts []string
	v := reflect.ValueOf(&d).Elem()
	for i := range v.NumField() {
		if !counts[v.Field(i).Addr().Interface()] {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s:%v", v.Type().Field(i).Name, v.Field(i).Interface()))
		if i == 0 {
			parts = append(parts, "Label:") // earlier versions had more fields there
		}
	}
	return "{" + strings.Join(parts, " ") + "}"
}

// Reach returns the changes that give the directory in the file the address and sign-in settings of
// n.
func (d Directory) Reach(n Directory) (changes []Change) {
	plain := DefaultDirectory()
	was, defaults := d.fields(), plain.fields()
	for i, f := range n.fields() {
		if !f.reach || f.plain() == was[i].plain() {
			continue
		}
		c := Change{Key: "directory[" + d.Name + "]." + f.key}
		if f.plain() != defaults[i].plain() {
			c.Value = f.value()
		}
		changes = append(changes, c)
	}
	return changes
}

// Choices returns the values that a key of a directory accepts; nil is any.
func (d Directory) Choices(key string) []string {
	for _, f := range d.fields() {
		if f.key == key {
			return f.choices()
		}
	}
	return nil
}
