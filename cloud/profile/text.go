package profile

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Text writes a profile as its file: the title, and every key that differs from Standard.
func (p Profile) Text() string {
	var b strings.Builder
	writeKeys(&b, "", reflect.ValueOf(p), reflect.ValueOf(Standard()))
	return b.String()
}

// writeKeys writes the keys of a table that differ, and then its tables.
func writeKeys(b *strings.Builder, table string, have, usual reflect.Value) {
	head := ""
	if table != "" {
		head = "\n[" + table + "]\n"
	}
	for i := range have.NumField() {
		name := have.Type().Field(i).Tag.Get("toml")
		v := have.Field(i)
		if name == "-" || v.Kind() == reflect.Struct || reflect.DeepEqual(v.Interface(), usual.Field(i).Interface()) {
			continue
		}
		b.WriteString(head)
		head = ""
		fmt.Fprintf(b, "%s = %s\n", name, tomlValue(v))
	}
	for i := range have.NumField() {
		if v := have.Field(i); v.Kind() == reflect.Struct {
			writeKeys(b, have.Type().Field(i).Tag.Get("toml"), v, usual.Field(i))
		}
	}
}

func tomlValue(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = tomlValue(v.Index(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(v.Interface())
}
