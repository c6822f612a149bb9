package synctest

import (
	"context"
	"testing"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// OpenStore opens the state with a name: a folder of the test, empty at first. Opened again, before
// or after the first is closed, it is the same state as another process sees it.
type OpenStore func(t *testing.T, name string) port.Store

// Store runs the suite of stores.
func Store(t *testing.T, open OpenStore) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, *storeFixture)
	}{
		{"starts empty", storeEmpty},
		{"returns shadows unchanged", storeShadows},
		{"lists shadows in order", storeOrder},
		{"replaces edges by directory", storeEdges},
		{"replaces containers by directory", storeContainers},
		{"looks up shadows", storeSeek},
		{"looks up replaced and forgotten shadows", storeSeekReplaced},
		{"looks up thousands among thousands", storeSeekLarge},
		{"counts linked people", storeLinked},
		{"changes single edges", storeEdgeChanges},
		{"looks up edges by either end", storeEdgesFromTo},
		{"looks up thousands of edges", storeManyEdges},
		{"stores deferred objects", storeDeferred},
		{"looks up thousands of deferred objects", storeManyDeferred},
		{"stores keeps", storeKeeps},
		{"stores dirty marks", storeDirty},
		{"stores failing records", storeFailing},
		{"keeps problems with their runs", storeProblems},
		{"stores values", storeValues},
		{"commits batches atomically", storeAtomic},
		{"commits nothing after the context ended", storeCommitCancelled},
		{"numbers runs", storeRuns},
		{"lists open runs", storeOpenRuns},
		{"keeps the journal", storeJournal},
		{"lists the history of an object", storePast},
		{"lists intents since a place", storeJournalPlace},
		{"lists unanswered intents", storeUnanswered},
		{"numbers events", storeEvents},
		{"lets only one lead", storeLead},
		{"lets another lead once the first is closed", storeLeadClosed},
		{"ends listings when the callback fails", storeCallback},
		{"ends listings with the context", storeListCancelled},
		{"supports concurrent calls", storeConcurrent},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &storeFixture{open: open, name: t.TempDir()}
			f.Store = f.openAgain(t)
			c.run(t, f)
		})
	}
}

// storeFixture is an open store that can be opened again.
type storeFixture struct {
	port.Store
	open OpenStore
	name string
}

// openAgain opens the same state once more, until the test ends.
func (f *storeFixture) openAgain(t *testing.T) port.Store {
	t.Helper()
	s := f.open(t, f.name)
	t.Cleanup(func() { _ = s.Close() }) // a test may have closed it already
	return s
}

// reopen closes and reopens the store: durable data is still there.
func (f *storeFixture) reopen(t *testing.T) {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	f.Store = f.openAgain(t)
}

func (f *storeFixture) commit(t *testing.T, b port.Batch) {
	t.Helper()
	if err := f.Commit(t.Context(), b); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

// at is a time as stores keep it: UTC, without a monotonic reading.
func at(minute int) time.Time { return time.Date(2026, 3, 1, 12, minute, 7, 123456000, time.UTC) }

func anchorOf(directory, tail string) identity.Anchor {
	return identity.NewAnchor(directory, "6f1c2e0a-95d2-4a53-8c4e-"+tail)
}

// collect returns everything that a listing yields.
func collect[T any](t *testing.T, list func(fn func(T) error) error) []T {
	t.Helper()
	var all []T
	if err := list(func(v T) error { all = append(all, v); return nil }); err != nil {
		t.Fatalf("listing: %v", err)
	}
	return all
}

func (f *storeFixture) shadows(t *testing.T) []identity.Shadow {
	t.Helper()
	return collect(t, func(fn func(identity.Shadow) error) error { return f.Shadows(t.Context(), fn) })
}

func (f *storeFixture) edges(t *testing.T, directory string) []identity.Edge {
	t.Helper()
	return collect(t, func(fn func(identity.Edge) error) error { return f.Edges(t.Context(), directory, fn) })
}

func (f *storeFixture) containers(t *testing.T, directory string) []identity.Container {
	t.Helper()
	return collect(t, func(fn func(identity.Container) error) error { return f.Containers(t.Context(), directory, fn) })
}

func (f *storeFixture) dirty(t *testing.T) map[identity.Anchor]string {
	t.Helper()
	all := map[identity.Anchor]string{}
	if err := f.Dirty(t.Context(), func(a identity.Anchor, reason string) error {
		if _, twice := all[a]; twice {
			t.Errorf("%s is listed twice", a)
		}
		all[a] = reason
		return nil
	}); err != nil {
		t.Fatalf("listing: %v", err)
	}
	return all
}

// edgeSet yields the given edges.
func edgeSet(edges ...identity.Edge) port.EdgeSet {
	return func(yield func(identity.Edge) error) error {
		for _, e := range edges {
			if err := yield(e); err != nil {
				return err
			}
		}
		return nil
	}
}

// cancelled is a context that has ended.
func cancelled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
