package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"dirbridge/sync/record"
)

// nanos is the stored form of a time; the zero time is NULL or 0.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func instant(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// Begin opens a run and assigns its id, which is greater than all before it. A run without an
// outcome is running.
func (s *SQLite) Begin(ctx context.Context, r record.Run) (record.Run, error) {
	if r.Outcome == "" {
		r.Outcome = record.Running
	}
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		made, err := tx.ExecContext(ctx, "INSERT INTO run (outcome, payload) VALUES (?, '')", string(r.Outcome))
		if err != nil {
			return err
		}
		if r.ID, err = made.LastInsertId(); err != nil {
			return err
		}
		return putRun(ctx, tx, r)
	})
	return r, err
}

// End stores the final state of a run. After the loss of the lease it also fails, with ErrReplaced
// in the chain, because no later run would find the record.
func (s *SQLite) End(ctx context.Context, r record.Run) error {
	if err := s.stillLeads(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error { return putRun(ctx, tx, r) })
}

func putRun(ctx context.Context, tx *sql.Tx, r record.Run) error {
	payload, err := json.Marshal(r)
	if err != nil {
		return err
	}
	done, err := tx.ExecContext(ctx, "UPDATE run SET outcome = ?, payload = ? WHERE id = ?", string(r.Outcome),
		string(payload), r.ID)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fmt.Errorf("run %d was never begun", r.ID)
}

func putRuns(ctx context.Context, tx *sql.Tx, runs []record.Run) error {
	for _, r := range runs {
		if err := putRun(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

// Runs lists the latest runs, newest first.
func (s *SQLite) Runs(ctx context.Context, limit int) ([]record.Run, error) {
	return collect(ctx, s, "SELECT id, outcome, payload FROM run ORDER BY id DESC LIMIT ?",
		[]any{max(limit, 0)}, s.scanRun)
}

// Run returns one run.
func (s *SQLite) Run(ctx context.Context, id int64) (record.Run, bool, error) {
	runs, err := collect(ctx, s, "SELECT id, outcome, payload FROM run WHERE id = ?", []any{id}, s.scanRun)
	if err != nil || len(runs) == 0 {
		return record.Run{}, false, err
	}
	return runs[0], true, nil
}

func (s *SQLite) scanRun(rows *sql.Rows) (r record.Run, err error) {
	var payload []byte
	var id int64
	var outcome string
	if err := rows.Scan(&id, &outcome, &payload); err != nil {
		return r, err
	}
	if json.Unmarshal(payload, &r) != nil || r.ID != id || string(r.Outcome) != outcome {
		return record.Run{ID: id, Outcome: record.Failed, Detail: "what the state holds of this run is damaged"}, nil
	}
	return r, nil
}

// OpenRuns lists the runs that were begun and not closed, oldest first.
func (s *SQLite) OpenRuns(ctx context.Context) ([]record.Run, error) {
	return collect(ctx, s, "SELECT id, outcome, payload FROM run WHERE outcome = 'running' ORDER BY id", nil, s.scanRun)
}
