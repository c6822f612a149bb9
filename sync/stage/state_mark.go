package stage

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// ValueState is a random name that a state gets at its first run, and another one with every
// recovered write: plans that were made before do not know of it.
const ValueState = "state"

// StateMark tells how far this state has come: its name, and its last run other than but
// that left anything in it, see leftNothing. A plan carries, beside its changes, what is to
// be remembered as a difference to the state that it was made from. Applied by another
// connector, or after another run or a recovery, that would leave holes.
func (e *Env) StateMark(ctx context.Context, but int64, planID string) (mark plan.StateMark, err error) {
	if mark.ID, err = e.Store.Value(ctx, ValueState); err != nil {
		return mark, err
	}
	runs, err := e.Store.Runs(ctx, 1000)
	for _, r := range runs {
		if r.ID != but && r.Mode != record.DryRun && !LeftNothing(r, planID) {
			mark.Run = r.ID
			break
		}
	}
	return mark, err
}

// LeftNothing says whether a run left in the state nothing that the plan does not know:
// one that a guard held, or that ended before it had a plan to apply. The leavers of a
// plan that was held are this plan's own, if it is the same.
func LeftNothing(r record.Run, planID string) bool {
	switch r.Outcome {
	case record.WasHeld:
		return r.Counts.Writes() == 0 || planID != "" && r.Plan == planID
	case record.Failed, record.Cancelled:
		return r.PlanMode == "" && r.Counts.Writes() == 0
	}
	return false
}

// NameState gives the state its name, before anything is remembered in it.
func (e *Env) NameState(ctx context.Context) error {
	have, err := e.Store.Value(ctx, ValueState)
	if err != nil || have != "" {
		return err
	}
	return e.Store.Commit(ctx, port.Batch{Values: map[string]string{ValueState: NewStateName()}})
}

func NewStateName() string {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // never fails: see crypto/rand.Read
	return hex.EncodeToString(raw[:])
}
