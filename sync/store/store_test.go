package store_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/store"
)

var _ sync.Store = (*store.SQLite)(nil)

var when = time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)

func open(t testing.TB, path string) *store.SQLite {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func fresh(t testing.TB) *store.SQLite { return open(t, filepath.Join(t.TempDir(), "state", "state.db")) }

func TestSmoke(t *testing.T) {
	s := fresh(t)
	rel, err := s.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Lead(t.Context()); !errors.Is(err, sync.ErrNotLeader) {
		t.Fatal(err)
	}
	s2 := open(t, s.Path())
	if _, err := s2.Lead(t.Context()); !errors.Is(err, sync.ErrNotLeader) {
		t.Fatal(err)
	}
	if err := rel(); err != nil {
		t.Fatal(err)
	}
	if rel, err = s2.Lead(t.Context()); err != nil {
		t.Fatal(err)
	}
	rel()
	r, err := s.Begin(t.Context(), record.Run{Mode: record.Full, Started: when})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Intend(t.Context(), r.ID, []sync.Intent{{Seq: 1, Change: plan.Change{Seq: 1, Key: "x"}}}); err != nil {
		t.Fatal(err)
	}
	err = s.Commit(t.Context(), sync.Batch{
		Shadows: []identity.Shadow{{Anchor: "corp:1"}},
		Answers: []sync.Answer{{Run: r.ID, Outcome: record.Outcome{Seq: 1, State: record.WriteDone}}},
		Edges: map[string]sync.EdgeSet{"corp": func(y func(identity.Edge) error) error {
			return y(identity.Edge{Kind: identity.Membership, From: "corp:1"})
		}},
		Events: []record.Event{{Code: "x"}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
