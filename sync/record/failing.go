package record

import (
	"time"

	"dirbridge/sync/identity"
)

// Escalated is the number of consecutive failed runs of a record after which it is reported
// separately.
const Escalated = 10

// Subject is what a write refers to: an object by its anchor, one member of a group, or an account
// without a known object.
type Subject struct {
	Anchor identity.Anchor     `json:"anchor,omitempty"`
	Member identity.Anchor     `json:"member,omitempty"`
	ID     identity.ResourceID `json:"id,omitempty"` // if there is no anchor
}

// Failing is a record whose write failed, or was refused, in every run that tried it.
type Failing struct {
	Subject
	Kind    identity.Kind `json:"kind"`
	Record  string        `json:"record"` // for display: its key, or "member in group"
	Runs    int64         `json:"runs_in_a_row"`
	Since   time.Time     `json:"since"`
	LastRun int64         `json:"last_run"`
	Last    time.Time     `json:"last"`
	Message string        `json:"message"`
	Field   string        `json:"field,omitempty"`
	Remedy  string        `json:"remedy,omitempty"`
	// Purge: only the purge tries it.
	Purge bool `json:"purge,omitempty"`
}
