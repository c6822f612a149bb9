package facts

import (
	"time"
)

// ScheduleValue is the name under which the store keeps NextRuns, as JSON, while a
// process serves the schedule.
const ScheduleValue = "schedule"

// NextRuns is what the process that serves the schedule starts next. A zero time means never.
type NextRuns struct {
	Incremental time.Time `json:"incremental,omitzero"`
	Full        time.Time `json:"full,omitzero"`
	// NeedsFull says that no full run has succeeded yet; incremental runs wait for one.
	NeedsFull bool      `json:"needs_full,omitempty"`
	PID       int       `json:"pid"`
	At        time.Time `json:"at"` // when the process last updated this, which it does every Heartbeat
}

// Heartbeat is how often the process that serves the schedule updates NextRuns.
const Heartbeat = time.Minute

// Fresh says whether the process that wrote this is presumably still running.
func (n NextRuns) Fresh(now time.Time) bool {
	age := now.Sub(n.At)
	return age < 3*Heartbeat && age > -3*Heartbeat
}
