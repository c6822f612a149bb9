package sync

import (
	"context"
	"slices"
	"time"

	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// LastGoodValue is the name under which the store keeps when the last run ended that
// brought the cloud in step, with nothing failed, skipped or left out (RFC 3339).
const LastGoodValue = "last-good"

// Held is what a guard has held since when: no run went past it meanwhile.
type Held struct {
	Since time.Time    `json:"since"`
	Last  time.Time    `json:"last"`
	Run   int64        `json:"run"`  // the last one
	Runs  int64        `json:"runs"` // so many were held
	Holds []DryRunHold `json:"holds"`
	// OfFull says that so many of the holds, the first, are those of a full plan: a run that
	// reads only the changes does not lift them.
	OfFull int `json:"of_full,omitempty"`
}

// ofFull are the holds that only a full run, or an applied full plan, lifts.
func (h Held) ofFull() []DryRunHold {
	return slices.Clone(h.Holds[:min(h.OfFull, len(h.Holds))])
}

// HeldValue is the name under which the store keeps Held, as JSON, for synchronizations
// or for purges; unset where nothing is held.
func HeldValue(purge bool) string {
	if purge {
		return "held:purge"
	}
	return "held"
}

// HoldsOf are holds as the state keeps them.
func HoldsOf(holds []plan.Hold) (out []DryRunHold) {
	for _, h := range holds {
		out = append(out, DryRunHold{Rule: h.Rule, Detail: h.Detail, Remedy: h.Remedy})
	}
	return out
}

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
