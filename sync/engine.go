package sync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Options are what an engine is made of. All but Clock and Dir are required.
type Options struct {
	Sources   []port.Source // one for each configured directory, names distinct
	Target    port.Target
	Store     port.Store
	Catalogue schema.Catalogue
	Rules     map[string]string // the mapping, see mapping.New
	// Overrides are, by directory, rules that stand for those of Rules there; "" leaves
	// an attribute of its people unmapped.
	Overrides map[string]map[string]string
	Policy    policy.Policy
	// Protected are names (patterns, * is any text) or ids of accounts and groups of the
	// cloud that are never linked, changed, emptied or removed.
	Protected []string
	// Unsynced says that a kind of object is not synchronized from a directory (any
	// more): what it left in the cloud is then kept. Nil is never.
	Unsynced func(directory string, kind identity.Kind) bool
	// ByMembership says that membership of groups decides who of a directory is in
	// scope. Nil is never.
	ByMembership func(directory string) bool
	Scope        string           // digest of all that decides who is in scope
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
	Mode record.Mode // Full, Incremental, Purge or Undo
	Path string      // of the plan file; "" keeps it in a temporary one
	// OrFull: where no full run has succeeded yet, an incremental one is a full one,
	// and not ErrNoFull.
	OrFull bool
	leads  bool  // the plan is made for a run of its own, which may note what it finds
	run    int64 // that run
	// Only has a purge take these at once, whether their grace is over or not, and
	// nobody else. Each must be one that we deactivated as missing.
	Only []identity.Anchor
	// Undo is the run that mode Undo takes back.
	Undo int64
}

// Plan reads both sides and writes a plan. Nothing is written to the cloud, and
// nothing to the state. A plan that must not be applied is made all the same: its
// holds say why.
func (e *Engine) Plan(ctx context.Context, req Request) (*plan.Plan, error) {
	e.env.Meter.Begin(req.Mode)
	defer e.env.Meter.End()
	if err := connect(ctx, e.env); err != nil {
		return nil, err
	}
	return makePlan(ctx, e.env, req)
}

// plan makes the plan that was asked for.
func makePlan(ctx context.Context, e *stage.Env, req Request) (_ *plan.Plan, err error) {
	if e.Mark, err = e.StateMark(ctx, req.run, ""); err != nil {
		return nil, err
	}
	switch req.Mode {
	case record.Purge:
		return planPurge(ctx, e, req)
	case record.Undo:
		return planUndo(ctx, e, req)
	case record.Incremental:
		return planIncremental(ctx, e, req)
	}
	return planFull(ctx, e, req, "")
}

// planFull makes a full plan: once more where the state turned out to be damaged. instead
// says why that is, where only the changes were asked for.
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
	p, err := planWhole(ctx, e, req, known.Words())
	if errors.Is(err, errDamagedState) {
		// What is damaged was left out, and more is: the file itself cannot be relied on.
		err = &identity.Failure{Class: string(record.Hold), Remedy: port.RemedyState, Err: err}
	}
	return p, err
}

// planWhole reads both sides whole: once more, and without fingerprints, where another process
// began to write meanwhile.
func planWhole(ctx context.Context, e *stage.Env, req Request, instead string) (*plan.Plan, error) {
	p, err := planStages(ctx, e, req, instead, false)
	if errors.Is(err, errBeside) {
		return planStages(ctx, e, req, instead, true)
	}
	return p, err
}

// planStages is the line of stages.
func planStages(ctx context.Context, e *stage.Env, req Request, instead string, beside bool) (*plan.Plan, error) {
	known, err := e.Store.Damaged(ctx, false)
	if err != nil {
		return nil, err
	}
	w, err := workdb.Open(e.Dir)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	d := &draft{env: e, work: w, damage: known.Len(), beside: beside, header: plan.Header{Mode: record.Full, Made: e.Now().UTC(), Organization: e.Org, Instead: instead}}
	for _, step := range []func(context.Context) error{
		d.beginJournal, d.read, d.match, d.orderKeys, d.diff, d.removals, d.members, d.guard, d.undamaged,
	} {
		if err := step(ctx); err != nil {
			return nil, stage.Cancelled(ctx, err)
		}
	}
	p, err := d.seal(ctx, req.Path)
	return p, stage.Cancelled(ctx, err)
}

