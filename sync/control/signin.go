package control

import (
	"context"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
)

// SignInCode is what an operator needs to sign in elsewhere.
type SignInCode struct {
	Address  string    `json:"address"`            // where the code is entered
	Code     string    `json:"code"`               // as the operator types it
	Complete string    `json:"complete,omitempty"` // the address with the code in it, to copy
	Expires  time.Time `json:"expires"`
}

// SigningIn signs in to the cloud for every process that shares the state. One attempt at a time.
type SigningIn interface {
	// Method is how the configuration signs in: token, device, client_credentials or service_app.
	Method() string
	// NeedsStart reports whether TrySignIn needs a start value: the refresh token that a service app
	// begins with, or a token that replaces the configured one.
	NeedsStart() bool
	// TrySignIn signs in, and returns the organization, with its name if the cloud says it. Nothing
	// is stored yet. show receives the code, if this way of signing in has one, before the wait for
	// it begins. A token that is kept where it cannot be replaced is refused. It ends with ctx.
	TrySignIn(ctx context.Context, start string, show func(SignInCode)) (identity.Organization, error)
	// KeepSignIn stores what the last TrySignIn made: the operator has confirmed the organization.
	KeepSignIn(ctx context.Context) error
	// TestSignIn signs in with the stored sign-in or the token, and says to which organization, how,
	// and until when. It may renew the tokens; nothing else is written.
	TestSignIn(ctx context.Context) (identity.Organization, SignedIn, error)
	// SignOut forgets the sign-in, and revokes it if the server can: revoked. A token is refused.
	SignOut(ctx context.Context) (revoked bool, err error)
	// ResetSecret replaces the client's secret, see auth.Source. It is refused if the place of the
	// secret cannot be written, and for a token.
	ResetSecret(ctx context.Context, secret string) error
}

// SignIn signs in to the cloud.
func (l *Local) SignIn() SigningIn { return l.opt.SignIn }

// signedIn is how the configuration signs in, with what was last seen of it.
func (l *Local) signedIn(ctx context.Context) (*SignedIn, error) {
	if l.opt.SignIn == nil {
		return nil, nil
	}
	var s SignedIn
	if err := facts.ReadValue(ctx, l.opt.Store, facts.SignInValue, &s); err != nil {
		return nil, err
	}
	if method := l.opt.SignIn.Method(); s.Method != method {
		s = SignedIn{Method: method}
	}
	return &s, nil
}
