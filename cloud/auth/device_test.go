package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/auth"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
)

// TestDevice signs in by a code, with Webex's answers and with those of RFC 8628, while the server
// says pending, asks to slow down, fails, or loses answers.
func TestDevice(t *testing.T) {
	for _, plain := range []bool{false, true} {
		for name, faults := range map[string][]scimtest.Fault{
			"pending":   nil,
			"slow down": {{Effect: scimtest.Refuse, Path: "oauth/*", Status: 429, Times: 2}},
			"fails":     {{Effect: scimtest.Refuse, Path: "oauth/*", Status: 500, Times: 2}},
			"drops":     {{Effect: scimtest.DropBefore, Path: "oauth/*", Times: 2}},
		} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, scimtest.Options{Plain: plain})
				if plain {
					w.client.Server.RevokeURL = "rfc"
				}
				c := w.newClient()
				code, err := c.Begin(t.Context())
				if err != nil || len(code.User) != 6 || !strings.HasSuffix(code.Complete, code.User) ||
					code.Expires != noon.Add(5*time.Minute) {
					t.Fatalf("%+v, %v", code, err)
				}
				w.sky.Inject(faults...)
				wait := w.local.nap
				w.local.nap = func(n int) {
					if wait(n); n == 4 {
						if err := w.sky.Approve(code.User); err != nil {
							t.Error(err)
						}
					}
				}
				tokens, err := c.Await(t.Context(), code)
				if err != nil || tokens.Access == "" || tokens.Refresh == "" ||
					tokens.Expires.Sub(tokens.Issued) != 14*24*time.Hour {
					t.Fatalf("%+v, %v", tokens, err)
				}
				if faults != nil && w.local.slept[3] <= w.local.slept[0] {
					t.Errorf("it did not slow down: %v", w.local.slept)
				}
			})
		}
	}
}

// TestDeviceEnds: a code that is declined, that expires, or that is no longer waited for.
func TestDeviceEnds(t *testing.T) {
	for _, plain := range []bool{false, true} {
		w := newWorld(t, scimtest.Options{Plain: plain})
		if plain {
			w.client.Server.RevokeURL = "rfc"
		}
		c := w.newClient()
		code, err := c.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Await(t.Context(), code)
		if wantHold(t, err); !strings.Contains(err.Error(), "expired") {
			t.Errorf("a code that expires: %v", err)
		}
		if code, err = c.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.sky.Deny(code.User); err != nil {
			t.Fatal(err)
		}
		_, err = c.Await(t.Context(), code)
		if wantHold(t, err); !strings.Contains(err.Error(), "declined") {
			t.Errorf("a code that is declined: %v", err)
		}
		if code, err = c.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err = c.Await(ctx, code); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
}

// TestAServerInTheWay: what is not an answer of a sign-in server says so, and names the side.
func TestAServerInTheWay(t *testing.T) {
	for _, f := range []scimtest.Fault{
		{Effect: scimtest.HTML}, {Effect: scimtest.HTML, Status: 407}, {Effect: scimtest.Refuse, Status: 302},
		{Effect: scimtest.TruncateJSON}, {Effect: scimtest.CutBody}, {Effect: scimtest.Refuse, Status: 503},
	} {
		w := newWorld(t, scimtest.Options{})
		w.grant = auth.ServiceApp
		w.start = w.sky.Authorize()
		f.Path = "oauth/token"
		w.sky.Inject(f)
		_, err := w.source(w.store()).Token(t.Context())
		got, is := errors.AsType[*identity.Failure](err)
		if !is || got.Side != identity.InCloud || got.Remedy == "" || strings.Contains(err.Error(), w.start) {
			t.Errorf("%+v: %v", f, err)
		}
		w.sky.Heal()
		w.token(w.source(w.store())) // nothing was lost
	}
}
