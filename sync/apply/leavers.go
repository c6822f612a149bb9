package apply

import (
	"context"
	"errors"
	"time"

	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// leaverToCome is why a person is dirty between the deactivation and the rest of the
// change: if the process dies there, the rest is looked for again.
const leaverToCome = "it is deactivated, and the rest of its change may still have to be written"

// noteLeaver keeps in mind that a deactivation was not done. The rest of such a person's
// change must not say that the account is inactive, nor that all is done.
func (a *applier) noteLeaver(c plan.Change, o record.Outcome) {
	if c.Phase == plan.Leavers && o.State != record.WriteDone && len(a.stillActive) < maxFailed {
		a.stillActive[c.Anchor] = true
	}
}

// sparesLeavers says that a plan which is held all the same gives its leavers to be
// written: no guard of removals holds it, and all was read whole (P4).
func (a *applier) sparesLeavers(held *port.HeldError) bool {
	planned := a.header.Mode == record.Full || a.header.Mode == record.Incremental
	// Nothing is lifted where anything is left: those that were named hold as well.
	return planned && a.header.Complete && plan.SparesLeavers(held.Holds) && plan.SparesLeavers(a.header.Holds)
}

// leaversOf deactivates the leavers of a plan that is held, and closes the run as held.
// A link that the state does not remember is one of those that the plan is held for, as
// like as not: the account stays as it is.
func (a *applier) leaversOf(ctx context.Context, held *port.HeldError) (record.Run, error) {
	a.env.Meter.Phase(port.Applying, 0)
	err := stage.Cancelled(ctx, a.leaverBatches(ctx))
	bg, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	err = errors.Join(err, a.commit(bg))
	if held.Leavers = a.run.Counts.Users.Deactivate; held.Leavers > 0 {
		err = errors.Join(err, a.env.Store.Append(bg, record.Event{Time: a.at(), Run: a.run.ID, Level: record.Warn,
			Code: "leavers-written",
			Message: "The plan is held. " +
				held.Written(), Remedy: "Nothing need be done about them. See what holds the rest of the plan."}))
	}
	run, stopped := a.held(held)
	return run, errors.Join(stopped, err)
}

// leaverBatches writes the leavers of a plan, which come first in it.
func (a *applier) leaverBatches(ctx context.Context) error {
	size := max(1, a.env.Target.Limits().Batch)
	for after := int64(0); ; {
		rows, err := a.plan.ChangesFrom(ctx, after, size)
		if err != nil {
			return err
		}
		var batch []plan.Change
		for _, c := range rows {
			after = c.Seq
			if c.Phase != plan.Leavers {
				break
			}
			id, err := a.idOf(ctx, c.Anchor)
			if err != nil {
				return err
			}
			if id == c.ID {
				batch = append(batch, c)
			}
		}
		if err := a.batch(ctx, batch, stepMain); err != nil {
			return err
		}
		if len(rows) == 0 || rows[len(rows)-1].Phase != plan.Leavers {
			return nil
		}
	}
}
