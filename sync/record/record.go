package record

import (
	"time"

	"dirbridge/sync/identity"
)

// ObjectCounts count changes to one kind of object. Match counts all that are
// linked to an account, changed or not.
type ObjectCounts struct {
	Add        int64 `json:"add"`
	Update     int64 `json:"update"`
	Rename     int64 `json:"rename"`
	Deactivate int64 `json:"deactivate"`
	Reactivate int64 `json:"reactivate"`
	Delete     int64 `json:"delete"`
	Match      int64 `json:"match"`
	Unmatched  int64 `json:"unmatched"`
	Problem    int64 `json:"problem"`
}

// Writes is how many changes write to the cloud.
func (c ObjectCounts) Writes() int64 {
	return c.Add + c.Update + c.Rename + c.Deactivate + c.Reactivate + c.Delete
}

// MemberCounts count memberships.
type MemberCounts struct {
	Add    int64 `json:"add"`
	Remove int64 `json:"remove"`
}

// Counts are the totals of a plan, or of what a run did.
type Counts struct {
	Users   ObjectCounts `json:"users"`
	Groups  ObjectCounts `json:"groups"`
	Members MemberCounts `json:"members"`
	// AdminsDelete counts full administrators that would have been removed.
	AdminsDelete int64 `json:"admins_delete"`
}

// Writes is how many changes write to the cloud.
func (c Counts) Writes() int64 {
	return c.Users.Writes() + c.Groups.Writes() + c.Members.Add + c.Members.Remove
}

// Mode is the type of a run.
type Mode string

const (
	Full        Mode = "full"
	Incremental Mode = "incremental"
	ApplyPlan   Mode = "apply"
	Purge       Mode = "purge"
	Undo        Mode = "undo" // of a plan; it is applied by an apply run
	DryRun      Mode = "dry-run"
)

// RunOutcome is how a run ended. The values leave the process.
type RunOutcome string

const (
	Running   RunOutcome = "running"
	Done      RunOutcome = "done"
	Partial   RunOutcome = "partial"   // done, but writes failed or were skipped, or a directory was not read
	WasHeld   RunOutcome = "held"      // a guard held it; nothing was written, but for leavers where Counts has them
	Cancelled RunOutcome = "cancelled" // by the operator
	Failed    RunOutcome = "failed"    // could not be done
	Crashed   RunOutcome = "crashed"   // ended without a word; found at the next start
)

// Run is one synchronization, dry run or applied plan.
type Run struct {
	ID      int64      `json:"id"`
	Mode    Mode       `json:"mode"`
	Started time.Time  `json:"started"`
	Ended   time.Time  `json:"ended,omitzero"`
	Outcome RunOutcome `json:"outcome"`
	Counts  Counts     `json:"counts"` // of what was done
	Failed  int64      `json:"failed"`
	Skipped int64      `json:"skipped"`
	NotDone int64      `json:"not_done"`
	LeftOut int64      `json:"left_out"` // by the operator, who applied part of a plan
	// Gone counts what was to be deleted, and was not in the cloud any more.
	Gone int64 `json:"gone,omitempty"`
	// Withheld counts the records that wait for an operator's word.
	Withheld int64 `json:"withheld"`
	// WithheldAs names what the store keeps of those records; "" where there are none.
	WithheldAs string `json:"withheld_as,omitempty"`
	Plan       string `json:"plan,omitempty"` // its id
	UndoOf     int64  `json:"undo_of"`
	Detail     string `json:"detail,omitempty"` // error or reason, for people
	// PlanMode is how the plan was made that the run applied, or held.
	PlanMode Mode `json:"plan_mode,omitempty"`
	// By is who started it, for people: an account of the operating system, mostly.
	By string `json:"by,omitempty"`
	// Overrides are the guards that By lifted for it.
	Overrides []Override `json:"overrides,omitempty"`
	// Unread are the directories that the run, or its plan, could not read: their people
	// were left as they are, and no account was removed. Such a run is at most Partial.
	Unread []UnreadDirectory `json:"unread,omitempty"`
}

// UnreadDirectory is a directory that could not be read, and why.
type UnreadDirectory struct {
	Name   string `json:"name"`
	Error  string `json:"error"`
	Remedy string `json:"remedy,omitempty"`
}

// Override is one guard lifted, by naming the number that it counted.
type Override struct {
	Rule  string `json:"rule"`
	Count int64  `json:"count"`
}

// Level of an event.
type Level string

const (
	Debug Level = "debug"
	Info  Level = "info"
	Warn  Level = "warn"
	Error Level = "error"
)

// Event is one line of the event log. Seq is given by the store and never reused.
type Event struct {
	Seq     int64           `json:"seq"`
	Time    time.Time       `json:"time"`
	Run     int64           `json:"run,omitempty"`
	Level   Level           `json:"level"`
	Code    string          `json:"code"` // stable, for machines: "write-failed", "held", ...
	Message string          `json:"message"`
	Anchor  identity.Anchor `json:"anchor,omitempty"`
	Record  string          `json:"record,omitempty"` // key or DN
	Field   string          `json:"field,omitempty"`
	Side    identity.Side   `json:"side,omitempty"`
	Remedy  string          `json:"remedy,omitempty"`
	// Runs is in how many runs in a row a record failed by then, where one did.
	Runs int64 `json:"runs_in_a_row,omitempty"`
}

// WriteState is what became of one write.
type WriteState string

const (
	WriteDone    WriteState = "done"
	WriteFailed  WriteState = "failed"
	WriteSkipped WriteState = "skipped"  // the object moved since the plan; left alone
	WriteNotSent WriteState = "not-sent" // cancelled, or given up before it was sent
	WriteLeftOut WriteState = "left-out" // of the part of a plan that was applied, or waits for one that was
	// WriteUnknown was sent and not answered: it may or may not have been done.
	WriteUnknown WriteState = "unknown"
)

// Class says how an error behaves, which is what decides what follows.
type Class string

const (
	Retry  Class = "retry"   // may succeed later: network, 429, 5xx
	GiveUp Class = "give-up" // will fail again as it stands: 400, 403, 409
	Hold   Class = "hold"    // nothing further should be written: 401, wrong organization
)

// Outcome is the answer to one write. ID is set where the write made or found the
// resource. After holds those values that the answer's body showed, by cloud
// attribute name; nil where there was no body.
type Outcome struct {
	Seq     int64
	State   WriteState
	ID      identity.ResourceID
	Version string
	After   identity.Attrs
	Linked  bool // an add that found the account to be there already, and linked it
	Status  int  // HTTP, where there was one
	Class   Class
	Message string // why it failed, for people: field, side and remedy
	Field   string
	Remedy  string
	// Open: the account was to be deactivated, and the cloud still shows it active.
	Open bool
}

// Gone says of a deletion that there was nothing to delete: the cloud did not know the
// object any more.
func (o Outcome) Gone() bool {
	return o.State == WriteDone && (o.Status == 404 || o.Status == 410)
}

// Limits are what the engine must know of a provider.
type Limits struct {
	Batch int // changes that one Apply call takes well; at least 1
	// Settling is how long a new resource may be absent from listings and look-ups.
	Settling time.Duration
	// Anchorless: the provider does not give externalId back, so links alone prove
	// identity.
	Anchorless bool
	// DeactivateDestroys: active=false destroys the account at this provider.
	DeactivateDestroys bool
	// UniqueGroupNames: two groups cannot have one name.
	UniqueGroupNames bool
}
