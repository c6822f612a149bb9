package sync

import (
	"context"
	"dirbridge/sync/explain"
	"dirbridge/sync/facts"
	"errors"
	"time"

	"dirbridge/sync/affected"
	"dirbridge/sync/diff"
	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/match"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/purge"
	"dirbridge/sync/read"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/seal"
	"dirbridge/sync/stage"
	"dirbridge/sync/undo"
	"dirbridge/sync/workdb"
)

// Options are what an engine is made of. All but Clock and Dir are required.
type Options struct {
	Sources   []port.Source // one for each configured directory, names distinct
	Target    port.Target
	Store     port.Store
	Catalogue schema.Catalogue
	Rules     map[string]string // the mapping, see mapping.New
	// Overrides are, by directory, rules that replace those of Rules; "" leaves an attribute of its
	// people unmapped.
	Overrides map[string]map[string]string
	Policy    policy.Policy
	// Protected are names (patterns, * is any text) or ids of accounts and groups of the cloud that
	// are never linked, changed, emptied or removed.
	Protected []string
	// Unsynced says that a kind of object is not, or no longer, synchronized from a directory: what
	// it left in the cloud is then kept. nil means never.
	Unsynced func(directory string, kind identity.Kind) bool
	// ByMembership says that group membership decides who is in scope in a directory. nil means
	// never.
	ByMembership func(directory string) bool
	Scope        string           // digest of everything that decides scope
	Dir          string           // for temporary files; "" is the system's
	Clock        func() time.Time // nil is time.Now
}

// Engine plans and applies. Plan, Apply and Sync must not run at the same time;
// Progress may be called from any goroutine at any time.
type Engine struct{ env *stage.Env }

// New makes an engine. It does no I/O.
func New(opt Options) *Engine {
	e := &stage.Env{Sources: opt.Sources, Target: opt.Target, Store: opt.Store, Catalogue: opt.Catalogue,
		Rules: opt.Rules, Overrides: opt.Overrides, Policy: opt.Policy, Protected: opt.Protected,
		Unsynced: opt.Unsynced, ByMembership: opt.ByMembership, Scope: opt.Scope, Dir: opt.Dir, Now: opt.Clock}
	if e.Now == nil {
		e.Now = time.Now
	}
	e.Meter.Clock = e.Now
	e.Meter.Waiting = opt.Target.Waiting
	return &Engine{e}
}

// Request says what to plan.
type Request struct {
	Mode record.Mode // Full, Incremental, Purge, Undo or Trial
	Path string      // of the plan file; "" makes a temporary one
	// OrFull makes an incremental request a full one if no full run has succeeded yet, instead of
	// failing with ErrNoFull.
	OrFull bool
	leads  bool  // the plan has its own run, which may store what it finds
	run    int64 // that run
	// Only makes a purge take exactly these objects at once, whether their grace period is over or
	// not. Each must be one that we deactivated as missing.
	Only []identity.Anchor
	// Undo is the run that mode Undo takes back.
	Undo int64
	// Try is the write that mode Trial makes to the test account: Add, Update, Deactivate or Delete.
	Try plan.Action
}

// Plan reads both sides and writes a plan. It writes nothing to the cloud and nothing to the state.
// A plan that must not be applied is written all the same: its holds say why.
func (e *Engine) Plan(ctx context.Context, req Request) (*plan.Plan, error) {
	e.env.Meter.Begin(req.Mode)
	defer e.env.Meter.End()
	if err := connect(ctx, e.env); err != nil {
		return nil, err
	}
	return makePlan(ctx, e.env, req)
}

// makePlan makes the requested plan.
func makePlan(ctx context.Context, e *stage.Env, req Request) (_ *plan.Plan, err error) {
	if e.Mark, err = e.StateMark(ctx, req.run, ""); err != nil {
		return nil, err
	}
	switch req.Mode {
	case record.Purge:
		return planPurge(ctx, e, req)
	case record.Undo:
		return planUndo(ctx, e, req)
	case record.Trial:
		return planTrial(ctx, e, req)
	case record.Incremental:
		return planIncremental(ctx, e, req)
	}
	return planFull(ctx, e, req, "")
}

