package control

import (
	"context"
	"fmt"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

func (l *Local) Report(ctx context.Context, id int64) (Report, error) {
	r := Report{Escalated: []record.Failing{}, WithheldRecords: []Withheld{}}
	run, ok, err := l.opt.Store.Run(ctx, id)
	if err != nil {
		return r, err
	}
	if !ok {
		return r, &identity.Failure{Class: identity.GiveUp, Remedy: "dirbridge history lists the runs.",
			Err: fmt.Errorf("run %d: %w", id, ErrNoRun)}
	}
	shown := []record.Run{run}
	if _, err := l.underWay(ctx, shown); err != nil {
		return r, err
	}
	r.Run = shown[0]
	worst, err := l.opt.Store.Failing(ctx, record.Escalated, WorstFailing)
	if err != nil {
		return r, err
	}
	r.Escalated = append(r.Escalated, worst...)
	if r.EscalatedCount, err = l.opt.Store.FailingCount(ctx, record.Escalated); err != nil || run.WithheldAs == "" {
		return r, err
	}
	return r, facts.ReadValue(ctx, l.opt.Store, run.WithheldAs, &r.WithheldRecords)
}

func (l *Local) ReportEvents(ctx context.Context, run int64, fn func(record.Event) error) error {
	const page = 500
	for since := int64(0); ; {
		events, err := l.opt.Store.EventsOf(ctx, run, since, page)
		if err != nil {
			return err
		}
		for _, e := range events {
			since = e.Seq
			if err := fn(e); err != nil {
				return err
			}
		}
		if len(events) < page {
			return nil
		}
	}
}
