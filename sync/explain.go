package sync

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/plan"
	"dirbridge/sync/queue"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// Subject is what is to be explained: an object of a directory, or an account that is
// of none.
type Subject struct {
	Kind   identity.Kind   // "" of an object of which it is not known
	Anchor identity.Anchor // "" for an account alone
	ID     identity.ResourceID
}

// Explained is all that is known of one subject, and what the next plan that looks at
// it does with it.
type Explained struct {
	Subject
	Entry   *identity.Entry // as it is in its directory now, in scope or not; nil: nowhere
	InScope bool
	Mapped  []mapping.Field  // nil where there is no entry
	Written identity.Attrs   // of the mapped values, those that are written otherwise than mapped
	Key     string           // that the mapping gives
	Sharing []identity.Entry // others in the directories that want the same key; DN and anchor alone
	Active  bool             // that the directory wants

	Shadow *identity.Shadow // what is remembered; nil: nothing
	Dirty  string           // why it is planned again, whatever changes; "" where it is not
	Again  bool             // it waits for the next run to look at it once more
	// Failing is set where its own write failed in every run that tried it.
	Failing *record.Failing
	Queued  *queue.Item // of an account that waits for its purge
	// Wrote is the last write of it that was done, and Deactivated the one that made its
	// account inactive, as the journal knows them; nil: none.
	Wrote, Deactivated *PastWrite

	// Owner is whose an account is that was asked for alone: who is linked to it, or
	// will be, or may own it and has a problem; "" is nobody.
	Owner   identity.Anchor
	Account *identity.Resource  // the one that is its own
	Others  []identity.Resource // those besides that carry its GUID or have its key
	How     string              // how it was matched: the words of a plan's reasons; "" where it was not
	From    identity.Anchor     // whose the account was, where it is taken over

	Change   *plan.Change  // nil: none
	Then     *plan.Change  // the rest, of a leaver who is deactivated first
	Members  []plan.Change // memberships that come or go with it
	Problems []identity.Problem
	Withheld *plan.Withheld // nil: nothing of it is withheld
	// Unmatched is set of an account that no directory knows, or that a rule leaves alone.
	Unmatched *plan.Unmatched
	Spared    bool // a full administrator whom the directory does not know, and who is kept
	Forgotten bool // its link is dropped: the account is gone, or somebody else's
	// Unsynced: its kind is not synchronized from its directory. What it has in the cloud
	// stays as it is, and is not purged.
	Unsynced bool

	Holds       []plan.Hold // that this change alone runs into
	Directories []plan.DirectoryRead
	// NeedsFull: the next run that is asked for changes alone reads everything instead.
	NeedsFull bool
}

// explainLimit is how many objects may have to do with one that is explained.
const explainLimit = 20_000

// Explain plans for one subject, by the stages of every plan, and writes nothing: not
// to the cloud, not to the state, and no plan. It can be asked while another connector
// leads, and before the first run. A directory that cannot be read is left out, and
// marked in Directories; it is no error unless it is the only one.
//
// Memberships that somebody changed in the cloud by hand are not seen, nor are those of
// groups that are flattened: that takes the listings of a full run.
func (e *Engine) Explain(ctx context.Context, s Subject) (Explained, error) {
	e.env.Meter.Begin(record.DryRun)
	defer e.env.Meter.End()
	if err := connect(ctx, e.env); err != nil {
		return Explained{}, err
	}
	without := map[string]error{}
	for {
		x, err := explainOnce(ctx, e.env, s, without)
		var out *unreadable
		var many *fullInstead
		switch {
		case errors.As(err, &out) && without[out.name] == nil:
			without[out.name] = out.err
		case errors.As(err, &many):
			return x, fmt.Errorf("explain %s%s: %s", s.Anchor, s.ID, many.reason)
		default:
			return x, stage.Cancelled(ctx, err)
		}
	}
}

// Accounts looks accounts up in the cloud by id and by key.
func (e *Engine) Accounts(ctx context.Context, text string) ([]identity.Resource, error) {
	e.env.Meter.Begin(record.DryRun)
	defer e.env.Meter.End()
	if err := connect(ctx, e.env); err != nil {
		return nil, err
	}
	var out []identity.Resource
	met := map[identity.ResourceID]bool{}
	add := func(r identity.Resource) {
		if !met[r.ID] {
			met[r.ID] = true
			out = append(out, r)
		}
	}
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		if isID(text) {
			r, ok, err := e.env.Target.Get(ctx, kind, identity.ResourceID(text))
			var f *identity.Failure
			switch {
			case err != nil && (!errors.As(err, &f) || f.Class != identity.GiveUp):
				return nil, fmt.Errorf("cloud: look at %s %s: %w", kind, text, err)
			case err == nil && ok:
				add(r)
			}
		}
		found, err := e.env.Target.Find(ctx, kind, text)
		if err != nil {
			return nil, fmt.Errorf("cloud: look for the %s %s: %w", kind, text, err)
		}
		for _, r := range found {
			add(r)
		}
	}
	return out, nil
}

// isID says whether a text can be a resource's id. What is a name or a DN to anybody
// need not be tried.
func isID(text string) bool {
	for _, c := range text {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return text != "" && len(text) <= 256
}

// readSubject reads the subject and all that decides about it.
func (d *draft) readSubject(ctx context.Context, x *Explained, without map[string]error) error {
	set := d.affected
	set.explained, set.limit, set.whole = map[identity.Anchor]bool{}, explainLimit, map[identity.Anchor]bool{}
	for _, src := range d.env.Sources {
		dir, err := src.Describe(ctx)
		if failed, leave := without[dir.Name]; leave {
			err = failed
		}
		read := plan.DirectoryRead{Directory: dir, ReadAt: d.env.Now().UTC(), Whole: true}
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			d.freeze(&read, err)
		}
		d.header.Directories = append(d.header.Directories, read)
		if err != nil && len(d.env.Sources) == 1 {
			return fmt.Errorf("directory %s: %w", dir.Name, err)
		}
	}
	if x.Anchor != "" {
		set.explained[x.Anchor] = true
		set.add(x.Anchor, kindOf(x.Kind))
		if err := set.readSubject(ctx, x); err != nil {
			return err
		}
	}
	if x.ID != "" {
		r, ok, err := d.env.Target.Get(ctx, x.Kind, x.ID)
		if err != nil {
			return fmt.Errorf("cloud: look at %s %s: %w", x.Kind, x.ID, err)
		}
		if ok {
			if err := set.addAccount(ctx, r); err != nil {
				return err
			}
		}
	}
	if err := set.addUnsettledGroups(ctx); err != nil {
		return err
	}
	if err := set.addSameKey(ctx, nil); err != nil {
		return err
	}
	if err := set.expand(ctx); err != nil {
		return err
	}
	if err := set.loadPlaces(ctx, x.Anchor); err != nil {
		return err
	}
	if err := d.work.Index(ctx, false); err != nil {
		return err
	}
	return d.dropFrozen(ctx)
}

// membersOfSubject compares the memberships of the subject alone.
func (d *draft) membersOfSubject(ctx context.Context) error {
	set := d.affected
	if d.env.Policy.Flatten {
		return nil // all members of all groups would have to be read
	}
	set.d.related = true
	for _, step := range []func(context.Context) error{set.entering, set.unsettledPairs, set.resolvePairs} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	const came = `INSERT INTO edge SELECT substr(src,1,instr(src,':')-1), src, kind, a, dnf FROM pair WHERE removed=0`
	if err := d.work.Exec(ctx, came); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{set.lightUp, set.readMemberships, d.compareMembers} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
