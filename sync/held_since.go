package sync

import (
	"context"
	"slices"
	"time"

	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// noteHeld notes that the run was held.
func (a *applier) noteHeld(ctx context.Context, run record.Run, holds []plan.Hold) error {
	name := HeldValue(a.header.Mode == record.Purge)
	h := Held{Since: run.Ended}
	if err := ReadValue(ctx, a.env.Store, name, &h); err != nil {
		return err
	}
	h.Last, h.Run, h.Runs = run.Ended, run.ID, h.Runs+1
	if a.header.Mode == record.Full {
		h.Holds, h.OfFull = HoldsOf(holds), len(holds)
	} else {
		h.Holds = h.ofFull()
		for _, hold := range HoldsOf(holds) {
			if !slices.ContainsFunc(h.Holds, func(o DryRunHold) bool { return o.Rule == hold.Rule }) {
				h.Holds = append(h.Holds, hold)
			}
		}
	}
	text, err := TextOf(h)
	if err != nil {
		return err
	}
	return a.env.Store.Commit(ctx, port.Batch{Values: map[string]string{name: text}})
}

// stillHeld is what is left of the holds after a run that passed: after one that did not
// read everything those of a full plan, of which it knows nothing.
func (a *applier) stillHeld(ctx context.Context) (text string, err error) {
	if a.header.Mode == record.Purge || a.header.Mode == record.Full && a.header.Complete {
		return "", nil
	}
	var h Held
	if err := ReadValue(ctx, a.env.Store, HeldValue(false), &h); err != nil {
		return "", err
	}
	if h.Holds = h.ofFull(); len(h.Holds) == 0 {
		return "", nil
	}
	return TextOf(h)
}

// notePassed notes that the guards let the run pass, and whether it ended well.
func (a *applier) notePassed(ctx context.Context, run record.Run) error {
	held, err := a.stillHeld(ctx)
	if err != nil {
		return err
	}
	values := map[string]string{HeldValue(a.header.Mode == record.Purge): held}
	if run.Outcome == record.Done && !a.behind && (a.header.Mode == record.Full || a.header.Mode == record.Incremental) {
		values[LastGoodValue] = run.Ended.Format(time.RFC3339)
	}
	return a.env.Store.Commit(ctx, port.Batch{Values: values})
}
