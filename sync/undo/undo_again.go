package undo

import (
	"context"
	"fmt"
	"slices"

	"dirbridge/sync/diff"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// asking holds changes back until it is known, for a page of them, whether the directory wants the
// opposite.
type asking struct {
	*Undoing
	page []plan.Change
}

func (a *asking) add(ctx context.Context, c plan.Change) error {
	if a.page = append(a.page, c); len(a.page) < read.Batch {
		return nil
	}
	return a.flush(ctx)
}

func (a *asking) flush(ctx context.Context) error {
	w, err := a.wanted(ctx)
	if err != nil {
		return err
	}
	for _, c := range a.page {
		again, err := a.again(ctx, c, w)
		if err != nil {
			return err
		}
		if again {
			a.D.Header.Again++
		}
		sub := ""
		if c.Kind == identity.Member {
			sub = identity.Fold(c.MemberKey)
		}
		if err := diff.AddChange(ctx, a.D, c, sub); err != nil {
			return err
		}
	}
	a.page = a.page[:0]
	return nil
}

// wish is what the directory wants for the objects of a page.
type wish struct {
	people map[identity.Anchor]identity.Person // those in scope
	// group, and anchor or folded DN of a member: those that the page is about
	members map[[2]string]bool
	dns     map[identity.Anchor]string // folded, of those members
}

func (a *asking) wanted(ctx context.Context) (wish, error) {
	w := wish{map[identity.Anchor]identity.Person{}, map[[2]string]bool{}, map[identity.Anchor]string{}}
	if err := a.memberships(ctx, w); err != nil {
		return w, err
	}
	for _, src := range a.D.Env.Sources {
		dir, err := src.Describe(ctx)
		if err != nil {
			return w, fmt.Errorf("directory %s: %w", dir.Name, err)
		}
		objects, groups := map[identity.Kind][]identity.Anchor{}, []identity.Anchor{}
		for _, c := range a.page {
			switch {
			case c.Anchor.Directory() != dir.Name:
			case c.Kind != identity.Member:
				objects[c.Kind] = append(objects[c.Kind], c.Anchor)
			case !slices.Contains(groups, c.Anchor):
				groups = append(groups, c.Anchor)
			}
		}
		for kind, anchors := range objects {
			err := src.Get(ctx, kind, anchors, func(en identity.Entry, inScope bool) error {
				if inScope {
					w.people[en.Anchor] = a.D.Env.Mapped(dir.Name, en)
				}
				return nil
			})
			if err != nil {
				return w, fmt.Errorf("directory %s: look at what the plan restores: %w", dir.Name, err)
			}
		}
		if len(groups) == 0 {
			continue
		}
		if err := src.EdgesOf(ctx, groups, func(e identity.Edge) error { w.has(e); return nil }); err != nil {
			return w, fmt.Errorf("directory %s: look at the memberships that the plan restores: %w", dir.Name, err)
		}
	}
	return w, nil
}

// memberships records which ones the page is about: a group may have many others.
func (a *asking) memberships(ctx context.Context, w wish) error {
	for _, c := range a.page {
		if c.Kind != identity.Member {
			continue
		}
		w.members[[2]string{string(c.Anchor), string(c.Member)}] = false
		s, ok, err := a.D.Env.Store.Shadow(ctx, c.Member)
		if err != nil {
			return err
		}
		if ok {
			w.dns[c.Member] = identity.Fold(s.DN)
			w.members[[2]string{string(c.Anchor), identity.Fold(s.DN)}] = false
		}
	}
	return nil
}

// has records a membership of the directory, if the page is about it.
func (w wish) has(e identity.Edge) {
	for _, to := range []string{string(e.To.Anchor), identity.Fold(e.To.DN)} {
		if _, asked := w.members[[2]string{string(e.From), to}]; asked {
			w.members[[2]string{string(e.From), to}] = true
		}
	}
}

// again says whether the next run would reverse what the plan changes.
func (a *asking) again(ctx context.Context, c plan.Change, w wish) (bool, error) {
	if c.Kind == identity.Member {
		return a.memberAgain(c, w), nil
	}
	p, inScope := w.people[c.Anchor]
	switch {
	case c.Action == plan.Add: // in grace until its object is in scope
		return false, nil
	case inScope && len(p.Problems) > 0: // it is left unchanged
		return false, nil
	case !inScope && c.Action == plan.Reactivate:
		unsynced := a.D.Env.Unsynced != nil && a.D.Env.Unsynced(c.Anchor.Directory(), c.Kind)
		return a.D.Env.Policy.OnMissing != "keep" && !unsynced, nil
	case !inScope:
		return false, nil
	case c.Action == plan.Deactivate && len(c.Fields) == 0:
		return true, nil
	}
	for _, f := range c.Fields {
		asked, err := a.fieldAgain(ctx, c, f, p)
		if asked || err != nil {
			return asked, err
		}
	}
	return false, nil
}

// fieldAgain says whether the directory wants another value of a field.
func (a *asking) fieldAgain(ctx context.Context, c plan.Change, f plan.FieldDiff, p identity.Person) (bool, error) {
	switch {
	case f.Name == schema.Active:
		want := p.Active
		if !a.D.Env.Mappers.Of(c.Anchor.Directory()).ManagesState() {
			want = true // what was deactivated as missing comes back
		}
		return fmt.Sprint(want) != f.New[0], nil
	case !slices.Contains(diff.ManagedFields(a.D, c.Anchor.Directory(), c.Kind), f.Name):
		return false, nil // it is not mapped, or no longer, and so never written
	case f.Ref || f.Name == schema.Manager:
		boss, asked := p.Attrs.First(f.Name), false
		if boss == "" {
			return len(f.New) > 0, nil
		}
		err := a.D.Env.Store.Seek(ctx, port.ByDN, []string{identity.Fold(boss)}, func(s identity.Shadow) error {
			asked = len(f.New) == 0 || f.New[0] != string(s.Anchor)
			return nil
		})
		return asked, err
	}
	return !stage.Same(f.Name, a.D.Env.Target.Normalize(f.Name, p.Attrs[f.Name]), f.New), nil
}

// memberAgain says whether the directory wants a membership that is removed, or does not want one
// that is restored. With flattened groups the answer is yes: the undone run did what the directory
// wanted.
func (a *asking) memberAgain(c plan.Change, w wish) bool {
	group := string(c.Anchor)
	wanted := w.members[[2]string{group, string(c.Member)}] || w.dns[c.Member] != "" &&
		w.members[[2]string{group, w.dns[c.Member]}]
	return a.D.Env.Policy.Flatten || wanted == (c.Action == plan.Remove)
}
