package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Effective returns the whole configuration as TOML, with every default included and marked. For
// secrets it shows the references.
func (c Config) Effective() string {
	var b strings.Builder
	rules := func(m map[string]string) {
		for _, attr := range slices.Sorted(maps.Keys(m)) {
			fmt.Fprintf(&b, "%s = %s\n", tomlKey(attr), tomlString(m[attr]))
		}
	}
	c.walk(func(s section, values []string) {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintln(&b, s.head)
		for i, f := range s.list {
			line := f.key + " = " + values[i]
			if c.lines[s.name+"."+f.key] == 0 {
				line = fmt.Sprintf("%-40s # default", line)
			}
			fmt.Fprintln(&b, line)
		}
		if s.directory == nil {
			return
		}
		if own := s.directory.Mapping; len(own) > 0 {
			fmt.Fprintln(&b, "\n[directory.mapping]")
			rules(own)
		}
		if lines := guardLines(s.directory.Guards); len(lines) > 0 {
			fmt.Fprintf(&b, "\n[directory.guards]\n%s\n", strings.Join(lines, "\n"))
		}
	}, func() {
		fmt.Fprintln(&b, "\n[mapping]")
		rules(c.Mapping)
	})
	return b.String()
}

// walk visits the sections in the file's order, with their values as TOML, and calls mapping at the
// place of [mapping].
func (c Config) walk(each func(section, []string), mapping func()) {
	for _, s := range c.sections() {
		values := make([]string, len(s.list))
		for i, f := range s.list {
			values[i] = tomlValue(f.ptr)
		}
		each(s, values)
		if s.name == "cloud" {
			mapping()
		}
	}
}

// MarshalJSON returns what Effective shows, as JSON: an object with the file's keys. Durations are
// strings, as in the file.
func (c Config) MarshalJSON() ([]byte, error) {
	doc := map[string]any{"mapping": c.Mapping, "directory": []any{}, "unmanaged": []any{}}
	if c.Mapping == nil {
		doc["mapping"] = map[string]string{}
	}
	for _, s := range c.sections() {
		object := map[string]any{}
		for _, f := range s.list {
			object[f.key] = jsonValue(f.ptr)
		}
		if s.directory != nil {
			object["mapping"] = map[string]string{}
			if s.directory.Mapping != nil {
				object["mapping"] = s.directory.Mapping
			}
			own := map[string]any{}
			for key, t := range s.directory.Guards {
				own[key] = jsonValue(&t)
			}
			object["guards"] = own
			doc["directory"] = append(doc["directory"].([]any), object)
		} else if strings.HasPrefix(s.name, "unmanaged[") {
			doc["unmanaged"] = append(doc["unmanaged"].([]any), object)
		} else {
			doc[s.name] = object
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

func jsonValue(ptr any) any {
	switch p := ptr.(type) {
	case *time.Duration:
		return DurationText(*p)
	case *Secret:
		return p.Reference()
	case *Threshold:
		if p.Off || p.Percent > 0 {
			return p.String()
		}
		return p.Count
	}
	return ptr
}

// tomlValue returns a value of one of the fields' types as TOML.
func tomlValue(ptr any) string {
	switch p := ptr.(type) {
	case *string:
		return tomlString(*p)
	case *bool:
		return strconv.FormatBool(*p)
	case *float64:
		return strconv.FormatFloat(*p, 'f', -1, 64)
	case *[]string:
		parts := make([]string, len(*p))
		for i, s := range *p {
			parts[i] = tomlString(s)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *time.Duration:
		return tomlString(DurationText(*p))
	case *Secret:
		return tomlString(p.Reference())
	case *Threshold:
		if p.Off || p.Percent > 0 {
			return tomlString(p.String())
		}
		return p.String()
	}
	panic(fmt.Sprintf("config: no TOML for %T", ptr))
}

// tomlString returns a string as TOML that any parser reads back.
func tomlString(s string) string {
	if strings.ContainsAny(s, `"\`) && !strings.ContainsFunc(s, func(c rune) bool {
		return c == '\'' || c < ' ' ||
			c == 0x7f || c == utf8.RuneError
	}) {
		return "'" + s + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < ' ' || c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029:
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// tomlKey returns a key as TOML, quoted if necessary.
func tomlKey(s string) string {
	bare := s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	})
	if bare {
		return s
	}
	return tomlString(s)
}
