package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/plan/wire/wiretest"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/store"
)

var _ port.Store = (*store.SQLite)(nil)

var when = time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)

func open(t testing.TB, path string) *store.SQLite {
	t.Helper()
	s, err := store.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func fresh(t testing.TB) *store.SQLite {
	return open(t, filepath.Join(t.TempDir(), "state", "state ?#%.db"))
}

func commit(t testing.TB, s *store.SQLite, b port.Batch) {
	t.Helper()
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func shadow(n int) identity.Shadow {
	return identity.Shadow{
		Anchor: identity.NewAnchor("corp", fmt.Sprintf("%06d", n)), Kind: identity.User, DN: fmt.Sprintf("CN=%d,DC=x", n),
		RDN:    "CN=x",
		Inputs: identity.Attrs{"mail": {"a@x.org", "b@x.org"}}, Applied: identity.Attrs{"uid": {"a@x.org"}}, Active: true,
		ID: "r1", Linked: when, State: identity.Live, Ignored: map[string]identity.Ignored{"title": {Wanted: []string{"a"}}},
		Run: 3,
	}
}

func edges(list ...identity.Edge) port.EdgeSet {
	return func(yield func(identity.Edge) error) error {
		for _, e := range list {
			if err := yield(e); err != nil {
				return err
			}
		}
		return nil
	}
}

func member(from, to int) identity.Edge {
	return identity.Edge{Kind: identity.Membership, From: identity.Anchor(fmt.Sprintf("corp:g%03d", from)),
		To: identity.Ref{Anchor: identity.Anchor(fmt.Sprintf("corp:%06d", to)), DN: fmt.Sprintf("CN=%d,DC=x", to)}}
}

// content is everything that a store lists.
type content struct {
	Shadows    []identity.Shadow
	Edges      map[string][]identity.Edge
	Containers map[string][]identity.Container
	Dirty      map[identity.Anchor]string
	Runs       []record.Run
	Journal    []port.Intent
	Events     []record.Event
}

func read(t testing.TB, s *store.SQLite) content {
	t.Helper()
	ctx := context.Background()
	c := content{Edges: map[string][]identity.Edge{}, Containers: map[string][]identity.Container{},
		Dirty: map[identity.Anchor]string{}}
	errs := []error{
		s.Shadows(ctx, func(x identity.Shadow) error { c.Shadows = append(c.Shadows, x); return nil }),
		s.Dirty(ctx, func(a identity.Anchor, why string) error { c.Dirty[a] = why; return nil }),
	}
	for _, d := range []string{"corp", "lab"} {
		errs = append(errs,
			s.Edges(ctx, d, func(x identity.Edge) error { c.Edges[d] = append(c.Edges[d], x); return nil }),
			s.Containers(ctx, d, func(x identity.Container) error { c.Containers[d] = append(c.Containers[d], x); return nil }))
	}
	var err error
	c.Runs, err = s.Runs(ctx, 100)
	errs = append(errs, err)
	for _, r := range c.Runs {
		errs = append(errs, s.Journal(ctx, r.ID, func(x port.Intent) error { c.Journal = append(c.Journal, x); return nil }))
	}
	c.Events, err = s.EventsSince(ctx, 0, 1_000_000)
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	return c
}

// fill commits something to every table, and returns what must be listed afterwards.
func fill(t testing.TB, s *store.SQLite) content {
	t.Helper()
	run, err := s.Begin(t.Context(), record.Run{Mode: record.Full, Started: when, Plan: "abc"})
	if err != nil {
		t.Fatal(err)
	}
	intents := []port.Intent{
		{Run: run.ID, Seq: 2, Step: 1, At: when, Change: plan.Change{Seq: 2, Key: "b", Via: "tmp"}},
		{Run: run.ID, Seq: 1, At: when,
			Change: plan.Change{Seq: 1, Key: "a", Fields: []plan.FieldDiff{{Name: "title", Old: []string{"x"}}}}},
	}
	if err := s.Intend(t.Context(), run.ID, intents); err != nil {
		t.Fatal(err)
	}
	answer := port.Answer{Run: run.ID, At: when.Add(time.Second),
		Outcome: record.Outcome{Seq: 1, State: record.WriteFailed, ID: "r9",
			Version: "W/1", After: identity.Attrs{}, Linked: true, Status: 409, Class: identity.GiveUp, Message: "taken",
			Field: "uid", Remedy: "rename"}}
	roots := []identity.Container{{Anchor: "corp:9", DN: "DC=x"}, {Anchor: "corp:1", DN: "OU=a,DC=x", Parent: "DC=x"}}
	event := record.Event{Time: when, Run: run.ID, Level: record.Warn, Code: "write-failed", Message: "m",
		Anchor: "corp:1", Record: "a", Field: "uid", Side: identity.InCloud, Remedy: "r"}
	commit(t, s, port.Batch{
		Shadows: []identity.Shadow{shadow(2), shadow(1), shadow(3)}, Forget: []identity.Anchor{shadow(3).Anchor, "corp:none"},
		Answers: []port.Answer{answer}, Dirty: map[identity.Anchor]string{"corp:1": "failed", "corp:2": ""},
		Values:     map[string]string{"cookie": "x", "none": ""},
		Containers: map[string][]identity.Container{"corp": roots, "lab": {{DN: "DC=lab"}}},
		Edges: map[string]port.EdgeSet{"corp": edges(member(2, 1), member(1, 1), member(1, 1)),
			"lab": edges(member(5, 5))},
		Events: []record.Event{event, {Time: when, Code: "second"}},
	})
	event.Seq = 1
	intents[1].Answer = &answer
	return content{
		Shadows:    []identity.Shadow{shadow(1), shadow(2)},
		Edges:      map[string][]identity.Edge{"corp": {member(1, 1), member(2, 1)}, "lab": {member(5, 5)}},
		Containers: map[string][]identity.Container{"corp": roots, "lab": {{DN: "DC=lab"}}},
		Dirty:      map[identity.Anchor]string{"corp:1": "failed"},
		Runs:       []record.Run{run}, Journal: intents,
		Events: []record.Event{event, {Seq: 2, Time: when, Code: "second"}},
	}
}

func TestCommittedDataSurvivesReopening(t *testing.T) {
	s := fresh(t)
	want := fill(t, s)
	if diff := cmp.Diff(want, read(t, s)); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, s.Path())
	if diff := cmp.Diff(want, read(t, s)); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
	sh, ok, err := s.Shadow(t.Context(), shadow(1).Anchor)
	if diff := cmp.Diff(shadow(1), sh); diff != "" || !ok || err != nil {
		t.Errorf("%v, %v\n%s", ok, err, diff)
	}
	if _, ok, err := s.Shadow(t.Context(), shadow(3).Anchor); ok || err != nil {
		t.Errorf("the forgotten shadow: %v, %v", ok, err)
	}
	for name, want := range map[string]string{"cookie": "x", "none": "", "never": ""} {
		if got, err := s.Value(t.Context(), name); got != want || err != nil {
			t.Errorf("value %s is %q, %v", name, got, err)
		}
	}
}

func TestEveryFieldIsStored(t *testing.T) {
	s := fresh(t)
	run, err := s.Begin(t.Context(), wiretest.Full[record.Run]())
	if err != nil {
		t.Fatal(err)
	}
	intent, sh, event := wiretest.Full[port.Intent](), wiretest.Full[identity.Shadow](), wiretest.Full[record.Event]()
	intent.Damaged = false // it is detected, and never stored
	edge, container := wiretest.Full[identity.Edge](), wiretest.Full[identity.Container]()
	intent.Run, intent.Answer.Run, intent.Answer.Step, intent.Answer.Outcome.Seq, event.Seq = run.ID, run.ID, intent.Step,
		intent.Seq, 1
	if err := s.Intend(t.Context(), run.ID, []port.Intent{intent}); err != nil {
		t.Fatal(err)
	}
	commit(t, s, port.Batch{Shadows: []identity.Shadow{sh}, Answers: []port.Answer{*intent.Answer},
		Events: []record.Event{event},
		Edges:  map[string]port.EdgeSet{"lab": edges(edge)}, Containers: map[string][]identity.Container{"lab": {container}}})
	want := content{Shadows: []identity.Shadow{sh}, Edges: map[string][]identity.Edge{"lab": {edge}},
		Containers: map[string][]identity.Container{"lab": {container}}, Dirty: map[identity.Anchor]string{},
		Runs: []record.Run{run}, Journal: []port.Intent{intent}, Events: []record.Event{event}}
	if diff := cmp.Diff(want, read(t, s)); diff != "" {
		t.Error(diff)
	}
}

func TestLaterBatchReplacesRows(t *testing.T) {
	s := fresh(t)
	want := fill(t, s)
	changed := shadow(1)
	changed.State, changed.Since, changed.Active = identity.Grace, when, false
	first := changed
	first.DN = "overwritten within the batch"
	commit(t, s, port.Batch{
		Shadows: []identity.Shadow{first, changed},
		Dirty:   map[identity.Anchor]string{"corp:1": "", "corp:7": "held"}, Values: map[string]string{"cookie": ""},
		Containers: map[string][]identity.Container{"lab": nil},
		Edges:      map[string]port.EdgeSet{"corp": edges(member(1, 1), member(3, 9), member(0, 2)), "lab": nil},
	})
	want.Shadows[0] = changed
	want.Dirty = map[identity.Anchor]string{"corp:7": "held"}
	want.Containers = map[string][]identity.Container{"corp": want.Containers["corp"]}
	want.Edges = map[string][]identity.Edge{"corp": {member(0, 2), member(1, 1), member(3, 9)}}
	if diff := cmp.Diff(want, read(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if v, err := s.Value(t.Context(), "cookie"); v != "" || err != nil {
		t.Errorf("cookie %q, %v", v, err)
	}
	var all int
	if err := s.Edges(t.Context(), "", func(identity.Edge) error { all++; return nil }); err != nil || all != 3 {
		t.Errorf("%d edges of all directories, %v", all, err)
	}
}

func TestBatchIsAtomic(t *testing.T) {
	s := fresh(t)
	want := fill(t, s)
	own := errors.New("the plan broke off")
	ctx, cancel := context.WithCancel(t.Context())
	for name, c := range map[string]struct {
		ctx   context.Context
		batch port.Batch
		want  error
	}{
		"edges break off": {t.Context(),
			port.Batch{Edges: map[string]port.EdgeSet{"lab": func(yield func(identity.Edge) error) error {
				return errors.Join(yield(member(8, 8)), own)
			}}}, own},
		"never intended": {t.Context(), port.Batch{Answers: []port.Answer{{Run: 77}}}, nil},
		"no anchor":      {t.Context(), port.Batch{Shadows: []identity.Shadow{{}}}, nil},
		"cancelled": {ctx, port.Batch{Edges: map[string]port.EdgeSet{"lab": func(yield func(identity.Edge) error) error {
			cancel()
			for {
				if err := yield(member(8, 8)); err != nil {
					return err
				}
			}
		}}}, context.Canceled},
	} {
		b := c.batch
		b.Shadows = append(b.Shadows, shadow(9))
		b.Forget = []identity.Anchor{shadow(1).Anchor}
		b.Dirty = map[identity.Anchor]string{"corp:1": ""}
		b.Values = map[string]string{"cookie": "lost"}
		b.Containers = map[string][]identity.Container{"corp": nil}
		b.Events = []record.Event{{Code: "lost"}}
		if err := s.Commit(c.ctx, b); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, read(t, s)); diff != "" {
			t.Errorf("%s: part of the batch stayed:\n%s", name, diff)
		}
	}
	commit(t, s, port.Batch{Values: map[string]string{"cookie": "next"}}) // and it continues
}

func TestCallbacksMayUseTheStoreAndEndTheListing(t *testing.T) {
	s := fresh(t)
	fill(t, s)
	err := s.Shadows(t.Context(), func(sh identity.Shadow) error {
		if _, ok, err := s.Shadow(t.Context(), sh.Anchor); !ok || err != nil {
			return fmt.Errorf("nested: %v %w", ok, err)
		}
		sh.Active = false
		return s.Commit(t.Context(), port.Batch{Shadows: []identity.Shadow{sh}})
	})
	if err != nil {
		t.Error(err)
	}
	own := fmt.Errorf("enough")
	if err := s.Shadows(t.Context(), func(identity.Shadow) error { return own }); err != own {
		t.Errorf("the callback's error came back as %v", err)
	}
}

func TestRuns(t *testing.T) {
	s := fresh(t)
	var last int64
	for range 3 {
		r, err := s.Begin(t.Context(), record.Run{Mode: record.Full, Started: when})
		if err != nil || r.ID <= last || r.Outcome != record.Running {
			t.Fatalf("%+v, %v", r, err)
		}
		last = r.ID
	}
	done := record.Run{ID: last - 1, Mode: record.Full, Started: when, Ended: when.Add(time.Minute),
		Outcome: record.Partial, Failed: 2,
		Counts: record.Counts{Users: record.ObjectCounts{Add: 5}}, Detail: "two failed"}
	if err := s.End(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	runs, err := s.Runs(t.Context(), 2)
	if err != nil || len(runs) != 2 || runs[0].ID != last || !cmp.Equal(runs[1], done) {
		t.Errorf("%+v, %v", runs, err)
	}
	if err := s.End(t.Context(), record.Run{ID: 99}); err == nil {
		t.Error("a run that never began ends")
	}

	other := open(t, s.Path()) // opening it again changes nothing
	if runs, err = other.Runs(t.Context(), 10); err != nil || runs[0].Outcome != record.Running {
		t.Errorf("%+v, %v", runs, err)
	}
	left, err := s.OpenRuns(t.Context())
	if err != nil || len(left) != 2 || left[0].ID != last-2 || left[1].ID != last {
		t.Errorf("%+v, %v", left, err)
	}
}

func TestJournalListsUnansweredIntents(t *testing.T) {
	s := fresh(t)
	var runs [2]int64
	for i := range runs {
		r, err := s.Begin(t.Context(), record.Run{})
		if err != nil {
			t.Fatal(err)
		}
		runs[i] = r.ID
		var intents []port.Intent
		for seq := int64(1); seq <= 250; seq++ { // more than one statement takes
			intents = append(intents, port.Intent{Seq: seq, At: when, Change: plan.Change{Seq: seq}})
		}
		if err := s.Intend(t.Context(), r.ID, intents); err != nil {
			t.Fatal(err)
		}
	}
	var answers []port.Answer
	for seq := int64(1); seq <= 250; seq++ {
		for _, run := range runs {
			if seq != 7 && (run == runs[0] || seq != 200) {
				answers = append(answers,
					port.Answer{Run: run, Outcome: record.Outcome{Seq: seq, State: record.WriteDone}, At: when})
			}
		}
	}
	commit(t, s, port.Batch{Answers: answers})
	unanswered := func() (list [][2]int64) {
		t.Helper()
		err := s.Unanswered(t.Context(), func(in port.Intent) error {
			list = append(list, [2]int64{in.Run, in.Seq})
			if in.Answer != nil || in.Change.Seq != in.Seq || !in.At.Equal(when) {
				t.Errorf("%+v", in)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if diff := cmp.Diff([][2]int64{{runs[0], 7}, {runs[1], 7}, {runs[1], 200}}, unanswered()); diff != "" {
		t.Error(diff)
	}
	again := []port.Intent{{Seq: 1, At: when, Change: plan.Change{Seq: 1, Key: "again"}}}
	if err := s.Intend(t.Context(), runs[0], again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][2]int64{{runs[0], 1}, {runs[0], 7}, {runs[1], 7}, {runs[1], 200}}, unanswered()); diff != "" {
		t.Error(diff)
	}
	n := 0
	err := s.Journal(t.Context(), runs[1], func(in port.Intent) error { n++; return nil })
	if err != nil || n != 250 {
		t.Errorf("the journal has %d intents, %v", n, err)
	}
}

func TestEventNumbersAreNeverReused(t *testing.T) {
	s := fresh(t)
	const most = 100_000
	batch := make([]record.Event, 5000)
	for i := range batch {
		batch[i] = record.Event{Time: when, Level: record.Info, Code: "tick"}
	}
	for range 21 {
		if err := s.Append(t.Context(), batch...); err != nil {
			t.Fatal(err)
		}
	}
	events, err := s.EventsSince(t.Context(), 104_990, 3)
	if err != nil || len(events) != 3 || events[0].Seq != 104_991 || events[2].Seq != 104_993 {
		t.Errorf("%+v, %v", events, err)
	}
	all, err := s.EventsSince(t.Context(), 0, 200_000)
	if err != nil || len(all) != most || all[0].Seq != 5001 {
		t.Errorf("%d events from %d on, %v", len(all), all[0].Seq, err)
	}
	if none, err := s.EventsSince(t.Context(), 105_000, 10); len(none) != 0 || err != nil {
		t.Errorf("%v, %v", none, err)
	}
}
