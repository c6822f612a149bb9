package sync_test

import (
	"context"
	"strings"
	"testing"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

const trialName = "dirbridge-test@example.com"

var trialSteps = []plan.Action{plan.Add, plan.Update, plan.Deactivate, plan.Delete}

// try makes all writes to a test account.
func (f *fixture) try() error {
	ctx := context.Background()
	e := f.engine()
	if err := e.NewTrial(ctx, trialName, noOverride); err != nil {
		return err
	}
	for _, a := range trialSteps {
		t, err := e.Try(ctx, a, noOverride)
		if err != nil {
			return err
		}
		switch {
		case t.Failed != "":
			f.t.Fatalf("%s: %s", a, t.Failed)
		case a == plan.Delete && t.Shows != nil, a != plan.Delete && t.Shows == nil:
			f.t.Fatalf("after %s: %+v", a, t.Shows)
		case a == plan.Deactivate && t.Shows.Active:
			f.t.Fatalf("after %s: %+v", a, t.Shows)
		}
	}
	return e.RemoveTrial(ctx, noOverride)
}

// A test account is made, changed, deactivated and deleted by plans with runs of their own, and
// leaves nothing in the cloud and nothing to do for the next run.
func TestATrial(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Ana", "a@example.com"))
	f.mustSync()
	if err := f.try(); err != nil {
		t.Fatal(err)
	}
	if left := f.cloud.All(identity.User); len(left) != 1 {
		t.Errorf("left are %+v", left)
	}
	runs, err := f.store.Runs(t.Context(), 10)
	if err != nil || len(runs) != 5 || runs[0].Mode != record.Trial || runs[0].Counts.Users.Delete != 1 ||
		runs[3].Counts.Users.Add != 1 {
		t.Errorf("%v %+v", err, runs)
	}
	if n := f.plan().Len(); n != 0 {
		t.Errorf("the next plan: %+v", changes(t, f.plan()))
	}
}

// An account that exists is never touched, even by a trial that was begun for its name.
func TestATrialWithAnExistingAccount(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Ana", "a@example.com"))
	f.mustSync()
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: trialName, Active: true})
	before := f.picture()
	if err := f.try(); err == nil || !strings.Contains(err.Error(), "it is not touched") {
		t.Fatalf("%v", err)
	}
	f.mustSync()
	if after := f.picture(); len(after) != len(before) {
		t.Errorf("%v\n%v", before, after)
	}
}

// Wherever a trial is killed, the next run removes its account, and so does the next trial.
func TestATrialDiesAtEachStep(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		f := newFixture(t, t.TempDir())
		f.dir.Add(person("Ana", "a@example.com"))
		f.mustSync()
		l := &life{left: n}
		f.target = &mortalCloud{f.cloud, l}
		store := f.store
		f.store = &mortalStore{store, l}
		err := f.try()
		f.store, f.target = store, nil
		if !l.dead {
			if err != nil || n < 10 {
				t.Errorf("%d steps: %v", n, err)
			}
			return
		}
		if n%2 == 0 {
			err = f.try()
		} else {
			f.mustSync()
			err = nil
		}
		kept, valueErr := f.store.Value(t.Context(), facts.TrialValue)
		if left := f.cloud.All(identity.User); err != nil || valueErr != nil || kept != "" || len(left) != 1 {
			t.Fatalf("killed %s: %v %v, remembered %q, left are %+v\n%s", l.at, err, valueErr, kept, left, f.events())
		}
	}
}
