package stage

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// ValueState is a random name that a state gets in its first run, and a new one with every
// recovered write: plans that were made before do not know of that write.
const ValueState = "state"

// StateMark describes the state: its name, and its last run, apart from but and from runs that left
// nothing in it, see LeftNothing. Beside its changes, a plan carries the difference to the state
// that it was made from. Applied by another connector, or after another run or a recovery, that
// difference would leave gaps.
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

// LeftNothing says whether a run left nothing in the state that the plan does not know: a guard
// held it, or it ended before it had a plan to apply. The deactivated leavers of a held plan are
// known to that same plan.
func LeftNothing(r record.Run, planID string) bool {
	switch r.Outcome {
	case record.WasHeld:
		return r.Counts.Writes() == 0 || planID != "" && r.Plan == planID
	case record.Failed, record.Cancelled:
		return r.PlanMode == "" && r.Counts.Writes() == 0
	}
	return false
}

// NameState gives the state its name before anything is stored in it.
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
