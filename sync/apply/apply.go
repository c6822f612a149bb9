package apply

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Options say how a plan is applied.
type Options struct {
	// Override lifts the overridable holds whose Count is among these numbers, for this run only.
	// The plan is refused if a number is neither a hold's Count nor the plan's number of removals.
	Override []int64
	// By names the operator who requests the run, for the record.
	By string
	// Part selects the changes to apply; the next run plans the rest again.
	Part plan.Part
	// Fresh means that the plan was just made from the listing that it is applied to.
	Fresh bool
	// Some means that the run examined only part of the objects that a run of its mode tries.
	Some bool
}

// trusted is how long after it was made a fresh plan is applied without reading the cloud again.
const trusted = 10 * time.Minute

// Steps of one change in the journal.
const (
	stepMain = 0
	stepVia  = 1 // the temporary key
	stepRefs = 2 // references to accounts that the same plan adds
	stepBack = 3 // the old key again, where the account cannot get the new one
	stepOn   = 4 // the new key alone, where the old one is taken by now
)

// applier executes one plan. Only the goroutine that applies touches it; outcomes arrive one at a
// time, see Target.Apply.
type applier struct {
	env            *stage.Env
	plan           *plan.Plan
	header         plan.Header
	how            Options
	run            record.Run
	stale          bool
	behind         bool                         // see outdated
	archived       int                          // looks for the deleted account of a refused address
	relisted       bool                         // cloud answers from a listing in the work database
	cloud          cloudNow                     // reads the cloud again, for a stale plan
	deferred       []int64                      // changes whose references are set afterwards
	late           map[int64]bool               // those of them in the current batch
	whole          map[int64]bool               // deferred changes whose first step sent nothing
	doubted        map[int64]plan.Change        // changes written twice with no visible effect
	stuck          map[int64]string             // changes whose temporary key could not be written
	atTemporaryKey map[int64]plan.Change        // changes whose account has its temporary key now
	failed         map[identity.Anchor]bool     // objects with a failed change, up to maxFailed
	undone         map[identity.ResourceID]bool // accounts with an undone change, up to maxFailed
	stillActive    map[identity.Anchor]bool     // leavers not deactivated yet, see noteLeaver
	confirmed      map[identity.Anchor]bool     // confirmed in a saved plan, see privilegedNow
	elsewhere      map[identity.Anchor]bool     // leavers deactivated outside this run
	viaDone        bool
	pending        port.Batch // answers that are not durable yet
	misses         []miss
	failing        bool       // a record failed in earlier runs
	addedInactive  int64      // accounts added for people who are disabled in the directory
	seen           int64      // changes that got an outcome
	overwritten    int64      // objects whose drift was overwritten
	moves          *workdb.DB // which change frees which key, where part of the plan is applied
	stop           error      // the reason why no further change may be written
}

// Run executes a plan and closes its run. The caller holds the writer's lease.
func Run(ctx context.Context, e *stage.Env, p *plan.Plan, opt Options, run record.Run) (record.Run, error) {
	a := &applier{env: e, plan: p, header: p.Header(), how: opt, run: run, stuck: map[int64]string{},
		whole:          map[int64]bool{},
		atTemporaryKey: map[int64]plan.Change{}, failed: map[identity.Anchor]bool{}, undone: map[identity.ResourceID]bool{},
		stillActive: map[identity.Anchor]bool{}, elsewhere: map[identity.Anchor]bool{}}
	a.run.Plan, a.run.UndoOf, a.run.Withheld = a.header.ID, a.header.UndoOf, a.header.Withheld
	a.run.Unread = e.NotRead(a.header)
	if err := a.noteWithheld(ctx); err != nil {
		return Finish(e, a.run, err), err
	}
	var held *port.HeldError
	if err := a.accept(ctx); errors.As(err, &held) && !a.sparesLeavers(held) {
		return a.heldBy(ctx, held)
	} else if err != nil && held == nil {
		return Finish(e, a.run, err), err
	}
	done, err := a.makeReady(ctx)
	defer done()
	switch {
	case err != nil && held != nil:
		run, stopped := a.held(held)
		return run, errors.Join(stopped, err)
	case err != nil:
		return Finish(e, a.run, err), err
	case held != nil:
		return a.leaversOf(ctx, held)
	}
	e.Meter.Phase(port.Applying, p.Len())
	err = stage.Cancelled(ctx, a.all(ctx))
	if err == nil {
		err = a.remember(ctx)
	}
	if err == nil {
		err = a.endPurgeProblems(ctx)
	}
	return a.close(ctx, err)
}

