package purge

import (
	"context"
	"fmt"
	"time"

	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// RuleClock holds a purge that relies on time for which no run is a witness.
const RuleClock = "clock"

const (
	// unwitnessed is how far beyond the grace period two runs may lie apart before the time between
	// them is doubted: a month without a run is normal for some.
	unwitnessed = 45 * 24 * time.Hour
	// skew is how much clocks may disagree.
	skew = time.Hour
)

// GuardClock holds a purge if the grace period may not be over, whatever the clock says. A clock
// that is set ahead makes all accounts due at once, and the run before the purge has the wrong time
// as well. So it checks the earlier runs: if two of them lie too far apart, only the time since
// then counts. A purge by name is an operator's decision, and checks no clock.
func GuardClock(ctx context.Context, d *stage.Draft) error {
	count := d.Header.Counts.Users.Delete + d.Header.Counts.Groups.Delete
	if d.Named || count == 0 || d.Env.Policy.PurgeAfter <= 0 {
		return nil
	}
	h := plan.Hold{Rule: RuleClock, Overridable: true, Count: count}
	if d.Early.N > 0 {
		h.Detail = fmt.Sprintf("%d accounts in the purge queue were deactivated later than now, up to %s by the clock of "+
			"that time: that clock was wrong, or this one is.", d.Early.N, stage.Moment(d.Early.Latest))
		h.Remedy = "Set the clock right. If this one is, keep those accounts, or purge them by name (dirbridge purge " +
			"--keep, --now). " + overrideHint(count)
		d.Header.Holds = append(d.Header.Holds, h)
		return nil
	}
	from, to, err := clockGap(ctx, d)
	if err != nil || from.IsZero() {
		return err
	}
	h.Detail = fmt.Sprintf("The clock went from %s to %s without a run between: nothing ran in that time, and %d "+
		"would be purged for it.", stage.Moment(from), stage.Moment(to), count)
	h.Remedy = fmt.Sprintf("Check the clock. If it is right, this hold ends by itself at %s. %s",
		stage.Moment(to.Add(d.Env.Policy.PurgeAfter)), overrideHint(count))
	d.Header.Holds = append(d.Header.Holds, h)
	return nil
}

func overrideHint(count int64) string {
	return fmt.Sprintf("If they should go now: --override-threshold %d.", count)
}

// clockGap finds a time without runs that is too long to be trusted and after which the grace period is
// not over. from is zero if there is none.
func clockGap(ctx context.Context, d *stage.Draft) (from, to time.Time, err error) {
	now, grace := d.Env.Now(), d.Env.Policy.PurgeAfter
	to = now
	for limit := 256; ; limit *= 4 {
		runs, err := d.Env.Store.Runs(ctx, limit)
		if err != nil {
			return time.Time{}, time.Time{}, err
		}
		to = now
		for _, r := range runs {
			if r.Outcome == record.Running {
				continue
			}
			for _, at := range []time.Time{r.Ended, r.Started} {
				switch {
				case at.IsZero() || at.After(to):
					continue // it crashed, or the clock was set back since
				case to.Sub(at) > grace+unwitnessed:
					return at, to, nil
				}
				to = at
			}
			if now.Sub(to) >= grace {
				return time.Time{}, time.Time{}, nil
			}
		}
		if len(runs) < limit {
			return time.Time{}, time.Time{}, nil
		}
	}
}
