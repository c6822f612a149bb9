package control

import (
	"context"
	"errors"
	"time"

	"dirbridge/config"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// The phases of a run, in their order.
const (
	Connecting       = port.Connecting
	Recovering       = port.Recovering
	ReadingDirectory = port.ReadingDirectory
	ReadingCloud     = port.ReadingCloud
	Matching         = port.Matching
	Planning         = port.Planning
	Verifying        = port.Verifying
	Applying         = port.Applying
	Recording        = port.Recording
)

// The types that a console shows, in one place: a console imports this package and the leaves.
type (
	Progress      = port.Progress
	Phase         = port.Phase
	Plan          = plan.Plan
	Header        = plan.Header
	Change        = plan.Change
	Field         = plan.FieldDiff
	Hold          = plan.Hold
	Cause         = plan.CauseCount
	View          = plan.View
	Order         = plan.Order
	Set           = plan.Set
	AccountView   = plan.AccountView
	Group         = plan.Group
	Action        = plan.Action
	Unmatched     = plan.Unmatched
	UnmanagedRule = plan.UnmanagedRule
	Intent        = port.Intent
	HeldError     = port.HeldError
	DriftCounts   = plan.DriftCounts
	// Selector selects changes; see ParseSelector.
	Selector = plan.Selector
	// DirectoryHealth is what the last run that asked a directory found; if no run has asked it
	// yet, only the name is set.
	DirectoryHealth = facts.DirectoryHealth
	// SignedIn is how the cloud was signed in to when that was last seen.
	SignedIn = facts.SignIn
)

// Request says what to run.
type Request struct {
	Mode record.Mode // DryRun, Full, Incremental, Purge, or ApplyPlan for the current plan
	// OrFull makes an incremental run a full one while none has succeeded yet.
	OrFull bool
	// Changes makes a dry run read only what changed since the last run.
	Changes bool
	// Draft, if set, replaces the saved settings for a dry run.
	Draft *config.Draft
	// Only makes a purge take exactly these accounts at once: see sync.Request.
	Only []identity.Anchor
	// Override lifts the overridable holds with these counts; nil lifts none.
	Override []int64
	// Undo is the run that mode UndoPlan takes back.
	Undo int64
	// Exclude are changes of the current plan to exclude, by number.
	Exclude map[int64]bool
	// Without is the same for sets that may be large.
	Without *Set
	// Take and Leave select the changes of the current plan to apply: Only and Except of plan.Part.
	Take, Leave []Selector
}

// Result is how the last request ended.
type Result struct {
	Request Request
	Ended   time.Time
	Run     record.Run // zero for a dry run that failed before it began
	Err     error      // with its remedy, see identity.Remedy; nil if it succeeded
}

// Runs starts and stops work. One request at a time.
type Runs interface {
	// Start begins the request and returns at once; ErrBusy while another runs.
	Start(Request) error
	// Cancel asks the running request to stop between two writes.
	Cancel()
	// Progress never blocks.
	Progress() Progress
	// Result returns the result of the last request that ended; ok is false before the first. It
	// never blocks. number rises by one with each request that ends.
	Result() (r Result, number int64, ok bool)
}

// Plans holds the current plan.
type Plans interface {
	// Current is the last plan that was made or opened, or nil. The pointer stays valid until the
	// next plan replaces it. Current never blocks.
	Current() *Plan
	OpenPlan(ctx context.Context, path string) error
	SavePlan(ctx context.Context, path string) error
	// Names returns the names of people and groups by their anchors and ids, as far as the state or
	// the plan, which may be nil, knows them.
	Names(ctx context.Context, p *Plan, refs []string) (map[string]string, error)
}

// Directories is the tree of each directory.
type Directories interface {
	Tree(ctx context.Context, directory, dn string) ([]identity.Node, error)
	Containers(ctx context.Context, directory string) (dns []string, err error)
	// Count returns how many people and groups are in a draft's scope.
	Count(ctx context.Context, d config.Directory) (people, groups int64, err error)
	// Find finds people whose name or mail address begins with text, at most limit; "" returns any
	// people.
	Find(ctx context.Context, directory, text string, limit int) ([]identity.Entry, error)
}

// Mapping tries attribute mappings.
type Mapping interface {
	Catalogue() schema.Catalogue
	// Preview maps one person by the draft's rules, and by the rules of the person's own directory.
	Preview(rules map[string]string, e identity.Entry) ([]Mapped, error)
	// Coverage reads all people and counts, by cloud attribute, how many have a valid value.
	Coverage(ctx context.Context, d config.Draft) (map[string]Coverage, error)
}

// Mapped is one row of a preview.
type Mapped struct {
	Attribute schema.Attribute
	Rule      string // directory attributes; "" unmapped
	Value     string
	Problem   string
}

// Coverage counts the people by the result of one attribute's mapping.
type Coverage struct {
	OK, Empty, Invalid int64
	Example            string // the first problem, in words
}

// Configuration reads and saves the settings.
type Configuration interface {
	Settings() config.Draft // never blocks
	// SaveSettings writes the file, keeping the administrator's comments, and makes the settings
	// current. A *config.Changed error means that another process changed the file meanwhile; the
	// file is then left as it is, see Drafts.ReloadSettings.
	SaveSettings(ctx context.Context, s config.Draft) error
	// Path is the file, for people.
	Path() string
}

// History is about past runs.
type History interface {
	Status(ctx context.Context) (Status, error)
	Runs(ctx context.Context, limit int) ([]record.Run, error)
	Events(ctx context.Context, since int64, limit int) ([]record.Event, error)
	Journal(ctx context.Context, run int64, fn func(port.Intent) error) error
	// Failing lists the records that failed in at least that many runs in a row, most failures
	// first, at most limit.
	Failing(ctx context.Context, runs int64, limit int) ([]record.Failing, error)
	// Problems calls fn for the problems that are open (run 0), or that were open when a run ended,
	// oldest first, at most limit (0 is all).
	Problems(ctx context.Context, run int64, limit int, fn func(record.Problem) error) error
	// Report returns one run; ErrNoRun if no run has that number.
	Report(ctx context.Context, run int64) (Report, error)
	// ReportEvents calls fn for the events of the run in the log, in order, including each record
	// that failed or was skipped.
	ReportEvents(ctx context.Context, run int64, fn func(record.Event) error) error
}

// Report is everything about one run.
type Report struct {
	record.Run
	// Escalated are the records that currently fail in ten runs in a row or more, most failures
	// first, at most WorstFailing; EscalatedCount is how many there are.
	Escalated      []record.Failing `json:"escalated"`
	EscalatedCount int64            `json:"escalated_count"`
	// WithheldRecords are the records that the run withheld, with their reasons and both sides as
	// they were then; only the first of them if there are very many.
	WithheldRecords []Withheld `json:"withheld_records"`
}

// Status is the whole dashboard; the status command prints it.
type Status struct {
	Connector string `json:"connector"`
	Version   string `json:"version"`
	Cloud     string `json:"cloud"`     // for people: "Acme (Webex)"
	Directory string `json:"directory"` // "corp.example.com"
	// SignIn is nil if it is not known how the configuration signs in.
	SignIn   *SignedIn    `json:"sign_in,omitempty"`
	Leading  bool         `json:"leading"`
	Progress Progress     `json:"progress"`
	Last     []record.Run `json:"last"` // newest first, without dry runs
	// Elsewhere is a current run of another process; nil if there is none.
	Elsewhere *record.Run `json:"elsewhere,omitempty"`
	// Served says that a process serves the schedule.
	Served bool `json:"schedule_served"`
	// LastGood is the end of the last run that brought the cloud up to date, with nothing failed,
	// skipped or excluded; purges and dry runs do not count. LastGoodAge is its age in seconds.
	// They are zero and nil before the first.
	LastGood    time.Time              `json:"last_good,omitzero"`
	LastGoodAge *int64                 `json:"last_good_age_seconds"`
	LastFull    time.Time              `json:"last_full,omitzero"`         // incremental runs continue from it
	Statistics  *facts.CloudStatistics `json:"cloud_statistics,omitempty"` // nil before the first read
	Dirty       int64                  `json:"dirty"`
	Summary     []string               `json:"summary"`          // configuration, in words
	Unfinished  int64                  `json:"unfinished"`       // writes without an answer
	PurgeQueue  int64                  `json:"purge_queue"`      // accounts in the purge queue
	Incremental string                 `json:"next_incremental"` // in words: "14:12, in 8 min", "Not Scheduled"
	Full        string                 `json:"next_full"`
	Schedule    Schedule               `json:"schedule"`
	Mode        ModeStatus             `json:"mode"` // of the scheduled synchronization
	// Held are the current holds: of synchronizations, of purges, or of both.
	Held []HeldSince `json:"held"`
	// Failing are the records that failed in the most runs in a row, most failures first, at most
	// WorstFailing; FailingCount is how many fail at all, and Escalated how many have failed in ten
	// runs or more.
	Failing      []record.Failing `json:"failing"`
	FailingCount int64            `json:"failing_count"`
	Escalated    int64            `json:"escalated"`
	// Problems are the records that cannot be used as they are.
	Problems Problems `json:"problems"`
	// Condition summarizes all of it in a word.
	Condition Condition `json:"condition"`
	// Withheld are the records that wait for an operator's confirmation, at most WorstFailing;
	// WithheldCount is how many there are.
	Withheld      []Withheld `json:"withheld"`
	WithheldCount int64      `json:"withheld_count"`
	// Directories are the configured ones, in their order.
	Directories []DirectoryHealth `json:"directories"`
}

// Schedule says in words when the configuration starts runs: "every 10m", "Sun 02:00, daily 12:00";
// "" is never.
type Schedule struct {
	Incremental string `json:"incremental"`
	Full        string `json:"full"`
}

// WorstFailing is how many failing records, and how many withheld ones, a status shows.
const WorstFailing = 10

// HeldSince is what a guard holds, and since when.
type HeldSince struct {
	Purge bool `json:"purge,omitempty"`
	facts.Held
}

// Connector is everything that a console needs.
type Connector interface {
	Runs
	Plans
	Directories
	Mapping
	Configuration
	Drafts
	Explorer
	History
	Checks
	Mode
	Procedures
	Queue
	Explainer
	Withholding
	Rescue
	// SignIn signs in to the cloud. It never blocks.
	SignIn() SigningIn
}

// ErrBusy is returned by Start while another request runs.
var ErrBusy = errors.New("a synchronization is running: wait for it or cancel it")

// ErrNoRun is returned if no run has the number.
var ErrNoRun = errors.New("there is no such run")

// ErrNotLeader is the error of a run that must not write because another connector leads.
var ErrNotLeader = port.ErrNotLeader

// PurgePlan is the mode of a dry run of the purge.
const PurgePlan record.Mode = "purge-plan"

// UndoPlan is the mode of a dry run that undoes Request.Undo. Applied, its plan is a run whose
// UndoOf is that run.
const UndoPlan record.Mode = "undo-plan"

// ParseSelector reads conditions such as kind=user,container=OU=Sales,DC=example,DC=com.
func ParseSelector(text string) (Selector, error) { return plan.ParseSelector(text) }

// OpenPlan opens a saved plan for reading. It does not verify the plan: see Plan.Verify.
func OpenPlan(path string) (*Plan, error) { return plan.Open(path) }

// ChangeRow returns a change in its public JSON form.
func ChangeRow(c Change) plan.Row { return plan.RowOf(c) }

// How the changes of a view are sorted.
const (
	InPlan  = plan.InPlan
	ByName  = plan.ByName
	ByPlace = plan.ByPlace
)
