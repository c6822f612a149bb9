package plan

import (
	"strconv"
	"strings"

	"dirbridge/sync/identity"
)

// Extent says how much of a change is drift: made necessary by what somebody changed in
// the cloud by hand, not by the directory.
type Extent int

const (
	NoDrift   Extent = iota // all of it is the directory's
	SomeDrift               // some of its fields are
	AllDrift                // nothing of it is the directory's
)

// Extent is how much of the change is drift.
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

// DriftCounts are the totals of what somebody changed in the cloud by hand since the
// last run, as far as the plan looked.
type DriftCounts struct {
	Accounts      int64 `json:"accounts"` // of people, with fields changed by hand
	Groups        int64 `json:"groups"`   // with fields changed by hand
	Fields        int64 `json:"fields"`   // of both
	Removed       int64 `json:"removed"`  // accounts of people that are made again
	GroupsRemoved int64 `json:"groups_removed"`
	Members       int64 `json:"members"` // memberships put in or taken out
	// Both counts fields that the directory changed as well. They are not among Fields.
	Both int64 `json:"both"`
	// ByField are the Fields by name.
	ByField map[string]int64 `json:"by_field,omitempty"`
}

// Any says that there was any drift.
func (n DriftCounts) Any() bool {
	return n.Accounts+n.Groups+n.Removed+n.GroupsRemoved+n.Members > 0
}

// Count takes one change in.
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

// Words say in one line what was changed by hand: "3 accounts (title 2, street 1)".
func (n DriftCounts) Words() string {
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
	// The fields are those of accounts and groups together, and so told once.
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

// StateMark tells which state a plan was made from, and how far that had come. The zero
// StateMark is a state with which nothing was done yet.
type StateMark struct {
	ID  string `json:"id"`  // of the state, random
	Run int64  `json:"run"` // the last one before the plan was made
}
