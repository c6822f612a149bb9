package port

import (
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// Batch is what one transaction of the store changes.
type Batch struct {
	Shadows     []identity.Shadow
	Forget      []identity.Anchor // shadows to remove
	Answers     []Answer
	CleanOf     string                     // clears all that are dirty for this reason, before Dirty
	Dirty       map[identity.Anchor]string // to set; "" clears
	Values      map[string]string
	Containers  map[string][]identity.Container // by directory: replaces all of them
	Edges       map[string]EdgeSet              // by directory: replaces all of them
	EdgeChanges []EdgeChange                    // applied after Edges, in order
	// AllDeferred makes Deferred replace everything that is remembered; otherwise it replaces only
	// the records of its own anchors. Settled are the anchors that have none any more.
	AllDeferred bool
	Deferred    []identity.Deferred
	Settled     []identity.Anchor
	// Keeps replaces the keeps of its anchors; Released removes keeps. A forgotten object loses its
	// keep as well.
	Keeps    []identity.Keep
	Released []identity.Anchor
	Events   []record.Event
	// Failing replaces what is known of its subjects. Recovered no longer fail. If RecoveredBefore is
	// set, neither does any subject that was last tried before that run, apart from those that it
	// leaves out.
	Failing         []record.Failing
	Recovered       []record.Subject
	RecoveredBefore *Mending
	// Runs replaces the records of closed runs.
	Runs []record.Run
	// Met replaces the open problems of its scope; its events come after Events.
	Met *Met
}

// Mending describes records that were not tried again because there is nothing left to try: those
// that failed before Run and that such a run would have tried.
type Mending struct {
	Run   int64
	Purge bool // those of the purge, instead of all others
	// Anchored limits it to records with an anchor, because an incremental run tries no others.
	Anchored bool
}

// EdgeChange adds one edge to a directory or removes it. It has no effect if the edge is already
// there, or already gone.
type EdgeChange struct {
	Directory string
	Edge      identity.Edge
	Removed   bool
}

// EdgeSet streams the edges that replace those of a directory.
type EdgeSet func(yield func(identity.Edge) error) error

// Met are the problems of one scope that are open from Run on; they replace the previous ones. A
// problem that stays open keeps the run that first met it.
type Met struct {
	Run      int64
	At       time.Time
	Scope    record.ProblemScope
	Problems func(yield func(identity.Kind, identity.Problem) error) error // streaming
	// Opened and Gone return the events for new problems and for problems that are no longer open.
	// They get some of them, at most ProblemsTold, and the total.
	Opened, Gone func(some []record.Problem, all int64) []record.Event
}

// ProblemQuery selects problems: those that are open now, or that were open when a run ended.
type ProblemQuery struct {
	Run   int64                // 0 is now
	Scope *record.ProblemScope // nil is any
	Limit int                  // 0 is all
}

// ProblemsTold limits how many opened problems, and how many resolved ones, a run logs by name.
const ProblemsTold = 50
