package record

import (
	"time"

	"dirbridge/sync/identity"
)

// Escalated is how many runs in a row a record must fail in before that is told in a way
// of its own.
const Escalated = 10

// Subject is what a write is of: an object by its anchor, one member of a group, or an
// account that no object is known of.
type Subject struct {
	Anchor identity.Anchor     `json:"anchor,omitempty"`
	Member identity.Anchor     `json:"member,omitempty"`
	ID     identity.ResourceID `json:"id,omitempty"` // where there is no anchor
}

// Failing is a record of which a write failed, or was refused, in every run that tried.
type Failing struct {
	Subject
	Kind    identity.Kind `json:"kind"`
	Record  string        `json:"record"` // for people: its key, or "member in group"
	Runs    int64         `json:"runs_in_a_row"`
	Since   time.Time     `json:"since"`
	LastRun int64         `json:"last_run"`
	Last    time.Time     `json:"last"`
	Message string        `json:"message"`
	Field   string        `json:"field,omitempty"`
	Remedy  string        `json:"remedy,omitempty"`
	// Purge: the purge wants it, and no other run tries it.
	Purge bool `json:"purge,omitempty"`
}
