package store

import (
	"context"
	"database/sql"

	"dirbridge/sync/record"
)

// keepEvents is the approximate number of events that are kept; pruneEvery is the number of events
// between two prunings.
const (
	keepEvents = 100_000
	pruneEvery = 1_000
)

// Append adds events to the log and numbers them.
func (s *SQLite) Append(ctx context.Context, events ...record.Event) error {
	if len(events) == 0 {
		return nil
	}
	return s.inTx(ctx, func(tx *sql.Tx) error { return putEvents(ctx, tx, events) })
}

func putEvents(ctx context.Context, tx *sql.Tx, events []record.Event) error {
	if len(events) == 0 {
		return nil
	}
	into := bulk{tx: tx,
		head: "INSERT INTO event (time, run, level, code, message, anchor, record, field, side, remedy, runs) VALUES "}
	for _, e := range events {
		err := into.add(ctx, nanos(e.Time), e.Run, string(e.Level), e.Code, e.Message, string(e.Anchor), e.Record, e.Field,
			string(e.Side), e.Remedy, e.Runs)
		if err != nil {
			return err
		}
	}
	if err := into.flush(ctx); err != nil {
		return err
	}
	return prune(ctx, tx, int64(len(events)))
}

// prune deletes the oldest events, now and then.
func prune(ctx context.Context, tx *sql.Tx, added int64) error {
	var last int64
	if err := tx.QueryRowContext(ctx, "SELECT max(seq) FROM event").Scan(&last); err != nil {
		return err
	}
	if last/pruneEvery == (last-added)/pruneEvery {
		return nil
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM event WHERE seq <= ?", last-keepEvents)
	return err
}

// EventsSince lists up to limit events whose Seq is greater than seq, oldest first.
func (s *SQLite) EventsSince(ctx context.Context, seq int64, limit int) ([]record.Event, error) {
	return collect(ctx, s, eventColumns+"WHERE seq > ? ORDER BY seq LIMIT ?", []any{seq, max(limit, 0)}, scanEvent)
}

// EventsOf is EventsSince for the events of one run.
func (s *SQLite) EventsOf(ctx context.Context, run, seq int64, limit int) ([]record.Event, error) {
	return collect(ctx, s, eventColumns+"WHERE run <> 0 AND run = ? AND seq > ? ORDER BY seq LIMIT ?",
		[]any{run, seq, max(limit, 0)}, scanEvent)
}

const eventColumns = "SELECT seq, time, run, level, code, message, anchor, record, field, side, remedy, runs FROM " +
	"event "

func scanEvent(rows *sql.Rows) (e record.Event, err error) {
	var at int64
	err = rows.Scan(&e.Seq, &at, &e.Run, &e.Level, &e.Code, &e.Message, &e.Anchor, &e.Record, &e.Field, &e.Side,
		&e.Remedy, &e.Runs)
	e.Time = instant(at)
	return e, err
}
