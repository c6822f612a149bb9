package sync

import (
	"context"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// Source is one directory, only ever read. Its methods may be called from several
// goroutines, but the engine runs one listing at a time. Every listing is whole or
// an error (P1): nil means that completeness was proven. The values passed to a
// callback belong to it. An error of the callback ends the listing and is returned.
type Source interface {
	// Describe dials and says which server answers. The name is set on an error, too.
	Describe(ctx context.Context) (identity.Directory, error)
	// Containers lists every container of the directory, the naming context first.
	Containers(ctx context.Context, fn func(identity.Container) error) error
	// People lists every person in scope. An entry that could not be decoded comes
	// with its Problems; one without even a GUID comes without an anchor.
	People(ctx context.Context, fn func(identity.Entry) error) error
	// Groups lists every group in scope, without members.
	Groups(ctx context.Context, fn func(identity.Entry) error) error
	// Edges lists the memberships of every group in scope, large groups by ranges.
	Edges(ctx context.Context, fn func(identity.Edge) error) error
	// Get reads objects by GUID, wherever they stand in the directory. found is
	// called once for each that exists, scope or not, in any order; an anchor for
	// which it is not called does not exist (or is deleted).
	Get(ctx context.Context, kind identity.Kind, anchors []identity.Anchor, found func(e identity.Entry, inScope bool) error) error
	// Cookie says from where Changes would begin now. It is asked for before a full
	// reading begins, so that what changes meanwhile is told the next time.
	Cookie(ctx context.Context) (identity.Cookie, error)
	// Changes tells which objects changed since a cookie was given, each at least once, in
	// any order, whether in scope or not, and from where to begin the next time. A
	// chain with an *identity.Stale says that the server cannot tell (any more):
	// everything must be read. On another error since still stands.
	Changes(ctx context.Context, since identity.Cookie, fn func(identity.ChangeNotification) error) (identity.Cookie, error)
	// ListUnder lists the people, or groups, in scope at or below dn, like People and
	// Groups. Where there is no such object it lists nothing.
	ListUnder(ctx context.Context, kind identity.Kind, dn string, fn func(identity.Entry) error) error
	// FindByAttribute lists the people, or groups, in scope that have one of the values in one
	// of the attributes, like People and Groups. The directory decides how values are
	// compared; security identifiers are given as text.
	FindByAttribute(ctx context.Context, kind identity.Kind, attributes, values []string, fn func(identity.Entry) error) error
	// EdgesOf lists the memberships of these groups alone, in scope or not, like Edges.
	EdgesOf(ctx context.Context, groups []identity.Anchor, fn func(identity.Edge) error) error
	// Referrers lists the references to objects at these DNs: memberships in groups
	// in scope, and managers of people in scope. To.DN is spelled as it was asked for.
	Referrers(ctx context.Context, dns []string, fn func(identity.Edge) error) error
	// Tree lists the containers right below dn ("" for the roots), counting the
	// people under each.
	Tree(ctx context.Context, dn string) ([]identity.Node, error)
	Close() error
}

// Target is one cloud directory. Every listing is whole or an error (P1).
type Target interface {
	// Describe signs in and discovers. It must be called first.
	Describe(ctx context.Context) (identity.Organization, error)
	// Supports says whether the provider has a place for the cloud attribute.
	// Valid after Describe.
	Supports(attribute string) bool
	// Follow has further cloud attributes read from now on, beside those that are
	// mapped. Names without a place are nothing to it. It must not run beside another
	// method, and comes after Describe.
	Follow(attributes []string)
	// Normalize brings values of a cloud attribute into the form in which the
	// target compares them. It is pure.
	Normalize(attribute string, values []string) []string
	Resources(ctx context.Context, kind identity.Kind, fn func(identity.Resource) error) error
	// Members lists the memberships of all groups.
	Members(ctx context.Context, fn func(group, member identity.ResourceID) error) error
	// Get reads one resource. ok is false where the cloud says that it does not exist.
	Get(ctx context.Context, kind identity.Kind, id identity.ResourceID) (r identity.Resource, ok bool, err error)
	// Find looks resources up by key, without regard to letter case.
	Find(ctx context.Context, kind identity.Kind, key string) ([]identity.Resource, error)
	// FindExternal looks resources up by externalId, without regard to letter case.
	// Where the provider does not give it back, there is none.
	FindExternal(ctx context.Context, kind identity.Kind, externalID string) ([]identity.Resource, error)
	// GroupMembers lists the members of one group; of one that does not exist, none.
	GroupMembers(ctx context.Context, group identity.ResourceID, fn func(member identity.ResourceID) error) error
	// HasMember says whether the group holds the member now.
	HasMember(ctx context.Context, group, member identity.ResourceID) (bool, error)
	// Apply writes the changes, all of one phase and wave, in any order, with
	// references resolved to ids. answered is called once for each change, never
	// concurrently. When ctx ends, nothing further is sent, what is under way is
	// waited for (bounded), and the rest is answered WriteNotSent; the error is then
	// the context's. Any other error means that nothing further may be written
	// (class Hold); changes not answered by then were not sent.
	Apply(ctx context.Context, changes []plan.Change, answered func(record.Outcome)) error
	Limits() Limits
	// Waiting says what the target is waiting for ("429: resuming in 12 s"), or "".
	Waiting() string
	Close() error
}

// Limits are what the engine must know of a provider.
type Limits = record.Limits

// Store is the durable state. Methods may be called from several goroutines.
type Store interface {
	// Lead takes the writer's lease, or returns ErrNotLeader. release gives it up.
	Lead(ctx context.Context) (release func() error, err error)
	// Led says whether the lease is held: by this store, or by anybody else. It takes
	// nothing, and what it says may be over by then.
	Led(ctx context.Context) (here, elsewhere bool, err error)

	// Shadows lists all shadows in order of anchor.
	Shadows(ctx context.Context, fn func(identity.Shadow) error) error
	Shadow(ctx context.Context, a identity.Anchor) (identity.Shadow, bool, error)
	// Fingerprints lists the fingerprints of all live, linked people, in order of anchor.
	Fingerprints(ctx context.Context, fn func(a identity.Anchor, id identity.ResourceID, p identity.Fingerprint) error) error
	// Rest lists the shadows that Prints leaves out.
	Rest(ctx context.Context, fn func(identity.Shadow) error) error
	// Seek lists the shadows that have one of the values in an index, each once.
	Seek(ctx context.Context, by Index, values []string, fn func(identity.Shadow) error) error
	// EdgesFrom lists the edges remembered of these objects.
	EdgesFrom(ctx context.Context, from []identity.Anchor, fn func(identity.Edge) error) error
	// EdgesTo lists the edges whose other end is one of these anchors, or, unresolved,
	// one of these DNs (without regard to letter case).
	EdgesTo(ctx context.Context, anchors []identity.Anchor, dns []string, fn func(identity.Edge) error) error
	// Deferred lists what is remembered of objects that are left alone: those that
	// want one of these folded keys, those among anchors, and with again also those to
	// be looked at whatever changed; each once.
	Deferred(ctx context.Context, keys []string, anchors []identity.Anchor, again bool, fn func(identity.Deferred) error) error
	// AllDeferred lists every one.
	AllDeferred(ctx context.Context, fn func(identity.Deferred) error) error
	// Linked counts the people of each directory who are live and linked, and of them
	// those whose account is active.
	Linked(ctx context.Context) (map[string]LinkedCount, error)
	// Edges lists all edges remembered for one directory ("" for all).
	Edges(ctx context.Context, directory string, fn func(identity.Edge) error) error
	// Containers lists the containers remembered for one directory.
	Containers(ctx context.Context, directory string, fn func(identity.Container) error) error
	// Keeps lists who is held back from the purge, in order of anchor, keeps that ended
	// included.
	Keeps(ctx context.Context, fn func(identity.Keep) error) error
	Dirty(ctx context.Context, fn func(a identity.Anchor, reason string) error) error
	Value(ctx context.Context, name string) (string, error) // "" where unset
	// Damaged gives what was found not to be what was written, since the store was opened;
	// with all set every shadow is looked at first. Until it is written again or forgotten,
	// readings give what is left of it, or leave it out.
	Damaged(ctx context.Context, all bool) (Damage, error)
	// Commit makes all of the batch durable, or none of it.
	Commit(ctx context.Context, b Batch) error

	// Begin opens a run and gives it its id; End closes it.
	Begin(ctx context.Context, r record.Run) (record.Run, error)
	End(ctx context.Context, r record.Run) error
	Runs(ctx context.Context, limit int) ([]record.Run, error) // newest first
	Run(ctx context.Context, id int64) (r record.Run, ok bool, err error)
	// MarkCrashed closes the runs that a dead process left running. Only the leader
	// may call it, before it begins a run of its own.
	MarkCrashed(ctx context.Context) ([]record.Run, error)
	// Intend records writes that are about to be sent, in one fsync.
	Intend(ctx context.Context, run int64, intents []Intent) error
	// Unanswered lists intents without an answer, of all runs, oldest first.
	Unanswered(ctx context.Context, fn func(Intent) error) error
	// JournalEnd is the place at which the journal ends now, and JournalAfter lists the
	// intents of all runs that were recorded since a place, in order.
	JournalEnd(ctx context.Context) (place int64, err error)
	JournalAfter(ctx context.Context, place int64, fn func(Intent) error) error
	// Journal lists the intents of one run, with their answers, in order.
	Journal(ctx context.Context, run int64, fn func(Intent) error) error
	// Past lists the intents of all runs in which an anchor or a resource id ("" is none)
	// occurs, newest first. It may go through the whole journal.
	Past(ctx context.Context, a identity.Anchor, id identity.ResourceID, fn func(Intent) error) error

	// Failing lists the records that failed in at least so many runs in a row, the worst
	// first and then by their first failure, at most limit.
	Failing(ctx context.Context, runs int64, limit int) ([]record.Failing, error)
	// FailingCount counts them.
	FailingCount(ctx context.Context, runs int64) (int64, error)
	// FailingOf gives those of the subjects that fail.
	FailingOf(ctx context.Context, of []record.Subject) (map[record.Subject]record.Failing, error)
	// Problems lists problems, the oldest first.
	Problems(ctx context.Context, q ProblemQuery, fn func(record.Problem) error) error
	// ProblemCounts counts the records that have one; Limit of the query is ignored.
	ProblemCounts(ctx context.Context, q ProblemQuery) (record.ProblemCounts, error)

	Append(ctx context.Context, events ...record.Event) error
	EventsSince(ctx context.Context, seq int64, limit int) ([]record.Event, error)
	// EventsOf is EventsSince for the events of one run.
	EventsOf(ctx context.Context, run, seq int64, limit int) ([]record.Event, error)
	Close() error
}

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

// Damage is what a store found not to be what was written there.
type Damage struct {
	Shadows []DamagedShadow
	Values  []string // by name; they read as if they had never been set
}

// DamagedShadow is what is left of a shadow: all of it, the link alone, or nil for nothing.
type DamagedShadow struct {
	Anchor identity.Anchor
	Left   *identity.Shadow
}

// LinkedCount counts the linked people of one directory.
type LinkedCount struct{ People, Active int64 }

// Index is what shadows can be looked up by.
type Index string

const (
	// ByID takes resource ids: of the link.
	ByID Index = "id"
	// ByKey takes folded keys: that were applied, or that the directory last gave.
	ByKey Index = "key"
	// ByDN takes folded DNs.
	ByDN Index = "dn"
	// ByManager takes resource ids: of the manager that was applied.
	ByManager Index = "manager"
	// ByParent takes anchors of containers.
	ByParent Index = "parent"
	// ByGUID takes the GUIDs of anchors, of whichever directory, in lower case.
	ByGUID Index = "guid"
	// BySID takes security identifiers of people, as text: see SID.
	BySID Index = "sid"
)

// EdgeSet yields the edges that replace those of a directory, streaming.
type EdgeSet func(yield func(identity.Edge) error) error

// Intent is one write of the journal. Step tells the writes of one change apart:
// 0 the change, 1 its temporary key, 2 references set afterwards.
type Intent struct {
	Run    int64
	Seq    int64
	Step   int
	Change plan.Change // as sent: fields old and new, ids resolved
	At     time.Time
	Answer *Answer // nil while unanswered
	// Damaged: the row is not what was written. Change, or Answer, is then empty.
	Damaged bool
}

// Answer is how an intent ended.
type Answer struct {
	Run     int64
	Step    int
	Outcome record.Outcome
	At      time.Time
}
