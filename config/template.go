package config

import (
	"fmt"
	"strings"
)

// Template returns a file to start from: the required keys, with examples, and every other key
// commented out with its default (TestTemplate).
func Template() string {
	c := Default()
	c.Directories = []Directory{DefaultDirectory()}
	return c.written(func(s section, f field, value string) (string, bool) {
		switch {
		case f.example != "":
			return f.example, true
		case s.name == "connector" && f.key != "log_level":
			// This host's own values would be wrong in a file for another host.
			value = map[string]string{"name": `"sync01"`, "state_dir": `"/var/lib/dirbridge"`}[f.key]
		}
		return value, false
	})
}

// Text returns a file that contains c, with the comments of Template: the values that differ from
// the defaults, and every other key commented out with its default. The state directory is always
// written, because its default depends on the user who starts the program. Mapping rules, unmanaged
// accounts and guards of one directory are not written.
func (c Config) Text() string {
	plain := Default()
	for range c.Directories {
		plain.Directories = append(plain.Directories, DefaultDirectory())
	}
	defaults := map[string]string{}
	plain.walk(func(s section, values []string) {
		for i, f := range s.list {
			defaults[s.name+"."+f.key] = values[i]
		}
	}, func() {})
	return c.written(func(s section, f field, value string) (string, bool) {
		return value, value != defaults[s.name+"."+f.key] || s.name == "connector" && f.key == "state_dir"
	})
}

// written writes each key with the value that entry returns; a key that is not set is commented
// out.
func (c Config) written(entry func(s section, f field, value string) (text string, set bool)) string {
	var b strings.Builder
	b.WriteString(`# Configuration of Dirbridge. A line that begins with # shows a default.
# Secrets never stand here: env:NAME, file:PATH, keyring:NAME or credential:NAME
# (systemd) say where they are kept.
`)
	c.walk(func(s section, values []string) {
		fmt.Fprintf(&b, "\n# %s\n%s\n", s.doc, s.head)
		for i, f := range s.list {
			value, set := entry(s, f, values[i])
			mark := "# "
			if set {
				mark = ""
			}
			fmt.Fprintf(&b, "%-54s # %s\n", mark+f.key+" = "+value, f.doc)
		}
		if s.head == "[policy]" {
			b.WriteString(unmanagedTemplate())
		}
		if s.head == "[[directory]]" {
			b.WriteString(`
# What differs from [mapping], below, in this directory alone.
# [directory.mapping]
# displayName = "cn"

# What differs from [guards], below, in this directory alone.
# [directory.guards]
#   key_changes = "off"
`)
		}
	}, func() {
		b.WriteString(`
# Which directory attribute, or several joined by a blank, each cloud attribute
# follows. What is not listed has its default; "" leaves it unmapped.
[mapping]
# displayName = "givenName sn"
`)
	})
	return b.String()
}
