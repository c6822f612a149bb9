package program

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/cloud"
	"dirbridge/cloud/auth"
	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
)

// trySignIn signs in as a configuration says. Nothing is stored. start is what it begins with, see
// control.SigningIn.
func trySignIn(ctx context.Context, client *auth.Client, cc config.Cloud, start string,
	show func(control.SignInCode)) (auth.Tokens, error) {
	switch auth.Grant(cc.Auth) {
	case auth.Credentials:
		return client.SignInAsClient(ctx)
	case auth.ServiceApp:
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

// tried is a token that was not stored yet: there is no other.
type tried string

func (t tried) Token(context.Context) (string, error)         { return string(t), nil }
func (t tried) Renew(context.Context, string) (string, error) { return string(t), nil }
func (t tried) Accepted(string)                               {}

// ask asks the cloud which organization the tokens are for: those of another one are refused.
func ask(ctx context.Context, o cloud.Options, cc config.Cloud, by tokens) (org identity.Organization, err error) {
	if o.HTTP, err = transportOf(cc, o.Secrets); err != nil {
		return org, err
	}
	o.Kind, o.BaseURL, o.Catalogue = cc.Kind, cc.BaseURL, catalogue(cc.Kind)
	o.Token, o.Renew, o.Accepted = by.Token, by.Renew, by.Accepted
	t, err := cloud.New(o)
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

func notAccepted(err error) error {
	return fmt.Errorf("nothing was stored: the cloud does not accept this sign-in: %w", err)
}
