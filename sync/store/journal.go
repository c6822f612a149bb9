package store

import (
	"context"
	"database/sql"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/plan/wire"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// Intend records writes that are about to be sent, in one fsync. An intent that is recorded again
// becomes unanswered again. After the loss of the lease it fails (P14), with ErrReplaced in the
// chain.
func (s *SQLite) Intend(ctx context.Context, run int64, intents []port.Intent) error {
	if len(intents) == 0 {
		return nil
	}
	if err := s.stillLeads(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		into := bulk{tx: tx, head: "INSERT INTO intent (run, seq, step, at, change, sums) VALUES ",
			tail: ` ON CONFLICT (run, seq, step) DO UPDATE SET at = excluded.at, change = excluded.change,
				sums = excluded.sums, answered = NULL, outcome = NULL`}
		var sum summer
		for i := range intents {
			change, err := intents[i].Change.MarshalBinary()
			if err != nil {
				return err
			}
			seq, step, at := intents[i].Seq, int64(intents[i].Step), nanos(intents[i].At)
			if err := into.add(ctx, run, seq, step, at, change,
				joinSums(sum.intent(run, seq, step, at, change), 0)); err != nil {
				return err
			}
		}
		return into.flush(ctx)
	})
}

const intentColumns = "SELECT run, seq, step, at, change, answered, outcome, sums FROM intent "

// Unanswered and Journal also list intents with a damaged row, and mark them. Unanswered lists
// intents without an answer, of all runs, oldest first.
func (s *SQLite) Unanswered(ctx context.Context, fn func(port.Intent) error) error {
	return s.intents(ctx, intentColumns+"WHERE outcome IS NULL ORDER BY id", nil, fn)
}

// Journal lists the intents of one run, with their answers, in the order in which they were first
// recorded.
func (s *SQLite) Journal(ctx context.Context, run int64, fn func(port.Intent) error) error {
	return s.intents(ctx, intentColumns+"WHERE run = ? ORDER BY id", []any{run}, fn)
}

// JournalEnd is the present end of the journal.
func (s *SQLite) JournalEnd(ctx context.Context) (place int64, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM intent").Scan(&place)
	return place, s.fault(err)
}

// JournalAfter lists the intents that were recorded after a place. An intent that is recorded again
// keeps its place.
func (s *SQLite) JournalAfter(ctx context.Context, place int64, fn func(port.Intent) error) error {
	return s.intents(ctx, intentColumns+"WHERE id > ? ORDER BY id", []any{place}, fn)
}

// Past lists the intents with an anchor or an id, newest first. It scans the journal: an index
// would slow down writing a million intents, and the history of one person is rarely needed.
func (s *SQLite) Past(ctx context.Context, a identity.Anchor, id identity.ResourceID,
	fn func(port.Intent) error) error {
	const query = intentColumns +
		"WHERE ?1 <> x'' AND instr(change, ?1) > 0 OR ?2 <> x'' AND instr(change, ?2) > 0 ORDER BY id DESC"
	return s.intents(ctx, query, []any{[]byte(a), []byte(id)}, fn)
}

func (s *SQLite) intents(ctx context.Context, query string, args []any, fn func(port.Intent) error) error {
	return list(ctx, s, query, args, s.scanIntent, fn)
}

func (s *SQLite) scanIntent(rows *sql.Rows) (in port.Intent, err error) {
	var at int64
	var change, outcome sql.RawBytes
	var answered, sums sql.NullInt64
	if err := rows.Scan(&in.Run, &in.Seq, &in.Step, &at, &change, &answered, &outcome, &sums); err != nil {
		return in, err
	}
	in.At = instant(at)
	var sum summer
	if sums.Valid && sum.intent(in.Run, in.Seq, int64(in.Step), at, change) != upperSum(sums.Int64) ||
		in.Change.UnmarshalBinary(change) != nil {
		in.Damaged, in.Change = true, plan.Change{}
		return in, nil
	}
	if outcome == nil {
		return in, nil
	}
	o, err := decodeOutcome(outcome)
	if err != nil || sums.Valid &&
		sum.answer(in.Run, in.Seq, int64(in.Step), answered.Int64, outcome) != lowerSum(sums.Int64) {
		in.Damaged = true
		return in, nil
	}
	in.Answer = &port.Answer{Run: in.Run, Step: in.Step, Outcome: o, At: instant(answered.Int64)}
	return in, nil
}

// outcomeVersion 2 added Open; version 1 can still be read.
const outcomeVersion = 2

func encodeOutcome(o *record.Outcome) []byte {
	var e wire.Encoder
	e.Uint(outcomeVersion)
	e.Int(o.Seq)
	e.String(string(o.State))
	e.String(string(o.ID))
	e.String(o.Version)
	e.Attrs(o.After)
	e.Bool(o.Linked)
	e.Int(int64(o.Status))
	e.String(string(o.Class))
	e.String(o.Message)
	e.String(o.Field)
	e.String(o.Remedy)
	e.Bool(o.Open)
	return e.Bytes()
}

func decodeOutcome(b []byte) (record.Outcome, error) {
	d := wire.NewDecoder(b)
	version := d.Uint()
	if version < 1 || version > outcomeVersion {
		return record.Outcome{}, wire.ErrDamaged
	}
	o := record.Outcome{
		Seq: d.Int(), State: record.WriteState(d.String()), ID: identity.ResourceID(d.String()), Version: d.String(),
		After: d.Attrs(), Linked: d.Bool(), Status: int(d.Int()), Class: identity.Class(d.String()),
		Message: d.String(), Field: d.String(), Remedy: d.String(),
	}
	if version > 1 {
		o.Open = d.Bool()
	}
	return o, d.Done()
}
