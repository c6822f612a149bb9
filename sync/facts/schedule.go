package facts

import (
	"time"
)

// ScheduleValue is the name under which the store keeps NextRuns, as JSON, while a
// process serves the schedule.
const ScheduleValue = "schedule"

// NextRuns is what the process that serves the schedule starts next. A zero time is
// never.
type NextRuns struct {
	Incremental time.Time `json:"incremental,omitzero"`
	Full        time.Time `json:"full,omitzero"`
	// NeedsFull: no full run has succeeded yet, and incremental ones wait for it.
	NeedsFull bool      `json:"needs_full,omitempty"`
	PID       int       `json:"pid"`
	At        time.Time `json:"at"` // when it last said so, which it does every Heartbeat
}

// Heartbeat is how often a process that serves the schedule says so.
const Heartbeat = time.Minute

// Fresh says whether the process that said this can be taken to be alive.
func (n NextRuns) Fresh(now time.Time) bool {
	age := now.Sub(n.At)
	return age < 3*Heartbeat && age > -3*Heartbeat
}
