package undo

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/diff"
	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Undoing is the plan that undoes a run, in the making. Only the goroutine that plans touches it.
type Undoing struct {
	D       *stage.Draft
	Run     record.Run
	changed int64           // objects and memberships that the run changed
	open    int64           // writes of the run whose outcome is unknown
	adopted int64           // existing accounts that it found instead of adding them
	Fields  map[string]bool // that it wrote, of any object
}

// Undoable finds the run, and says why it cannot be undone if it cannot.
func Undoable(ctx context.Context, e *stage.Env, id int64) (record.Run, error) {
	no := func(remedy, format string, args ...any) error {
		return &identity.Failure{Class: identity.GiveUp, Remedy: remedy, Err: fmt.Errorf("undo: "+format, args...)}
	}
	run, ok, err := e.Store.Run(ctx, id)
	switch {
	case err != nil:
		return run, err
	case !ok:
		return run, no("dirbridge history lists the runs.", "there is no run %d", id)
	}
	if other, err := e.OtherOrganization(ctx); err != nil {
		return run, err
	} else if other != nil {
		return run, no(other.Remedy, "run %d wrote to another organization: %s", id, other.Detail)
	}
	if run.Outcome == record.Running {
		// A run whose process died is marked as running until a connector leads.
		release, err := e.Store.Lead(ctx)
		if errors.Is(err, port.ErrNotLeader) {
			return run, no("Wait until it has ended, or cancel it; then undo it.", "run %d is still running", id)
		}
		if err != nil {
			return run, err
		}
		return run, release()
	}
	return run, nil
}

// DescribeTarget records which directories there are, for a plan that lists none of them.
func DescribeTarget(ctx context.Context, d *stage.Draft) error {
	d.Env.Meter.Phase(port.Planning, 0)
	for _, src := range d.Env.Sources {
		dir, err := src.Describe(ctx)
		if err != nil {
			return fmt.Errorf("directory %s: %w", dir.Name, err)
		}
		d.Header.Directories = append(d.Header.Directories, plan.DirectoryRead{Directory: dir, ReadAt: d.Env.Now().UTC(),
			Whole: true})
	}
	return nil
}

// Nothing ends the undo of a run that changed nothing.
func (u *Undoing) Nothing(context.Context) error {
	if u.changed > 0 || u.open > 0 {
		return nil
	}
	err := fmt.Errorf("undo: run %d changed nothing in the cloud", u.Run.ID)
	remedy := "dirbridge history lists the runs, and what each of them did."
	if u.links() > 0 {
		err = fmt.Errorf("%w; the accounts that it linked to objects of the directory stay linked", err)
	}
	return &identity.Failure{Class: identity.GiveUp, Remedy: remedy, Err: err}
}

// links is how many accounts existed already and were only linked by the run.
func (u *Undoing) links() int64 {
	return u.Run.Counts.Users.Match + u.Run.Counts.Groups.Match + u.adopted
}

// GuardUndo judges the plan like any other (P4). What only a listing would show is not known: an
// undo makes no object missing, and does not check for absent accounts.
func (u *Undoing) GuardUndo(ctx context.Context) error {
	if n := u.links(); n > 0 {
		u.D.Header.Notes = append(u.D.Header.Notes,
			fmt.Sprintf("The links that run %d made to %d accounts that were there already stay.", u.Run.ID, n))
	}
	if n := u.D.Header.Again; n > 0 {
		u.D.Header.Notes = append(u.D.Header.Notes,
			fmt.Sprintf("The next synchronization would make %d of these changes again, because the directory still asks for "+
				"them. "+
				"Change the scope or the mapping first, then plan the undo again; or turn the schedule off: dirbridge disable.", n))
	}
	if err := diff.ReportSpared(ctx, u.D); err != nil {
		return err
	}
	if err := guard.CountProblems(ctx, u.D); err != nil {
		return err
	}
	t := guard.Totals{Removals: u.D.Header.Removals, People: 1, AdminsAll: -1, AdminsOut: u.D.AdminsOut,
		AdminsKnown: u.D.AdminsKnown || u.D.Header.Removals == 0, Changes: true}
	linked, err := u.D.Env.Store.Linked(ctx)
	if err != nil {
		return err
	}
	for _, n := range linked {
		t.Ours += n.People
	}
	if t.Causes, err = guard.CausesOf(ctx, u.D, workdb.Counted{Rule: plan.RuleRemovals}); err != nil {
		return err
	}
	u.D.Header.Holds = guard.HoldsOfTotals(t, u.D.Env.Policy.Threshold)
	return guard.Changes(ctx, u.D)
}
