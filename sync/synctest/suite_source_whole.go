package synctest

import (
	"context"
	"errors"
	"fmt"
	stdsync "sync"
	"testing"

	"dirbridge/sync/identity"
)

// fill creates more of everything than a few pages hold, and returns the number of people.
func (f *SourceFixture) fill(t *testing.T) int {
	t.Helper()
	const n = 45
	for i := range n {
		person := f.Directory.AddPerson(t, f.Base, fmt.Sprintf("Person %02d", i), nil)
		group := f.Directory.AddGroup(t, f.Base, fmt.Sprintf("Group %02d", i))
		f.Directory.AddMember(t, group, person)
		f.Directory.AddContainer(t, f.Base, fmt.Sprintf("Container %02d", i))
	}
	return n
}

func sourceCallback(t *testing.T, f *SourceFixture) {
	n := f.fill(t)
	for name, list := range f.listings() {
		for _, after := range []int{1, n - 1} {
			calls := 0
			err := list(t.Context(), func() error {
				if calls++; calls == after {
					return errStop
				}
				return nil
			})
			if !errors.Is(err, errStop) || calls != after {
				t.Errorf("%s: the callback's error came back as %v after %d calls, of which the last was number %d", name,
					err, calls, after)
			}
		}
		calls := 0
		if err := list(t.Context(), func() error { calls++; return nil }); err != nil || calls < n {
			t.Errorf("%s: afterwards %d, %v", name, calls, err)
		}
	}
	anchor := f.anchor(t, f.Directory.AddPerson(t, f.Base, "Wanted", nil))
	err := f.Source.Get(t.Context(), identity.User, []identity.Anchor{anchor}, func(identity.Entry, bool) error {
		return errStop
	})
	if !errors.Is(err, errStop) {
		t.Errorf("Get: %v", err)
	}
}

// A cancelled listing is never taken for complete (P1), however near its end.
func sourceCancel(t *testing.T, f *SourceFixture) {
	n := f.fill(t)
	for name, list := range f.listings() {
		for _, after := range []int{0, 1, n - 1} {
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			if after == 0 {
				cancel()
			}
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
	if got := f.people(t); len(got) != n {
		t.Errorf("afterwards %d people are listed, of %d", len(got), n)
	}
}

func sourceDisconnected(t *testing.T, f *SourceFixture) {
	if f.Cut == nil {
		return
	}
	n := f.fill(t)
	calls := 0
	err := f.Source.People(t.Context(), func(identity.Entry) error {
		if calls++; calls == 1 {
			f.Cut()
		}
		return nil
	})
	switch {
	case err == nil && calls != n:
		t.Errorf("cut off, it listed %d people of %d without an error", calls, n)
	case err != nil:
		wantRemedy(t, err, identity.InDirectory)
	}
	for name, list := range f.listings() {
		if err := list(t.Context(), func() error { return nil }); err == nil {
			t.Errorf("%s: without a server it answered no error", name)
		}
	}
	_, err = f.Source.Describe(t.Context())
	wantRemedy(t, err, identity.InDirectory)
	if _, err := f.Source.Tree(t.Context(), f.Base); err == nil {
		t.Error("Tree: without a server it answered no error")
	}
	if err := f.Source.Get(t.Context(), identity.User, []identity.Anchor{f.unknownAnchor(1)},
		func(identity.Entry, bool) error { return nil }); err == nil {
		t.Error("Get: without a server no person was said to be absent")
	}
}

func sourceConcurrent(t *testing.T, f *SourceFixture) {
	n := f.fill(t)
	anchor := f.anchor(t, f.Directory.AddPerson(t, f.Base, "Wanted", nil))
	var all stdsync.WaitGroup
	for range 3 {
		all.Go(func() {
			calls := 0
			if err := f.Source.People(t.Context(), func(identity.Entry) error { calls++; return nil }); err != nil ||
				calls != n+1 {
				t.Errorf("People beside others: %d, %v", calls, err)
			}
		})
		all.Go(func() {
			calls := 0
			if err := f.Source.Edges(t.Context(), func(identity.Edge) error { calls++; return nil }); err != nil || calls != n {
				t.Errorf("Edges beside others: %d, %v", calls, err)
			}
		})
		all.Go(func() {
			calls := 0
			err := f.Source.Get(t.Context(), identity.User, []identity.Anchor{anchor}, func(identity.Entry, bool) error {
				calls++
				return nil
			})
			if err != nil || calls != 1 {
				t.Errorf("Get beside others: %d, %v", calls, err)
			}
		})
	}
	all.Wait()
}
