package config

import (
	"reflect"
	"slices"
	"testing"
)

// TestEveryFieldHasAKey checks that each field of the sections' structs is a key of the file, and
// each key is a field.
func TestEveryFieldHasAKey(t *testing.T) {
	c := every()
	pointed := map[uintptr]string{}
	for _, s := range c.sections() {
		for _, f := range s.list {
			at := reflect.ValueOf(f.ptr).Pointer()
			if before := pointed[at]; before != "" {
				t.Errorf("%s.%s is the field of %s", s.name, f.key, before)
			}
			pointed[at] = s.name + "." + f.key
		}
	}
	for _, part := range []any{&c.Connector, &c.Directories[0], &c.Cloud, &c.Policy, &c.Unmanaged[0], &c.Guards,
		&c.Schedule,
		&c.Metrics} {
		v := reflect.ValueOf(part).Elem()
		for i := range v.NumField() {
			name := v.Type().Name() + "." + v.Type().Field(i).Name
			if name == "Directory.Mapping" || name == "Directory.Guards" {
				continue // have their own tables
			}
			if pointed[v.Field(i).Addr().Pointer()] == "" {
				t.Errorf("%s has no key", name)
			}
			delete(pointed, v.Field(i).Addr().Pointer())
		}
	}
	for _, key := range pointed {
		t.Errorf("%s is the key of no field", key)
	}
}

// TestEveryKeyIsDescribed checks that every key has its texts, and that its default can be written.
func TestEveryKeyIsDescribed(t *testing.T) {
	for _, s := range every().sections() {
		reset(s.list)
		for _, f := range s.list {
			placed := f.page == "" && f.label == "" || f.label != "" && slices.Contains(pages(), f.page)
			if f.doc == "" || f.manual == "" || !placed {
				t.Errorf("%s.%s is not described: %+v", s.name, f.key, f)
			}
			if f.oneOf != nil && f.def != nil && !slices.Contains(f.oneOf, f.def.(string)) {
				t.Errorf("%s.%s cannot be its default", s.name, f.key)
			}
			if (f.word != "" || f.scope || f.reach) && s.head != "[[directory]]" {
				t.Errorf("%s.%s is of no directory", s.name, f.key)
			}
		}
	}
}
