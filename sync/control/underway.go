package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dirbridge/sync/apply"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// CancelledError is the error of a cancelled request.
type CancelledError struct {
	Run record.Run // zero if none was begun
	by  string
	err error
}

func (e *CancelledError) Error() string {
	text := "cancelled"
	if e.by != "" {
		text += " by " + e.by
	}
	if e.Run.ID == 0 {
		return text + "; nothing was written"
	}
	return fmt.Sprintf("%s; run %d wrote %s, %d not attempted", text, e.Run.ID,
		howMany(int(e.Run.Counts.Writes()), "change"), e.Run.NotDone)
}

func (e *CancelledError) Unwrap() error { return e.err }

// asCancelled turns the context's error of a cancelled request into a CancelledError.
func asCancelled(err error, run record.Run, by string) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	return &CancelledError{run, by, err}
}

// underWay finds the current run of another process. It marks runs whose process is gone; the state
// marks them once the next run begins.
func (l *Local) underWay(ctx context.Context, runs []record.Run) (*record.Run, error) {
	open := func(r record.Run) bool { return r.Outcome == record.Running }
	if !slices.ContainsFunc(runs, open) {
		return nil, nil
	}
	here, elsewhere, err := l.opt.Store.Led(ctx)
	if err != nil || here {
		return nil, err
	}
	for i, r := range runs {
		if !open(r) {
			continue
		}
		if elsewhere {
			return &r, nil
		}
		// It may have ended between the two reads.
		if runs[i], _, err = l.opt.Store.Run(ctx, r.ID); err != nil {
			return nil, err
		}
		if open(runs[i]) {
			if runs[i], err = l.crashed(ctx, runs[i]); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

// crashed is the record of a run whose process is gone, until the next run stores it. The journal of
// such a run no longer changes, and is read once.
func (l *Local) crashed(ctx context.Context, run record.Run) (record.Run, error) {
	l.mu.Lock()
	known := l.dead
	l.mu.Unlock()
	if known.ID == run.ID {
		return known, nil
	}
	run, err := apply.Crashed(ctx, l.opt.Store, run)
	if err != nil {
		return run, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = run
	return run, nil
}

// quiet refuses an action that is not allowed during a run, here or in another process.
func (l *Local) quiet(ctx context.Context) error {
	if l.Progress().Phase != port.Idle {
		return ErrBusy
	}
	runs, err := l.opt.Store.Runs(ctx, statusRuns)
	if err != nil {
		return err
	}
	run, err := l.underWay(ctx, runs)
	if err != nil || run == nil {
		return err
	}
	return &identity.Failure{Class: identity.GiveUp, Remedy: "Do it again when that run has ended.",
		Err: fmt.Errorf("run %d is under way in another process", run.ID)}
}

// unfinished counts the writes that have no answer although nothing is writing: those of a current
// run are still being answered.
func (l *Local) unfinished(ctx context.Context) (n int64, err error) {
	count := func() error {
		n = 0
		return l.opt.Store.Unanswered(ctx, func(port.Intent) error { n++; return nil })
	}
	if err := count(); err != nil || n == 0 {
		return 0, err
	}
	here, elsewhere, err := l.opt.Store.Led(ctx)
	if err != nil || here || elsewhere {
		return 0, err
	}
	err = count() // the run may have ended between the two reads
	return n, err
}

// noteRead adds to values what a plan has read, if no run records it: what the cloud holds, and
// that a directory can be read again.
func (l *Local) noteRead(ctx context.Context, p *Plan, run record.Run, values map[string]string) error {
	if run.ID != 0 && run.Outcome != record.WasHeld {
		return nil
	}
	err := p.Values(ctx, func(name, value string) error {
		if name == facts.StatisticsValue {
			values[name] = value
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, d := range p.Header().Directories {
		var h DirectoryHealth
		if err := facts.ReadValue(ctx, l.opt.Store, facts.HealthValue(d.Name), &h); err != nil || h.Error == "" || !d.Whole {
			continue // what cannot be read is made new by the next run
		}
		if len(p.Header().Directories) > 1 {
			if err := l.opt.Store.Append(ctx, facts.AnswersAgain(h, run.ID, time.Now())); err != nil {
				return err
			}
		}
		h.Error, h.Remedy, h.Failed, h.Since = "", "", time.Time{}, time.Time{}
		h.Server, h.LastRead, h.LastFull = d.Server, d.ReadAt, d.ReadAt
		text, err := facts.TextOf(h)
		if err != nil {
			return err
		}
		values[facts.HealthValue(d.Name)] = text
	}
	return nil
}
