package config

import (
	"fmt"
	"strings"
)

// Unmanaged is a rule by which cloud accounts that the directory does not know are left
// alone.
type Unmanaged struct {
	Match  string // over userName: * is any text, ? any character; "" where ID says it
	ID     string
	Reason string
	Until  string // the last day on which it holds, "2027-01-31"; "" is for good
}

// validate wants one way of naming accounts.
func (u *Unmanaged) validate(path string, r *report) {
	switch {
	case r.spoiled[path], r.spoiled[path+".match"], r.spoiled[path+".id"]:
	case u.Match != "" && u.ID != "":
		r.of(path+".id", "make two rules of them", "is of no use with match")
	case u.Match == "" && u.ID == "":
		r.missing(path, "match", "or id", "is required")
	}
}

// decodeUnmanaged makes a rule of each block.
func (c *Config) decodeUnmanaged(n *node, r *report) {
	if n.form != list {
		r.at(n.line, "unmanaged", "write [[unmanaged]]", "each rule is a block of its own")
		return
	}
	for i, item := range n.items {
		c.Unmanaged = append(c.Unmanaged, Unmanaged{})
		if item.form != table {
			r.at(item.line, fmt.Sprintf("unmanaged[%d]", i), "write [[unmanaged]]", "must be a table, not %s", item.form)
		}
	}
}

// unmanagedTemplate stands in a new file below [policy].
func unmanagedTemplate() string {
	var b strings.Builder
	b.WriteString(`
# Accounts that the directory does not know, and that are left alone all the same: one
# block for each rule. They are not counted as missing or unmatched, and never purged.
# [[unmanaged]]
`)
	for _, f := range (&Unmanaged{}).fields() {
		if f.example != "" {
			fmt.Fprintf(&b, "%-56s # %s\n", "#   "+f.key+" = "+f.example, f.doc)
		}
	}
	return b.String()
}
