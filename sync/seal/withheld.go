package seal

import (
	"context"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/stage"
)

// writeWithheld writes the withheld records: those of this plan, and earlier ones that it did not
// examine. Confirmations that were used, or whose pair changed, end with it.
func writeWithheld(ctx context.Context, d *stage.Draft, w *plan.Writer) error {
	standing, err := stage.StillWithheld(ctx, d.Env)
	if err != nil {
		return err
	}
	var list []plan.Withheld
	met := map[identity.Anchor]bool{}
	if err := d.Work.EachWithheld(ctx, func(h plan.Withheld) error {
		list, met[h.Person.Anchor] = append(list, h), true
		return nil
	}); err != nil {
		return err
	}
	for _, h := range standing {
		if a := h.Person.Anchor; !met[a] && !lookedAt(d, a) {
			list, met[a] = append(list, h), true
		}
	}
	for _, h := range list {
		if err := w.AddWithheld(h); err != nil {
			return err
		}
	}
	d.Header.Withheld = int64(len(list))
	if err := endConfirmations(ctx, d, w, standing, met); err != nil || len(list)+len(standing) == 0 {
		return err
	}
	text := ""
	if len(list) > 0 {
		if text, err = facts.TextOf(list); err != nil {
			return err
		}
	}
	return w.SetValue(facts.WithheldValue, text)
}

// lookedAt says whether this plan would have withheld the records of a person.
func lookedAt(d *stage.Draft, a identity.Anchor) bool {
	return !d.Frozen[a.Directory()] && d.Coverage.Examined(a)
}

// endConfirmations ends the confirmations that no longer cover anything, and those of records that
// are no longer withheld.
func endConfirmations(ctx context.Context, d *stage.Draft, w *plan.Writer, standing []plan.Withheld,
	met map[identity.Anchor]bool) error {
	ended := map[identity.Anchor]bool{}
	if err := d.Work.EachEndedConfirmation(ctx, func(a identity.Anchor) error {
		ended[a] = true
		return nil
	}); err != nil {
		return err
	}
	for _, h := range standing {
		if a := h.Person.Anchor; !met[a] && !ended[a] {
			word, err := d.Env.Store.Value(ctx, facts.ConfirmationValue(a))
			if err != nil {
				return err
			}
			ended[a] = word != ""
		}
	}
	for a, over := range ended {
		if !over {
			continue
		}
		if err := w.SetValue(facts.ConfirmationValue(a), ""); err != nil {
			return err
		}
	}
	return nil
}
