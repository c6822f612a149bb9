package control

import (
	"context"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/queue"
	"dirbridge/sync/record"
)

func (l *Local) Runs(ctx context.Context, limit int) ([]record.Run, error) {
	runs, err := l.opt.Store.Runs(ctx, limit)
	if err == nil {
		_, err = l.underWay(ctx, runs)
	}
	return runs, err
}

func (l *Local) Events(ctx context.Context, since int64, limit int) ([]record.Event, error) {
	return l.opt.Store.EventsSince(ctx, since, limit)
}

func (l *Local) Journal(ctx context.Context, run int64, fn func(port.Intent) error) error {
	return l.opt.Store.Journal(ctx, run, fn)
}

func (l *Local) Failing(ctx context.Context, runs int64, limit int) ([]record.Failing, error) {
	return l.opt.Store.Failing(ctx, runs, limit)
}

// statusRuns is how many runs a status shows.
const statusRuns = 24

func (l *Local) Status(ctx context.Context) (Status, error) {
	s := Status{Connector: l.opt.Connector, Version: l.opt.Version, Cloud: l.opt.Cloud, Directory: l.opt.Directory,
		Progress: l.Progress(), Summary: Summary(l.Settings(), l.opt.Catalogue)}
	if l.opt.Schedule != nil {
		s.Schedule = l.opt.Schedule()
	}
	var err error
	if s.SignIn, err = l.signedIn(ctx); err != nil {
		return s, err
	}
	if s.Mode, err = l.Mode(ctx); err != nil {
		return s, err
	}
	if err := l.next(ctx, &s); err != nil {
		return s, err
	}
	s.Leading = s.Progress.Phase != port.Idle
	runs, err := l.opt.Store.Runs(ctx, statusRuns)
	if err != nil {
		return s, err
	}
	s.Last = runs
	if s.Elsewhere, err = l.underWay(ctx, runs); err != nil {
		return s, err
	}
	if err := l.standing(ctx, &s); err != nil {
		return s, err
	}
	full, err := l.opt.Store.Value(ctx, facts.LastFullValue)
	if err != nil {
		return s, err
	}
	s.LastFull, _ = time.Parse(time.RFC3339, full) // "" before the first
	if err := facts.ReadValue(ctx, l.opt.Store, facts.StatisticsValue, &s.Statistics); err != nil {
		return s, err
	}
	if s.Directories, err = l.health(ctx); err != nil {
		return s, err
	}
	if s.PurgeQueue, err = queue.Length(ctx, l.opt.Store); err != nil {
		return s, err
	}
	if err := l.opt.Store.Dirty(ctx, func(_ identity.Anchor, _ string) error { s.Dirty++; return nil }); err != nil {
		return s, err
	}
	if s.Problems, err = l.problems(ctx); err != nil {
		return s, err
	}
	s.Unfinished, err = l.unfinished(ctx)
	s.Condition = s.Overall()
	return s, err
}

// standing fills in the last good run, the holds and the failures.
func (l *Local) standing(ctx context.Context, s *Status) error {
	st := l.opt.Store
	good, err := st.Value(ctx, facts.LastGoodValue)
	if err != nil {
		return err
	}
	if at, err := time.Parse(time.RFC3339, good); err == nil {
		age := max(0, int64(time.Since(at).Seconds()))
		s.LastGood, s.LastGoodAge = at, &age
	}
	s.Held = []HeldSince{}
	for _, purge := range []bool{false, true} {
		h := HeldSince{Purge: purge}
		if err := facts.ReadValue(ctx, st, facts.HeldValue(purge), &h.Held); err != nil {
			return err
		}
		if h.Runs > 0 {
			s.Held = append(s.Held, h)
		}
	}
	if s.Failing, err = st.Failing(ctx, 1, WorstFailing); err != nil {
		return err
	}
	if s.Failing == nil {
		s.Failing = []record.Failing{}
	}
	if s.FailingCount, err = st.FailingCount(ctx, 1); err != nil {
		return err
	}
	if s.Escalated, err = st.FailingCount(ctx, record.Escalated); err != nil {
		return err
	}
	withheld, err := l.Withheld(ctx)
	s.Withheld, s.WithheldCount = withheld[:min(len(withheld), WorstFailing)], int64(len(withheld))
	return err
}

// health returns the last known health of each configured directory.
func (l *Local) health(ctx context.Context) ([]DirectoryHealth, error) {
	out := []DirectoryHealth{}
	for _, d := range l.Settings().Directories {
		h := DirectoryHealth{Name: d.Name}
		if err := facts.ReadValue(ctx, l.opt.Store, facts.HealthValue(d.Name), &h); err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}
