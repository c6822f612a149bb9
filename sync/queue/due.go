package queue

import (
	"context"
	"errors"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/policy"
)

var errDue = errors.New("due")

// Due says whether a purge would examine any account: whether the grace period of an account that
// was deactivated as missing is over, and nothing holds it back. It does not keep the shadows of
// live people in memory.
func Due(ctx context.Context, st Reader, grace time.Duration, unmanaged []policy.Unmanaged, now time.Time) (bool,
	error) {
	spare, err := NewSparing(ctx, st, unmanaged, now)
	if err != nil {
		return false, err
	}
	err = st.Rest(ctx, func(s identity.Shadow) error {
		if !PastGrace(s, grace, now) {
			return nil
		}
		if keep, rule := spare.Of(s); keep == nil && rule == nil {
			return errDue
		}
		return nil
	})
	if errors.Is(err, errDue) {
		return true, nil
	}
	return false, err
}
