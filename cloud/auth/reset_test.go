package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/auth"
	"dirbridge/cloud/scimtest"
)

// TestResetSecret kills the change of a secret before each of its steps. Whatever the server accepts,
// the old secret or the new one, the next process signs in; and the change can be made again.
func TestResetSecret(t *testing.T) {
	for _, changed := range []bool{false, true} { // at the provider
		for steps := range 5 {
			w := newWorld(t, scimtest.Options{SignIn: scimtest.SignIn{Rotate: true}})
			w.signIn()
			if changed {
				w.sky.ReplaceSecret("the-new-secret")
			}
			store := &dying{w.store(), steps}
			written := func(_ context.Context, secret string) error {
				if err := store.step(); err != nil {
					return err
				}
				w.sec = secret
				return nil
			}
			err := w.source(store).ResetSecret(t.Context(), "the-new-secret", written)
			if (err == nil) != (changed && steps == 4) {
				t.Errorf("changed %v, killed at %d: %v", changed, steps, err)
			}
			w.pass(15 * 24 * time.Hour)
			_, err = w.source(w.store()).Token(t.Context())
			// A refresh whose answer a dead process had, with a server that replaces tokens, is lost;
			// and with no step done, the provider's change is not known.
			if lost := changed && steps <= 1; err != nil && !lost {
				t.Errorf("changed %v, killed at %d: the next token: %v", changed, steps, err)
			}
			if changed && steps > 1 {
				if err := w.source(w.store()).ResetSecret(t.Context(), "the-new-secret", func(_ context.Context, s string) error {
					w.sec = s
					return nil
				}); err != nil || w.session().NewSecret != "" {
					t.Errorf("killed at %d: again: %v", steps, err)
				}
			}
		}
	}
}

// TestWrongNewSecret: the old secret stays, and the new one is in no error.
func TestWrongNewSecret(t *testing.T) {
	w := newWorld(t, scimtest.Options{})
	w.signIn()
	err := w.source(w.store()).ResetSecret(t.Context(), "a-wrong-secret", func(context.Context, string) error {
		return errors.New("written")
	})
	if wantHold(t, err); strings.Contains(err.Error(), "a-wrong-secret") || w.session().NewSecret != "" {
		t.Errorf("%v", err)
	}
	w.pass(14 * 24 * time.Hour)
	w.token(w.source(w.store()))
}

// TestTheRefusalOfAClient names what to do.
func TestTheRefusalOfAClient(t *testing.T) {
	w := newWorld(t, scimtest.Options{})
	w.signIn()
	w.sky.ReplaceSecret("another")
	s := w.source(w.store())
	_, err := s.Renew(t.Context(), w.token(s))
	wantHold(t, err)
	if w.session().Refresh == "" {
		t.Error("the refresh token is gone")
	}
	w.sec = "another"
	w.token(w.source(w.store()))
	var _ auth.State = w.states[0]
}
