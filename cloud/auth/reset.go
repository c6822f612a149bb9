package auth

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/identity"
)

// ResetSecret replaces the client's secret. The new one goes to the store first, is proven by a
// request for tokens, is written by keep to where the configuration refers, and only then leaves
// the store. If the process dies between two of these steps, the old secret or the new one works,
// whichever the server accepts: see withSecret; and ResetSecret can be called again.
func (s *Source) ResetSecret(ctx context.Context, secret string, keep func(context.Context, string) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.Client.opt.Secrets.Add(secret, s.opt.Client.opt.ID)
	unlock, err := s.opt.Store.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	old, err := s.load(ctx)
	if err != nil {
		return err
	}
	pending := old
	pending.NewSecret = secret
	if err := s.opt.Store.Save(ctx, pending); err != nil {
		return err
	}
	next, err := s.prove(ctx, pending)
	if err != nil {
		// The old secret stays. If this was for want of an answer, the new one stays beside it.
		if r := refusalOf(err); r != nil && !r.passing() {
			err = errors.Join(err, s.opt.Store.Save(context.WithoutCancel(ctx), old))
		}
		return notProven(err)
	}
	if _, err := s.keep(ctx, next); err != nil {
		return err
	}
	if err := keep(ctx, secret); err != nil {
		return fmt.Errorf("the new secret works, and is kept with the sign-in: %w", err)
	}
	next.NewSecret = ""
	_, err = s.keep(ctx, next)
	return err
}

// prove asks for tokens with the new secret.
func (s *Source) prove(ctx context.Context, pending Session) (Session, error) {
	if s.opt.Grant == Credentials {
		t, err := s.opt.Client.Credentials(ctx, pending.NewSecret)
		if err != nil {
			return pending, err
		}
		return pending.take(t), nil
	}
	if pending.Refresh == "" {
		return pending, NotSignedIn(ErrNone)
	}
	t, err := s.refreshRepeatedly(ctx, pending.Refresh, pending.NewSecret)
	if err != nil {
		return pending, err
	}
	return pending.take(t), nil
}

func notProven(err error) error {
	r := refusalOf(err)
	if r == nil || !r.client() {
		return failure(err)
	}
	return fail(identity.Hold, "Copy it again from the provider. Until a new one works, the old one stays.",
		fmt.Errorf("the server refuses the new secret: %w", err))
}
