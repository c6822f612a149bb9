package explain

import (
	"context"
	"fmt"

	"dirbridge/sync/affected"
	"dirbridge/sync/diff"
	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/plan"
	"dirbridge/sync/queue"
	"dirbridge/sync/read"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// Subject is what to explain: an object of a directory, or an account that belongs to none.
type Subject struct {
	Kind   identity.Kind   // "" if not known
	Anchor identity.Anchor // "" for an account alone
	ID     identity.ResourceID
}

// Result is everything known about one subject, and what the next plan that examines it does
// with it.
type Result struct {
	Subject
	Entry   *identity.Entry // current, in scope or not; nil: not in the directory
	InScope bool
	Mapped  []mapping.Field  // nil if there is no entry
	Written identity.Attrs   // of the mapped values, those that are written differently
	Key     string           // from the mapping
	Sharing []identity.Entry // other entries that want the same key; only DN and anchor
	Active  bool             // as wanted by the directory

	Shadow *identity.Shadow // what the state has; nil: nothing
	Dirty  string           // the reason why it is planned again; "" if it is not
	Again  bool             // it waits for the next run to check it again
	// Failing is set if its own write failed in every run that tried it.
	Failing *record.Failing
	Queued  *queue.Item // of an account in the purge queue
	// Wrote is its last completed write, and Deactivated the write that deactivated its account,
	// according to the journal; nil: none.
	Wrote, Deactivated *PastWrite

	// Owner is the owner of an account that was requested alone: the object that is or will be
	// linked to it, or that may own it and has a problem; "" if there is none.
	Owner   identity.Anchor
	Account *identity.Resource  // the one that belongs to it
	Others  []identity.Resource // other accounts with its GUID or its key
	// Archived is its account, if that was deleted and the cloud still shows it.
	Archived *record.Archived
	How      string          // how it was matched, in a plan's words; "" if not
	From     identity.Anchor // previous owner, if the account is taken over

	Change   *plan.Change  // nil: none
	Then     *plan.Change  // the rest, for a leaver who is deactivated first
	Members  []plan.Change // memberships that are added or removed with it
	Problems []identity.Problem
	Withheld *plan.Withheld // nil: nothing is withheld
	// Unmatched is set for an account that no directory knows, or that a rule leaves unchanged.
	Unmatched *plan.Unmatched
	Spared    bool // a full administrator who is not in the directory, and is kept
	Forgotten bool // its link is dropped: the account is gone, or another object's
	// Unsynced says that its kind is not synchronized from its directory. What it has in the cloud
	// stays as it is, and is not purged.
	Unsynced bool

	Holds       []plan.Hold // those that this change alone causes
	Directories []plan.DirectoryRead
	// NeedsFull says that the next incremental run will read everything instead.
	NeedsFull bool
}

// Explanation plans for one subject.
type Explanation struct {
	d       *stage.Draft
	set     *affected.Set
	x       *Result
	without map[string]error // directories to leave out, with the reasons
}

// New begins the explanation of x.Subject. without has the directories to leave out, with
// the reasons.
func New(d *stage.Draft, set *affected.Set, x *Result, without map[string]error) *Explanation {
	return &Explanation{d: d, set: set, x: x, without: without}
}

// Read reads the subject and everything that affects it.
func (ex *Explanation) Read(ctx context.Context) error {
	d, x := ex.d, ex.x
	set := ex.set
	for _, src := range d.Env.Sources {
		dir, err := src.Describe(ctx)
		if failed, leave := ex.without[dir.Name]; leave {
			err = failed
		}
		read := plan.DirectoryRead{Directory: dir, ReadAt: d.Env.Now().UTC(), Whole: true}
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			affected.FreezeDirectory(d, &read, err)
		}
		d.Header.Directories = append(d.Header.Directories, read)
		if err != nil && len(d.Env.Sources) == 1 {
			return fmt.Errorf("directory %s: %w", dir.Name, err)
		}
	}
	if x.Anchor != "" {
		entry, inScope, err := set.Subject(ctx, x.Anchor, x.Kind)
		if err != nil {
			return err
		}
		if entry != nil {
			x.Entry, x.InScope = entry, inScope
		}
	}
	if x.ID != "" {
		r, ok, err := d.Env.Target.Get(ctx, x.Kind, x.ID)
		if err != nil {
			return fmt.Errorf("cloud: look at %s %s: %w", x.Kind, x.ID, err)
		}
		if ok {
			if err := set.AddAccount(ctx, r); err != nil {
				return err
			}
		}
	}
	if err := set.Related(ctx, x.Anchor); err != nil {
		return err
	}
	if err := d.Work.Index(ctx, false); err != nil {
		return err
	}
	return read.DropFrozen(ctx, d)
}

// Members compares the memberships of only the subject.
func (ex *Explanation) Members(ctx context.Context) error {
	if ex.d.Env.Policy.Flatten {
		return nil // it would take all members of all groups
	}
	if err := ex.set.Relate(ctx); err != nil {
		return err
	}
	return diff.CompareMembers(ctx, ex.d)
}
