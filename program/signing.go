package program

import (
	"context"
	"errors"
	"fmt"
	stdsync "sync"

	"dirbridge/cloud"
	"dirbridge/cloud/auth"
	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// signer signs in to the cloud for a front end.
type signer struct {
	c *connector

	mu    stdsync.Mutex
	found auth.Tokens // what the last attempt made, to be confirmed
	org   identity.Organization
}

var _ control.SigningIn = (*signer)(nil)

func (s *signer) Method() string { return s.c.config().Cloud.Auth }

func (s *signer) NeedsStart() bool {
	cc := s.c.config().Cloud
	return !cc.SignsIn() || cc.Auth == string(auth.ServiceApp) && cc.RefreshToken.IsZero()
}

// source returns the source of the present configuration.
func (s *signer) source() (*auth.Source, config.Cloud, error) {
	cfg := s.c.config()
	if !cfg.Cloud.SignsIn() {
		return nil, cfg.Cloud, &identity.Failure{Class: identity.GiveUp, Err: errNotLasting,
			Remedy: "Set auth to device or service_app (Webex), or to client_credentials: docs/sign-in.md."}
	}
	source, err := s.c.lasting(cfg)
	return source, cfg.Cloud, err
}

func (s *signer) TrySignIn(ctx context.Context, start string,
	show func(control.SignInCode)) (org identity.Organization, err error) {
	cc := s.c.config().Cloud
	tokens, err := s.tokens(ctx, cc, start, show)
	if err != nil {
		return org, err
	}
	s.c.secrets.Add(tokens.Access)
	if org, err = ask(ctx, s.cloud(), cc, tried(tokens.Access)); err != nil {
		return org, notAccepted(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found, s.org = tokens, org
	return org, nil
}

// tokens asks for tokens in the configured way.
func (s *signer) tokens(ctx context.Context, cc config.Cloud, start string,
	show func(control.SignInCode)) (auth.Tokens, error) {
	switch ref := cc.RefreshToken; {
	case !cc.SignsIn() && !cc.Token.Replaceable():
		return auth.Tokens{}, &identity.Failure{Class: identity.GiveUp,
			Err:    fmt.Errorf("token is kept where Dirbridge cannot write: %q", cc.Token.Reference()),
			Remedy: "Set the new one there, or sign in in a way that lasts: docs/sign-in.md."}
	case !cc.SignsIn() && start == "":
		return auth.Tokens{}, &identity.Failure{Class: identity.GiveUp, Err: errors.New("there is no new token"),
			Remedy: "Type the token, or sign in in a way that lasts: docs/sign-in.md."}
	case !cc.SignsIn():
		return auth.Tokens{Access: start}, nil
	case auth.Grant(cc.Auth) == auth.ServiceApp && start == "" && !ref.IsZero():
		var err error
		if start, err = ref.Resolve(ctx); err != nil {
			return auth.Tokens{}, &identity.Failure{Class: identity.Hold, Err: err,
				Remedy: "Check what [cloud] refresh_token refers to."}
		}
	}
	client, err := s.c.authClient(cc)
	if err != nil {
		return auth.Tokens{}, err
	}
	return trySignIn(ctx, client, cc, start, show)
}

// cloud has what every client of the cloud shares.
func (s *signer) cloud() cloud.Options { return cloud.Options{Secrets: s.c.secrets, Clock: s.c.pace} }

func (s *signer) TestSignIn(ctx context.Context) (org identity.Organization, in facts.SignIn, err error) {
	cfg := s.c.config()
	held, err := s.c.tokensOf(cfg)
	if err != nil {
		return org, in, err
	}
	token, err := held.Token(ctx)
	if err != nil {
		return org, in, err
	}
	o := s.cloud()
	o.Known = s.c.known
	if o.Profile, err = profileOf(cfg); err != nil {
		return org, in, err
	}
	if org, err = ask(ctx, o, cfg.Cloud, held); err != nil {
		return org, in, err
	}
	if source, lasts := held.(*auth.Source); lasts {
		return org, factsOf(source.State()), nil
	}
	return org, s.tokenFacts(ctx, cfg.Cloud, token, org), nil
}

var errNothingToKeep = errors.New("there is no new sign-in to keep")

func (s *signer) KeepSignIn(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found.Access == "" {
		return errNothingToKeep
	}
	if err := s.keep(ctx); err != nil {
		return err
	}
	s.found = auth.Tokens{}
	return s.tell(ctx, "signed-in", "The cloud was signed in to: "+s.org.Name+".")
}

func (s *signer) keep(ctx context.Context) error {
	if cc := s.c.config().Cloud; !cc.SignsIn() {
		if err := cc.Token.Replace(ctx, s.found.Access); err != nil {
			return err
		}
		s.c.signIns.forget()
		s.c.note(s.tokenFacts(ctx, cc, s.found.Access, s.org))
		return nil
	}
	source, _, err := s.source()
	if err != nil {
		return err
	}
	return source.SignIn(ctx, s.found, s.org.Name)
}

// tokenFacts describes a token that is not renewed: Webex says when it ends.
func (s *signer) tokenFacts(ctx context.Context, cc config.Cloud, token string,
	org identity.Organization) facts.SignIn {
	in := facts.SignIn{Method: string(auth.Static), SignedIn: true, Organization: org.ID, Name: org.Name}
	if client, err := s.c.authClient(cc); err == nil {
		if at, ok := client.Ends(ctx, token); ok {
			in.Expires, in.Ends = at.UTC(), at.UTC()
		}
	}
	return in
}

func (s *signer) SignOut(ctx context.Context) (bool, error) {
	source, _, err := s.source()
	if err != nil {
		return false, err
	}
	revoked, err := source.SignOut(ctx)
	if errors.Is(err, auth.ErrNone) {
		return false, &identity.Failure{Class: identity.GiveUp, Err: err, Remedy: "dirbridge status says how the cloud is " +
			"signed in to."}
	}
	return revoked, errors.Join(err, s.tell(ctx, "signed-out", "The sign-in to the cloud was forgotten."))
}

func (s *signer) ResetSecret(ctx context.Context, secret string) error {
	source, cc, err := s.source()
	if err != nil {
		return err
	}
	ref := cc.ClientSecret
	if !ref.Replaceable() {
		return &identity.Failure{Class: identity.GiveUp,
			Err:    fmt.Errorf("client_secret is kept where Dirbridge cannot write: %q", ref.Reference()),
			Remedy: "Set the new one there, or set client_secret to file:PATH or keyring:NAME."}
	}
	if err := source.ResetSecret(ctx, secret, ref.Replace); err != nil {
		return err
	}
	return s.tell(ctx, "secret-replaced", "The client's secret was replaced.")
}

// tell records in the event log what an operator did.
func (s *signer) tell(ctx context.Context, code, message string) error {
	return s.c.store.Append(ctx, record.Event{Time: s.c.clock().UTC(), Level: record.Info, Code: code,
		Side: identity.InCloud, Message: message + " By " + operator() + "."})
}
