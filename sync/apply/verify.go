package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	stdsync "sync"

	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// cloudNow reads the current state of a resource.
type cloudNow func(ctx context.Context, kind identity.Kind, id identity.ResourceID) (identity.Resource, bool, error)

// lookNow decides how the cloud is read again before a plan that is not fresh is applied: resource
// by resource or, if more than a tenth of the cloud changes, by a new listing. close releases the
// listing.
func (a *applier) lookNow(ctx context.Context) (close func(), err error) {
	all := a.header.CloudUsers + a.header.CloudGroups
	a.cloud = a.env.Target.Get
	if a.plan.Len()*10 <= all || a.plan.Len() < 100 {
		return func() {}, nil
	}
	a.relisted = true
	a.env.Meter.Phase(port.ReadingCloud, all)
	w, err := workdb.Open(a.env.Dir)
	if err != nil {
		return nil, err
	}
	fail := func(err error) (func(), error) {
		w.Close()
		return nil, err
	}
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		err := a.env.Target.Resources(ctx, kind, func(r identity.Resource) error {
			a.env.Meter.Add(1)
			r.Kind = kind
			return w.AddListed(ctx, r)
		})
		if err != nil {
			return fail(fmt.Errorf("cloud: list %ss: %w", kind, err))
		}
	}
	if err := w.IndexListed(ctx); err != nil {
		return fail(err)
	}
	a.cloud = w.Listed
	return w.Close, nil
}

// follow requests from the cloud the attributes that an undo restores: the mapping may no longer
// contain them.
func (a *applier) follow(ctx context.Context) error {
	if a.header.Mode != record.Undo {
		return nil
	}
	fields := map[string]bool{}
	err := a.plan.Changes(ctx, func(c plan.Change) error {
		for _, f := range c.Fields {
			fields[f.Name] = true
		}
		return nil
	})
	a.env.Target.Follow(slices.Sorted(maps.Keys(fields)))
	return err
}

// reality is the current state of a batch's objects on both sides.
type reality struct {
	base    map[identity.Anchor]string // fingerprint of the mapped values; only objects in scope
	dn      map[identity.Anchor]string // of all that exist
	account map[identity.ResourceID]*identity.Resource
	made    map[identity.Anchor]*identity.Resource  // accounts of objects that the plan adds
	grace   map[identity.Anchor]*identity.Shadow    // planned removals that are in grace already
	refs    map[identity.Anchor]identity.ResourceID // accounts to which references point
	linked  map[identity.Anchor]identity.ResourceID // accounts in this state, if the plan is of another
	blind   map[identity.ResourceID]error           // accounts that the cloud does not show
}

// look reads the objects of a batch again.
func (a *applier) look(ctx context.Context, rows []plan.Change) (*reality, error) {
	r := &reality{map[identity.Anchor]string{}, map[identity.Anchor]string{},
		map[identity.ResourceID]*identity.Resource{}, map[identity.Anchor]*identity.Resource{},
		map[identity.Anchor]*identity.Shadow{}, map[identity.Anchor]identity.ResourceID{},
		map[identity.Anchor]identity.ResourceID{},
		map[identity.ResourceID]error{}}
	if a.header.Mode != record.Undo { // an undo concerns the cloud, whatever the directory says
		if err := a.lookDirectory(ctx, rows, r); err != nil {
			return nil, err
		}
	}
	if err := a.lookLinks(ctx, rows, r); err != nil {
		return nil, err
	}
	return r, a.lookCloud(ctx, rows, r)
}

func (a *applier) lookDirectory(ctx context.Context, rows []plan.Change, r *reality) error {
	for _, src := range a.env.Sources {
		dir, err := src.Describe(ctx)
		if err != nil {
			return fmt.Errorf("directory %s: %w", dir.Name, err)
		}
		for _, kind := range []identity.Kind{identity.User, identity.Group} {
			var anchors []identity.Anchor
			for _, c := range rows {
				if c.Kind == kind && c.Anchor.Directory() == dir.Name {
					anchors = append(anchors, c.Anchor)
				}
			}
			if len(anchors) == 0 {
				continue
			}
			err := src.Get(ctx, kind, anchors, func(en identity.Entry, inScope bool) error {
				r.dn[en.Anchor] = en.DN
				if !inScope {
					return nil
				}
				r.base[en.Anchor] = mapping.Base(a.env.Mapped(dir.Name, en))
				return nil
			})
			if err != nil {
				return fmt.Errorf("directory %s: read again: %w", dir.Name, err)
			}
		}
	}
	return nil
}

