package control

import (
	"context"
	"fmt"
	"time"

	"dirbridge/sync/facts"
)

// notScheduled is the guide's text if the schedule starts nothing.
const notScheduled = "Not Scheduled"

// next says in words when the process that serves the schedule, which may be another one, starts
// its next runs.
func (l *Local) next(ctx context.Context, s *Status) error {
	s.Incremental, s.Full = notScheduled, notScheduled
	var n facts.NextRuns
	if err := facts.ReadValue(ctx, l.opt.Store, facts.ScheduleValue, &n); err != nil {
		return err
	}
	now := time.Now()
	s.Served = n.Fresh(now) // otherwise its process was killed, or never existed
	if !s.Mode.Enabled || !s.Served {
		return nil
	}
	s.Full = when(n.Full.Local(), now)
	s.Incremental = when(n.Incremental.Local(), now)
	if n.NeedsFull && !n.Incremental.IsZero() {
		s.Incremental = "waits for the first full sync"
	}
	return nil
}

// when is a moment in words: "14:12, in 8 min", "Sun 02:00, in 6 days".
func when(at, now time.Time) string {
	left := at.Sub(now)
	switch {
	case at.IsZero():
		return notScheduled
	case left < time.Second:
		return "now"
	case left < time.Minute:
		return fmt.Sprintf("%s, in %d s", at.Format("15:04"), int(left.Seconds()))
	case left < time.Hour:
		return fmt.Sprintf("%s, in %d min", at.Format("15:04"), int(left.Minutes()))
	case left < 24*time.Hour:
		return fmt.Sprintf("%s, in %d h", at.Format("Mon 15:04"), int(left.Hours()))
	}
	return fmt.Sprintf("%s, in %d days", at.Format("Mon 15:04"), int(left.Hours()/24))
}
