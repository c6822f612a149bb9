package config

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
)

// Label is what people know the directory by.
func (d Directory) Label() string {
	if d.Domain != "" {
		return d.Domain
	}
	return d.Name
}

// Rules are the mapping that is in force in the directory: general, with its own rules over
// it.
func (d Directory) Rules(general map[string]string) map[string]string {
	if len(d.Mapping) == 0 {
		return general
	}
	rules := maps.Clone(general)
	maps.Copy(rules, d.Mapping)
	return rules
}

// Scope is a text of what decides who of the directory is in scope, and what is mapped
// otherwise there. Plans pin it, so that its form is that of every version. By what server
// the directory is reached does not count: a plan that was made on one machine is applied
// on another.
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
			parts = append(parts, "Label:") // earlier versions had more of it there
		}
	}
	return "{" + strings.Join(parts, " ") + "}"
}

// Reach are the changes by which a directory of the file is found and signed in to as n is.
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

// Choices are the values that a key of a directory may have; nil is any.
func (d Directory) Choices(key string) []string {
	for _, f := range d.fields() {
		if f.key == key {
			return f.choices()
		}
	}
	return nil
}
