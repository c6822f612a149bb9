package apply

import (
	"context"
	"fmt"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// miss is a failed or refused write that waits to be counted. event is the index of its event among
// the pending events.
type miss struct {
	record.Failing
	event int
	once  bool // the event is logged in the first run only
}

// subjectOf returns the record under which a change is counted.
func subjectOf(c plan.Change) record.Subject {
	switch {
	case c.Kind == identity.Member:
		return record.Subject{Anchor: c.Anchor, Member: c.Member}
	case c.Anchor == "":
		return record.Subject{ID: c.ID}
	}
	return record.Subject{Anchor: c.Anchor}
}

// recordName names the record of a change, for people.
func recordName(c plan.Change) string {
	if c.Kind == identity.Member {
		return c.MemberKey + " in " + c.Key
	}
	return c.Key
}

// missed queues a failure to be counted when it is stored. A record counts once in a run, however
// many of its changes fail. Call it right after the event that reports the failure.
func (a *applier) missed(c plan.Change, o record.Outcome) {
	if a.header.Mode == record.Trial {
		return // no record of a directory
	}
	ev := a.pending.Events[len(a.pending.Events)-1]
	a.misses = append(a.misses, miss{event: len(a.pending.Events) - 1, once: o.Open,
		Failing: record.Failing{Subject: subjectOf(c), Kind: c.Kind, Record: ev.Record,
			LastRun: a.run.ID, Last: ev.Time, Message: ev.Message, Field: o.Field, Remedy: ev.Remedy,
			Purge: a.header.Mode == record.Purge}})
}

// clearFailing records that everything planned for a record was done. It does nothing if no record was
// failing when the run began.
func (a *applier) clearFailing(c plan.Change) {
	if a.failing && !a.stillActive[c.Anchor] {
		a.pending.Recovered = append(a.pending.Recovered, subjectOf(c))
	}
}

// count adds the failures of a batch to those known for their records, and escalates records that
// have failed too often. It keeps nothing in memory.
func (a *applier) count(ctx context.Context, b *port.Batch) error {
	misses := a.misses
	a.misses = nil
	if len(misses) == 0 {
		return nil
	}
	of := make([]record.Subject, len(misses))
	for i, m := range misses {
		of[i] = m.Subject
	}
	known, err := a.env.Store.FailingOf(ctx, of)
	if err != nil {
		return err
	}
	for _, m := range misses {
		before, again := known[m.Subject]
		m.Runs, m.Since = 1, m.Last
		if again {
			m.Runs, m.Since = before.Runs, before.Since
			if before.LastRun != m.LastRun {
				m.Runs++
			}
		}
		known[m.Subject] = m.Failing
		b.Failing = append(b.Failing, m.Failing)
		b.Events[m.event].Runs = m.Runs
		if m.once && again && before.Message == m.Message {
			b.Events[m.event].Code = told
		}
		if (!again || before.LastRun != m.LastRun) && (m.Runs == record.Escalated || m.Runs%100 == 0) {
			b.Events = append(b.Events, escalation(m.Failing))
		}
	}
	b.Events = slices.DeleteFunc(b.Events, func(e record.Event) bool { return e.Code == told })
	return nil
}

// told marks an event that repeats one in the log.
const told = "told"

// escalation returns the event for a record that fails in run after run.
func escalation(f record.Failing) record.Event {
	return record.Event{Time: f.Last, Run: f.LastRun, Level: record.Error, Code: "escalated", Anchor: f.Anchor,
		Record: f.Record, Field: f.Field,
		Side: identity.InCloud, Remedy: f.Remedy, Runs: f.Runs,
		Message: fmt.Sprintf("%s has failed in %d runs in a row, since %s: %s", f.Record, f.Runs,
			f.Since.Format("2006-01-02 15:04 MST"), f.Message)}
}

// settled declares, at the end of a run that tried every record, that the records it did not try no
// longer fail. Records with a problem are in the plan.
func (a *applier) settled(b *port.Batch) {
	if a.how.Fresh && !a.how.Some && a.run.LeftOut == 0 && a.header.Complete {
		b.RecoveredBefore = &port.Mending{Run: a.run.ID, Purge: a.header.Mode == record.Purge,
			Anchored: a.header.Mode == record.Incremental}
	}
}
