package app

import (
	"context"
	"errors"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
)

// signing is a sign-in whose behavior a test sets.
type signing struct {
	method string
	start  bool // it needs a start value
	code   *control.SignInCode
	err    error // of each attempt
	// What was done, in order; started is the last start value.
	done             []string
	started, secrets string
	wait             chan struct{} // an attempt waits for it, or for its context; nil does not wait
	shown            chan struct{} // closed once the code was shown; nil is not
}

func newSigning(method string) *signing {
	return &signing{method: method, start: method == "service_app"}
}

func acme() identity.Organization {
	return identity.Organization{ID: "2b1f0c8e", Name: "Acme", Kind: "webex"}
}

// codeUntil is a code that is valid for four and a half minutes.
func codeUntil(now time.Time) *control.SignInCode {
	return &control.SignInCode{Address: "https://login.example.com/verify", Code: "482913",
		Complete: "https://login.example.com/verify?userCode=482913", Expires: now.Add(270 * time.Second)}
}

func (s *signing) Method() string   { return s.method }
func (s *signing) NeedsStart() bool { return s.start }

func (s *signing) TrySignIn(ctx context.Context, start string,
	show func(control.SignInCode)) (identity.Organization, error) {
	s.done, s.started = append(s.done, "try"), start
	if s.code != nil {
		show(*s.code)
	}
	if s.shown != nil {
		close(s.shown)
		s.shown = nil
	}
	if s.wait != nil {
		select {
		case <-s.wait:
		case <-ctx.Done():
			return identity.Organization{}, ctx.Err()
		}
	}
	return acme(), s.err
}

func (s *signing) KeepSignIn(context.Context) error { s.done = append(s.done, "keep"); return nil }

func (s *signing) TestSignIn(context.Context) (identity.Organization, control.SignedIn, error) {
	s.done = append(s.done, "test")
	return acme(), control.SignedIn{}, s.err
}

func (s *signing) SignOut(context.Context) (bool, error) {
	s.done = append(s.done, "out")
	return false, nil
}

func (s *signing) ResetSecret(_ context.Context, secret string) error {
	if s.done, s.secrets = append(s.done, "reset"), secret; secret == "wrong" {
		return errors.New("the server refuses the new secret")
	}
	return s.err
}
