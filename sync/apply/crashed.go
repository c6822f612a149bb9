package apply

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// crashedDetail is the message for a run whose process is gone.
const crashedDetail = "the program ended before the run did"

// CloseCrashed closes the runs that a dead process left open, with the counts of their journals.
// The caller leads, and has begun no run yet.
func CloseCrashed(ctx context.Context, e *stage.Env) error {
	open, err := e.Store.OpenRuns(ctx)
	if err != nil {
		return err
	}
	for _, r := range open {
		if r, err = Crashed(ctx, e.Store, r); err != nil {
			return err
		}
		if err := e.Store.End(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// Crashed returns the record of a run whose process is gone. It counts what the journal proves: a
// write without an answer counts only after Recover found that it was done, and what the run did
// not get to is not known.
func Crashed(ctx context.Context, journal port.Journal, run record.Run) (record.Run, error) {
	t, err := tallyOf(ctx, journal, run)
	if t.run.Outcome = record.Crashed; t.run.Detail == "" {
		t.run.Detail = crashedDetail
	}
	return t.run, err
}

// tally counts the answers of a run by its journal.
type tally struct {
	run  record.Run
	main bits // the changes that had a main step: their second step counts no change
}

func tallyOf(ctx context.Context, journal port.Journal, run record.Run) (*tally, error) {
	run.Counts, run.Failed, run.Skipped, run.Gone = record.Counts{}, 0, 0, 0
	t := &tally{run: run}
	err := journal.Journal(ctx, run.ID, func(i port.Intent) error {
		if i.Damaged {
			return nil
		}
		if i.Step == stepMain {
			t.main.set(i.Seq)
		}
		if i.Answer != nil {
			t.add(i, i.Answer.Outcome)
		}
		return nil
	})
	return t, err
}

// add counts one answer in the way of applier.outcome.
func (t *tally) add(i port.Intent, o record.Outcome) {
	if i.Step != stepMain && i.Step != stepRefs {
		return
	}
	counted := i.Step == stepMain || !t.main.has(i.Seq)
	switch {
	case o.State == record.WriteDone && counted && i.Change.Action == plan.Delete && i.Change.Kind != identity.Member &&
		o.Gone():
		t.run.Gone++
	case o.State == record.WriteDone && counted:
		stage.CountDone(&t.run.Counts, i.Change)
	case o.State == record.WriteFailed:
		t.run.Failed++
	case o.State == record.WriteSkipped:
		t.run.Skipped++
	}
}

// tallies are those of runs, by id; nil for a run that did not crash.
type tallies map[int64]*tally

// add counts an answer that was found after the crash of its run, and returns the new record of the
// run: none if it did not crash, because such a run counted the write itself.
func (s tallies) add(ctx context.Context, store port.Store, i port.Intent, o record.Outcome) ([]record.Run, error) {
	t, known := s[i.Run]
	if !known {
		run, ok, err := store.Run(ctx, i.Run)
		if err != nil {
			return nil, err
		}
		if ok && run.Outcome == record.Crashed {
			if t, err = tallyOf(ctx, store, run); err != nil {
				return nil, err
			}
		}
		s[i.Run] = t
	}
	if t == nil {
		return nil, nil
	}
	t.add(i, o)
	return []record.Run{t.run}, nil
}

// bits is a set of small numbers.
type bits []uint64

func (b *bits) set(n int64) {
	for int64(len(*b)) <= n/64 {
		*b = append(*b, 0)
	}
	(*b)[n/64] |= 1 << (n % 64)
}

func (b bits) has(n int64) bool { return n/64 < int64(len(b)) && b[n/64]&(1<<(n%64)) != 0 }
