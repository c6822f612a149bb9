package apply

import (
	"context"
	"slices"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// noteHeld records that the run was held.
func (a *applier) noteHeld(ctx context.Context, run record.Run, holds []plan.Hold) error {
	name := facts.HeldValue(a.header.Mode == record.Purge)
	h := facts.Held{Since: run.Ended}
	if err := facts.ReadValue(ctx, a.env.Store, name, &h); err != nil {
		return err
	}
	h.Last, h.Run, h.Runs = run.Ended, run.ID, h.Runs+1
	if a.header.Mode == record.Full {
		h.Holds, h.OfFull = facts.HoldsOf(holds), len(holds)
	} else {
		h.Holds = h.OfFullPlan()
		for _, hold := range facts.HoldsOf(holds) {
			if !slices.ContainsFunc(h.Holds, func(o facts.DryRunHold) bool { return o.Rule == hold.Rule }) {
				h.Holds = append(h.Holds, hold)
			}
		}
	}
	text, err := facts.TextOf(h)
	if err != nil {
		return err
	}
	return a.env.Store.Commit(ctx, port.Batch{Values: map[string]string{name: text}})
}

// stillHeld returns the holds that remain after a run that passed. After a run that did not read
// everything, those of a full plan remain, because the run cannot tell.
func (a *applier) stillHeld(ctx context.Context) (text string, err error) {
	if a.header.Mode == record.Purge || a.header.Mode == record.Full && a.header.Complete {
		return "", nil
	}
	var h facts.Held
	if err := facts.ReadValue(ctx, a.env.Store, facts.HeldValue(false), &h); err != nil {
		return "", err
	}
	if h.Holds = h.OfFullPlan(); len(h.Holds) == 0 {
		return "", nil
	}
	return facts.TextOf(h)
}

// notePassed records that the guards let the run pass, and whether it ended well.
func (a *applier) notePassed(ctx context.Context, run record.Run) error {
	held, err := a.stillHeld(ctx)
	if err != nil {
		return err
	}
	values := map[string]string{facts.HeldValue(a.header.Mode == record.Purge): held}
	if run.Outcome == record.Done && !a.behind && (a.header.Mode == record.Full || a.header.Mode == record.Incremental) {
		values[facts.LastGoodValue] = run.Ended.Format(time.RFC3339)
	}
	return a.env.Store.Commit(ctx, port.Batch{Values: values})
}
