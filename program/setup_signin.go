package program

import (
	"context"

	"dirbridge/cloud/auth"
	"dirbridge/config"
	"dirbridge/sync/control"
)

// setupSignIn is a sign-in of the set-up that is not stored yet.
type setupSignIn struct {
	tokens    auth.Tokens
	cloud     control.SetupCloud
	name, url string // of the organization
}

// trialToken returns a token for the cloud that was entered: the one that was typed, or one that is
// asked for in the chosen way.
func (g *guide) trialToken(ctx context.Context, c control.SetupCloud, p *control.SetupProgress) (string, error) {
	g.signIn = setupSignIn{}
	if !c.Lasts() {
		p.Begin("Read the token")
		token, err := c.Token.Resolve(ctx)
		if err != nil {
			return "", &control.EntryError{Entry: "token", Err: setupFailure("Paste the token, or name where it is kept: "+
				"env:NAME, file:PATH, keyring:NAME or credential:NAME.", "the token: %w", err)}
		}
		return token, nil
	}
	p.Begin("Sign in")
	address, err := cloudAddress(c)
	if err != nil {
		return "", &control.EntryError{Entry: "address", Err: err}
	}
	client, cc, err := g.authClient(c, address)
	if err != nil {
		return "", err
	}
	start := ""
	if c.Auth == string(auth.ServiceApp) {
		if start, err = c.Refresh.Resolve(ctx); err != nil {
			return "", &control.EntryError{Entry: "refresh", Err: setupFailure("Paste the refresh token of the service app, or "+
				"name where it is kept.", "the refresh token: %w", err)}
		}
	}
	g.signIn.cloud = c
	if g.signIn.tokens, err = trySignIn(ctx, client, cc, start, p.Show); err != nil {
		return "", err
	}
	return g.signIn.tokens.Access, nil
}

// authClient returns a client of the authorization server that was entered.
func (g *guide) authClient(c control.SetupCloud, address string) (*auth.Client, config.Cloud, error) {
	cc, err := cloudOf(c, address)
	if err != nil {
		return nil, cc, &control.EntryError{Entry: "secret", Err: setupFailure("Paste the client's secret, or name where it "+
			"is kept: env:NAME, file:PATH, keyring:NAME or credential:NAME.", "%w", err)}
	}
	o, err := authOptions(cc, g.secrets)
	if err != nil {
		return nil, cc, &control.EntryError{Entry: "address", Err: setupFailure("Correct the address.", "%w", err)}
	}
	if c.ClientSecret.Typed() != "" {
		o.Secret = c.ClientSecret.Resolve
	}
	client, err := auth.NewClient(o)
	if err != nil {
		return nil, cc, setupFailure("Correct the addresses of the server.", "%w", err)
	}
	return client, cc, nil
}

func (g *guide) KeepSignIn(ctx context.Context) error {
	if g.signIn.tokens.Access == "" {
		return nil
	}
	client, cc, err := g.authClient(g.signIn.cloud, g.signIn.url)
	if err != nil {
		return err
	}
	cfg := config.Default()
	cfg.Cloud, cfg.Connector.StateDir = cc, g.stateDir
	source := auth.NewSource(auth.Options{Grant: auth.Grant(cc.Auth), Client: client, Store: tokenStore(cfg),
		Organization: organizationOf(cc)})
	if err := source.SignIn(ctx, g.signIn.tokens, g.signIn.name); err != nil {
		return err
	}
	g.signIn = setupSignIn{}
	return nil
}
