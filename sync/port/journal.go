package port

import (
	"time"

	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// Intent is one write in the journal. Step distinguishes the writes of one change: 0 the change, 1
// its temporary key, 2 references set afterwards.
type Intent struct {
	Run    int64
	Seq    int64
	Step   int
	Change plan.Change // as sent: fields old and new, ids resolved
	At     time.Time
	Answer *Answer // nil while unanswered
	// Damaged says that the row differs from what was written. Change, or Answer, is then empty.
	Damaged bool
}

// Answer is how an intent ended.
type Answer struct {
	Run     int64
	Step    int
	Outcome record.Outcome
	At      time.Time
}
