package program

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	stdsync "sync"

	"dirbridge/cloud/auth"
	"dirbridge/cloud/webex"
	"dirbridge/config"
	"dirbridge/sync/redact"
	"dirbridge/sync/schema"
)

// signIns has the sign-in of the present configuration, which all engines share.
type signIns struct {
	mu      stdsync.Mutex
	key     string
	current tokens
}

// forget makes the next engine read a token again that was replaced.
func (s *signIns) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key, s.current = "", nil
}

// tokensOf returns how a target gets its tokens. It stays the same as long as the keys of the
// sign-in do; every engine sees what other processes have done to it.
func (c *connector) tokensOf(cfg config.Config) (tokens, error) {
	c.signIns.mu.Lock()
	defer c.signIns.mu.Unlock()
	key := signInKey(cfg)
	if c.signIns.key != key {
		made, err := c.newTokens(cfg)
		if err != nil {
			return nil, err
		}
		c.signIns.key, c.signIns.current = key, made
	}
	if s, lasts := c.signIns.current.(*auth.Source); lasts {
		s.Reload()
	}
	return c.signIns.current, nil
}

func (c *connector) newTokens(cfg config.Config) (tokens, error) {
	if !cfg.Cloud.SignsIn() {
		return &static{c: c, cfg: cfg.Cloud, key: signInKey(cfg)}, nil
	}
	return c.lasting(cfg)
}

// signInKey has every key of the configuration that a sign-in depends on; secrets as references.
func signInKey(cfg config.Config) string {
	cc := cfg.Cloud
	return fmt.Sprintf("%q", []string{cc.Kind, cc.BaseURL, cc.Auth, cc.Token.Reference(), cc.ClientID,
		cc.ClientSecret.Reference(), cc.PrivateKey.Reference(), cc.KeyID, cc.RefreshToken.Reference(),
		fmt.Sprint(cc.Scopes), cc.TokenURL, cc.DeviceURL, cc.RevokeURL, cc.TokenStore, cc.TokenKey.Reference(), cc.Proxy,
		cc.ProxyUser, cc.ProxyAuth, cc.ProxyPassword.Reference(), cc.ProxyKeytab, fmt.Sprint(cc.NoProxy),
		cfg.Connector.StateDir})
}

// lasting returns the source of a sign-in that lasts.
func (c *connector) lasting(cfg config.Config) (*auth.Source, error) {
	client, err := c.authClient(cfg.Cloud)
	if err != nil {
		return nil, err
	}
	o := auth.Options{Grant: auth.Grant(cfg.Cloud.Auth), Client: client, Store: tokenStore(cfg),
		Organization: organizationOf(cfg.Cloud), Told: func(s auth.State) { c.note(factsOf(s)) }}
	if ref := cfg.Cloud.RefreshToken; cfg.Cloud.Auth == string(auth.ServiceApp) && !ref.IsZero() {
		o.Start = ref.Resolve
	}
	return auth.NewSource(o), nil
}

// organizationOf identifies the organization that the configuration names.
func organizationOf(cc config.Cloud) string {
	if id := webex.Organization(cc.BaseURL); id != "" && cc.Kind == schema.KindWebex {
		return id
	}
	return cc.BaseURL
}

// webexScopes are what Dirbridge needs at Webex: to read and write users and groups, and to show
// the organization's name.
func webexScopes() []string { return []string{"identity:people_rw", "spark-admin:organizations_read"} }

// authClient returns a client of the authorization server.
func (c *connector) authClient(cc config.Cloud) (*auth.Client, error) {
	o, err := authOptions(cc, c.secrets)
	if err != nil {
		return nil, err
	}
	if c.pace != nil {
		o.Clock = c.pace
	}
	return auth.NewClient(o)
}

// authOptions describes the client that the configuration names, and its server.
func authOptions(cc config.Cloud, secrets *redact.Secrets) (auth.ClientOptions, error) {
	transport, err := transportOf(cc, secrets)
	o := auth.ClientOptions{ID: cc.ClientID, Scopes: cc.Scopes, KeyID: cc.KeyID, HTTP: transport, Secrets: secrets}
	if err != nil {
		return o, err
	}
	if cc.Kind == schema.KindWebex {
		if o.Server, err = auth.Webex(cc.BaseURL); err != nil {
			return o, err
		}
		if len(o.Scopes) == 0 {
			o.Scopes = webexScopes()
		}
	}
	o.Server.TokenURL = cmp.Or(cc.TokenURL, o.Server.TokenURL)
	o.Server.DeviceURL = cmp.Or(cc.DeviceURL, o.Server.DeviceURL)
	o.Server.RevokeURL = cc.RevokeURL
	if !cc.ClientSecret.IsZero() {
		o.Secret = cc.ClientSecret.Resolve
	}
	if cc.Auth == string(auth.Credentials) && !cc.PrivateKey.IsZero() {
		o.Key = cc.PrivateKey.Resolve
	}
	return o, nil
}

// tokenStore returns where the configuration keeps the sign-in.
func tokenStore(cfg config.Config) auth.Store {
	path := filepath.Join(cfg.Connector.StateDir, "signin")
	if cfg.Cloud.TokenStore == "keyring" {
		return ringStore(path)
	}
	key := cfg.Cloud.TokenKey
	return &auth.File{Path: path, Key: func(ctx context.Context, create bool) (string, error) {
		if !key.IsZero() {
			return key.Resolve(ctx)
		}
		return ownKey(filepath.Join(cfg.Connector.StateDir, "secrets", "signin-key"), create)
	}}
}

var errNotLasting = errors.New("[cloud] auth is \"token\": there is no sign-in to end, and no client")
