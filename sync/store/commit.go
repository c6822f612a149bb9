package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// Commit makes the complete batch durable, or nothing of it. If the batch has two shadows of one
// anchor the later one counts, and Forget is applied after Shadows. An answer to an unknown intent
// is an error.
func (s *SQLite) Commit(ctx context.Context, b port.Batch) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		steps := []func() error{
			func() error { return putShadows(ctx, tx, b.Shadows, b.Forget) },
			func() error { return putAnswers(ctx, tx, b.Answers) },
			func() error { return putDirty(ctx, tx, b.CleanOf, b.Dirty) },
			func() error { return putValues(ctx, tx, b.Values) },
			func() error { return putContainers(ctx, tx, b.Containers) },
			func() error { return putEdges(ctx, tx, b.Edges) },
			func() error { return changeEdges(ctx, tx, b.EdgeChanges) },
			func() error { return putDeferred(ctx, tx, b) },
			func() error { return putKeeps(ctx, tx, b) },
			func() error { return putFailing(ctx, tx, b) },
			func() error { return putRuns(ctx, tx, b.Runs) },
			func() error { return putEvents(ctx, tx, b.Events) },
			func() error { return putProblems(ctx, s, tx, b.Met) },
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.damage.written(&b)
	}
	return err
}

func putDirty(ctx context.Context, tx *sql.Tx, cleanOf string, dirty map[identity.Anchor]string) error {
	if cleanOf != "" {
		if _, err := tx.ExecContext(ctx, "DELETE FROM dirty WHERE reason = ?", cleanOf); err != nil {
			return err
		}
	}
	var set, clear []identity.Anchor
	for _, a := range slices.Sorted(maps.Keys(dirty)) {
		if dirty[a] == "" {
			clear = append(clear, a)
		} else {
			set = append(set, a)
		}
	}
	if err := each(ctx, tx, "DELETE FROM dirty WHERE anchor = ?", clear,
		func(a identity.Anchor) []any { return []any{string(a)} }); err != nil {
		return err
	}
	return each(ctx, tx, "INSERT OR REPLACE INTO dirty (anchor, reason) VALUES (?, ?)", set,
		func(a identity.Anchor) []any { return []any{string(a), dirty[a]} })
}

func putValues(ctx context.Context, tx *sql.Tx, values map[string]string) error {
	var sum summer
	for _, name := range slices.Sorted(maps.Keys(values)) {
		query, args := "INSERT OR REPLACE INTO value (name, value, sum) VALUES (?, ?, ?)", []any{name, values[name],
			sum.value(name, values[name])}
		if values[name] == "" {
			query, args = "DELETE FROM value WHERE name = ?", args[:1]
		}
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

func putContainers(ctx context.Context, tx *sql.Tx, containers map[string][]identity.Container) error {
	for _, directory := range slices.Sorted(maps.Keys(containers)) {
		if _, err := tx.ExecContext(ctx, "DELETE FROM container WHERE directory = ?", directory); err != nil {
			return err
		}
		into := bulk{tx: tx, head: "INSERT INTO container (directory, place, anchor, dn, parent) VALUES "}
		for i, c := range containers[directory] {
			if err := into.add(ctx, directory, int64(i), string(c.Anchor), c.DN, c.Parent); err != nil {
				return err
			}
		}
		if err := into.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// putAnswer keeps the sum of the intent. An intent from before there were sums has none.
const putAnswer = "UPDATE intent SET answered = ?, outcome = ?, sums = (sums & ~0xffffffff) | ? WHERE run = ? AND " +
	"seq = ? AND step = ?"

// putAnswers writes the answers of intents.
func putAnswers(ctx context.Context, tx *sql.Tx, answers []port.Answer) error {
	if len(answers) == 0 {
		return nil
	}
	stmt, err := tx.PrepareContext(ctx, putAnswer)
	if err != nil {
		return err
	}
	defer stmt.Close()
	var sum summer
	for i := range answers {
		a := &answers[i]
		outcome := encodeOutcome(&a.Outcome)
		below := int64(sum.answer(a.Run, a.Outcome.Seq, int64(a.Step), nanos(a.At), outcome))
		done, err := stmt.ExecContext(ctx, nanos(a.At), outcome, below, a.Run, a.Outcome.Seq, a.Step)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err,
				fmt.Errorf("an answer to write %d (step %d) of run %d, which was not intended", a.Outcome.Seq, a.Step, a.Run))
		}
	}
	return nil
}

// each executes a prepared statement once for every item.
func each[T any](ctx context.Context, tx *sql.Tx, query string, items []T, args func(T) []any) error {
	if len(items) == 0 {
		return nil
	}
	stmt, err := tx.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, item := range items {
		if _, err := stmt.ExecContext(ctx, args(item)...); err != nil {
			return err
		}
	}
	return nil
}
