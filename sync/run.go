package sync

import (
	"context"
	"fmt"

	"dirbridge/sync/apply"
	"dirbridge/sync/diff"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// Sync takes the lease, finishes what a crash left unanswered, plans, and applies at once against
// its own listing. It returns the plan if one was made, held or not; the caller closes it.
func (e *Engine) Sync(ctx context.Context, req Request, opt apply.Options) (*plan.Plan, record.Run, error) {
	if req.Mode != record.Trial {
		e.afterTrial(ctx)
	}
	release, err := e.env.Store.Lead(ctx)
	if err != nil {
		return nil, record.Run{}, err
	}
	defer release()
	if err := apply.CloseCrashed(ctx, e.env); err != nil {
		return nil, record.Run{}, err
	}
	run, err := e.env.Store.Begin(ctx, record.Run{Mode: req.Mode, Started: e.env.Now().UTC(), Outcome: record.Running,
		By: opt.By})
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

// reportRead logs what an operator should know about the reads of a run: why everything was read
// for an incremental request, and the warnings of the directories.
func reportRead(ctx context.Context, e *stage.Env, run record.Run, h plan.Header) error {
	var events []record.Event
	add := func(level record.Level, code, message, remedy string) {
		events = append(events, record.Event{Time: e.Now().UTC(), Run: run.ID, Level: level, Code: code, Message: message,
			Remedy: remedy, Side: identity.InDirectory})
	}
	if h.Instead != "" {
		add(record.Info, "full-instead", "Everything is read instead of the changes alone: "+h.Instead+".",
			"Nothing to do: the next incremental run goes on from here.")
	}
	for _, dir := range h.Directories {
		for _, w := range dir.Warnings {
			add(record.Warn, "directory-warning", fmt.Sprintf("Directory %s: %s", dir.Name, w), "")
		}
		if dir.NoDeletions != "" {
			add(record.Warn, "deletions-untold", fmt.Sprintf("Directory %s: incremental runs do not see deletions: %s.",
				dir.Name, dir.NoDeletions), dir.Remedy)
		}
	}
	if h.Mode == record.Full {
		for _, ev := range diff.RulesEnding(h.UnmanagedRules) {
			ev.Time, ev.Run = e.Now().UTC(), run.ID
			events = append(events, ev)
		}
	}
	if len(events) == 0 {
		return nil
	}
	return e.Store.Append(ctx, events...)
}

// Apply executes a plan that was made before. See apply.Options.
func (e *Engine) Apply(ctx context.Context, p *plan.Plan, opt apply.Options) (record.Run, error) {
	e.afterTrial(ctx)
	release, err := e.env.Store.Lead(ctx)
	if err != nil {
		return record.Run{}, err
	}
	defer release()
	if err := apply.CloseCrashed(ctx, e.env); err != nil {
		return record.Run{}, err
	}
	run, err := e.env.Store.Begin(ctx, record.Run{Mode: record.ApplyPlan, Started: e.env.Now().UTC(),
		Outcome: record.Running, Plan: p.Header().ID, By: opt.By})
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

// connect signs in to the cloud and determines which attributes are managed there.
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
