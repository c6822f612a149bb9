package control

import (
	"context"
	"slices"

	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// Problems summarizes the records that have a problem now.
type Problems struct {
	record.ProblemCounts
	// List has their oldest findings, at most ProblemsShown.
	List []record.Problem `json:"list"`
}

// ProblemsShown is how many findings a status shows.
const ProblemsShown = 10

// Condition is the overall condition in a word.
type Condition string

const (
	Good     Condition = "good"
	Degraded Condition = "degraded" // up to date, except for records with problems, and withheld ones
	Held     Condition = "held"
	Failed   Condition = "failed"
	Stopped  Condition = "stopped"
	NotYet   Condition = "not-yet" // no run has brought the cloud up to date yet
	NoRun    Condition = "none"
)

// Overall is the worst condition in a status.
func (s Status) Overall() Condition {
	i := slices.IndexFunc(s.Last, func(r record.Run) bool { return r.Outcome != record.Running })
	var last record.RunOutcome
	if i >= 0 {
		last = s.Last[i].Outcome
	}
	unread := slices.ContainsFunc(s.Directories, func(d DirectoryHealth) bool { return d.Error != "" })
	switch {
	case slices.ContainsFunc(s.Held, func(h HeldSince) bool { return !h.Purge }):
		return Held
	case last == record.Partial, last == record.Failed, last == record.Crashed, unread, s.Escalated > 0:
		return Failed
	case last == "":
		return NoRun
	case s.Problems.Total() > 0, s.WithheldCount > 0, len(s.Held) > 0, s.FailingCount > 0:
		return Degraded
	case last == record.Cancelled:
		return Stopped
	case s.LastGood.IsZero():
		return NotYet
	}
	return Good
}

// problems reads the open problems.
func (l *Local) problems(ctx context.Context) (p Problems, err error) {
	p.List = []record.Problem{}
	if p.ProblemCounts, err = l.opt.Store.ProblemCounts(ctx, port.ProblemQuery{}); err != nil {
		return p, err
	}
	err = l.opt.Store.Problems(ctx, port.ProblemQuery{Limit: ProblemsShown}, func(r record.Problem) error {
		p.List = append(p.List, r)
		return nil
	})
	return p, err
}

func (l *Local) Problems(ctx context.Context, run int64, limit int, fn func(record.Problem) error) error {
	q := port.ProblemQuery{Run: run, Limit: limit}
	if run != 0 {
		r, ok, err := l.opt.Store.Run(ctx, run)
		if err != nil || !ok || r.Counts.Users.Problem+r.Counts.Groups.Problem == 0 {
			return err // it met none, or ended before it could
		}
		scope := r.PlanMode.Scope()
		q.Scope = &scope
	}
	return l.opt.Store.Problems(ctx, q, fn)
}