// lookLinks finds objects that the plan adds but that got an account since: from another run, or
// from this very plan, applied before. If the account has another name by now, the cloud would not
// even refuse a second one.
func (a *applier) lookLinks(ctx context.Context, rows []plan.Change, r *reality) error {
	for _, c := range rows {
		if err := a.lookRefs(ctx, c, r); err != nil {
			return err
		}
		if c.Kind == identity.Member || c.Anchor == "" || c.Action != plan.Add && !c.Missing && !a.behind {
			continue
		}
		s, ok, err := a.env.Store.Shadow(ctx, c.Anchor)
		if err != nil {
			return err
		}
		if !ok || s.ID == "" {
			if err := a.findMadeElsewhere(ctx, c, r); err != nil {
				return err
			}
			continue
		}
		if c.Action != plan.Add && !c.Missing {
			r.linked[c.Anchor] = s.ID
			continue
		}
		if c.Missing {
			if s.State == identity.Grace {
				r.grace[c.Anchor] = &s
			}
			continue
		}
		res, ok, err := a.cloud(ctx, c.Kind, s.ID)
		if err != nil {
			return fmt.Errorf("cloud: read %s again: %w", c.Key, err)
		}
		if ok {
			r.made[c.Anchor] = &res
		}
	}
	return nil
}

// findMadeElsewhere finds an object that the plan adds and that this state does not know, but that has an
// account by now: the plan was made from another state, and the connector of that state may have
// applied it.
func (a *applier) findMadeElsewhere(ctx context.Context, c plan.Change, r *reality) error {
	if !a.behind || c.Action != plan.Add || a.env.Target.Limits().Anchorless {
		return nil
	}
	found, err := a.env.Target.FindExternal(ctx, c.Kind, c.Anchor.GUID())
	if err != nil {
		return fmt.Errorf("cloud: look for the account of %s: %w", c.Key, err)
	}
	if len(found) == 1 {
		r.made[c.Anchor] = &found[0]
	}
	return nil
}

func (a *applier) lookRefs(ctx context.Context, c plan.Change, r *reality) error {
	for _, f := range c.Fields {
		if !f.Ref || len(f.New) == 0 {
			continue
		}
		id, err := a.refOf(ctx, &c, f)
		if err != nil {
			return err
		}
		r.refs[identity.Anchor(f.New[0])] = id
	}
	return nil
}

// lookCloud reads accounts a few at a time. If the cloud does not show an account, that account is
// left unchanged and the others go on (P8). Any other error ends it.
func (a *applier) lookCloud(ctx context.Context, rows []plan.Change, r *reality) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu stdsync.Mutex
	var wg stdsync.WaitGroup
	var failure error
	slots := make(chan struct{}, stage.Lookers)
	for _, c := range rows {
		if c.ID == "" || c.Kind == identity.Member {
			continue
		}
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			res, ok, err := a.cloudAt(ctx, &mu, c)
			mu.Lock()
			defer mu.Unlock()
			var f *identity.Failure
			switch {
			case errors.As(err, &f) && f.Class == identity.GiveUp:
				r.blind[c.ID] = err
			case err != nil && failure != nil:
			case err != nil:
				failure = fmt.Errorf("cloud: read %s again: %w", c.Key, err)
				cancel()
			case ok:
				r.account[c.ID] = &res
			default:
				r.account[c.ID] = nil
			}
		}()
	}
	wg.Wait()
	return failure
}

// cloudAt reads one account. A new listing is in the work database, which takes one query at a
// time.
func (a *applier) cloudAt(ctx context.Context, mu *stdsync.Mutex, c plan.Change) (identity.Resource, bool, error) {
	if a.relisted {
		mu.Lock()
		defer mu.Unlock()
	}
	return a.cloud(ctx, c.Kind, c.ID)
}

