package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"dirbridge/sync/identity"
)

// Code is what a person needs to sign in elsewhere: an address and a code.
type Code struct {
	Address  string    // where the code is entered
	User     string    // the code
	Complete string    // the address with the code in it; "" if the server has none
	Expires  time.Time // on this machine's clock
	device   string
	interval time.Duration
}

// The interval of RFC 8628 where the server names none, what slow_down adds, and bounds.
const (
	usualInterval = 5 * time.Second
	slower        = 5 * time.Second
	longestWait   = time.Minute
	usualLife     = 10 * time.Minute
)

var (
	errExpired = errors.New("the code has expired before it was entered")
	errDenied  = errors.New("the sign-in was declined")
)

// Begin asks for a code.
func (c *Client) Begin(ctx context.Context) (code Code, err error) {
	defer c.opt.Secrets.In(&err)
	cfg := oauth2.Config{ClientID: c.opt.ID, Scopes: c.opt.Scopes,
		Endpoint: oauth2.Endpoint{DeviceAuthURL: c.opt.Server.DeviceURL}}
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	sent, began := c.opt.Clock.Now(), time.Now()
	a, err := cfg.DeviceAuth(context.WithValue(bounded, oauth2.HTTPClient, c.http))
	if err != nil {
		return code, failure(c.verdict(ctx, c.opt.Server.DeviceURL, err))
	}
	address, err := url.Parse(a.VerificationURI)
	if err != nil || a.DeviceCode == "" || a.UserCode == "" || address.Scheme != "https" &&
		!isLoopback(address.Hostname()) {
		return code, giveUp("Check device_url.", errors.New("the server gave no code, or no safe address to enter it"))
	}
	c.opt.Secrets.Add(a.DeviceCode)
	life := usualLife
	if !a.Expiry.IsZero() {
		life = a.Expiry.Sub(began).Round(time.Second) // the server says how long; package oauth2 makes that a time
	}
	code = Code{Address: clean(a.VerificationURI), User: clean(a.UserCode), Complete: clean(a.VerificationURIComplete),
		Expires: sent.Add(life), device: a.DeviceCode, interval: usualInterval}
	if a.Interval > 0 {
		code.interval = min(time.Duration(a.Interval)*time.Second, longestWait)
	}
	return code, nil
}

// Await asks until the code was entered. It ends with an error if that was declined, if the code
// expires, or with the context.
func (c *Client) Await(ctx context.Context, code Code) (Tokens, error) {
	address := c.opt.Server.DeviceTokenURL
	if address == "" {
		address = c.opt.Server.TokenURL
	}
	params := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {code.device},
		"client_id": {c.opt.ID}}
	wait := code.interval
	for {
		if err := c.opt.Clock.Sleep(ctx, wait); err != nil {
			return Tokens{}, err
		}
		if !c.opt.Clock.Now().Before(code.Expires) {
			return Tokens{}, expired()
		}
		t, err := c.request(ctx, address, params, "")
		if err == nil {
			return t, nil
		}
		var again bool
		if wait, again = next(wait, code.interval, err); !again {
			return Tokens{}, declined(err)
		}
	}
}

// next says how long to wait after a refusal; false if the refusal is final. Webex says "pending"
// by 428, with a body that is not that of RFC 6749.
func next(wait, interval time.Duration, err error) (time.Duration, bool) {
	r := refusalOf(err)
	switch {
	case r == nil:
		f, is := errors.AsType[*identity.Failure](err)
		return min(2*wait, longestWait), is && f.Class == identity.Retry // RFC 8628 section 3.5
	case r.Code == "slow_down":
		return min(max(wait+slower, r.RetryAfter), longestWait), true
	case r.Code == "authorization_pending", r.Code == "" && r.Status == http.StatusPreconditionRequired:
		return max(wait, interval), true
	case r.Status == http.StatusTooManyRequests:
		return min(max(wait+slower, r.RetryAfter), longestWait), true
	case r.passing():
		return min(2*wait, longestWait), true
	}
	return 0, false
}

func expired() error {
	return fail(identity.Hold, "Start again, and enter the new code in time: dirbridge signin.", errExpired)
}

// declined is the error of a final refusal while waiting.
func declined(err error) error {
	switch r := refusalOf(err); {
	case r == nil, r.client():
		return failure(err)
	case r.Code == "expired_token":
		return expired()
	case r.Code == "access_denied" || r.grant():
		return fail(identity.Hold, "Sign in with an account that may give this right, and allow it: dirbridge signin.",
			fmt.Errorf("%w: %w", errDenied, err))
	}
	return failure(err)
}
