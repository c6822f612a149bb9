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

// leaverToCome is the reason why a person is dirty between the deactivation and the rest of the
// change: if the process dies there, the next run finds the rest.
const leaverToCome = "it is deactivated, and the rest of its change may still have to be written"

// noteLeaver remembers that a deactivation was not done. The rest of that person's change must then
// not record the account as inactive, nor as complete.
func (a *applier) noteLeaver(c plan.Change, o record.Outcome) {
	if c.Phase == plan.Leavers && o.State != record.WriteDone && len(a.stillActive) < maxFailed {
		a.stillActive[c.Anchor] = true
	}
}

// sparesLeavers says whether the leavers of a held plan are written anyway: no removal guard holds
// the plan, and everything was read completely (P4).
func (a *applier) sparesLeavers(held *port.HeldError) bool {
	planned := a.header.Mode == record.Full || a.header.Mode == record.Incremental
	// Overrides apply all together or not at all: if any hold remains, those that the operator
	// named hold as well.
	return planned && a.header.Complete && plan.AllowsLeavers(held.Holds) && plan.AllowsLeavers(a.header.Holds)
}

// leaversOf deactivates the leavers of a held plan, and closes the run as held. It leaves out
// accounts whose link is not in the state, because such a link may be what the plan is held for.
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
				held.Written(), Remedy: "Nothing to do about them. See what holds the rest of the plan."}))
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
