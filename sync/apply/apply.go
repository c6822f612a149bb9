package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"dirbridge/sync/facts"
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
	relisted       bool                         // cloud answers from a listing in the work database
	cloud          cloudNow                     // reads the cloud again, for a stale plan
	deferred       []int64                      // changes whose references are set afterwards
	late           map[int64]bool               // those of them in the current batch
	whole          map[int64]bool               // deferred changes whose first step sent nothing
	doubted        map[int64]plan.Change        // changes written twice with no visible effect
	spoiled        map[int64]string             // changes whose temporary key could not be written
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
	a := &applier{env: e, plan: p, header: p.Header(), how: opt, run: run, spoiled: map[int64]string{},
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
	if err := errors.Join(a.tellOverrides(ctx), a.tellWithheld(ctx), a.env.OwnState(ctx)); err != nil {
		return done, err
	}
	if a.behind, err = a.outdated(ctx); err == nil {
		err = errors.Join(a.meet(ctx), a.env.NameState(ctx))
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

// accept refuses a plan that does not fit the state or the cloud that it would be applied to (P3),
// and holds a plan that a guard holds (P4).
func (a *applier) accept(ctx context.Context) error {
	h := a.header
	if !a.how.Fresh {
		a.env.Meter.Phase(port.Verifying, 0)
		if err := a.plan.Verify(ctx); err != nil {
			return port.Refused(err.Error(), "make a new plan")
		}
		if h.Organization.ID != a.env.Org.ID {
			return port.Refused(fmt.Sprintf("the plan is for the organization %s, and this is %s", h.Organization.ID,
				a.env.Org.ID), "apply it with the configuration that it was made with")
		}
		if err := a.sameDirectories(ctx); err != nil {
			return err
		}
		if h.Config != a.env.ConfigDigest() {
			return port.Refused("scope, mapping or policy were changed since the plan was made", "make a new plan")
		}
	}
	holds := h.Holds
	other, err := a.env.OtherOrganization(ctx)
	if err != nil {
		return err
	}
	if other != nil && !slices.ContainsFunc(holds, func(h plan.Hold) bool { return h.Rule == other.Rule }) {
		holds = append([]plan.Hold{*other}, holds...)
	}
	return a.override(holds)
}

func (a *applier) sameDirectories(ctx context.Context) error {
	now := map[string]string{}
	for _, src := range a.env.Sources {
		dir, err := src.Describe(ctx)
		if err != nil {
			return fmt.Errorf("directory %s: %w", dir.Name, err)
		}
		now[dir.Name] = dir.Identity
	}
	for _, dir := range a.header.Directories {
		if id, ok := now[dir.Name]; !ok || dir.Whole && id != dir.Identity {
			return port.Refused(fmt.Sprintf("the plan was made from the directory %s (%s), which is not the one configured "+
				"now", dir.Name, dir.BaseDN), "make a new plan")
		}
	}
	if len(now) != len(a.header.Directories) {
		return port.Refused("the configured directories are not those that the plan was made from", "make a new plan")
	}
	return nil
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

// remember stores what the plan carries beside its changes. It runs after every change was
// attempted; objects whose change failed stay dirty.
func (a *applier) remember(ctx context.Context) error {
	a.env.Meter.Phase(port.Recording, 0)
	ctx = context.WithoutCancel(ctx)
	if a.behind {
		return nil
	}
	var b port.Batch
	flush := func(limit int) error {
		if len(b.Shadows)+len(b.Forget) < limit {
			return nil
		}
		err := a.env.Store.Commit(ctx, b)
		b = port.Batch{}
		return err
	}
	if err := a.plan.Shadows(ctx, func(s identity.Shadow) error {
		// The plan does not change this object, so its shadow keeps the run that last did.
		if s.Run == 0 {
			s.Run = a.run.ID
		}
		b.Shadows = append(b.Shadows, s)
		return flush(1000)
	}); err != nil {
		return err
	}
	if err := a.plan.Forgets(ctx, func(f identity.Anchor) error {
		if keep, err := a.keepLink(ctx, f); err != nil || keep {
			reason := "the change of who takes its account over was not done"
			if a.run.LeftOut > 0 {
				reason = a.leftOut()
			}
			a.putBy(plan.Change{Anchor: f}, reason)
			return err
		}
		b.Forget = append(b.Forget, f)
		return flush(1000)
	}); err != nil {
		return err
	}
	b.Values = map[string]string{}
	if err := a.plan.Values(ctx, func(name, value string) error {
		b.Values[name] = value
		return nil
	}); err != nil {
		return err
	}
	a.unsettle(b.Values)
	a.keepConfirmations(b.Values)
	if err := a.statistics(b.Values); err != nil {
		return err
	}
	if err := a.places(ctx, &b); err != nil {
		return err
	}
	if err := a.leftOver(ctx, &b); err != nil {
		return err
	}
	b.CleanOf = placesToCome
	if err := a.clean(ctx, &b); err != nil {
		return err
	}
	a.settled(&b)
	if a.header.Mode == record.Full && a.header.Complete {
		b.Values[facts.LastFullValue] = a.at().Format(time.RFC3339)
		b.Values[facts.FullDigestValue] = a.env.FingerprintsDigest()
		b.Values[facts.RulesValue] = workdb.Encode(rulesInForce(a.env, a.header.Directories))
		b.Values[facts.DamagedValue] = ""
	}
	return a.env.Store.Commit(ctx, b)
}

// outdated says whether a saved plan was made from another state, or whether another run was active
// or began after it was made. What the plan found besides its changes is then older than the state,
// and is dropped; the next run finds it again. The next run also checks everything that such a plan
// writes, because the plan's shadows may be out of date.
func (a *applier) outdated(ctx context.Context) (bool, error) {
	if a.how.Fresh {
		return false, nil
	}
	mark, err := a.env.StateMark(ctx, a.run.ID, a.header.ID)
	if err != nil || mark != a.header.State {
		return true, err
	}
	runs, err := a.env.Store.Runs(ctx, 1000)
	for _, r := range runs {
		if r.ID != a.run.ID && r.Mode != record.DryRun && !stage.LeftNothing(r, a.header.ID) &&
			(r.Started.After(a.header.Made) || r.Ended.After(a.header.Made)) {
			return true, err
		}
	}
	return false, err
}

// maxFailed limits how many failed objects a run keeps in memory.
const maxFailed = 50_000

// clean clears the dirty mark of objects that this full run examined without a failure. After any
// other run it clears the mark of groups whose changes are all done.
func (a *applier) clean(ctx context.Context, b *port.Batch) error {
	if a.run.LeftOut > 0 || len(a.failed) >= maxFailed {
		return nil
	}
	all := a.how.Fresh && a.header.Mode != record.Purge && a.header.Complete
	return a.env.Store.Dirty(ctx, func(anchor identity.Anchor, reason string) error {
		if !a.failed[anchor] && reason != placesToCome && (all || reason == membersToCome) {
			if b.Dirty == nil {
				b.Dirty = map[identity.Anchor]string{}
			}
			b.Dirty[anchor] = ""
		}
		return nil
	})
}

func (a *applier) at() time.Time { return a.env.Now().UTC() }

// places replaces containers and edges of the directories whose digest the plan carries; only
// directories with changes have one.
func (a *applier) places(ctx context.Context, b *port.Batch) error {
	b.Edges = map[string]port.EdgeSet{}
	b.Containers = map[string][]identity.Container{}
	for _, dir := range a.header.Directories {
		if _, ok := b.Values[facts.EdgesValue+dir.Name]; ok && a.header.Mode == record.Full {
			b.Edges[dir.Name] = func(yield func(identity.Edge) error) error { return a.plan.Edges(ctx, dir.Name, yield) }
		}
		if _, ok := b.Values[facts.ContainersValue+dir.Name]; ok {
			var cs []identity.Container
			if err := a.plan.Containers(ctx, dir.Name, func(c identity.Container) error {
				cs = append(cs, c)
				return nil
			}); err != nil {
				return err
			}
			b.Containers[dir.Name] = cs
		}
	}
	return nil
}

// leftOver stores what incremental runs look up: the deferred objects and, from an incremental
// plan, the edges that were added and removed.
func (a *applier) leftOver(ctx context.Context, b *port.Batch) error {
	b.AllDeferred = a.plan.ReplacesDeferred()
	err := a.plan.Deferred(ctx, func(t identity.Deferred) error {
		b.Deferred = append(b.Deferred, t)
		return nil
	})
	if err != nil {
		return err
	}
	if err := a.plan.Settled(ctx, func(s identity.Anchor) error {
		b.Settled = append(b.Settled, s)
		return nil
	}); err != nil {
		return err
	}
	return a.plan.EdgeChanges(ctx, func(c plan.EdgeChange) error {
		b.EdgeChanges = append(b.EdgeChanges, port.EdgeChange{Directory: c.Directory, Edge: c.Edge, Removed: c.Removed})
		return nil
	})
}

// heldMessage is a hold in one line.
func heldMessage(h plan.Hold) string {
	if len(h.Causes) == 0 {
		return h.Detail
	}
	causes := make([]string, len(h.Causes))
	for i, c := range h.Causes {
		causes[i] = c.String()
	}
	return h.Detail + " " + strings.Join(causes, "; ") + "."
}

// heldBy records what a held plan found, and closes its run.
func (a *applier) heldBy(ctx context.Context, held *port.HeldError) (_ record.Run, err error) {
	if a.behind, err = a.outdated(ctx); err == nil {
		err = a.meet(ctx)
	}
	run, holds := a.held(held)
	return run, errors.Join(holds, err)
}

// held closes a run that a guard stopped. Nothing was written, except for the leavers that
// leaversOf deactivated.
func (a *applier) held(err *port.HeldError) (record.Run, error) {
	run := a.run
	run.Ended, run.Outcome, run.Detail = a.at(), record.WasHeld, err.Error()
	if written := err.Written(); written != "" {
		run.Detail += " " + written
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	a.env.WriteHealth(ctx, run.ID)
	for _, h := range err.Holds {
		_ = a.env.Store.Append(ctx, record.Event{Time: run.Ended, Run: run.ID, Level: record.Warn, Code: "held",
			Message: heldMessage(h), Remedy: h.Remedy})
	}
	if e := errors.Join(a.noteHeld(ctx, run, err.Holds), a.env.Store.End(ctx, run)); e != nil {
		return run, errors.Join(err, e)
	}
	return run, err
}

// close records how the run ended and reports what was done and what was not.
func (a *applier) close(ctx context.Context, err error) (record.Run, error) {
	bg, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	a.tellOverwritten()
	if e := a.commit(bg); e != nil {
		err = errors.Join(err, e)
	}
	a.env.WriteHealth(bg, a.run.ID)
	run := a.run
	run.Ended = a.at()
	run.NotDone += max(0, a.plan.Len()-a.seen)
	level := record.Info
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		run.Outcome, level = record.Cancelled, record.Warn
	case err != nil:
		run.Outcome, level = record.Failed, record.Error
		run.Detail = err.Error()
	case run.Failed+run.Skipped+run.NotDone > 0, len(run.Unread) > 0:
		run.Outcome, level = record.Partial, record.Warn
	default:
		run.Outcome = record.Done
	}
	text := fmt.Sprintf("%s: %d written, %d failed, %d skipped, %d not done", run.Outcome, run.Counts.Writes(),
		run.Failed, run.Skipped, run.NotDone)
	if run.LeftOut > 0 {
		text += "; " + a.partWords()
	}
	if run.Gone > 0 {
		text += fmt.Sprintf(", %d gone already", run.Gone)
	}
	for _, dir := range run.Unread {
		text += "; directory " + dir.Name + " was not read"
	}
	switch {
	case run.Detail != "":
	case run.Outcome != record.Done:
		run.Detail = text
	case run.LeftOut > 0:
		run.Detail = a.partWords()
	}
	ev := record.Event{Time: run.Ended, Run: run.ID, Level: level, Code: "run-" + string(run.Outcome), Message: text,
		Remedy: identity.Remedy(err)}
	if err != nil && run.Outcome != record.Cancelled {
		ev.Message = text + ": " + err.Error()
	}
	if e := errors.Join(a.env.Store.Append(bg, ev), a.notePassed(bg, run)); e != nil && err == nil {
		err = e
	}
	if e := a.env.Store.End(bg, run); e != nil && err == nil {
		err = e
	}
	return run, err
}
