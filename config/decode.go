package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// decode fills c from the tree, and reports values that do not fit.
func (c *Config) decode(d *document, r *report) {
	known := sectionNames()
	for _, name := range d.root.keys {
		n := d.root.fields[name]
		switch {
		case name == "directory":
			c.decodeDirectories(n, r)
		case name == "unmanaged":
			c.decodeUnmanaged(n, r)
		case contains(known, name):
			if n.form == list {
				r.at(n.line, name, "write ["+name+"]", "stands once, not as a list")
			} else if n.form != table {
				r.at(n.line, name, "", "must be a table, not %s", n.form)
			}
		default:
			unknownSection(name, n, r)
		}
	}
	for _, s := range c.sections() {
		if n := d.root.at(s.name); n != nil && n.form == table {
			decodeSection(s, n, r)
		}
	}
	decodeMapping("mapping", c.Mapping, d.root.fields["mapping"], r)
	for i := range c.Directories {
		if n := d.root.at(fmt.Sprintf("directory[%d]", i)); n.form == table {
			c.Directories[i].decodeMapping(fmt.Sprintf("directory[%d].mapping", i), n.fields["mapping"], r)
			c.Directories[i].decodeGuards(fmt.Sprintf("directory[%d].guards", i), n.fields["guards"], r)
		}
	}
}

func (c *Config) decodeDirectories(n *node, r *report) {
	if n.form == table {
		r.at(n.line, "directory", "write [[directory]]", "each directory is a block of its own")
	}
	if n.form != list {
		if n.form != table {
			r.at(n.line, "directory", "write [[directory]]", "must be a table, not %s", n.form)
		}
		return
	}
	for i, item := range n.items {
		c.Directories = append(c.Directories, DefaultDirectory())
		if item.form != table {
			r.at(item.line, fmt.Sprintf("directory[%d]", i), "write [[directory]]", "must be a table, not %s", item.form)
		}
	}
}

func (d *Directory) decodeMapping(path string, n *node, r *report) {
	switch {
	case n == nil:
	case n.form == list:
		r.at(n.line, path, "write [directory.mapping]", "stands once in each [[directory]], not as a list")
	case n.form != table:
		r.at(n.line, path, "write [directory.mapping]", "must be a table, not %s", n.form)
	default:
		decodeMapping(path, d.Mapping, n, r)
	}
}

// decodeMapping adds the rules of the node to the map.
func decodeMapping(path string, into map[string]string, n *node, r *report) {
	if n == nil || n.form != table {
		return
	}
	for _, key := range n.keys {
		v := n.fields[key]
		switch {
		case v.form != text:
			r.at(v.line, path+"."+key, `strings stand in quotes; "" leaves it unmapped`, "must be a string, not %s", v.form)
		case strings.ContainsFunc(v.text, func(c rune) bool { return c < ' ' }):
			r.at(v.line, path+"."+key, "", "must not contain control characters")
		default:
			into[key] = v.text
		}
	}
}

func unknownSection(name string, n *node, r *report) {
	hint := ""
	if s := closest(name, sectionNames()); s != "" {
		hint = "did you mean " + s + "?"
	} else if s := sectionOf(name); s != "" {
		hint = "it belongs under " + s
	}
	what := "unknown key"
	if n.form == table || n.form == list {
		what = "unknown section"
	}
	r.at(n.line, name, hint, "%s", what)
}

// sectionOf returns the header of the section that has the key, or "".
func sectionOf(key string) string {
	for _, s := range every().sections() {
		for _, f := range s.list {
			if f.key == key {
				return s.head
			}
		}
	}
	return ""
}

func decodeSection(s section, n *node, r *report) {
	keys := make([]string, len(s.list))
	fields := map[string]field{}
	for i, f := range s.list {
		keys[i], fields[f.key] = f.key, f
	}
	for _, key := range n.keys {
		v, path := n.fields[key], s.name+"."+key
		if inDirectory(key) && s.head == "[[directory]]" {
			continue // has its own table
		}
		f, ok := fields[key]
		if !ok {
			hint := ""
			if k := closest(key, keys); k != "" {
				hint = "did you mean " + k + "?"
				r.spoiled[s.name+"."+k] = true // so that it is not also reported as missing
			} else if head := sectionOf(key); head != "" {
				hint = "it belongs under " + head
			}
			r.at(v.line, path, hint, "unknown key")
			continue
		}
		f.decode(path, v, r)
	}
}