// planFull makes a full plan, and makes it again if the state turns out to be damaged. instead is
// the reason, if an incremental plan was requested.
func planFull(ctx context.Context, e *stage.Env, req Request, instead string) (*plan.Plan, error) {
	known, err := e.Store.Damaged(ctx, false)
	if err != nil {
		return nil, err
	}
	if known.Len() == 0 {
		p, err := planWhole(ctx, e, req, instead)
		if !errors.Is(err, errDamagedState) {
			return p, err
		}
	}
	if known, err = leaveOut(ctx, e, req); err != nil {
		return nil, err
	}
	p, err := planWhole(ctx, e, req, known.Text())
	if errors.Is(err, errDamagedState) {
		// The known damage was left out, and there is more: the file itself is not reliable.
		err = &identity.Failure{Class: identity.Hold, Remedy: port.RemedyState, Err: err}
	}
	return p, err
}

// planWhole reads both sides completely. It reads them again, without fingerprints, if another
// process began to write meanwhile.
func planWhole(ctx context.Context, e *stage.Env, req Request, instead string) (*plan.Plan, error) {
	p, err := planStages(ctx, e, req, instead, false)
	if errors.Is(err, read.ErrBeside) {
		return planStages(ctx, e, req, instead, true)
	}
	return p, err
}

// From here on, the stages of each mode are listed side by side. They share the draft: a stage
// reads what earlier stages left there and in the work database.

// planStages makes a full plan.
func planStages(ctx context.Context, e *stage.Env, req Request, instead string, beside bool) (*plan.Plan, error) {
	known, err := e.Store.Damaged(ctx, false)
	if err != nil {
		return nil, err
	}
	d, err := newDraft(e, plan.Header{Mode: record.Full, Instead: instead})
	if err != nil {
		return nil, err
	}
	defer d.Work.Close()
	d.Damage, d.Beside = known.Len(), beside
	err = inOrder(ctx, d, diff.BeginJournal, read.Sides, match.Objects, match.OrderKeys, diff.Objects, diff.Removals,
		diff.Members,
		guard.Plan, stillUndamaged)
	if err != nil {
		return nil, err
	}
	p, err := seal.Plan(ctx, d, req.Path)
	return p, stage.Cancelled(ctx, err)
}

// planChanges makes an incremental plan. A *fullInstead in the error chain says that only a full
// plan will do, an *unreadable that a directory must be left out. without has the directories to
// leave out, with the reasons.
func planChanges(ctx context.Context, e *stage.Env, req Request, without map[string]error) (*plan.Plan, error) {
	d, err := newPartDraft(e, plan.Header{Mode: record.Incremental})
	if err != nil {
		return nil, err
	}
	defer d.Work.Close()
	d.Fingerprints = read.NewFingerprints(e).Index()
	set := affected.NewSet(d)
	d.Coverage = set
	readChanges := func(ctx context.Context) error { return set.ReadChanges(ctx, without) }
	err = inOrder(ctx, d, diff.BeginJournal, step(readChanges), match.Objects, match.OrderKeys, diff.Objects,
		diff.Removals,
		step(set.LeaveToFull),
		step(set.Members), read.KeepCookies, guard.Plan, step(set.LeaveToFull), stillUndamaged)
	if err != nil {
		return nil, err
	}
	p, err := seal.Plan(ctx, d, req.Path)
	return p, stage.Cancelled(ctx, err)
}

