package ui

import (
	"context"
	"errors"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
)

// planRow is one line of the dry run: a change, an unmatched account, a problem, or
// a group of changes.
type planRow struct {
	change  *control.Change
	account *control.Unmatched
	problem *identity.Problem
	group   *control.Group
}

// slice is what of a plan is shown: one of the views, narrowed by a filter and a
// cause, or the causes themselves.
type slice struct {
	view    int
	filter  string
	cause   string
	grouped bool
}

// planSource is a plan as the page reads it, from commands alone.
type planSource interface {
	Header() control.Header
	Count(ctx context.Context, s slice) (int64, error)
	Window(ctx context.Context, s slice, from int64, n int) ([]planRow, error)
	// Causes are what the counted removals have in common, the largest first.
	Causes(ctx context.Context, s slice, onlyMissing bool) ([]control.Group, error)
}

// planView is one kind of row to look at.
type planView struct {
	name    string
	short   string // where there is little room; "" is the name
	actions []control.Action
	kinds   []string
}

// The numbers of the views that are not made of changes.
const (
	viewUnmatched = 7
	viewProblems  = 8
)

func planViews() []planView {
	objects := []string{string(identity.User), string(identity.Group)}
	return []planView{
		{name: "All"},
		{"Added", "", []control.Action{"add"}, objects},
		{"Updated", "", []control.Action{"update", "reactivate"}, objects},
		{"Renamed", "", []control.Action{"rename"}, objects},
		{"Deactivated", "Deact.", []control.Action{"deactivate"}, objects},
		{"Deleted", "", []control.Action{"delete"}, objects},
		{"Members", "", nil, []string{string(identity.Member)}},
		{name: "Unmatched", short: "Unm."},
		{name: "Problems", short: "Prob."},
	}
}

// planFile reads a plan.
type planFile struct{ *control.Plan }

func (s slice) changes() control.View {
	v := planViews()[s.view]
	return control.View{Actions: v.actions, Kinds: v.kinds, Filter: s.filter, Cause: s.cause}
}

func (p planFile) Count(ctx context.Context, s slice) (int64, error) {
	switch {
	case s.view == viewUnmatched:
		return p.UnmatchedCount(ctx, s.filter)
	case s.view == viewProblems:
		return p.ProblemCount(ctx, s.filter)
	case s.grouped:
		groups, err := p.Causes(ctx, s, false)
		return int64(len(groups)), err
	}
	return p.Plan.Count(ctx, s.changes())
}

func (p planFile) Window(ctx context.Context, s slice, from int64, n int) ([]planRow, error) {
	switch {
	case s.view == viewUnmatched:
		found, err := p.UnmatchedWindow(ctx, s.filter, from, n)
		rows := make([]planRow, len(found))
		for i := range found {
			rows[i].account = &found[i]
		}
		return rows, err
	case s.view == viewProblems:
		found, err := p.ProblemWindow(ctx, s.filter, from, n)
		rows := make([]planRow, len(found))
		for i := range found {
			rows[i].problem = &found[i].Problem
		}
		return rows, err
	case s.grouped:
		groups, err := p.Causes(ctx, s, false)
		from = min(from, int64(len(groups)))
		groups = groups[from:min(from+int64(n), int64(len(groups)))]
		rows := make([]planRow, len(groups))
		for i := range groups {
			rows[i].group = &groups[i]
		}
		return rows, err
	}
	found, err := p.WindowAt(ctx, s.changes(), from, n)
	rows := make([]planRow, len(found))
	for i := range found {
		rows[i].change = &found[i]
	}
	return rows, err
}

// Causes counts by cause, or by reason where nothing has a cause.
func (p planFile) Causes(ctx context.Context, s slice, onlyMissing bool) ([]control.Group, error) {
	v := s.changes()
	v.OnlyMissing, v.Cause = onlyMissing, ""
	groups, err := p.Grouped(ctx, "cause", v)
	if err == nil && len(groups) == 0 && onlyMissing {
		return p.Grouped(ctx, "reason", v)
	}
	return groups, err
}

// loaded is a slice of a plan with its first rows.
type loaded struct {
	query int
	total int64
	from  int64
	rows  []planRow
	err   error
}

func load(ctx context.Context, p planSource, query int, s slice, around int64, n int) loaded {
	total, err := p.Count(ctx, s)
	out := loaded{query: query, total: total, err: err}
	if err != nil {
		return out
	}
	out.from = max(min(around, total-1)-int64(n), 0)
	out.rows, out.err = p.Window(ctx, s, out.from, 3*n)
	return out
}

// stale says that an error is only that of a question nobody asks any more.
func stale(err error) bool { return errors.Is(err, context.Canceled) }
