package match

import (
	"context"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
)

// mostDated is for how many withheld records a plan shows when both sides were created.
const mostDated = 200

// dateWithheld adds the creation times of the person and the account to the withheld records, for
// the operator who decides. It decides nothing itself: if a side cannot be asked, or does not say,
// the record has no time. Listings do not request these times.
func dateWithheld(ctx context.Context, d *stage.Draft) error {
	list, err := d.Work.FirstWithheld(ctx, mostDated)
	if err != nil || len(list) == 0 {
		return err
	}
	people := map[string][]identity.Anchor{}
	for _, w := range list {
		dir := w.Person.Anchor.Directory()
		people[dir] = append(people[dir], w.Person.Anchor)
	}
	made := madeAt(ctx, d, people)
	answers := true // a cloud that fails is not asked for the others: its failures are counted
	for _, w := range list {
		w.Person.Created = made[w.Person.Anchor]
		if answers {
			r, ok, err := d.Env.Target.Get(ctx, identity.User, w.Account.ID)
			if answers = err == nil; ok && answers {
				w.Account.Created = r.Created
			}
		}
		if err := d.Work.UpdateWithheld(ctx, w); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// madeAt is when objects were made, as far as their directories say so.
func madeAt(ctx context.Context, d *stage.Draft, people map[string][]identity.Anchor) map[identity.Anchor]time.Time {
	made := map[identity.Anchor]time.Time{}
	for _, src := range d.Env.Sources {
		dir, err := src.Describe(ctx)
		if err != nil || d.Frozen[dir.Name] || len(people[dir.Name]) == 0 {
			continue
		}
		// What could not be read is missing here, and no more than that.
		_ = src.Get(ctx, identity.User, people[dir.Name], func(e identity.Entry, _ bool) error {
			made[e.Anchor] = e.Created
			return nil
		})
	}
	return made
}
