package dryrun

import (
	"slices"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/view"
)

// slice is the part of a plan that is shown: one of the views, narrowed by a filter and by a group,
// in an order; or the groups themselves.
type slice struct {
	view   int
	filter string
	order  control.Order
	by     string   // "why" or "field" shows groups; "" shows rows
	in     []*group // shows only the changes that are in all of these
}

// group is a set of changes with something in common.
type group struct {
	by, name string        // "why", "field", "container" or "kind"
	kind     identity.Kind // by field and by kind: only of this kind; "" is any
	count    int64
	left     int64 // how many of them are excluded
}

// planView is one kind of row.
type planView struct {
	name    string
	short   string // for narrow screens; "" is the name
	changes control.View
	// some returns the number of its rows from the header; nil if the header does not have it.
	some func(control.Header) int64
}

// The views.
const (
	viewSummary = iota
	viewAll
	viewAdded
	viewUpdated
	viewRenamed
	viewReactivated
	viewDeactivated
	viewDeleted
	viewGroups
	viewMembers
	viewMatched
	viewDrift
	viewUnmatched
	viewApart
	viewProblems
	viewWithheld
)

func planViews() []planView {
	views := []planView{{name: "Summary"}, {name: "All"}}
	for _, k := range view.Kinds() {
		views = append(views, planView{k.Name, k.Short, k.Changes, func(h control.Header) int64 { return k.Count(h.Counts) }})
	}
	return append(views, []planView{
		{"Cloud edits", "Cloud", control.View{OnlyDrift: true},
			func(h control.Header) int64 { return map[bool]int64{true: 1}[h.Drift.Any()] }},
		{"Unmatched", "Unm.", control.View{}, nil},
		{"Protected", "Prot.", control.View{}, func(h control.Header) int64 {
			return h.Kept + h.Unmanaged + h.Protected +
				h.Counts.AdminsDelete
		}},
		{"Problems", "Prob.", control.View{}, func(h control.Header) int64 {
			return h.Counts.Users.Problem +
				h.Counts.Groups.Problem
		}},
		{"Withheld", "", control.View{}, func(h control.Header) int64 { return h.Withheld }},
	}...)
}

// empty reports whether the plan is known to have no such rows.
func (v planView) empty(h control.Header) bool { return v.some != nil && v.some(h) == 0 }

// ofChanges reports whether the rows are changes.
func (s slice) ofChanges() bool { return s.view != viewSummary && s.view < viewUnmatched }

// grouped reports whether groups are shown instead of rows.
func (s slice) grouped() bool { return s.by != "" && s.narrowedBy(s.by) == nil && s.ofChanges() }

// narrowedBy returns the group of that sort which the slice is narrowed to, or nil.
func (s slice) narrowedBy(by string) *group {
	for _, g := range s.in {
		if g.by == by {
			return g
		}
	}
	return nil
}

// with returns the slice narrowed to a group too, which replaces one of the same sort.
func (s slice) with(g *group) slice {
	in := slices.DeleteFunc(slices.Clone(s.in), func(o *group) bool { return o.by == g.by })
	s.in = append(in, g)
	return s
}

// changes returns the changes that are shown, or grouped.
func (s slice) changes() control.View {
	v := planViews()[s.view].changes
	v.Filter, v.Order = s.filter, s.order
	for _, g := range s.in {
		v = g.within(v)
	}
	if s.by == "field" && s.grouped() {
		v = changing(v)
	}
	return v
}

// changing omits changes that set or remove all fields: grouping by field concerns objects that
// exist and stay.
func changing(v control.View) control.View {
	if len(v.Actions) == 0 {
		v.Actions = []control.Action{"update", "rename", "reactivate"}
	}
	return v
}

// within narrows a view to the group.
func (g *group) within(v control.View) control.View {
	switch g.by {
	case "field":
		v = changing(v)
		v.Field = g.name
	case "container":
		v.Container = g.name
	case "why":
		v.Why = g.name
	}
	if g.kind != "" {
		v.Kinds = []string{string(g.kind)}
	}
	return v
}
