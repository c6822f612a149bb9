package view

import (
	"fmt"
	"strconv"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// Kind is a kind of change of a plan. The totals, the tabs, the summary and the lists count it the
// same way.
type Kind struct {
	Name, Short string // Short is for narrow screens; "" is Name
	Changes     control.View
	Count       func(record.Counts) int64
}

// Kinds returns the kinds of change, in the order in which pages show them.
func Kinds() []Kind {
	objects := []string{string(identity.User), string(identity.Group)}
	of := func(name, short string, action control.Action, n func(record.ObjectCounts) int64) Kind {
		return Kind{name, short, control.View{Actions: []control.Action{action}, Kinds: objects},
			func(c record.Counts) int64 { return n(c.Users) + n(c.Groups) }}
	}
	return []Kind{
		of("Added", "", "add", func(o record.ObjectCounts) int64 { return o.Add }),
		of("Updated", "", "update", func(o record.ObjectCounts) int64 { return o.Update }),
		of("Renamed", "", "rename", func(o record.ObjectCounts) int64 { return o.Rename }),
		of("Reactivated", "React.", "reactivate", func(o record.ObjectCounts) int64 { return o.Reactivate }),
		of("Deactivated", "Deact.", "deactivate", func(o record.ObjectCounts) int64 { return o.Deactivate }),
		of("Deleted", "", "delete", func(o record.ObjectCounts) int64 { return o.Delete }),
		{"Groups", "", control.View{Kinds: objects[1:]}, func(c record.Counts) int64 { return c.Groups.Writes() }},
		{"Members", "Memb.", control.View{Kinds: []string{string(identity.Member)}},
			func(c record.Counts) int64 { return c.Members.Add + c.Members.Remove }},
		of("Matched", "Match.", "match", func(o record.ObjectCounts) int64 { return o.Match }),
	}
}

// CountTable returns the counts of a plan as lines: the titles of the columns, users, groups, and members.
func CountTable(c record.Counts) []string {
	titles := []string{"Added", "Updated", "Renamed", "Deactivated", "Reactivated", "Deleted", "Matched", "Unmatched",
		"Problems"}
	line := func(name string, cells []string) string {
		text := fmt.Sprintf("%-8s", name)
		for i, cell := range cells {
			text += fmt.Sprintf("  %*s", max(len(titles[i]), 7), cell)
		}
		return text
	}
	objects := func(o record.ObjectCounts) (cells []string) {
		for _, n := range []int64{o.Add, o.Update, o.Rename, o.Deactivate, o.Reactivate, o.Delete, o.Match, o.Unmatched,
			o.Problem} {
			cells = append(cells, strconv.FormatInt(n, 10))
		}
		return cells
	}
	return []string{line("", titles), line("Users", objects(c.Users)), line("Groups", objects(c.Groups)),
		line("Members", []string{strconv.FormatInt(c.Members.Add, 10)}) + fmt.Sprintf(" added, %d removed", c.Members.Remove)}
}

// Split says how many of both are people, and how many groups; "" if only people are.
func Split(people, groups int64) string {
	if groups == 0 {
		return ""
	}
	return " (" + count(people, "person", "people") + ", " + count(groups, "group", "groups") + ")"
}

// Row is a count with its words.
type Row struct {
	Count int64
	Words string
}

// Summary returns the counts of a plan, one in a row.
func Summary(h control.Header) []Row {
	c := h.Counts
	u, g := c.Users, c.Groups
	return []Row{
		{u.Add + g.Add, "objects will be added" + Split(u.Add, g.Add)},
		{u.Update + g.Update, "objects will be updated"},
		{u.Rename + g.Rename, "objects will be renamed"},
		{u.Reactivate + g.Reactivate, "objects will be reactivated"},
		{u.Deactivate, "users will be deactivated"},
		{u.Delete, "users will be deleted"},
		{g.Deactivate, "groups will be deleted after the grace period"},
		{g.Delete, "groups will be deleted"},
		{c.Members.Add, "memberships will be added"},
		{c.Members.Remove, "memberships will be removed"},
		{u.Match + g.Match, "objects matched"},
		{u.Unmatched + g.Unmatched, "accounts have no match in any directory"},
		{u.Problem + g.Problem, "objects have problems and are left unchanged"},
	}
}
