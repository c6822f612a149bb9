package synctest

import (
	"context"
	"errors"
	stdsync "sync"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

func targetCallback(t *testing.T, f *TargetFixture) {
	for name, list := range f.listings(t) {
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

func targetListCancelled(t *testing.T, f *TargetFixture) {
	lists := f.listings(t)
	for name, list := range lists {
		for _, after := range []int{0, 1} {
			ctx, cancel := context.WithCancel(t.Context())
			if after == 0 {
				cancel()
			}
			calls := 0
			err := list(ctx, func() error {
				if calls++; calls == after {
					cancel()
				}
				return nil
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: cancelled after %d, it answered %v", name, after, err)
			}
			cancel()
		}
	}
	if _, _, err := f.Target.Get(cancelled(t), identity.User, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get: %v", err)
	}
	if _, err := f.Target.FindExternal(cancelled(t), identity.User, external(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("FindExternal: %v", err)
	}
}

func targetApplyCancelled(t *testing.T, f *TargetFixture) {
	changes := []plan.Change{addPerson(1, mail(1)), addPerson(2, mail(2)), addGroup(3, "Group")}
	out, err := f.applyUnder(t, cancelled(t), nil, changes...)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("apply answered %v", err)
	}
	for i, o := range out {
		if o.State != record.WriteNotSent {
			t.Errorf("%s: %+v", changes[i].Key, o)
		}
	}
	if n := len(f.users(t)) + len(f.list(t, identity.Group)); n != 0 {
		t.Errorf("%d were made", n)
	}
}

// When apply is cancelled midway, the cloud agrees with the answers.
func targetApplyCancelledMidway(t *testing.T, f *TargetFixture) {
	const n = 600
	var changes []plan.Change
	for i := range n {
		changes = append(changes, addPerson(i+1, mail(i+1)))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, err := f.applyUnder(t, ctx, func(record.Outcome) { cancel() }, changes...)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("apply answered %v", err)
	}
	there := map[string]bool{}
	for _, r := range f.users(t) {
		there[r.Key] = true
	}
	notSent := 0
	for i, o := range out {
		switch o.State {
		case record.WriteDone:
			if !there[mail(i+1)] {
				t.Errorf("%s was said to be done, and is not there", mail(i+1))
			}
		case record.WriteNotSent:
			notSent++
			if there[mail(i+1)] {
				t.Errorf("%s was said not to be sent, and is there", mail(i+1))
			}
		case record.WriteUnknown:
		default:
			t.Errorf("%s: %+v", mail(i+1), o)
		}
	}
	if notSent == 0 {
		t.Error("all was sent, after the context had ended")
	}
}

func targetThrottled(t *testing.T, f *TargetFixture) {
	if f.Throttle == nil {
		return
	}
	f.Throttle(2)
	ids := f.people(t, 25)
	if listed := f.users(t); len(listed) != len(ids) {
		t.Errorf("%d are there, of %d", len(listed), len(ids))
	}
}

func targetDisconnected(t *testing.T, f *TargetFixture) {
	if f.Cut == nil {
		return
	}
	lists := f.listings(t)
	id := f.person(t, 50)
	f.Cut()
	for name, list := range lists {
		err := list(t.Context(), func() error { return nil })
		if err == nil {
			t.Errorf("%s: without a cloud it answered no error", name)
			continue
		}
		wantRemedy(t, err, identity.InCloud)
	}
	if _, ok, err := f.Target.Get(t.Context(), identity.User, id); ok || err == nil {
		t.Errorf("Get: %v, %v", ok, err)
	}
	if found, err := f.Target.Find(t.Context(), identity.User, mail(50)); err == nil {
		t.Errorf("Find: %v and no error", found)
	}
	if found, err := f.Target.FindExternal(t.Context(), identity.User, external(50)); err == nil &&
		!f.Target.Limits().Anchorless {
		t.Errorf("FindExternal: %v and no error", found)
	}
	out, err := f.applyUnder(t, t.Context(), nil, addPerson(60, mail(60)), change(plan.Delete, 50, id))
	for i, o := range out {
		if o.State == record.WriteDone || o.Seq == 0 && err == nil {
			t.Errorf("write %d without a cloud: %+v, %v", i, o, err)
		}
		if o.State == record.WriteFailed && (o.Class != identity.Retry || o.Message == "") {
			t.Errorf("write %d without a cloud: %+v", i, o)
		}
	}
}

func targetConcurrent(t *testing.T, f *TargetFixture) {
	ids := f.people(t, 40)
	var all stdsync.WaitGroup
	for n := range 3 {
		all.Go(func() {
			seen := 0
			if err := f.Target.Resources(t.Context(), identity.User, func(r identity.Resource) error {
				if !f.existing[r.ID] {
					seen++
				}
				return nil
			}); err != nil || seen != len(ids) {
				t.Errorf("Resources beside others: %d, %v", seen, err)
			}
		})
		all.Go(func() {
			if r, ok, err := f.Target.Get(t.Context(), identity.User, ids[n]); err != nil || !ok || r.Key != mail(n+1) {
				t.Errorf("Get beside others: %+v, %v, %v", r, ok, err)
			}
		})
		all.Go(func() { _ = f.Target.Waiting() })
	}
	all.Wait()
}
