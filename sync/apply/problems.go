package apply

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/queue"
	"dirbridge/sync/record"
	"dirbridge/sync/workdb"
)

// storeProblems stores the problems of the plan with the run that met them, whatever becomes of the plan. It
// drops the findings of a plan that other runs have followed, because the state is newer.
func (a *applier) storeProblems(ctx context.Context) error {
	scope := a.header.Mode.Scope()
	a.run.PlanMode = a.header.Mode
	if a.behind {
		c, err := a.env.Store.ProblemCounts(ctx, port.ProblemQuery{Scope: &scope})
		a.run.Counts.Users.Problem, a.run.Counts.Groups.Problem = c.Users, c.Groups
		return err
	}
	a.run.Counts.Users.Problem, a.run.Counts.Groups.Problem = a.header.Counts.Users.Problem, a.header.Counts.Groups.Problem
	ctx = context.WithoutCancel(ctx)
	listed := func(yield func(identity.Kind, identity.Problem) error) error {
		return a.plan.Problems(ctx, func(kind identity.Kind, p identity.Problem) error {
			if kind == "" {
				return nil // about a directory as a whole, see DirectoryHealth
			}
			return yield(kind, p)
		})
	}
	sum, err := problemsDigest(listed)
	if err != nil {
		return err
	}
	have, err := a.env.Store.Value(ctx, facts.ProblemsValue(scope))
	if err != nil || have == sum {
		return err
	}
	m := port.Met{Run: a.run.ID, At: a.at(), Scope: scope, Problems: listed, Opened: a.opened, Gone: a.gone}
	return a.env.Store.Commit(ctx, port.Batch{Met: &m, Values: map[string]string{facts.ProblemsValue(scope): sum}})
}

// problemsDigest is equal for equal findings in any order, and "" for none.
func problemsDigest(list func(yield func(identity.Kind, identity.Problem) error) error) (string, error) {
	var n, sum uint64
	err := list(func(kind identity.Kind, p identity.Problem) error {
		h := fnv.New64a()
		h.Write([]byte(string(kind) + workdb.Encode(p)))
		n, sum = n+1, sum+h.Sum64()
		return nil
	})
	if n == 0 || err != nil {
		return "", err
	}
	return hex.EncodeToString(binary.BigEndian.AppendUint64(binary.AppendUvarint(nil, n), sum)), nil
}

func (a *applier) opened(some []record.Problem, all int64) []record.Event {
	return a.problemEvents(some, all, record.Event{Level: record.Warn, Code: "problem"}, "",
		"%d further problems were found: dirbridge history %d lists them.")
}

func (a *applier) gone(some []record.Problem, all int64) []record.Event {
	return a.problemEvents(some, all, record.Event{Level: record.Info, Code: "problem-gone"}, "No longer a problem: ",
		"%d further problems of before run %d are gone.")
}

func (a *applier) problemEvents(some []record.Problem, all int64, like record.Event, before,
	rest string) (events []record.Event) {
	like.Time, like.Run = a.at(), a.run.ID
	for _, p := range some {
		ev := like
		ev.Message, ev.Anchor, ev.Record, ev.Field, ev.Side = before+p.Message, p.Anchor, p.DN, p.Attribute, p.Side
		if p.Gone == 0 {
			ev.Remedy = p.Remedy
		}
		events = append(events, ev)
	}
	if more := all - int64(len(some)); more > 0 {
		like.Message = fmt.Sprintf(rest, more, a.run.ID)
		events = append(events, like)
	}
	return events
}

// endPurgeProblems ends the purge problems that this run resolved: the account no longer waits, or
// was deactivated again after the purge met the problem.
func (a *applier) endPurgeProblems(ctx context.Context) error {
	if a.behind || a.header.Mode.Scope() != record.OfSync {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	scope, ended := record.OfPurge, false
	var open []record.Problem
	err := a.env.Store.Problems(ctx, port.ProblemQuery{Scope: &scope}, func(p record.Problem) error {
		open = append(open, p)
		return nil
	})
	if err != nil {
		return err
	}
	kept := open[:0]
	for _, p := range open {
		s, ok, err := identity.Shadow{}, true, error(nil)
		if p.Anchor != "" {
			s, ok, err = a.env.Store.Shadow(ctx, p.Anchor)
		}
		switch {
		case err != nil:
			return err
		case p.Anchor != "" && (!ok || !queue.Waits(s) || s.Run == a.run.ID):
			ended = true
		default:
			kept = append(kept, p)
		}
	}
	if !ended {
		return nil
	}
	listed := func(yield func(identity.Kind, identity.Problem) error) error {
		for _, p := range kept {
			if err := yield(p.Kind, p.Problem); err != nil {
				return err
			}
		}
		return nil
	}
	sum, err := problemsDigest(listed)
	if err != nil {
		return err
	}
	m := port.Met{Run: a.run.ID, At: a.at(), Scope: scope, Problems: listed, Opened: a.opened, Gone: a.gone}
	return a.env.Store.Commit(ctx, port.Batch{Met: &m, Values: map[string]string{facts.ProblemsValue(scope): sum}})
}
