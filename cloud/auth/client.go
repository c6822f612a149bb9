package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"dirbridge/cloud/clock"
	"dirbridge/sync/redact"
)

// timeout bounds one request to the authorization server.
const timeout = 30 * time.Second

// Clock is the machine's clock; tests replace it.
type Clock = clock.Clock

// ClientOptions say as what to sign in, and where.
type ClientOptions struct {
	Server Server
	ID     string
	Scopes []string
	// Secret and Key fetch the client's secret and its private key (PEM); nil for none. With a key
	// there is no secret.
	Secret func(context.Context) (string, error)
	Key    func(context.Context) (string, error)
	KeyID  string            // names the key to the server; "" for none
	HTTP   http.RoundTripper // nil: the system's proxy and authorities
	Clock  Clock             // nil: the real clock
	// Secrets learns every secret and token. No error of the client contains them.
	Secrets *redact.Secrets
}

// Client talks to an authorization server. Its methods may be called from several goroutines.
type Client struct {
	opt  ClientOptions
	http *http.Client
	// skew is the server's time minus this machine's, in nanoseconds, as of the last answer.
	skew atomic.Int64
}

// NewClient validates the options; it does not connect.
func NewClient(o ClientOptions) (*Client, error) {
	if err := o.Server.Check(); err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = clock.Wall{}
	}
	if o.HTTP == nil {
		o.HTTP = http.DefaultTransport
	}
	if o.Secrets == nil {
		o.Secrets = &redact.Secrets{}
	}
	c := &Client{opt: o}
	c.http = &http.Client{Transport: watch{c, o.HTTP}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // a redirect could send secrets elsewhere
	}}
	return c, nil
}

// watch notes how far the server's clock is from this machine's.
type watch struct {
	client *Client
	to     http.RoundTripper
}

func (w watch) RoundTrip(q *http.Request) (*http.Response, error) {
	a, err := w.to.RoundTrip(q)
	if err == nil {
		if at, dated := http.ParseTime(a.Header.Get("Date")); dated == nil {
			w.client.skew.Store(int64(at.Sub(w.client.opt.Clock.Now())))
		}
	}
	return a, err
}

// serverTime is the time on the server's clock, as far as it is known. A difference of seconds is
// the way of the answer.
func (c *Client) serverTime() time.Time {
	now := c.opt.Clock.Now()
	if skew := time.Duration(c.skew.Load()); skew.Abs() > 30*time.Second {
		return now.Add(skew)
	}
	return now
}

// Tokens is the answer of a token endpoint. Times are on this machine's clock, counted from when
// the request was sent.
type Tokens struct {
	Access         string
	Issued         time.Time
	Expires        time.Time // zero if the server does not say
	Refresh        string    // "" for none
	RefreshExpires time.Time // zero if the server does not say
}

// request asks a token endpoint. secret replaces the configured one; "" does not.
//
// The error is a *Refusal, an *identity.Failure, or the context's.
func (c *Client) request(ctx context.Context, address string, params url.Values, secret string) (Tokens, error) {
	if c.opt.Key == nil {
		return c.ask(ctx, address, params, secret, time.Time{})
	}
	at := c.serverTime()
	t, err := c.ask(ctx, address, params, "", at)
	// A server that refuses the times of an assertion tells its own with the refusal.
	if r := refusalOf(err); r != nil && r.client() && c.serverTime().Sub(at).Abs() > 30*time.Second {
		return c.ask(ctx, address, params, "", c.serverTime())
	}
	return t, err
}

// ask sends one request, with an assertion of that time if the client has a key.
func (c *Client) ask(ctx context.Context, address string, params url.Values, secret string,
	at time.Time) (t Tokens, err error) {
	defer c.opt.Secrets.In(&err)
	cfg := clientcredentials.Config{ClientID: c.opt.ID, ClientSecret: secret, TokenURL: address,
		EndpointParams: params, AuthStyle: c.opt.Server.style(address)}
	switch {
	case c.opt.Key != nil:
		if cfg.EndpointParams, err = c.signed(ctx, address, params, at); err != nil {
			return t, err
		}
		cfg.AuthStyle = oauth2.AuthStyleInParams
	case secret == "" && c.opt.Secret != nil:
		if cfg.ClientSecret, err = c.opt.Secret(ctx); err != nil {
			return t, unreadable("client_secret", err)
		}
	case secret == "":
		cfg.AuthStyle = oauth2.AuthStyleInParams // a public client
	}
	c.opt.Secrets.Add(cfg.ClientSecret, c.opt.ID)
	sent := c.opt.Clock.Now()
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	got, err := cfg.Token(context.WithValue(bounded, oauth2.HTTPClient, c.http))
	if err != nil {
		return t, c.verdict(ctx, address, err)
	}
	if t, err = tokensOf(got, sent); err != nil {
		return t, err
	}
	c.opt.Secrets.Add(t.Access)
	c.opt.Secrets.Add(t.Refresh)
	return t, nil
}

// signed adds the assertion that proves the client.
func (c *Client) signed(ctx context.Context, address string, params url.Values, at time.Time) (url.Values, error) {
	key, err := c.opt.Key(ctx)
	if err != nil {
		return nil, unreadable("private_key", err)
	}
	text, err := assertion(key, c.opt.KeyID, c.opt.ID, address, at)
	if err != nil {
		return nil, unreadable("private_key", err)
	}
	all := url.Values{"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion": {text}}
	for name, v := range params {
		all[name] = v
	}
	return all, nil
}

func tokensOf(got *oauth2.Token, sent time.Time) (Tokens, error) {
	t := Tokens{Access: got.AccessToken, Refresh: got.RefreshToken, Issued: sent}
	if got.TokenType != "" && !strings.EqualFold(got.TokenType, "bearer") {
		return t, giveUp("Ask the provider for bearer tokens.",
			fmt.Errorf("the server gave a token of the type %.20q", got.TokenType))
	}
	if strings.ContainsFunc(t.Access+t.Refresh, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return t, giveUp("Check token_url.", errors.New("the server gave a token with characters that no token has"))
	}
	if d := span(got, "expires_in"); d > 0 {
		t.Expires = sent.Add(d)
	}
	if d := span(got, "refresh_token_expires_in"); d > 0 {
		t.RefreshExpires = sent.Add(d)
	}
	return t, nil
}

// span is a number of seconds in an answer, which some servers write as a text; 0 for none.
func span(got *oauth2.Token, name string) time.Duration {
	n, err := strconv.ParseFloat(fmt.Sprint(got.Extra(name)), 64)
	if err != nil || !(n > 0 && n < 1e9) {
		return 0
	}
	return time.Duration(n) * time.Second
}

// Credentials asks for a token by client credentials (RFC 6749 section 4.4). secret replaces the
// configured one; "" does not.
func (c *Client) Credentials(ctx context.Context, secret string) (Tokens, error) {
	v := url.Values{"grant_type": {"client_credentials"}}
	if len(c.opt.Scopes) > 0 {
		v.Set("scope", strings.Join(c.opt.Scopes, " "))
	}
	return c.request(ctx, c.opt.Server.TokenURL, v, secret)
}

// Refresh uses a refresh token. If the server gives no new one, the answer has the same again.
func (c *Client) Refresh(ctx context.Context, token, secret string) (Tokens, error) {
	c.opt.Secrets.Add(token)
	t, err := c.request(ctx, c.opt.Server.TokenURL,
		url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}, secret)
	if err == nil && t.Refresh == "" {
		t.Refresh = token
	}
	return t, err
}
