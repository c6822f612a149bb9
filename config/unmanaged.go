package config

import (
	"fmt"
	"strings"
)

// Unmanaged is a rule for cloud accounts that no object of the directory matches and that stay
// unchanged.
type Unmanaged struct {
	Match  string // userName pattern: * is any text, ? any character; "" if ID is set
	ID     string
	Reason string
	Until  string // the last day on which it applies, "2027-01-31"; "" is no end
}

// validate requires exactly one way to name accounts.
func (u *Unmanaged) validate(path string, r *report) {
	switch {
	case r.spoiled[path], r.spoiled[path+".match"], r.spoiled[path+".id"]:
	case u.Match != "" && u.ID != "":
		r.of(path+".id", "make two rules of them", "is of no use with match")
	case u.Match == "" && u.ID == "":
		r.missing(path, "match", "or id", "is required")
	}
}

// decodeUnmanaged makes one rule of each block.
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

// unmanagedTemplate is the text of a new file below [policy].
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