// decode reads one value into the field.
func (f field) decode(path string, v *node, r *report) {
	wrong := func(want, hint string) { r.at(v.line, path, hint, "must be %s, not %s", want, v.form) }
	switch p := f.ptr.(type) {
	case *string:
		if v.form != text {
			wrong("a string", "strings stand in quotes")
			return
		}
		if strings.ContainsFunc(v.text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			r.at(v.line, path, "", "must not contain control characters")
			return
		}
		*p = v.text
	case *bool:
		if v.form != boolean {
			wrong("true or false", "without quotes")
			return
		}
		*p = v.text == "true"
	case *float64:
		if v.form != integer && v.form != float {
			wrong("a number", "without quotes")
			return
		}
		x, err := strconv.ParseFloat(strings.ReplaceAll(v.text, "_", ""), 64)
		if err != nil {
			r.at(v.line, path, "", "is not a decimal number")
			return
		}
		*p = x
	case *[]string:
		decodeList(path, p, v, r)
	case *time.Duration:
		decodeDuration(path, p, v, r)
	case *Secret:
		if v.form != text {
			wrong("a string that refers to a secret", "env:NAME, file:PATH, keyring:NAME or credential:NAME")
			return
		}
		s, err := ParseSecret(v.text)
		if err != nil && v.text != "" {
			r.at(v.line, path, "if it has been in use, change the secret: it has been in a file that is not secret", "%s", err)
			return
		}
		*p = s
	case *Threshold:
		decodeThreshold(path, p, v, r)
	default:
		panic(fmt.Sprintf("config: %s has the unknown type %T", path, p))
	}
}

func decodeList(path string, p *[]string, v *node, r *report) {
	if v.form != list {
		r.at(v.line, path, `such as ["first", "second"]`, "must be a list of strings, not %s", v.form)
		return
	}
	values := []string{}
	for i, item := range v.items {
		if item.form != text {
			r.at(item.line, fmt.Sprintf("%s[%d]", path, i), "", "must be a string, not %s", item.form)
			r.spoiled[path] = true
			continue
		}
		if strings.ContainsFunc(item.text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			r.at(item.line, fmt.Sprintf("%s[%d]", path, i), "", "must not contain control characters")
		}
		values = append(values, item.text)
	}
	*p = values
}

func decodeDuration(path string, p *time.Duration, v *node, r *report) {
	const hint = `such as "90s", "10m" or "168h"`
	if v.form != text {
		r.at(v.line, path, hint, "must be a duration in quotes, not %s", v.form)
		return
	}
	d, err := time.ParseDuration(v.text)
	if err != nil {
		suggest := hint
		if days, e := strconv.Atoi(strings.TrimSuffix(v.text, "d")); e == nil && strings.HasSuffix(v.text, "d") &&
			days >= 0 && days <= 36500 {
			suggest = fmt.Sprintf(`days are written in hours: "%dh"`, 24*days)
		}
		r.at(v.line, path, suggest, "is not a duration")
		return
	}
	if d < 0 {
		r.at(v.line, path, hint, "must not be negative")
		return
	}
	*p = d
}

func decodeThreshold(path string, p *Threshold, v *node, r *report) {
	switch v.form {
	case integer:
		n, err := strconv.ParseInt(strings.ReplaceAll(v.text, "_", ""), 0, 32)
		if err != nil || n < 0 {
			r.at(v.line, path, `"off" has no limit`, "must be 0 or more")
			return
		}
		*p = Threshold{Count: int(n)}
	case text:
		t, err := ParseThreshold(v.text)
		if err != nil {
			hint := ""
			if _, e := strconv.Atoi(v.text); e == nil {
				hint = "a number stands without quotes"
			}
			r.at(v.line, path, hint, "%s", err)
			return
		}
		*p = t
	default:
		r.at(v.line, path, "", "%s, not %s", errThreshold, v.form)
	}
}

// splitKey splits a key's path into its table and the key itself, which is "" for a table:
// "mapping" and "title", "directory[0].mapping" and "title", "directory[0].guards" and "removals".
func splitKey(path string) (sec, key string) {
	sec, key, _ = strings.Cut(path, ".")
	if strings.HasPrefix(sec, "directory[") {
		if inner, rest, ok := strings.Cut(key, "."); ok && inDirectory(inner) {
			return sec + "." + inner, rest
		}
	}
	return sec, key
}

// inDirectory reports whether a key of a directory is a table.
func inDirectory(key string) bool { return key == "mapping" || key == "guards" }

// at returns the node at a path such as "cloud" or "directory[0].servers"; the part after the table
// is one key.
func (n *node) at(path string) *node {
	sec, key := splitKey(path)
	if outer, inner, ok := strings.Cut(sec, "."); ok {
		if n = n.at(outer); n == nil || n.form != table {
			return nil
		}
		sec = inner
	}
	name, index, indexed := strings.Cut(strings.TrimSuffix(sec, "]"), "[")
	n = n.fields[name]
	if n != nil && indexed {
		i, err := strconv.Atoi(index)
		if err != nil || n.form != list || i < 0 || i >= len(n.items) {
			return nil
		}
		n = n.items[i]
	}
	if n != nil && key != "" {
		n = n.fields[key]
	}
	return n
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