// makeReady prepares everything that is needed before the first write. done releases it and is
// never nil.
func (a *applier) makeReady(ctx context.Context) (done func(), err error) {
	closeNow := func() {}
	done = func() {
		closeNow()
		if a.moves != nil {
			a.moves.Close()
		}
	}
	if err := a.choose(ctx); err != nil {
		return done, err
	}
	if err := errors.Join(a.reportOverrides(ctx), a.reportWithheld(ctx), a.env.OwnState(ctx)); err != nil {
		return done, err
	}
	if a.behind, err = a.outdated(ctx); err == nil {
		err = errors.Join(a.storeProblems(ctx), a.env.NameState(ctx))
	}
	if err != nil {
		return done, err
	}
	failing, err := a.env.Store.FailingCount(ctx, 1)
	if err != nil {
		return done, err
	}
	a.failing = failing > 0
	if err := a.follow(ctx); err != nil {
		return done, err
	}
	if a.stale = !a.how.Fresh || a.env.Now().Sub(a.header.Made) > trusted; !a.stale {
		return done, nil
	}
	if err := a.loadConfirmed(ctx); err != nil {
		return done, err
	}
	looked, err := a.lookNow(ctx)
	if err == nil {
		closeNow = looked
	}
	return done, err
}

// all walks the plan in order. Changes of one phase and wave form batches; the next wave begins
// when every change of the previous one is answered.
func (a *applier) all(ctx context.Context) error {
	size := max(1, a.env.Target.Limits().Batch)
	for after := int64(0); ; {
		rows, err := a.plan.ChangesFrom(ctx, after, size)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		n := 1
		for n < len(rows) && rows[n].Phase == rows[0].Phase && rows[n].Wave == rows[0].Wave {
			n++
		}
		rows = rows[:n]
		after = rows[n-1].Seq
		if rows[0].Phase >= plan.MemberAdds {
			if err := a.restoreKeys(ctx); err != nil {
				return err
			}
		}
		if err := a.openRings(ctx, rows[0].Phase); err != nil {
			return err
		}
		if err := a.batch(ctx, rows, stepMain); err != nil {
			return err
		}
		if rows[0].Phase >= plan.MemberAdds {
			if err := a.setReferences(ctx); err != nil {
				return err
			}
		}
	}
	if err := a.restoreKeys(ctx); err != nil {
		return err
	}
	return a.setReferences(ctx)
}

// restoreKeys gives accounts their old key back if they took a temporary key and another account of
// their cycle could not move: no account keeps a temporary key because of another account's problem
// (P8). Where the old key is taken by now, the new one is free, and only another part of the change
// was refused.
func (a *applier) restoreKeys(ctx context.Context) error {
	for _, step := range []int{stepBack, stepOn} {
		rows := slices.SortedFunc(maps.Values(a.atTemporaryKey), func(x, y plan.Change) int {
			return cmp.Compare(x.Seq,
				y.Seq)
		})
		clear(a.atTemporaryKey)
		if err := a.inBatches(ctx, rows, step); err != nil {
			return err
		}
	}
	clear(a.atTemporaryKey)
	return nil
}

func (a *applier) inBatches(ctx context.Context, rows []plan.Change, step int) error {
	for some := range slices.Chunk(rows, max(1, a.env.Target.Limits().Batch)) {
		if err := a.batch(ctx, some, step); err != nil {
			return err
		}
	}
	return nil
}

// openRings writes the temporary keys before any account of a cycle takes its final key.
func (a *applier) openRings(ctx context.Context, phase plan.Phase) error {
	c := a.header.Counts
	if a.viaDone || phase < plan.GroupWrites || c.Users.Writes() < 2 && c.Groups.Writes() < 2 {
		return nil
	}
	a.viaDone = true
	var cycle []plan.Change
	err := a.plan.Changes(ctx, func(c plan.Change) error {
		if c.Via == "" || !a.how.Part.Takes(&c) {
			return nil
		}
		all, err := a.cycleTaken(ctx, &c)
		if all {
			cycle = append(cycle, c)
		}
		return err
	})
	if err != nil || len(cycle) == 0 {
		return err
	}
	return a.inBatches(ctx, cycle, stepVia)
}

// setReferences sets, in a second step, references to accounts that did not exist
// when the change was written.
func (a *applier) setReferences(ctx context.Context) error {
	size := max(1, a.env.Target.Limits().Batch)
	for len(a.deferred) > 0 {
		n := min(size, len(a.deferred))
		var rows []plan.Change
		for _, seq := range a.deferred[:n] {
			c, err := a.plan.At(seq)
			if err != nil {
				return err
			}
			rows = append(rows, c)
		}
		a.deferred = a.deferred[n:]
		if err := a.batch(ctx, rows, stepRefs); err != nil {
			return err
		}
	}
	return nil
}

// maxFailed limits how many failed objects a run keeps in memory.
const maxFailed = 50_000

func (a *applier) at() time.Time { return a.env.Now().UTC() }
