package stage

import (
	"context"

	"dirbridge/sync/facts"
	"dirbridge/sync/plan"
)

// StillWithheld returns the records that were withheld when a plan was last applied.
func StillWithheld(ctx context.Context, e *Env) (list []plan.Withheld, err error) {
	return list, facts.ReadValue(ctx, e.Store, facts.WithheldValue, &list)
}