// Sync leads, finishes what a crash left unanswered, plans, and applies at once
// against its own listing. The plan is returned where one was made, held or not;
// the caller closes it.
func (e *Engine) Sync(ctx context.Context, req Request, opt apply.Options) (*plan.Plan, record.Run, error) {
	release, err := e.env.Store.Lead(ctx)
	if err != nil {
		return nil, record.Run{}, err
	}
	defer release()
	if _, err := e.env.Store.MarkCrashed(ctx); err != nil {
		return nil, record.Run{}, err
	}
	run, err := e.env.Store.Begin(ctx, record.Run{Mode: req.Mode, Started: e.env.Now().UTC(), Outcome: record.Running, By: opt.By})
	if err != nil {
		return nil, run, err
	}
	e.env.Meter.Begin(req.Mode)
	defer e.env.Meter.End()
	if err := connect(ctx, e.env); err != nil {
		return nil, apply.Finish(e.env, run, err), err
	}
	if err := apply.Recover(ctx, e.env); err != nil {
		return nil, apply.Finish(e.env, run, err), err
	}
	if err := tidy(ctx, e.env, run.ID); err != nil {
		return nil, apply.Finish(e.env, run, err), err
	}
	req.leads, req.run = true, run.ID
	p, err := makePlan(ctx, e.env, req)
	if err == nil {
		err = tidy(ctx, e.env, run.ID)
	}
	if err != nil {
		return nil, apply.Finish(e.env, run, err), err
	}
	run.Mode = p.Header().Mode
	if err := reportRead(ctx, e.env, run, p.Header()); err != nil {
		return p, apply.Finish(e.env, run, err), err
	}
	opt.Fresh, opt.Some = true, req.Only != nil
	run, err = apply.Run(ctx, e.env, p, opt, run)
	return p, run, err
}

// reportRead notes what an operator should know of how a run read: why everything was
// read where only the changes were asked for, and what the directories warn of.
func reportRead(ctx context.Context, e *stage.Env, run record.Run, h plan.Header) error {
	var events []record.Event
	add := func(level record.Level, code, message, remedy string) {
		events = append(events, record.Event{Time: e.Now().UTC(), Run: run.ID, Level: level, Code: code, Message: message, Remedy: remedy, Side: identity.InDirectory})
	}
	if h.Instead != "" {
		add(record.Info, "full-instead", "Everything is read instead of the changes alone: "+h.Instead+".", "Nothing need be done: the next incremental run goes on from here.")
	}
	for _, dir := range h.Directories {
		for _, w := range dir.Warnings {
			add(record.Warn, "directory-warning", fmt.Sprintf("Directory %s: %s", dir.Name, w), "")
		}
		if dir.Untold != "" {
			add(record.Warn, "deletions-untold", fmt.Sprintf("Directory %s: incremental runs do not see deletions: %s.", dir.Name, dir.Untold), dir.Remedy)
		}
	}
	if h.Mode == record.Full {
		for _, ev := range rulesEnding(h.UnmanagedRules) {
			ev.Time, ev.Run = e.Now().UTC(), run.ID
			events = append(events, ev)
		}
	}
	if len(events) == 0 {
		return nil
	}
	return e.Store.Append(ctx, events...)
}

// Apply executes a plan that was made before. See ApplyOptions.
func (e *Engine) Apply(ctx context.Context, p *plan.Plan, opt apply.Options) (record.Run, error) {
	release, err := e.env.Store.Lead(ctx)
	if err != nil {
		return record.Run{}, err
	}
	defer release()
	if _, err := e.env.Store.MarkCrashed(ctx); err != nil {
		return record.Run{}, err
	}
	run, err := e.env.Store.Begin(ctx, record.Run{Mode: record.ApplyPlan, Started: e.env.Now().UTC(), Outcome: record.Running, Plan: p.Header().ID, By: opt.By})
	if err != nil {
		return run, err
	}
	e.env.Meter.Begin(record.ApplyPlan)
	defer e.env.Meter.End()
	if err := connect(ctx, e.env); err != nil {
		return apply.Finish(e.env, run, err), err
	}
	if err := apply.Recover(ctx, e.env); err != nil {
		return apply.Finish(e.env, run, err), err
	}
	return apply.Run(ctx, e.env, p, opt, run)
}

// Progress is a snapshot.
func (e *Engine) Progress() port.Progress { return e.env.Meter.Snapshot() }

// connect signs in to the cloud and settles which attributes are managed there.
func connect(ctx context.Context, e *stage.Env) error {
	e.Meter.Phase(port.Connecting, 0)
	org, err := e.Target.Describe(ctx)
	if err != nil {
		return fmt.Errorf("cloud: %w", err)
	}
	e.Org, e.Found = org, nil
	if e.Mappers, err = stage.NewMappers(e.Catalogue, e.Rules, e.Overrides, e.Target.Supports); err != nil {
		return err
	}
	e.NoteNoPlace(ctx)
	return nil
}
