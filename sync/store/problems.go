package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

const schemaProblems = `
CREATE TABLE problem ( -- see record.Problem
	n       INTEGER PRIMARY KEY,
	scope   TEXT NOT NULL,
	kind    TEXT NOT NULL,
	subject TEXT NOT NULL, -- the record; see subjectOf
	finding TEXT NOT NULL, -- what tells the findings of one record apart
	opened  INTEGER NOT NULL, -- run
	since   INTEGER NOT NULL,
	met     INTEGER NOT NULL, -- run that replaced them last and met it
	gone    INTEGER NOT NULL, -- run; 0 while it is open
	payload TEXT NOT NULL -- JSON of identity.Problem
) STRICT;
CREATE UNIQUE INDEX problem_open ON problem (scope, kind, subject, finding) WHERE gone = 0;
CREATE INDEX problem_run ON problem (opened);
CREATE INDEX problem_gone ON problem (gone) WHERE gone <> 0;
`

// keepProblems is the approximate number of solved problems that are kept.
const keepProblems = 500_000

// putProblems replaces the open problems of a scope, and writes events for new and solved ones.
func putProblems(ctx context.Context, s *SQLite, tx *sql.Tx, m *port.Met) error {
	if m == nil {
		return nil
	}
	into := bulk{tx: tx,
		head: "INSERT INTO problem (scope, kind, subject, finding, opened, since, met, gone, payload) VALUES ",
		tail: " ON CONFLICT (scope, kind, subject, finding) WHERE gone = 0 DO UPDATE SET " +
			"met = excluded.met, payload = excluded.payload"}
	err := m.Problems(func(kind identity.Kind, p identity.Problem) error {
		payload, err := json.Marshal(p)
		if err != nil {
			return err
		}
		finding := strings.Join([]string{p.Attribute, string(p.Side), p.Message}, "\x00")
		return into.add(ctx, string(m.Scope), string(kind), identity.SubjectOfProblem(p), finding, m.Run, nanos(m.At),
			m.Run, 0, string(payload))
	})
	if err != nil {
		return err
	}
	if err := into.flush(ctx); err != nil {
		return err
	}
	gone, args := "met <> ?", []any{m.Run, string(m.Scope), m.Run}
	if m.Scope == record.OfUndo {
		// They end with their run, the only one that they refer to.
		gone, args = "opened <= ?", []any{m.Run + 1, string(m.Scope), m.Run}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE problem SET gone = ? WHERE scope = ? AND gone = 0 AND "+gone,
		args...); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM problem WHERE gone <> 0 AND n <= (SELECT max(n) FROM problem) - ?",
		keepProblems); err != nil {
		return err
	}
	return logProblems(ctx, s, tx, m)
}

// logProblems writes events for opened and solved problems.
func logProblems(ctx context.Context, s *SQLite, tx *sql.Tx, m *port.Met) error {
	for _, side := range []struct {
		where string
		tell  func(some []record.Problem, all int64) []record.Event
	}{{"opened = ? AND scope = ?", m.Opened}, {"gone = ? AND scope = ? AND scope <> 'undo'", m.Gone}} {
		if side.tell == nil {
			continue
		}
		args := []any{m.Run, string(m.Scope)}
		var all int64
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM problem WHERE "+side.where, args...).Scan(&all); err != nil ||
			all == 0 {
			if err != nil {
				return err
			}
			continue
		}
		var some []record.Problem
		err := query(ctx, s, tx, problemColumns+"WHERE "+side.where+" ORDER BY n LIMIT ?", append(args, port.ProblemsTold),
			s.scanProblem, func(p record.Problem) error {
				some = append(some, p)
				return nil
			})
		if err != nil {
			return err
		}
		if err := putEvents(ctx, tx, side.tell(some, all)); err != nil {
			return err
		}
	}
	return nil
}

const problemColumns = "SELECT scope, kind, opened, since, gone, payload FROM problem "

func (s *SQLite) scanProblem(rows *sql.Rows) (p record.Problem, err error) {
	var since int64
	var payload []byte
	if err := rows.Scan(&p.Of, &p.Kind, &p.Run, &since, &p.Gone, &payload); err != nil {
		return p, err
	}
	p.Since = instant(since)
	if json.Unmarshal(payload, &p.Problem) != nil {
		return p, s.damaged("a problem cannot be read")
	}
	return p, nil
}

// Problems lists problems, the oldest first.
func (s *SQLite) Problems(ctx context.Context, q port.ProblemQuery, fn func(record.Problem) error) error {
	where, args := problemsWhere(q)
	limit := -1
	if q.Limit > 0 {
		limit = q.Limit
	}
	return s.atOnce(ctx, func(tx *sql.Tx) error {
		return query(ctx, s, tx, problemColumns+"WHERE "+where+" ORDER BY opened, n LIMIT ?", append(args, limit),
			s.scanProblem, fn)
	})
}

func problemsWhere(q port.ProblemQuery) (where string, args []any) {
	where, args = "gone = 0", nil
	if q.Run != 0 {
		where, args = "opened <= ? AND (gone = 0 OR gone > ?)", []any{q.Run, q.Run}
	}
	if q.Scope != nil {
		where, args = where+" AND scope = ?", append(args, string(*q.Scope))
	}
	return where, args
}

// ProblemCounts counts the records with problems.
func (s *SQLite) ProblemCounts(ctx context.Context, q port.ProblemQuery) (c record.ProblemCounts, err error) {
	where, args := problemsWhere(q)
	var since sql.NullInt64
	err = s.read.QueryRowContext(ctx, `SELECT count(DISTINCT CASE kind WHEN 'user' THEN subject END),
		count(DISTINCT CASE kind WHEN 'group' THEN subject END), min(since) FROM problem WHERE `+where,
		args...).Scan(&c.Users, &c.Groups, &since)
	if err != nil {
		return c, s.fault(err)
	}
	c.Since = instant(since.Int64)
	return c, nil
}
