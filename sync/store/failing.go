package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// putFailing records which records fail, and which no longer do.
func putFailing(ctx context.Context, tx *sql.Tx, b port.Batch) error {
	into := bulk{tx: tx,
		head: "INSERT OR REPLACE INTO failing (anchor, member, id, runs, since, last, purge, payload) VALUES "}
	for _, f := range b.Failing {
		payload, err := json.Marshal(f)
		if err != nil {
			return err
		}
		if err := into.add(ctx, string(f.Anchor), string(f.Member), string(f.ID), f.Runs, nanos(f.Since), f.LastRun,
			flag(f.Purge), string(payload)); err != nil {
			return err
		}
	}
	if err := into.flush(ctx); err != nil {
		return err
	}
	if err := each(ctx, tx, "DELETE FROM failing WHERE anchor = ? AND member = ? AND id = ?", b.Recovered,
		keyOf); err != nil {
		return err
	}
	m := b.RecoveredBefore
	if m == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM failing WHERE last < ? AND purge = ? AND (anchor <> '' OR NOT ?)",
		m.Run, flag(m.Purge), flag(m.Anchored))
	return err
}

func keyOf(of record.Subject) []any {
	return []any{string(of.Anchor), string(of.Member), string(of.ID)}
}

// Failing lists the records that failed in at least the given number of consecutive runs, the worst
// first and then by their first failure, at most limit.
func (s *SQLite) Failing(ctx context.Context, runs int64, limit int) ([]record.Failing, error) {
	return collect(ctx, s,
		"SELECT payload FROM failing WHERE runs >= ? ORDER BY runs DESC, since, anchor, member, id LIMIT ?",
		[]any{runs, max(limit, 0)}, s.scanFailing)
}

func (s *SQLite) scanFailing(rows *sql.Rows) (f record.Failing, err error) {
	var payload []byte
	if err := rows.Scan(&payload); err != nil {
		return f, err
	}
	if json.Unmarshal(payload, &f) != nil {
		return f, s.damaged("a failing record cannot be read")
	}
	return f, nil
}

// FailingCount counts the records that failed in at least the given number of consecutive runs.
func (s *SQLite) FailingCount(ctx context.Context, runs int64) (n int64, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM failing WHERE runs >= ?", runs).Scan(&n)
	if err != nil {
		err = s.fault(err)
	}
	return n, err
}

// FailingOf returns the failing ones among the subjects.
func (s *SQLite) FailingOf(ctx context.Context, of []record.Subject) (map[record.Subject]record.Failing, error) {
	found := map[record.Subject]record.Failing{}
	err := s.atOnce(ctx, func(tx *sql.Tx) error {
		stmt, err := tx.PrepareContext(ctx, "SELECT payload FROM failing WHERE anchor = ? AND member = ? AND id = ?")
		if err != nil {
			return s.fault(err)
		}
		defer stmt.Close()
		for _, subject := range of {
			var payload []byte
			var f record.Failing
			switch err := stmt.QueryRowContext(ctx, keyOf(subject)...).Scan(&payload); {
			case errors.Is(err, sql.ErrNoRows):
				continue
			case err != nil:
				return s.fault(err)
			case json.Unmarshal(payload, &f) != nil:
				return s.damaged("a failing record cannot be read")
			}
			found[subject] = f
		}
		return nil
	})
	return found, err
}
