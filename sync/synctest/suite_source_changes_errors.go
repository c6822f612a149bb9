package synctest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"dirbridge/sync/identity"
)

func changesStale(t *testing.T, f *SourceFixture) {
	good := f.cookie(t)
	other := good
	other.Way = map[bool]identity.Way{true: identity.SyncRepl, false: identity.DirSync}[good.Way == identity.DirSync]
	garbage, empty := good, good
	garbage.Value, empty.Value = "Garbage, of 2026?", ""
	for name, since := range map[string]identity.Cookie{"garbage": garbage, "an empty cookie": empty, "nothing": {},
		"the cookie of another way": other} {
		_, err := f.Source.Changes(t.Context(), since, func(identity.ChangeNotification) error { return nil })
		var stale *identity.Stale
		if !errors.As(err, &stale) || stale.Reason == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.changes(t, good)
}

// readers returns all methods that answer about single objects and changes; each calls back at least
// twice if there is time.
func (f *SourceFixture) readers(t *testing.T) map[string]func(ctx context.Context, each func() error) error {
	t.Helper()
	at := f.cookie(t)
	f.fill(t)
	boss := f.Directory.AddPerson(t, f.Base, "Boss", nil)
	group := f.Directory.AddGroup(t, f.Base, "Everybody")
	for i := range 3 {
		dn := f.Directory.AddPerson(t, f.Base, fmt.Sprintf("Report %d", i), map[string][]string{"manager": {boss}})
		f.Directory.AddMember(t, group, dn)
	}
	groups := []identity.Anchor{f.anchor(t, group)}
	s := f.Source
	return map[string]func(context.Context, func() error) error{
		"Changes": func(ctx context.Context, each func() error) error {
			_, err := s.Changes(ctx, at, func(identity.ChangeNotification) error { return each() })
			return err
		},
		"Below, people": func(ctx context.Context, each func() error) error {
			return s.ListUnder(ctx, identity.User, f.Base, func(identity.Entry) error { return each() })
		},
		"Below, groups": func(ctx context.Context, each func() error) error {
			return s.ListUnder(ctx, identity.Group, f.Base, func(identity.Entry) error { return each() })
		},
		"EdgesOf": func(ctx context.Context, each func() error) error {
			return s.EdgesOf(ctx, groups, func(identity.Edge) error { return each() })
		},
		"Referrers": func(ctx context.Context, each func() error) error {
			return s.Referrers(ctx, []string{boss}, func(identity.Edge) error { return each() })
		},
	}
}

func changesCallback(t *testing.T, f *SourceFixture) {
	for name, ask := range f.readers(t) {
		for after := 1; after <= 2; after++ {
			calls := 0
			err := ask(t.Context(), func() error {
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
		if err := ask(t.Context(), func() error { return nil }); err != nil {
			t.Errorf("%s: afterwards %v", name, err)
		}
	}
}

func changesCancelled(t *testing.T, f *SourceFixture) {
	for name, ask := range f.readers(t) {
		for after := range 3 {
			ctx, cancel := context.WithCancel(t.Context())
			if after == 0 {
				cancel()
			}
			calls := 0
			err := ask(ctx, func() error {
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
	if p, err := f.Source.Cookie(cancelled(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("Position: %+v, %v", p, err)
	}
}

// A server that does not answer can still report changes later: no full reading is necessary.
func changesDisconnected(t *testing.T, f *SourceFixture) {
	if f.Cut == nil {
		return
	}
	asking := f.readers(t)
	f.Cut()
	var stale *identity.Stale
	for name, ask := range asking {
		err := ask(t.Context(), func() error { return nil })
		if errors.As(err, &stale) {
			t.Errorf("%s: without a server it answered %v", name, err)
		}
		wantRemedy(t, err, identity.InDirectory)
	}
	_, err := f.Source.Cookie(t.Context())
	wantRemedy(t, err, identity.InDirectory)
}
