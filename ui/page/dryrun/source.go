package dryrun

import (
	"cmp"
	"context"
	"slices"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// planRow is one line of the dry run: a change, an account, a problem, a withheld record, or a
// group of changes.
type planRow struct {
	change  *control.Change
	account *control.Unmatched
	problem *identity.Problem
	waits   *control.Withheld
	group   *group
	who     string // the name of the member, if change is a membership
}

// name returns the name of the object that the change is about.
func (r planRow) name(l look.Look) string {
	switch {
	case r.who != "":
		return r.who
	case r.change.Kind != identity.Member && r.change.DN != "":
		name, _ := draw.Place(l, r.change.DN, 0)
		return name
	}
	return view.ChangeName(r.change)
}

// planSource is a plan as the page reads it, only from commands.
type planSource interface {
	Header() control.Header
	Count(ctx context.Context, s slice) (int64, error)
	Window(ctx context.Context, s slice, from int64, n int) ([]planRow, error)
	// Groups returns the groups of the changes, the largest first, and how many of each are in
	// left.
	Groups(ctx context.Context, s slice, left *control.Set) ([]planRow, error)
	// Seek finds the next change after a row that contains the text.
	Seek(ctx context.Context, s slice, text string, after int64) (at int64, ok bool, err error)
	// Pick returns the set of the changes that are shown, or of all their groups.
	Pick(ctx context.Context, s slice) (*control.Set, error)
	PickBy(ctx context.Context, by control.Selector) (*control.Set, error)
	Tally(ctx context.Context, set *control.Set) (record.Counts, error)
	Export(ctx context.Context, path string, left *control.Set) error
}

// planFile reads a plan.
type planFile struct {
	*control.Plan
	names namer
}

// namer finds the names of what references refer to.
type namer interface {
	Names(ctx context.Context, p *control.Plan, refs []string) (map[string]string, error)
}

func (p planFile) Count(ctx context.Context, s slice) (int64, error) {
	switch s.view {
	case viewSummary:
		return 0, nil
	case viewUnmatched, viewApart:
		return p.AccountCount(ctx, s.accounts())
	case viewProblems:
		return p.ProblemCount(ctx, s.filter)
	case viewWithheld:
		return p.WithheldCount(ctx, s.filter)
	}
	return p.Plan.Count(ctx, s.changes())
}

func (s slice) accounts() control.AccountView {
	return control.AccountView{Apart: s.view == viewApart, Filter: s.filter}
}

func (p planFile) Window(ctx context.Context, s slice, from int64, n int) ([]planRow, error) {
	switch s.view {
	case viewSummary:
		return nil, nil
	case viewUnmatched, viewApart:
		found, err := p.AccountWindow(ctx, s.accounts(), from, n)
		rows := make([]planRow, len(found))
		for i := range found {
			rows[i].account = &found[i]
		}
		return rows, err
	case viewProblems:
		found, err := p.ProblemWindow(ctx, s.filter, from, n)
		rows := make([]planRow, len(found))
		for i := range found {
			rows[i].problem = &found[i].Problem
		}
		return rows, err
	case viewWithheld:
		found, err := p.WithheldWindow(ctx, s.filter, from, n)
		rows := make([]planRow, len(found))
		for i := range found {
			rows[i].waits = &found[i]
		}
		return rows, err
	}
	found, err := p.WindowAt(ctx, s.changes(), from, n)
	rows := make([]planRow, len(found))
	for i := range found {
		rows[i].change = &found[i]
	}
	if err != nil {
		return rows, err
	}
	return rows, p.refer(ctx, rows)
}

// refer puts names in the place of references, as far as they are known.
func (p planFile) refer(ctx context.Context, rows []planRow) error {
	var refs []string
	each(rows, func(ref string) string { refs = append(refs, ref); return ref })
	if len(refs) == 0 {
		return nil
	}
	slices.Sort(refs)
	names, err := p.names.Names(ctx, p.Plan, slices.Compact(refs))
	each(rows, func(ref string) string { return cmp.Or(names[ref], ref) })
	for i, row := range rows {
		if c := row.change; c.Kind == identity.Member {
			rows[i].who = cmp.Or(names[string(c.Member)], names[string(c.MemberID)])
		}
	}
	return err
}

// each replaces the references of rows; of a membership, fn gets them alone.
func each(rows []planRow, fn func(ref string) string) {
	for _, row := range rows {
		if row.change.Kind == identity.Member {
			fn(cmp.Or(string(row.change.Member), string(row.change.MemberID)))
		}
		for _, f := range row.change.Fields {
			if f.Ref || f.Name == schema.Manager { // an undo that clears a reference names the account
				for i := range f.Old {
					f.Old[i] = fn(f.Old[i])
				}
				for i := range f.New {
					f.New[i] = fn(f.New[i])
				}
			}
		}
	}
}

// groupsShown is how many groups are shown; the smallest are omitted.
const groupsShown = 1000

func (p planFile) Groups(ctx context.Context, s slice, left *control.Set) ([]planRow, error) {
	kinds := []identity.Kind{""}
	if s.by == "field" {
		kinds = []identity.Kind{identity.User, identity.Group}
	}
	var rows []planRow
	for _, kind := range kinds {
		v := s.changes()
		if kind != "" {
			if len(v.Kinds) > 0 && !slices.Contains(v.Kinds, string(kind)) {
				continue
			}
			v.Kinds = []string{string(kind)}
		}
		found, err := p.Grouped(ctx, s.by, v)
		if err != nil {
			return nil, err
		}
		out, err := p.GroupedOf(ctx, s.by, v, left)
		if err != nil {
			return nil, err
		}
		for _, g := range found[:min(len(found), groupsShown)] {
			rows = append(rows, planRow{group: &group{s.by, g.Name, kind, g.Count, out[g.Name]}})
		}
	}
	slices.SortStableFunc(rows, func(a, b planRow) int { return cmp.Compare(b.group.count, a.group.count) })
	return rows, nil
}

func (p planFile) Seek(ctx context.Context, s slice, text string, after int64) (int64, bool, error) {
	return p.Plan.Seek(ctx, s.changes(), text, after)
}

func (p planFile) Pick(ctx context.Context, s slice) (*control.Set, error) {
	return p.Plan.Pick(ctx, s.changes())
}

// loaded is a slice of a plan with its first rows.
type loaded struct {
	query int
	total int64
	from  int64
	rows  []planRow
	err   error
}

func load(ctx context.Context, p planSource, query int, s slice, left *control.Set, around int64, n int) loaded {
	out := loaded{query: query}
	if s.grouped() {
		out.rows, out.err = p.Groups(ctx, s, left)
		out.total = int64(len(out.rows))
		return out
	}
	if out.total, out.err = p.Count(ctx, s); out.err != nil {
		return out
	}
	out.from = max(min(around, out.total-1)-int64(n), 0)
	out.rows, out.err = p.Window(ctx, s, out.from, 3*n)
	return out
}
