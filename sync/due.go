package sync

import (
	"context"
	"errors"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/policy"
)

var errDue = errors.New("due")

// PurgeDue says whether a purge would look at any account: whether the grace period
// of one that we deactivated as missing is over, and nothing holds it back. It reads the
// shadows of who is live only in passing.
func PurgeDue(ctx context.Context, st Rest, grace time.Duration, unmanaged []policy.Unmanaged, now time.Time) (bool, error) {
	spare, err := newSparing(ctx, st, unmanaged, now)
	if err != nil {
		return false, err
	}
	err = st.Rest(ctx, func(s identity.Shadow) error {
		if !pastGrace(s, grace, now) {
			return nil
		}
		if keep, rule := spare.of(s); keep == nil && rule == nil {
			return errDue
		}
		return nil
	})
	if errors.Is(err, errDue) {
		return true, nil
	}
	return false, err
}