// narrow compares a change with the current state and narrows it to the fields that still differ. An
// outcome means that there is nothing to send: the change is done already, or the object changed
// and is left unchanged (P3).
func (r *reality) narrow(a *applier, c *plan.Change) *record.Outcome {
	skip := func(field, why string) *record.Outcome {
		return &record.Outcome{Seq: c.Seq, State: record.WriteSkipped, ID: c.ID, Field: field, Message: why,
			Remedy: "Make a new dry run (dirbridge plan); it shows what is left to do."}
	}
	if c.Kind == identity.Member {
		return nil // adding an existing member, or removing an absent one, has no effect
	}
	if c.Anchor != "" {
		dn, exists := r.dn[c.Anchor]
		base, inScope := r.base[c.Anchor]
		switch {
		case (c.Missing || c.Action == plan.Delete) && inScope:
			return skip("", "it is back in the directory, at "+dn)
		case c.SourceBase != "" && !exists:
			return skip("", "it is no longer in the directory")
		case c.SourceBase != "" && !inScope:
			return skip("", "it left the scope since the plan was made; it is at "+dn)
		case c.SourceBase != "" && base != c.SourceBase:
			return skip("", "it changed in the directory since the plan was made")
		}
	}
	if made := r.made[c.Anchor]; made != nil && c.Action == plan.Add {
		if shows(a, *made, c.Fields) {
			return &record.Outcome{Seq: c.Seq, State: record.WriteDone, ID: made.ID}
		}
		return skip("", fmt.Sprintf("it got an account since the plan was made: %s (%s)", made.Key, made.ID))
	}
	if c.ID == "" {
		return nil
	}
	if id := r.linked[c.Anchor]; id != "" && id != c.ID {
		return skip("", fmt.Sprintf("it is linked to another account now: %s instead of %s", id, c.ID))
	}
	if err := r.blind[c.ID]; err != nil {
		o := skip("", "its account cannot be read: "+err.Error())
		o.Remedy = identity.Remedy(err)
		return o
	}
	now := r.account[c.ID]
	if now == nil {
		if c.Action == plan.Delete {
			return nil // sent, so that the journal has the cloud's answer
		}
		return skip("", "its account is no longer in the cloud")
	}
	if o := a.privilegedNow(c, now); o != nil {
		return o
	}
	if (c.Missing || c.Action == plan.Delete) && now.Admin == identity.Yes {
		o := skip("roles", "the account is a full administrator now; administrators without a match in a directory "+
			"are never removed")
		o.Remedy = stage.AdministratorsRemedy
		return o
	}
	if grace := r.grace[c.Anchor]; grace != nil && (c.Kind == identity.Group || !now.Active) {
		c.After = grace // a later run already removed the object
		return &record.Outcome{Seq: c.Seq, State: record.WriteDone, ID: c.ID}
	}
	if c.Action == plan.Delete && now.Kind == identity.User && now.Active && !a.env.Target.Limits().DeactivateDestroys {
		return skip(schema.Active, "the account was reactivated in the cloud since the plan was made")
	}
	return r.narrowFields(a, c, now, skip)
}

// shows says whether the account has all the new values. It ignores references, which are anchors
// on one side and ids on the other.
func shows(a *applier, have identity.Resource, fields []plan.FieldDiff) bool {
	for _, f := range fields {
		values := have.Attrs[f.Name]
		if f.Name == schema.Active {
			values = []string{fmt.Sprint(have.Active)}
		}
		if !f.Ref && !stage.Same(f.Name, f.New, a.env.Target.Normalize(f.Name, values)) {
			return false
		}
	}
	return true
}

func (r *reality) narrowFields(a *applier, c *plan.Change, now *identity.Resource,
	skip func(field, why string) *record.Outcome) *record.Outcome {
	if len(c.Fields) == 0 {
		return nil
	}
	var left []plan.FieldDiff
	for _, f := range c.Fields {
		have := now.Attrs[f.Name]
		if f.Name == schema.Active {
			have = []string{fmt.Sprint(now.Active)}
		}
		have = a.env.Target.Normalize(f.Name, have)
		switch {
		case c.Action == plan.Delete && stage.Same(f.Name, a.env.Target.Normalize(f.Name, f.Old), have):
			left = append(left, f)
		case c.Action == plan.Delete:
			return skip(f.Name, fmt.Sprintf("%s changed in the cloud since the plan was made: it is %s, and was [%s]", f.Name,
				stage.Quoted(have), strings.Join(f.Old, ", ")))
		case !f.Ref && stage.Same(f.Name, f.New, have):
		case f.Ref && len(f.New) == 1 && r.refs[identity.Anchor(f.New[0])] != "" &&
			slices.Equal(have, []string{string(r.refs[identity.Anchor(f.New[0])])}):
		case f.Name == stage.KeyField(c.Kind) && c.Via != "" && slices.Equal(have, []string{c.Via}):
			left = append(left, f)
		case stage.Same(f.Name, a.env.Target.Normalize(f.Name, f.Old), have):
			left = append(left, f)
		default:
			return skip(f.Name, fmt.Sprintf("%s changed in the cloud since the plan was made: it is %s, and was [%s]", f.Name,
				stage.Quoted(have), strings.Join(f.Old, ", ")))
		}
	}
	if len(left) == 0 {
		if c.After != nil && (c.Missing || stage.Deactivates(*c)) {
			// The account was deactivated outside this connector, so this connector must not purge
			// it.
			if c.Anchor != "" && len(a.elsewhere) < maxFailed {
				a.elsewhere[c.Anchor] = true
			}
			after := *c.After
			after.ByUs = false
			if c.After = &after; identity.IsUnmatched(after.Anchor) {
				c.After = nil // nothing is to be remembered of it
			}
		}
		return &record.Outcome{Seq: c.Seq, State: record.WriteDone, ID: c.ID}
	}
	c.Fields = left
	return nil
}
