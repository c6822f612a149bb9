package sync

import (
	"errors"

	"dirbridge/sync/plan"
)

// ErrNotLeader is returned by Store.Lead while another connector writes (P14).
var ErrNotLeader = errors.New("another connector leads: only one may write at a time")

// HeldError is returned by Apply for a plan that a guard holds. Nothing was written.
type HeldError struct{ Holds []plan.Hold }

func (e *HeldError) Error() string {
	if len(e.Holds) == 0 {
		return "the plan is held"
	}
	return "the plan is held: " + e.Holds[0].Detail
}

// RefusedError is returned by Apply for a plan that does not fit what it would be
// applied to (P3). Nothing was written.
type RefusedError struct{ Reason, Remedy string }

func (e *RefusedError) Error() string { return e.Reason + "; nothing was written: " + e.Remedy }
