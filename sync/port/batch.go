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
	CleanOf     string                     // clears all that are dirty for just this reason, before Dirty
	Dirty       map[identity.Anchor]string // to set; "" clears
	Values      map[string]string
	Containers  map[string][]identity.Container // by directory: replaces all of them
	Edges       map[string]EdgeSet              // by directory: replaces all of them
	EdgeChanges []EdgeChange                    // applied after Edges, in order
	// AllDeferred: Deferred replace all that are remembered; else those of their own
	// anchors alone. Settled are the anchors that have none any more.
	AllDeferred bool
	Deferred    []identity.Deferred
	Settled     []identity.Anchor
	// Keeps replace those of their anchors; Released takes keeps away. What is forgotten
	// loses its keep as well.
	Keeps    []identity.Keep
	Released []identity.Anchor
	Events   []record.Event
	// Failing replace what is known of their subjects; Mended fail no more, and where
	// MendedBefore is set, nor does any that was last tried before that run, but for
	// those it leaves out.
	Failing      []record.Failing
	Mended       []record.Subject
	MendedBefore *Mending
	// Met replaces the open problems of its scope; the events that it tells come after
	// Events.
	Met *Met
}

// Mending says which records that were not tried again have nothing to be tried any
// more: those that failed before Run, and that such a run would have tried.
type Mending struct {
	Run   int64
	Purge bool // those of the purge, instead of all others
	// Anchored: only those with an anchor. An incremental run tries no others.
	Anchored bool
}

// EdgeChange adds one edge to those of a directory, or takes it away. Either is
// nothing where it is so already.
type EdgeChange struct {
	Directory string
	Edge      identity.Edge
	Removed   bool
}

// EdgeSet yields the edges that replace those of a directory, streaming.
type EdgeSet func(yield func(identity.Edge) error) error

// Met are the problems of one scope that are open from Run on: they replace those that
// were. What stays open keeps the run that first met it.
type Met struct {
	Run      int64
	At       time.Time
	Scope    record.ProblemScope
	Problems func(yield func(identity.Kind, identity.Problem) error) error // streaming
	// Opened and Gone tell of those that are new, and of those that are open no more:
	// some of them, at most ProblemsTold, and how many there are.
	Opened, Gone func(some []record.Problem, all int64) []record.Event
}

// ProblemQuery chooses problems: those that are open now, or that were when a run ended.
type ProblemQuery struct {
	Run   int64                // 0 is now
	Scope *record.ProblemScope // nil is any
	Limit int                  // 0 is all
}

// ProblemsTold is how many problems a run puts into the event log by name, of those it
// opened and of those it found gone.
const ProblemsTold = 50
