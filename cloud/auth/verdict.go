package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/oauth2"

	"dirbridge/sync/identity"
)

const remedySignIn = "Sign in again: dirbridge signin. Nothing is lost: what was planned stays, and the next run " +
	"does it."

// Refusal is an answer of the authorization server other than tokens.
type Refusal struct {
	Status int
	// Code is that of RFC 6749 or RFC 8628; "" if the server answers in a form of its own, as Webex
	// does.
	Code       string
	Words      string // what the server says about it
	Tracking   string // id for the provider's support
	RetryAfter time.Duration
}

func (r *Refusal) Error() string {
	text := fmt.Sprintf("the sign-in server answered %d", r.Status)
	if r.Code != "" {
		text += " (" + r.Code + ")"
	}
	if r.Words != "" {
		text += ": " + r.Words
	}
	if r.Tracking != "" {
		text += " [tracking id " + r.Tracking + "]"
	}
	return text
}

func refusalOf(err error) *Refusal {
	if r, is := errors.AsType[*Refusal](err); is {
		return r
	}
	return nil
}

// client reports whether the server refuses the client: its id, secret or assertion. Webex has no
// codes; that it answers 401 then, and 400 to a wrong token or code, is an assumption.
func (r *Refusal) client() bool {
	switch r.Code {
	case "invalid_client", "unauthorized_client":
		return true
	case "":
		return r.Status == http.StatusUnauthorized
	}
	return false
}

// grant reports whether the server refuses the refresh token or the device code: for good.
func (r *Refusal) grant() bool {
	return r.Code == "invalid_grant" || r.Code == "" && (r.Status == http.StatusBadRequest ||
		r.Status == http.StatusForbidden)
}

// passing reports whether the same request may succeed later.
func (r *Refusal) passing() bool {
	return r.Status >= 500 || r.Status == http.StatusTooManyRequests || r.Status == http.StatusRequestTimeout ||
		r.Status == http.StatusLocked
}

// failure gives an error its class and its remedy.
func failure(err error) error {
	if _, is := errors.AsType[*identity.Failure](err); is || err == nil {
		return err
	}
	r := refusalOf(err)
	switch {
	case r == nil:
		return err
	case r.passing():
		return fail(identity.Retry, "The sign-in server has a problem of its own. Try again later.", err)
	case r.client():
		return fail(identity.Hold, "Check client_id and client_secret (or private_key) in [cloud]. If the secret was "+
			"replaced at the provider: dirbridge reset-secret.", err)
	case r.grant():
		return fail(identity.Hold, remedySignIn, fmt.Errorf("the sign-in to the cloud has ended: %w", err))
	case r.Status >= 300 && r.Status < 400:
		return giveUp("Redirects are not followed, as they would carry secrets to another place. Set token_url to the "+
			"address itself.", err)
	case r.Code == "invalid_scope":
		return fail(identity.Hold, "Correct [cloud] scopes, or give the client these scopes at the provider.", err)
	case r.Status == http.StatusProxyAuthRequired:
		return giveUp("The proxy asks for a sign-in. Put it into [cloud] proxy, or let the host through without one.", err)
	}
	return fail(identity.Hold, "Check token_url and device_url in [cloud], and what the provider allows this client.", err)
}

func fail(c identity.Class, remedy string, err error) error {
	return &identity.Failure{Class: c, Side: identity.InCloud, Remedy: remedy, Err: err}
}

func giveUp(remedy string, err error) error { return fail(identity.GiveUp, remedy, err) }

func unreadable(key string, err error) error {
	return fail(identity.Hold, "Check what [cloud] "+key+" refers to.", fmt.Errorf("%s cannot be read: %w", key, err))
}

// verdict turns an error of package oauth2 into a *Refusal or a Failure.
func (c *Client) verdict(ctx context.Context, address string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if known, is := errors.AsType[*identity.Failure](err); is {
		return known
	}
	if e, is := errors.AsType[*oauth2.RetrieveError](err); is {
		return c.refusal(e)
	}
	if strings.HasPrefix(err.Error(), "oauth2: cannot parse") || strings.HasPrefix(err.Error(), "unmarshal") ||
		strings.Contains(err.Error(), "missing access_token") {
		return giveUp("Check token_url, and that no proxy or sign-in page answers in the server's place.",
			errors.New("the sign-in server answered without a token"))
	}
	if class, remedy := identity.Shortage(err); remedy != "" {
		return &identity.Failure{Class: class, Remedy: remedy, Err: err}
	}
	return fail(identity.Retry, "Check the network, the proxy, and the addresses in [cloud], and try again.",
		fmt.Errorf("no answer from the sign-in server at %s: %w", hostOf(address), err))
}

// refusal reads an unsuccessful answer, in the form of RFC 6749 or in Webex's.
func (c *Client) refusal(e *oauth2.RetrieveError) *Refusal {
	clean := func(s string) string { return clean(c.opt.Secrets.Said(s)) }
	r := &Refusal{Code: clean(e.ErrorCode), Words: clean(e.ErrorDescription)}
	if e.Response != nil {
		r.Status = e.Response.StatusCode
		r.Tracking = clean(e.Response.Header.Get("TrackingID"))
		r.RetryAfter = retryAfter(e.Response.Header.Get("Retry-After"))
	}
	var own struct {
		Message, TrackingID string
		Errors              []struct{ Description string }
	}
	if json.Unmarshal(e.Body, &own) == nil {
		if r.Words == "" {
			r.Words = clean(own.Message)
		}
		for _, more := range own.Errors {
			if d := clean(more.Description); d != "" && d != r.Words {
				r.Words = strings.TrimPrefix(r.Words+"; "+d, "; ")
			}
		}
		if r.Tracking == "" {
			r.Tracking = clean(own.TrackingID)
		}
	}
	return r
}

func retryAfter(v string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil || n <= 0 {
		return 0
	}
	return time.Duration(min(n, 3600)) * time.Second
}

// clean makes a server's text safe to show: without control characters, and short.
func clean(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
	if words := []rune(s); len(words) > 300 {
		s = string(words[:300]) + "…"
	}
	return s
}
