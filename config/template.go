package config

import (
	"fmt"
	"strings"
)

// Template is a file to start from: what must be filled in, with examples, and
// every other key with its default behind a #.
func Template() string {
	c := Default()
	c.Directories = []Directory{DefaultDirectory()}
	var b strings.Builder
	b.WriteString(`# Configuration of Dirbridge. A line that begins with # shows a default.
# Secrets never stand here: env:NAME, file:PATH, keyring:NAME or credential:NAME
# (systemd) say where they are kept.
`)
	c.walk(func(s section, values []string) {
		fmt.Fprintf(&b, "\n# %s\n%s\n", s.doc, s.head)
		for i, f := range s.list {
			value, mark := values[i], "# "
			if f.example != "" {
				value, mark = f.example, ""
			}
			if s.name == "connector" && f.key != "log_level" {
				// This host's own values would be wrong in another's file.
				value = map[string]string{"name": `"sync01"`, "state_dir": `"/var/lib/dirbridge"`}[f.key]
			}
			fmt.Fprintf(&b, "%-54s # %s\n", mark+f.key+" = "+value, f.doc)
		}
		if s.head == "[policy]" {
			b.WriteString(unmanagedTemplate)
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
