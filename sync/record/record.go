package record

import (
	"time"

	"dirbridge/sync/identity"
)

// ObjectCounts count changes to one kind of object. Match counts all objects linked to an account,
// changed or not.
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

// Writes is the number of changes that write to the cloud.
func (c ObjectCounts) Writes() int64 {
	return c.Add + c.Update + c.Rename + c.Deactivate + c.Reactivate + c.Delete
}

// MemberCounts count memberships.
type MemberCounts struct {
	Add    int64 `json:"add"`
	Remove int64 `json:"remove"`
}

// Counts are the totals of a plan, or of the changes of a run.
type Counts struct {
	Users   ObjectCounts `json:"users"`
	Groups  ObjectCounts `json:"groups"`
	Members MemberCounts `json:"members"`
	// AdminsDelete counts full administrators that would have been removed.
	AdminsDelete int64 `json:"admins_delete"`
}

// Writes is the number of changes that write to the cloud.
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
	Undo        Mode = "undo" // of a plan, which is applied by an apply run
	DryRun      Mode = "dry-run"
	Trial       Mode = "trial" // one write to a test account, see Engine.Try
)

// RunOutcome is how a run ended. The values are part of the formats.
type RunOutcome string

const (
	Running   RunOutcome = "running"
	Done      RunOutcome = "done"
	Partial   RunOutcome = "partial"   // done, but writes failed or were skipped, or a directory was not read
	WasHeld   RunOutcome = "held"      // held by a guard; nothing was written, except the leavers in Counts
	Cancelled RunOutcome = "cancelled" // by the operator
	Failed    RunOutcome = "failed"    // could not be done
	Crashed   RunOutcome = "crashed"   // ended without a result; found at the next start
)

// Run is one synchronization, dry run or applied plan.
type Run struct {
	ID      int64      `json:"id"`
	Mode    Mode       `json:"mode"`
	Started time.Time  `json:"started"`
	Ended   time.Time  `json:"ended,omitzero"`
	Outcome RunOutcome `json:"outcome"`
	Counts  Counts     `json:"counts"` // of completed changes
	Failed  int64      `json:"failed"`
	Skipped int64      `json:"skipped"`
	NotDone int64      `json:"not_done"`
	LeftOut int64      `json:"left_out"` // by the operator, who applied a part of the plan
	// Gone counts planned deletions of objects that were no longer in the cloud.
	Gone int64 `json:"gone,omitempty"`
	// Withheld counts the records that wait for an operator's confirmation.
	Withheld int64 `json:"withheld"`
	// WithheldAs names the stored list of those records; "" if there are none.
	WithheldAs string `json:"withheld_as,omitempty"`
	Plan       string `json:"plan,omitempty"` // id of the plan
	UndoOf     int64  `json:"undo_of"`
	Detail     string `json:"detail,omitempty"` // error or reason, for display
	// PlanMode is the mode of the plan that the run applied, or held.
	PlanMode Mode `json:"plan_mode,omitempty"`
	// By is the person who started it, for display: usually an account of the operating system.
	By string `json:"by,omitempty"`
	// Overrides are the holds that By overrode.
	Overrides []Override `json:"overrides,omitempty"`
	// Unread lists the directories that the run, or its plan, could not read: their people were
	// left unchanged, and no account was removed. Such a run is at most Partial.
	Unread []UnreadDirectory `json:"unread,omitempty"`
}

// UnreadDirectory is a directory that could not be read, and why.
type UnreadDirectory struct {
	Name   string `json:"name"`
	Error  string `json:"error"`
	Remedy string `json:"remedy,omitempty"`
}

// Level of an event.
type Level string

const (
	Debug Level = "debug"
	Info  Level = "info"
	Warn  Level = "warn"
	Error Level = "error"
)

// Event is one line of the event log. The store assigns Seq and never reuses it.
type Event struct {
	Seq     int64           `json:"seq"`
	Time    time.Time       `json:"time"`
	Run     int64           `json:"run,omitempty"`
	Level   Level           `json:"level"`
	Code    string          `json:"code"` // stable, for programs: "write-failed", "held", ...
	Message string          `json:"message"`
	Anchor  identity.Anchor `json:"anchor,omitempty"`
	Record  string          `json:"record,omitempty"` // key or DN
	Field   string          `json:"field,omitempty"`
	Side    identity.Side   `json:"side,omitempty"`
	Remedy  string          `json:"remedy,omitempty"`
	// Runs is the number of consecutive failed runs of the record, if it failed.
	Runs int64 `json:"runs_in_a_row,omitempty"`
}

// WriteState is the result of one write.
type WriteState string

const (
	WriteDone    WriteState = "done"
	WriteFailed  WriteState = "failed"
	WriteSkipped WriteState = "skipped"  // the object changed since the plan; left unchanged
	WriteNotSent WriteState = "not-sent" // cancelled, or given up before it was sent
	WriteLeftOut WriteState = "left-out" // not in the applied part of a plan, or depends on a change that was not
	// WriteUnknown was sent and not answered: it may or may not have been done.
	WriteUnknown WriteState = "unknown"
)

// Outcome is the answer to one write. ID is set if the write created or found the resource. After
// has the values in the answer's body, by cloud attribute name; nil without a body.
type Outcome struct {
	Seq     int64
	State   WriteState
	ID      identity.ResourceID
	Version string
	After   identity.Attrs
	Linked  bool // an addition that found an existing account and linked it
	Status  int  // HTTP status, if any
	Class   identity.Class
	Message string // why it failed, for display: field, side and remedy
	Field   string
	Remedy  string
	// Open: the account should have been deactivated, but the cloud still shows it as active.
	Open bool
}

// Gone reports, for a deletion, that the object no longer existed in the cloud.
func (o Outcome) Gone() bool {
	return o.State == WriteDone && (o.Status == 404 || o.Status == 410)
}

// Limits are the limits of a provider that the engine needs.
type Limits struct {
	Batch int // suitable number of changes for one Apply call; at least 1
	// Settling is how long a new resource may be absent from listings and look-ups.
	Settling time.Duration
	// Anchorless: the provider does not return externalId, so links alone prove identity.
	Anchorless bool
	// DeactivateDestroys: active=false destroys the account at this provider.
	DeactivateDestroys bool
	// DeleteDeactivates: this provider never deletes a user, and shows one that was deleted as
	// inactive.
	DeleteDeactivates bool
	// UniqueGroupNames: two groups cannot have the same name.
	UniqueGroupNames bool
	// ForeignIDs: other programs provision this provider as well, and an account that one of them made
	// keeps the externalId that it has.
	ForeignIDs bool
}
