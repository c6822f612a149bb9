package guard

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/stage"
)

// relinkCounts is what a plan does to accounts whose owner is another object than before.
type relinkCounts struct {
	people   int64    // linked to another object
	emptied  []string // directories from which more than half of the people are taken over
	replaced []string // other directories than before, whose accounts would be relinked
	removed  int64    // accounts of their people that would be removed
	absent   []string // directories no longer configured whose accounts would go or be relinked
	left     int64    // accounts of their people that would be deactivated
}

// countRelinked counts, for each directory, the accounts that would be linked to another object.
func countRelinked(ctx context.Context, d *stage.Draft, t *Totals) error {
	from := map[string]int64{}
	err := d.Work.EachPreviousOwner(ctx, func(was identity.Anchor) error {
		t.relinked.people++
		from[was.Directory()]++
		return nil
	})
	if err != nil {
		return err
	}
	if t.relinked.people > 0 {
		linked, err := d.Env.Store.Linked(ctx)
		if err != nil {
			return err
		}
		for dir, n := range from {
			if n > policy.Quorum && n*2 > linked[dir].People {
				t.relinked.emptied = append(t.relinked.emptied, dir)
			}
		}
	}
	for _, dir := range d.Header.Directories {
		before, err := d.Env.Store.Value(ctx, stage.ValueIdentity+dir.Name)
		if err != nil {
			return err
		}
		removed := d.Gone[dir.Name][identity.User].Removed
		if dir.Whole && before != "" && before != dir.Identity && from[dir.Name]+removed > 0 {
			t.relinked.replaced = append(t.relinked.replaced, dir.Name)
			t.relinked.removed += removed
		}
		delete(from, dir.Name)
	}
	if d.Header.Complete {
		countAbsent(d, from, t)
	}
	slices.Sort(t.relinked.emptied)
	slices.Sort(t.relinked.replaced)
	return nil
}

// countAbsent counts what becomes of the people of directories that are no longer configured. from
// has how many accounts each of them passes on.
func countAbsent(d *stage.Draft, from map[string]int64, t *Totals) {
	names := slices.Collect(maps.Keys(from))
	for dir, kinds := range d.Gone {
		configured := slices.ContainsFunc(d.Header.Directories, func(r plan.DirectoryRead) bool { return r.Name == dir })
		if n := kinds[identity.User].Removed; n > 0 && !configured {
			names = append(names, dir)
			t.relinked.left += n
		}
	}
	slices.Sort(names)
	t.relinked.absent = slices.Compact(names)
}

// relinkHold holds a plan that mistakes one population for another: a new domain in the place of
// the old one, with new GUIDs and the same mail addresses.
func relinkHold(t Totals) (h plan.Hold, held bool) {
	many := t.relinked.people > policy.Quorum && t.relinked.people*2 > t.Ours
	if !many && len(t.relinked.emptied)+len(t.relinked.replaced)+len(t.relinked.absent) == 0 {
		return h, false
	}
	count := t.relinked.people + t.relinked.removed + t.relinked.left
	h = plan.Hold{Rule: plan.RuleRelinking, Overridable: true, Count: count, Of: t.Ours,
		Remedy: "Check that they are the same people. Their accounts are neither created nor deleted." + naming(count)}
	if t.relinked.people > 0 || t.relinked.left == 0 {
		h.Detail = fmt.Sprintf("%d of %d linked accounts would be linked to other objects of the directory than "+
			"before.", t.relinked.people, t.Ours)
	}
	if len(t.relinked.replaced) > 0 {
		h.Detail += " The directory " + strings.Join(t.relinked.replaced, ", ") + " is a different one than before."
	} else if len(t.relinked.emptied) > 0 {
		h.Detail += " Most people of the directory " + strings.Join(t.relinked.emptied, ", ") + " have moved."
	}
	if t.relinked.removed > 0 {
		h.Detail += fmt.Sprintf(" %d accounts of people that it does not have would be removed.", t.relinked.removed)
	}
	if len(t.relinked.absent) > 0 {
		names := strings.Join(t.relinked.absent, ", ")
		h.Detail += " The directory " + names + " is not configured any more."
		if t.relinked.left > 0 {
			h.Detail += fmt.Sprintf(" %d accounts of its people would be deactivated.", t.relinked.left)
			h.Remedy = "If its people stay, put the [[directory]] " + names + " back into the configuration." + naming(count)
		}
	}
	h.Detail = strings.TrimSpace(h.Detail)
	return h, true
}

// WriteIdentities writes which directories the plan was made from.
func WriteIdentities(d *stage.Draft, w *plan.Writer) error {
	for _, dir := range d.Header.Directories {
		if !dir.Whole || dir.Identity == "" {
			continue
		}
		if err := w.SetValue(stage.ValueIdentity+dir.Name, dir.Identity); err != nil {
			return err
		}
	}
	return nil
}