// planPurge plans the removal of what has been missing for longer than the grace period, or is
// named in the request: accounts that we deactivated as missing, and groups that waited unwritten
// (P6). Each is checked again on both sides first.
func planPurge(ctx context.Context, e *stage.Env, req Request) (*plan.Plan, error) {
	d, err := newPartDraft(e, plan.Header{Mode: record.Purge})
	if err != nil {
		return nil, err
	}
	defer d.Work.Close()
	d.AdminsKnown, d.Named = true, req.Only != nil
	due := func(ctx context.Context) error { return purge.Due(ctx, d, req.Only) }
	if err := inOrder(ctx, d, undo.DescribeTarget, step(due), diff.ReportSpared, guard.CountProblems, guard.Changes,
		purge.GuardClock); err != nil {
		return nil, err
	}
	p, err := seal.Changes(ctx, d, req.Path)
	return p, stage.Cancelled(ctx, err)
}

// planUndo plans the reverse of a run from its journal: what the run changed and what is still as
// it left it. It lists nothing on either side and checks each object that the run wrote. What
// cannot be restored, and what changed since, is a problem.
func planUndo(ctx context.Context, e *stage.Env, req Request) (*plan.Plan, error) {
	run, err := undo.Undoable(ctx, e, req.Undo)
	if err != nil {
		return nil, err
	}
	d, err := newPartDraft(e, plan.Header{Mode: record.Undo, UndoOf: run.ID})
	if err != nil {
		return nil, err
	}
	defer d.Work.Close()
	u := &undo.Undoing{Run: run, Fields: map[string]bool{}, D: d}
	err = inOrder(ctx, d, undo.DescribeTarget, step(u.ReadJournal), step(u.Fold), step(u.ReadGrace), step(u.Nothing),
		step(u.Look), step(u.OrderKeysBack), step(u.Reverse),
		step(u.GuardUndo))
	if err != nil {
		return nil, err
	}
	p, err := seal.Changes(ctx, d, req.Path)
	return p, stage.Cancelled(ctx, err)
}

// explainOnce plans for one subject, and describes what it found instead of writing a plan. without
// has the directories to leave out, with the reasons.
func explainOnce(ctx context.Context, e *stage.Env, s explain.Subject, without map[string]error) (explain.Result,
	error) {
	d, err := newPartDraft(e, plan.Header{Mode: record.DryRun})
	if err != nil {
		return explain.Result{}, err
	}
	defer d.Work.Close()
	under, err := e.Store.Value(ctx, facts.FingerprintsValue)
	if err != nil {
		return explain.Result{}, err
	}
	d.Fingerprints = read.NewFingerprints(e).Index()
	d.Fingerprints.Alike = under == e.FingerprintsDigest()
	x := explain.Result{Subject: s}
	set := affected.NewExplainedSet(d)
	d.Coverage = set
	ex := explain.New(d, set, &x, without)
	err = inOrder(ctx, d, diff.BeginJournal, step(ex.Read), match.Objects, match.OrderKeys, diff.Objects, diff.Removals,
		diff.Unmatched, step(ex.Members),
		step(ex.Describe))
	return x, err
}

// step makes a stage of a function that has its draft already.
func step(run func(context.Context) error) func(context.Context, *stage.Draft) error {
	return func(ctx context.Context, _ *stage.Draft) error { return run(ctx) }
}

// inOrder runs stages until one fails.
func inOrder(ctx context.Context, d *stage.Draft, stages ...func(context.Context, *stage.Draft) error) error {
	for _, run := range stages {
		if err := run(ctx, d); err != nil {
			return stage.Cancelled(ctx, err)
		}
	}
	return nil
}

// newDraft begins a plan with a work database of its own, which the caller closes.
func newDraft(e *stage.Env, h plan.Header) (*stage.Draft, error) {
	w, err := workdb.Open(e.Dir)
	if err != nil {
		return nil, err
	}
	h.Made, h.Organization = e.Now().UTC(), e.Org
	d := &stage.Draft{Env: e, Work: w, Header: h}
	d.Coverage = read.NewListing(d)
	return d, nil
}

// newPartDraft is newDraft for a plan that lists neither side.
func newPartDraft(e *stage.Env, h plan.Header) (*stage.Draft, error) {
	h.CloudReadAt, h.Complete = e.Now().UTC(), true
	d, err := newDraft(e, h)
	if err == nil {
		d.Frozen = map[string]bool{}
	}
	return d, err
}
