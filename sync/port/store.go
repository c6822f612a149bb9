package port

import (
	"context"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// Store is the durable state. Methods may be called from several goroutines.
type Store interface {
	Lease
	Shadows
	Values
	Journal
	Runs
	Problems
	Events
	// Commit makes the whole batch durable, or nothing of it.
	Commit(ctx context.Context, b Batch) error
	// Damaged returns the records that were found to differ from what was written, since the store
	// was opened; with all set, it checks every shadow first. Until a damaged record is written
	// again or forgotten, reads return what is left of it, or leave it out.
	Damaged(ctx context.Context, all bool) (Damage, error)
	Close() error
}

// Lease is the right to write, which one connector has at a time (P14).
type Lease interface {
	// Lead takes the writer's lease, or returns ErrNotLeader. release gives it up.
	Lead(ctx context.Context) (release func() error, err error)
	// Led says whether the lease is held by this store, or by another one. It does not take the
	// lease, and the answer may be outdated when it returns.
	Led(ctx context.Context) (here, elsewhere bool, err error)
}

// Shadows are what is remembered of both sides: objects, links, memberships, containers.
type Shadows interface {
	// Shadows lists all shadows in order of anchor.
	Shadows(ctx context.Context, fn func(identity.Shadow) error) error
	Shadow(ctx context.Context, a identity.Anchor) (identity.Shadow, bool, error)
	// Fingerprints lists the fingerprints of all live, linked people, in order of anchor.
	Fingerprints(ctx context.Context, fn func(a identity.Anchor, id identity.ResourceID,
		p identity.Fingerprint) error) error
	// Rest lists the shadows that Fingerprints leaves out.
	Rest(ctx context.Context, fn func(identity.Shadow) error) error
	// Seek lists the shadows that have one of the values in an index, each once.
	Seek(ctx context.Context, by Index, values []string, fn func(identity.Shadow) error) error
	// EdgesFrom lists the remembered edges of these objects.
	EdgesFrom(ctx context.Context, from []identity.Anchor, fn func(identity.Edge) error) error
	// EdgesTo lists the edges whose other end is one of these anchors or, if unresolved, one of
	// these DNs (without regard to letter case).
	EdgesTo(ctx context.Context, anchors []identity.Anchor, dns []string, fn func(identity.Edge) error) error
	// Edges lists all edges remembered for one directory ("" for all).
	Edges(ctx context.Context, directory string, fn func(identity.Edge) error) error
	// Containers lists the containers remembered for one directory.
	Containers(ctx context.Context, directory string, fn func(identity.Container) error) error
	// Deferred lists the remembered records of deferred objects, each once: those that want one of
	// these folded keys, those among anchors and, with again set, those that are checked in every
	// run.
	Deferred(ctx context.Context, keys []string, anchors []identity.Anchor, again bool,
		fn func(identity.Deferred) error) error
	// AllDeferred lists all of them.
	AllDeferred(ctx context.Context, fn func(identity.Deferred) error) error
	// Linked counts the people of each directory who are live and linked, and how many of their
	// accounts are active.
	Linked(ctx context.Context) (map[string]LinkedCount, error)
	// Keeps lists what operators hold back from the purge, in order of anchor, including keeps that
	// have ended.
	Keeps(ctx context.Context, fn func(identity.Keep) error) error
	// Dirty lists the objects that the next run checks again, each with the reason.
	Dirty(ctx context.Context, fn func(a identity.Anchor, reason string) error) error
}

// Values are texts that the state keeps under a name.
type Values interface {
	Value(ctx context.Context, name string) (string, error) // "" where unset
}

// Runs are the runs that were begun, and how they ended.
type Runs interface {
	// Begin opens a run and gives it its id; End closes it.
	Begin(ctx context.Context, r record.Run) (record.Run, error)
	End(ctx context.Context, r record.Run) error
	Runs(ctx context.Context, limit int) ([]record.Run, error) // newest first
	Run(ctx context.Context, id int64) (r record.Run, ok bool, err error)
	// OpenRuns lists the runs that were begun and not closed, oldest first. If the leader asks before
	// it begins a run of its own, their processes have ended.
	OpenRuns(ctx context.Context) ([]record.Run, error)
}

// Journal has every write, before it is sent and after it is answered.
type Journal interface {
	// Intend records writes that are about to be sent, in one fsync.
	Intend(ctx context.Context, run int64, intents []Intent) error
	// Unanswered lists intents without an answer, of all runs, oldest first.
	Unanswered(ctx context.Context, fn func(Intent) error) error
	// JournalEnd returns the current end of the journal. JournalAfter lists the intents of all runs
	// that were recorded after such a place, in order.
	JournalEnd(ctx context.Context) (place int64, err error)
	JournalAfter(ctx context.Context, place int64, fn func(Intent) error) error
	// Journal lists the intents of one run, with their answers, in order.
	Journal(ctx context.Context, run int64, fn func(Intent) error) error
	// Past lists the intents of all runs that contain an anchor or a resource id ("" for none),
	// newest first. It may read the whole journal.
	Past(ctx context.Context, a identity.Anchor, id identity.ResourceID, fn func(Intent) error) error
}

// Problems are the records that have a problem, and those with failed writes.
type Problems interface {
	// Failing lists the records that failed in at least that many runs in a row, at most limit: the
	// most failures first, then the earliest first failure.
	Failing(ctx context.Context, runs int64, limit int) ([]record.Failing, error)
	// FailingCount counts them.
	FailingCount(ctx context.Context, runs int64) (int64, error)
	// FailingOf returns those of the subjects that fail.
	FailingOf(ctx context.Context, of []record.Subject) (map[record.Subject]record.Failing, error)
	// Problems lists problems, the oldest first.
	Problems(ctx context.Context, q ProblemQuery, fn func(record.Problem) error) error
	// ProblemCounts counts the records that have a problem; it ignores the Limit of the query.
	ProblemCounts(ctx context.Context, q ProblemQuery) (record.ProblemCounts, error)
}

// Events are the messages for operators.
type Events interface {
	Append(ctx context.Context, events ...record.Event) error
	EventsSince(ctx context.Context, seq int64, limit int) ([]record.Event, error)
	// EventsOf is EventsSince for the events of one run.
	EventsOf(ctx context.Context, run, seq int64, limit int) ([]record.Event, error)
}

// Damage lists the records that a store found to differ from what was written.
type Damage struct {
	Shadows []DamagedShadow
	Values  []string // by name; they read as if they had never been set
}

// Len is how many records are damaged.
func (d Damage) Len() int { return len(d.Shadows) + len(d.Values) }

// Text describes the damage as a reason.
func (d Damage) Text() string {
	if d.Len() < 2 {
		return "a record of the state is damaged"
	}
	return fmt.Sprintf("%d records of the state are damaged", d.Len())
}

// DamagedShadow is what is left of a shadow: all of it, only the link, or nil for nothing.
type DamagedShadow struct {
	Anchor identity.Anchor
	Left   *identity.Shadow
}

// LinkedCount counts the linked people of one directory.
type LinkedCount struct{ People, Active int64 }

// Index is a key by which shadows can be looked up.
type Index string

const (
	// ByID takes resource ids of links.
	ByID Index = "id"
	// ByKey takes folded keys: the applied one, or the last one of the directory.
	ByKey Index = "key"
	// ByDN takes folded DNs.
	ByDN Index = "dn"
	// ByManager takes resource ids of applied managers.
	ByManager Index = "manager"
	// ByParent takes anchors of containers.
	ByParent Index = "parent"
	// ByGUID takes the GUIDs of anchors of any directory, in lower case.
	ByGUID Index = "guid"
	// BySID takes security identifiers of people, as text: see SID.
	BySID Index = "sid"
)
