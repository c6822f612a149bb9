package uitest

import (
	"context"
	"errors"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
)

// Signing is a sign-in whose behavior a test sets.
type Signing struct {
	method string
	Code   *control.SignInCode
	Err    error // of each attempt
	// What was done, in order; Started is the last start value.
	Done             []string
	Started, Secrets string
	Wait             chan struct{} // an attempt waits for it, or for its context; nil does not wait
	Shown            chan struct{} // closed once the code was shown, for one attempt; nil is not
}

// NewSigning returns one of a method.
func NewSigning(method string) *Signing {
	return &Signing{method: method}
}

// Acme is the organization.
func Acme() identity.Organization {
	return identity.Organization{ID: "2b1f0c8e", Name: "Acme", Kind: "webex"}
}

// CodeUntil is a code that is valid for four and a half minutes.
func CodeUntil(now time.Time) *control.SignInCode {
	return &control.SignInCode{Address: "https://login.example.com/verify", Code: "482913",
		Complete: "https://login.example.com/verify?userCode=482913", Expires: now.Add(270 * time.Second)}
}

func (s *Signing) Method() string   { return s.method }
func (s *Signing) NeedsStart() bool { return s.method == "service_app" }

func (s *Signing) TrySignIn(ctx context.Context, start string,
	show func(control.SignInCode)) (identity.Organization, error) {
	s.Done, s.Started = append(s.Done, "try"), start
	if s.Code != nil {
		show(*s.Code)
	}
	if s.Shown != nil {
		close(s.Shown)
	}
	if s.Wait != nil {
		select {
		case <-s.Wait:
		case <-ctx.Done():
			return identity.Organization{}, ctx.Err()
		}
	}
	return Acme(), s.Err
}

func (s *Signing) KeepSignIn(context.Context) error { s.Done = append(s.Done, "keep"); return nil }

func (s *Signing) TestSignIn(context.Context) (identity.Organization, control.SignedIn, error) {
	s.Done = append(s.Done, "test")
	return Acme(), control.SignedIn{}, s.Err
}

func (s *Signing) SignOut(context.Context) (bool, error) {
	s.Done = append(s.Done, "out")
	return false, nil
}

func (s *Signing) ResetSecret(_ context.Context, secret string) error {
	if s.Done, s.Secrets = append(s.Done, "reset"), secret; secret == "wrong" {
		return errors.New("the server refuses the new secret")
	}
	return s.Err
}
