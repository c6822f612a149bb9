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
	name  string
}

var _ control.SigningIn = (*signer)(nil)

func (s *signer) Lasting() bool { return s.c.config().Cloud.SignsIn() }

func (s *signer) NeedsStart() bool {
	cc := s.c.config().Cloud
	return cc.Auth == string(auth.ServiceApp) && cc.RefreshToken.IsZero()
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
	if _, _, err := s.source(); err != nil {
		return org, err
	}
	cc := s.c.config().Cloud
	client, err := s.c.authClient(cc)
	if err != nil {
		return org, err
	}
	tokens, err := s.tokens(ctx, client, cc, start, show)
	if err != nil {
		return org, err
	}
	if org, err = s.organization(ctx, cc, tokens.Access); err != nil {
		return org, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found, s.name = tokens, org.Name
	return org, nil
}

// tokens asks the server for tokens in the configured way.
func (s *signer) tokens(ctx context.Context, client *auth.Client, cc config.Cloud, start string,
	show func(control.SignInCode)) (auth.Tokens, error) {
	switch auth.Grant(cc.Auth) {
	case auth.Credentials:
		return client.SignInAsClient(ctx)
	case auth.ServiceApp:
		if start == "" && !cc.RefreshToken.IsZero() {
			var err error
			if start, err = cc.RefreshToken.Resolve(ctx); err != nil {
				return auth.Tokens{}, &identity.Failure{Class: identity.Hold, Err: err,
					Remedy: "Check what [cloud] refresh_token refers to."}
			}
		}
		if start == "" {
			return auth.Tokens{}, &identity.Failure{Class: identity.GiveUp, Err: errors.New("there is no refresh token to " +
				"begin with"), Remedy: "Type the one that Control Hub or the developer portal shows, or set [cloud] refresh_token."}
		}
		return client.SignInByRefresh(ctx, start)
	}
	code, err := client.Begin(ctx)
	if err != nil {
		return auth.Tokens{}, err
	}
	show(control.SignInCode{Address: code.Address, Code: code.User, Complete: code.Complete, Expires: code.Expires})
	return client.Await(ctx, code)
}

// organization asks the cloud whose token it is: one of another organization is refused.
func (s *signer) organization(ctx context.Context, cc config.Cloud,
	token string) (org identity.Organization, err error) {
	if org, err = s.ask(ctx, cc, tried(token)); err != nil {
		return org, fmt.Errorf("nothing was stored: the cloud does not accept this sign-in: %w", err)
	}
	return org, nil
}

// tried is a token that was not stored yet: there is no other.
type tried string

func (t tried) Token(context.Context) (string, error)         { return string(t), nil }
func (t tried) Renew(context.Context, string) (string, error) { return string(t), nil }
func (t tried) Accepted(string)                               {}

// ask asks the cloud which organization the tokens are for.
func (s *signer) ask(ctx context.Context, cc config.Cloud, by tokens) (org identity.Organization, err error) {
	transport, err := transportOf(cc, s.c.secrets)
	if err != nil {
		return org, err
	}
	t, err := cloud.New(cloud.Options{Kind: cc.Kind, BaseURL: cc.BaseURL, Catalogue: s.c.cat, HTTP: transport,
		Token: by.Token, Renew: by.Renew, Accepted: by.Accepted, Secrets: s.c.secrets, Clock: s.c.pace})
	if err != nil {
		return org, err
	}
	defer t.Close()
	if org, err = t.Describe(ctx); err != nil {
		return org, err
	}
	if name := t.OrganizationName(ctx); name != "" {
		org.Name = name
	}
	return org, nil
}

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
	if org, err = s.ask(ctx, cfg.Cloud, held); err != nil {
		return org, in, err
	}
	if source, lasts := held.(*auth.Source); lasts {
		return org, factsOf(source.State()), nil
	}
	in = facts.SignIn{Method: string(auth.Static), SignedIn: true, Organization: org.ID, Name: org.Name}
	if client, err := s.c.authClient(cfg.Cloud); err == nil {
		if at, ok := client.Ends(ctx, token); ok {
			in.Expires, in.Ends = at.UTC(), at.UTC()
		}
	}
	return org, in, nil
}

var errNothingToKeep = errors.New("there is no new sign-in to keep")

func (s *signer) KeepSignIn(ctx context.Context) error {
	source, _, err := s.source()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found.Access == "" {
		return errNothingToKeep
	}
	if err := source.SignIn(ctx, s.found, s.name); err != nil {
		return err
	}
	s.found = auth.Tokens{}
	return s.tell(ctx, "signed-in", "The cloud was signed in to: "+s.name+".")
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
