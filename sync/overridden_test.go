package sync_test

import (
	"errors"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// TestOverriddenPlanOfHeldRunIsGood: an operator applies the plan of a held run afterwards, as the
// console does: the run counts as good, and incremental runs continue from it.
func TestOverriddenPlanOfHeldRunIsGood(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.policy.OnUnmatched, f.policy.Threshold = "deactivate", policy.Threshold{Number: 1}
	f.dir.Add(person("ana", "ana@x.org"))
	for _, key := range []string{"old1@x.org", "old2@x.org"} {
		f.cloud.Put(identity.Resource{Kind: identity.User, Key: key, Active: true})
	}
	e := f.engine()
	p, run, err := e.Sync(t.Context(), sync.Request{Mode: record.Full}, apply.Options{})
	var held *port.HeldError
	if !errors.As(err, &held) || run.Outcome != record.WasHeld {
		t.Fatalf("%+v, %v: want it held", run, err)
	}
	defer p.Close()
	f.now = f.now.Add(time.Minute)
	if run, err := e.Apply(t.Context(), p, apply.Options{Override: []int64{2}}); err != nil || run.Outcome != record.Done {
		t.Fatalf("%+v, %v", run, err)
	}
	for _, name := range []string{facts.LastGoodValue, facts.LastFullValue} {
		if text, err := f.store.Value(t.Context(), name); err != nil || text == "" {
			t.Errorf("%s is not set: %v", name, err)
		}
	}
	f.now = f.now.Add(time.Minute)
	q, run, err := e.Sync(t.Context(), sync.Request{Mode: record.Incremental}, apply.Options{})
	if err != nil || run.Mode != record.Incremental {
		t.Fatalf("%+v, %v: want an incremental run", run, err)
	}
	q.Close()
}

// TestHoldOfFullOutlivesIncremental: an incremental run knows nothing of what holds a full plan,
// and lifts only what holds incremental ones. A full run that passes, or a full plan that is
// applied, lifts it.
func TestHoldOfFullOutlivesIncremental(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.policy.OnUnmatched, f.policy.Threshold = "deactivate", policy.Threshold{Number: 1}
	ana := f.dir.Add(person("ana", "ana@x.org"))
	f.mustSync()
	for _, key := range []string{"old1@x.org", "old2@x.org"} {
		f.cloud.Put(identity.Resource{Kind: identity.User, Key: key, Active: true})
	}
	held := func() (h facts.Held) {
		t.Helper()
		if err := facts.ReadValue(t.Context(), f.store, facts.HeldValue(false), &h); err != nil {
			t.Fatal(err)
		}
		return h
	}
	hold := func() facts.Held {
		t.Helper()
		if _, _, err := f.sync(noOverride); !isHeld(err) {
			t.Fatalf("%v", err)
		}
		return held()
	}
	first := hold()
	for _, title := range []string{"one", "two"} {
		set(f.dir, ana, "title", title)
		if len(f.changed(t)) != 1 {
			t.Fatal("the incremental run does nothing")
		}
		if h := held(); h.Runs != 1 || !h.Since.Equal(first.Since) || len(h.Holds) != 1 || h.Holds[0] != first.Holds[0] {
			t.Fatalf("after an incremental run that passed: %+v, was %+v", h, first)
		}
	}
	if h := hold(); h.Runs != 2 || !h.Since.Equal(first.Since) {
		t.Fatalf("held once more: %+v", h)
	}
	if _, _, err := f.sync(apply.Options{Override: []int64{2}}); err != nil || held().Runs != 0 {
		t.Fatalf("%v: after a full run that was overridden: %+v", err, held())
	}
	for _, key := range []string{"old3@x.org", "old4@x.org"} {
		f.cloud.Put(identity.Resource{Kind: identity.User, Key: key, Active: true})
	}
	hold()
	f.policy.Threshold = policy.Threshold{Number: 2}
	f.mustSync()
	if h := held(); h.Runs != 0 {
		t.Fatalf("after a full run that passed: %+v", h)
	}
}
