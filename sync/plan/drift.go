package plan

import (
	"strconv"
	"strings"

	"dirbridge/sync/identity"
)

// Extent is how much of a change is drift: caused by edits in the cloud, not by the directory.
type Extent int

const (
	NoDrift   Extent = iota // the directory causes all of it
	SomeDrift               // drift causes some of its fields
	AllDrift                // drift causes all of it
)

// Extent returns how much of the change is drift.
func (c *Change) Extent() Extent {
	if c.Drift {
		return AllDrift
	}
	n := 0
	for _, f := range c.Fields {
		if f.Drift {
			n++
		}
	}
	switch n {
	case 0:
		return NoDrift
	case len(c.Fields):
		return AllDrift
	}
	return SomeDrift
}

// DriftCounts are the totals of edits in the cloud since the last run, as far as the plan looked.
type DriftCounts struct {
	Accounts      int64 `json:"accounts"` // of people, with edited fields
	Groups        int64 `json:"groups"`   // with edited fields
	Fields        int64 `json:"fields"`   // of accounts and groups
	Removed       int64 `json:"removed"`  // accounts of people that are created again
	GroupsRemoved int64 `json:"groups_removed"`
	Members       int64 `json:"members"` // memberships added or removed
	// Both counts fields that the directory changed as well. They are not in Fields.
	Both int64 `json:"both"`
	// ByField counts Fields by name.
	ByField map[string]int64 `json:"by_field,omitempty"`
}

// Any reports whether there was any drift.
func (n DriftCounts) Any() bool {
	return n.Accounts+n.Groups+n.Removed+n.GroupsRemoved+n.Members > 0
}

// Count adds one change.
func (n *DriftCounts) Count(c *Change) {
	switch {
	case !c.Drift:
	case c.Kind == identity.Member:
		n.Members++
	case c.Kind == identity.Group:
		n.GroupsRemoved++
	default:
		n.Removed++
	}
	fields := n.Fields
	for _, f := range c.Fields {
		if f.Both {
			n.Both++
		}
		if !f.Drift {
			continue
		}
		if n.ByField == nil {
			n.ByField = map[string]int64{}
		}
		n.Fields++
		n.ByField[f.Name]++
	}
	switch {
	case n.Fields == fields:
	case c.Kind == identity.Group:
		n.Groups++
	default:
		n.Accounts++
	}
}

// Text describes the drift in one line: "3 accounts (title 2, street 1)".
func (n DriftCounts) Text() string {
	var words []string
	add := func(n int64, noun, rest string) {
		switch {
		case n == 1:
			words = append(words, "1 "+noun+rest)
		case n > 1:
			words = append(words, strconv.FormatInt(n, 10)+" "+noun+"s"+rest)
		}
	}
	named := ""
	if len(n.ByField) > 0 {
		var fields []string
		for _, g := range largestFirst(n.ByField) {
			fields = append(fields, g.Name+" "+strconv.FormatInt(g.Count, 10))
		}
		named = " (" + strings.Join(fields, ", ") + ")"
	}
	// The fields cover accounts and groups together, so they come once.
	if n.Groups > 0 {
		add(n.Accounts, "account", "")
		add(n.Groups, "group", named)
	} else {
		add(n.Accounts, "account", named)
	}
	add(n.Removed, "account", " removed")
	add(n.GroupsRemoved, "group", " removed")
	add(n.Members, "membership", "")
	return strings.Join(words, ", ")
}

// StateMark identifies the state that a plan was made from, and its last run. The zero StateMark is
// an unused state.
type StateMark struct {
	ID  string `json:"id"`  // random id of the state
	Run int64  `json:"run"` // the last run before the plan was made
}
