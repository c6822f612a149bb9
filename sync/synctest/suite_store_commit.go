package synctest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	stdsync "sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// everything is a batch with changes of every kind, with the tail of its anchors.
func everything(tail string, run int64) port.Batch {
	a := anchorOf("corp", tail)
	return port.Batch{
		Shadows:    []identity.Shadow{{Anchor: a, Kind: identity.User, ID: "id", State: identity.Live}},
		Answers:    []port.Answer{{Run: run, Outcome: record.Outcome{Seq: 1, State: record.WriteDone}, At: at(3)}},
		Dirty:      map[identity.Anchor]string{a: "failed"},
		Values:     map[string]string{"cookie": tail},
		Containers: map[string][]identity.Container{"corp": {{Anchor: a, DN: "DC=" + tail}}},
		Edges: map[string]port.EdgeSet{
			"corp": edgeSet(identity.Edge{Kind: identity.Membership, From: a, To: identity.Ref{DN: "CN=x"}})},
		EdgeChanges: []port.EdgeChange{
			{Directory: "lab", Edge: identity.Edge{Kind: identity.Manager, From: a, To: identity.Ref{DN: "CN=y"}}}},
		Deferred: []identity.Deferred{{Anchor: a, Kind: identity.User, Key: "k", Again: true}},
		Settled:  []identity.Anchor{settledAnchor},
		Events:   []record.Event{{Time: at(4), Code: tail}},
	}
}

// settledAnchor is deferred before the batch everything, and not after.
var settledAnchor = anchorOf("corp", "0000000000dd")

// state is every answer of a store.
type state struct {
	Shadows    []identity.Shadow
	Edges      []identity.Edge
	Found      int
	Linked     map[string]port.LinkedCount
	Deferred   map[identity.Anchor]identity.Deferred
	Containers []identity.Container
	Dirty      map[identity.Anchor]string
	Cookie     string
	Unanswered int
	Events     []string
}

