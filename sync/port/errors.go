package port

import (
	"errors"
	"fmt"

	"dirbridge/sync/plan"
)

// ErrNotLeader is returned by Store.Lead while another connector writes (P14).
var ErrNotLeader = errors.New("another connector leads: only one may write at a time")

// HeldError is returned by Apply for a plan that a guard holds. Nothing was written except, where
// the holds spare them, the deactivations of leavers.
type HeldError struct {
	Holds   []plan.Hold
	Leavers int64 // leavers that were deactivated all the same
}

// Written describes the deactivated leavers; "" if there are none.
func (e *HeldError) Written() string {
	switch e.Leavers {
	case 0:
		return ""
	case 1:
		return "1 account was deactivated all the same, because its person is disabled or gone."
	}
	return fmt.Sprintf("%d accounts were deactivated all the same, because their people are disabled or gone.", e.Leavers)
}

func (e *HeldError) Error() string {
	if len(e.Holds) == 0 {
		return "the plan is held"
	}
	return "the plan is held: " + e.Holds[0].Detail
}

// RefusedError is returned by Apply for a plan that does not fit what it would be
// applied to (P3). Nothing was written.
type RefusedError struct{ Reason, Remedy string }

// Refused returns an error that says why a plan is not applied, and the remedy.
func Refused(reason, remedy string) *RefusedError {
	return &RefusedError{Reason: reason, Remedy: remedy}
}

func (e *RefusedError) Error() string { return e.Reason + "; nothing was written: " + e.Remedy }
