package sync_test

import (
	"errors"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// The plan of a run that was held is applied by an operator afterwards, as the console
// does: the run counts as good, and incremental runs go on from it.
func TestOverriddenPlanOfHeldRunIsGood(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.policy.OnUnmatched, f.policy.Threshold = "deactivate", sync.Threshold{Number: 1}
	f.dir.Add(person("ana", "ana@x.org"))
	for _, key := range []string{"old1@x.org", "old2@x.org"} {
		f.cloud.Put(identity.Resource{Kind: identity.User, Key: key, Active: true})
	}
	e := f.engine()
	p, run, err := e.Sync(t.Context(), sync.Request{Mode: record.Full}, sync.ApplyOptions{})
	var held *sync.HeldError
	if !errors.As(err, &held) || run.Outcome != record.WasHeld {
		t.Fatalf("%+v, %v: want it held", run, err)
	}
	defer p.Close()
	f.now = f.now.Add(time.Minute)
	if run, err := e.Apply(t.Context(), p, sync.ApplyOptions{Override: []int64{2}}); err != nil || run.Outcome != record.Done {
		t.Fatalf("%+v, %v", run, err)
	}
	for _, name := range []string{sync.LastGoodValue, sync.LastFullValue} {
		if text, err := f.store.Value(t.Context(), name); err != nil || text == "" {
			t.Errorf("%s is not set: %v", name, err)
		}
	}
	f.now = f.now.Add(time.Minute)
	q, run, err := e.Sync(t.Context(), sync.Request{Mode: record.Incremental}, sync.ApplyOptions{})
	if err != nil || run.Mode != record.Incremental {
		t.Fatalf("%+v, %v: want an incremental run", run, err)
	}
	q.Close()
}