func (f *storeFixture) state(t *testing.T) state {
	t.Helper()
	s := state{Shadows: f.shadows(t), Edges: f.edges(t, ""), Containers: f.containers(t, "corp"), Dirty: f.dirty(t),
		Unanswered: len(f.unanswered(t)),
		Found:      len(f.seek(t, port.ByGUID, anchorOf("", "0000000000aa").GUID())), Deferred: f.deferred(t, nil, nil, true)}
	var err error
	if s.Linked, err = f.Linked(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Cookie, err = f.Value(t.Context(), "cookie"); err != nil {
		t.Fatal(err)
	}
	events, err := f.EventsSince(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		s.Events = append(s.Events, e.Code)
	}
	return s
}

// Cookie, shadow and dirty set are stored together or not at all; otherwise something is lost
// between two runs.
func storeAtomic(t *testing.T, f *storeFixture) {
	run := f.begin(t, record.Full)
	f.intend(t, run.ID, 1)
	f.commit(t,
		port.Batch{Values: map[string]string{"cookie": "before"},
			Deferred: []identity.Deferred{{Anchor: settledAnchor, Again: true}},
			Events:   []record.Event{{Time: at(0), Code: "before"}}})
	before := f.state(t)

	for _, after := range []int{0, 1, 3000} {
		b := everything("0000000000aa", run.ID)
		b.Edges["lab"] = func(yield func(identity.Edge) error) error {
			for i := range after {
				if err := yield(identity.Edge{Kind: identity.Membership, From: anchorOf("lab", fmt.Sprintf("%012d", i)),
					To: identity.Ref{DN: "CN=y"}}); err != nil {
					return err
				}
			}
			return errStop
		}
		if err := f.Commit(t.Context(), b); !errors.Is(err, errStop) {
			t.Fatalf("commit answered %v for edges that could not be read", err)
		}
		f.reopen(t)
		if diff := gocmp.Diff(before, f.state(t)); diff != "" {
			t.Errorf("a batch that failed left behind: %s", diff)
		}
	}

	f.commit(t, everything("0000000000aa", run.ID))
	f.reopen(t)
	a := anchorOf("corp", "0000000000aa")
	s := f.state(t)
	if len(s.Shadows) != 1 || s.Shadows[0].Anchor != a || s.Found != 1 || s.Linked["corp"].People != 1 ||
		len(s.Edges) != 2 ||
		len(s.Deferred) != 1 || s.Deferred[a].Key != "k" || len(s.Containers) != 1 || s.Dirty[a] != "failed" ||
		s.Cookie != "0000000000aa" || s.Unanswered != 0 || !slices.Equal(s.Events, []string{"before", "0000000000aa"}) {
		t.Errorf("a batch that was committed left %+v", s)
	}
}

func storeCommitCancelled(t *testing.T, f *storeFixture) {
	run := f.begin(t, record.Full)
	f.intend(t, run.ID, 1)
	before := f.state(t)
	if err := f.Commit(cancelled(t), everything("0000000000aa", run.ID)); !errors.Is(err, context.Canceled) {
		t.Errorf("commit answered %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b := everything("0000000000aa", run.ID)
	b.Edges["lab"] = func(func(identity.Edge) error) error { cancel(); return ctx.Err() }
	if err := f.Commit(ctx, b); !errors.Is(err, context.Canceled) {
		t.Errorf("commit answered %v", err)
	}
	if diff := gocmp.Diff(before, f.state(t)); diff != "" {
		t.Errorf("a batch that was cancelled left behind: %s", diff)
	}
}

// storeListings returns all methods that list, over three of each.
func (f *storeFixture) storeListings(t *testing.T) map[string]func(ctx context.Context, each func() error) error {
	t.Helper()
	run := f.begin(t, record.Full)
	f.intend(t, run.ID, 1, 2, 3)
	b := port.Batch{Dirty: map[identity.Anchor]string{}, Containers: map[string][]identity.Container{}}
	var edges []identity.Edge
	for _, tail := range []string{"000000000001", "000000000002", "000000000003"} {
		a := anchorOf("corp", tail)
		b.Shadows = append(b.Shadows, identity.Shadow{Anchor: a, DN: "CN=All", State: identity.Live})
		b.Dirty[a] = "failed"
		b.Containers["corp"] = append(b.Containers["corp"], identity.Container{Anchor: a, DN: "DC=" + tail})
		edges = append(edges, identity.Edge{Kind: identity.Membership, From: a, To: identity.Ref{DN: "CN=x"}})
	}
	b.Edges = map[string]port.EdgeSet{"corp": edgeSet(edges...)}
	var anchors []identity.Anchor
	var guids []string
	for _, s := range b.Shadows {
		b.Deferred = append(b.Deferred, identity.Deferred{Anchor: s.Anchor, Kind: identity.User, Key: "k"})
		anchors, guids = append(anchors, s.Anchor), append(guids, s.Anchor.GUID())
	}
	f.commit(t, b)
	return map[string]func(context.Context, func() error) error{
		"Seek": func(ctx context.Context, each func() error) error {
			return f.Seek(ctx, port.ByDN, []string{"cn=all"}, func(identity.Shadow) error { return each() })
		},
		"Seek by GUID": func(ctx context.Context, each func() error) error {
			return f.Seek(ctx, port.ByGUID, guids, func(identity.Shadow) error { return each() })
		},
		"EdgesFrom": func(ctx context.Context, each func() error) error {
			return f.EdgesFrom(ctx, anchors, func(identity.Edge) error { return each() })
		},
		"EdgesTo": func(ctx context.Context, each func() error) error {
			return f.EdgesTo(ctx, nil, []string{"cn=x"}, func(identity.Edge) error { return each() })
		},
		"Troubles": func(ctx context.Context, each func() error) error {
			return f.Deferred(ctx, []string{"k"}, nil, false, func(identity.Deferred) error { return each() })
		},
		"Shadows": func(ctx context.Context, each func() error) error {
			return f.Shadows(ctx, func(identity.Shadow) error { return each() })
		},
		"Edges": func(ctx context.Context, each func() error) error {
			return f.Edges(ctx, "corp", func(identity.Edge) error { return each() })
		},
		"Containers": func(ctx context.Context, each func() error) error {
			return f.Containers(ctx, "corp", func(identity.Container) error { return each() })
		},
		"Dirty": func(ctx context.Context, each func() error) error {
			return f.Dirty(ctx, func(identity.Anchor, string) error { return each() })
		},
		"Unanswered": func(ctx context.Context, each func() error) error {
			return f.Unanswered(ctx, func(port.Intent) error { return each() })
		},
		"Journal": func(ctx context.Context, each func() error) error {
			return f.Journal(ctx, run.ID, func(port.Intent) error { return each() })
		},
	}
}

func storeCallback(t *testing.T, f *storeFixture) {
	for name, list := range f.storeListings(t) {
		calls := 0
		err := list(t.Context(), func() error {
			if calls++; calls == 2 {
				return errStop
			}
			return nil
		})
		if !errors.Is(err, errStop) || calls != 2 {
			t.Errorf("%s: the callback's error came back as %v after %d calls", name, err, calls)
		}
	}
}

func storeListCancelled(t *testing.T, f *storeFixture) {
	for name, list := range f.storeListings(t) {
		if err := list(cancelled(t), func() error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: answered %v to a context that had ended", name, err)
		}
	}
}

func storeConcurrent(t *testing.T, f *storeFixture) {
	var base port.Batch
	for i := range 200 {
		base.Shadows = append(base.Shadows,
			identity.Shadow{Anchor: anchorOf("corp", fmt.Sprintf("%012d", i)), State: identity.Live})
	}
	f.commit(t, base)
	// a reader sees each commit as a whole: the ten shadows of a writer have the same run
	var all stdsync.WaitGroup
	for w := range 3 {
		all.Go(func() {
			for n := range 10 {
				var b port.Batch
				for i := range 10 {
					b.Shadows = append(b.Shadows,
						identity.Shadow{Anchor: anchorOf("lab", fmt.Sprintf("%06d%06d", w, i)), State: identity.Live, Run: int64(n + 1)})
				}
				if err := f.Commit(t.Context(), b); err != nil {
					t.Errorf("commit beside others: %v", err)
				}
			}
		})
		all.Go(func() {
			for range 10 {
				runs, n := map[string]map[int64]bool{}, 0
				if err := f.Shadows(t.Context(), func(s identity.Shadow) error {
					if s.Anchor.Directory() == "corp" {
						n++
						return nil
					}
					writer := string(s.Anchor[:len(s.Anchor)-6])
					if runs[writer] == nil {
						runs[writer] = map[int64]bool{}
					}
					runs[writer][s.Run] = true
					return nil
				}); err != nil || n != 200 {
					t.Errorf("listing beside others: %d, %v", n, err)
				}
				for writer, seen := range runs {
					if len(seen) != 1 {
						t.Errorf("of one commit of %s some is seen and some is not: %v", writer, slices.Sorted(maps.Keys(seen)))
					}
				}
			}
		})
	}
	all.Wait()
}
